import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikEbokLetter(models.TransientModel):
    """Letters with activation codes: the codes are made, printed into one PDF and kept nowhere else."""

    _name = "pwik.ebok.letter"
    _description = "Letter with an activation code"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    waiting = fields.Integer("Letters not used yet", compute="_compute_waiting")
    pdf = fields.Binary("Letters", readonly=True, attachment=False)
    pdf_name = fields.Char()

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "partner_ids" in fields_list and self.env.context.get("active_model") == "res.partner":
            values["partner_ids"] = [(6, 0, self.env.context.get("active_ids", []))]
        return values

    @api.depends("partner_ids")
    def _compute_waiting(self):
        for letter in self:
            letter.waiting = self.env["pwik.ebok.code"].search_count(
                [("partner_id", "in", letter.partner_ids.ids), ("state", "=", "issued")]
            )

    def action_print(self):
        """Make a code for each customer and hand out the letters as one file."""
        self.ensure_one()
        self.env["pwik.ebok.code"].check_access("create")
        strangers = self.partner_ids.filtered(lambda partner: not partner.pwik_customer_number)
        if strangers:
            raise UserError(
                self.env._(
                    "These have no contract and nothing to see in eBOK: %s. Take them off the list.",
                    ", ".join(strangers.mapped("name")),
                )
            )
        codes = {}
        for partner in self.partner_ids:
            issued, code = self.env["pwik.ebok.code"]._issue(partner)
            codes[partner.id] = {"code": code, "until": issued.date_until}
        reports = self.env["ir.actions.report"].with_context(lang=self.env.lang)
        content, _kind = reports._render_qweb_pdf(
            "pwik_ebok.report_activation_letter", self.partner_ids.ids, data={"ebok_codes": codes}
        )
        self.write({"pdf": base64.b64encode(content), "pdf_name": self.env._("Activation letters.pdf")})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/pdf/{self.pdf_name}?download=true",
            "target": "download",
        }
