import shlex

from odoo import api, fields, models

KEY_FILE = "klucz.txt"
DUMP_FILE = "objazd.jsonl"


class PwikRadioCollector(models.TransientModel):
    """What a reader needs for the collector: the tour file, commands with this server's names in them, a key for the upload."""

    _name = "pwik.radio.collector"
    _description = "Setting up the collector"

    campaign_id = fields.Many2one(
        "pwik.radio.campaign",
        "Campaign",
        domain="[('state', '=', 'running')]",
        default=lambda self: self._get_own(),
    )
    listen_command = fields.Char("Listen", compute="_compute_commands")
    export_command = fields.Char("Export", compute="_compute_commands")
    upload_command = fields.Char("Upload", compute="_compute_commands")
    key_count = fields.Integer("Your keys", compute="_compute_key_count")

    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Collector")

    @api.model
    def _open(self):
        """A page of its own, stored at once: it has nothing to save."""
        action = self.env["ir.actions.actions"]._for_xml_id("pwik_radio_reading.pwik_radio_collector_action")
        return {**action, "res_id": self.create({}).id}

    @api.model
    def _get_own(self):
        """The running campaign to be done first, the user's own before others."""
        running = self.env["pwik.radio.campaign"].search([("state", "=", "running")], order="date_due, id")
        return running.filtered(lambda campaign: campaign.reader_id == self.env.user)[:1] or running[:1]

    @api.depends("campaign_id")
    def _compute_commands(self):
        address = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        names = [self.env.cr.dbname, self.env.user.login]
        database, login = map(shlex.quote, names)
        for wizard in self:
            tour = wizard.campaign_id._get_tour_name() if wizard.campaign_id else ""
            option = f" --tour {tour}" if tour else ""
            wizard.listen_command = (
                f"pwik-collector listen --port /dev/ttyUSB0 --device im871a{option} --out {DUMP_FILE}"
            )
            wizard.export_command = f"pwik-collector export {DUMP_FILE}{option} --to gotowe"
            wizard.upload_command = (
                f"pwik-collector upload gotowe --url {address} --database {database} --login {login}"
                f" --key-file {KEY_FILE}"
            )

    def _compute_key_count(self):
        # the user's own keys, as his preferences show them
        self.key_count = len(self.env.user.api_key_ids)

    def action_download_tour(self):
        return self.campaign_id.action_download_tour()

    def action_make_key(self):
        """Odoo's own form for a key of this user; it asks for the password and shows the key once."""
        return self.env.user.api_key_wizard()
