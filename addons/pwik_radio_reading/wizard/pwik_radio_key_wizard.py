from odoo import api, fields, models
from odoo.exceptions import UserError

# Of a long list the first ones say enough; the file has the others.
NAMED = 20


class PwikRadioKeyWizard(models.TransientModel):
    """Import of a key file. Neither the file nor its password is stored: they are used while they are written."""

    _name = "pwik.radio.key.wizard"
    _description = "Import of keys"

    file = fields.Binary("Key file", compute="_compute_nothing", inverse="_inverse_file", attachment=False)
    filename = fields.Char("File name")
    password = fields.Char(
        compute="_compute_nothing", inverse="_inverse_file", help="Of a KEM file of Kamstrup."
    )
    report = fields.Text(readonly=True)
    set_count = fields.Integer("Keys set", readonly=True)
    trouble_count = fields.Integer("Rows without effect", readonly=True)
    module_ids = fields.Many2many("pwik.radio.module", string="Overlays with a new key", readonly=True)
    waiting_count = fields.Integer("Telegrams that wait for a key", compute="_compute_waiting_count")

    def _compute_nothing(self):
        self.file = False
        self.password = False

    @api.depends("module_ids")
    def _compute_waiting_count(self):
        lines = self.env["pwik.radio.dump.line"]
        for wizard in self:
            wizard.waiting_count = (
                lines.search_count(wizard.module_ids._get_kept_domain()) if wizard.module_ids else 0
            )

    def _inverse_file(self):
        for wizard in self.filtered("file"):
            content = wizard.file.decode() if isinstance(wizard.file, bytes) else wizard.file
            result = self.env["pwik.radio.module"].import_keys(content, wizard.password)
            wizard.write(
                {
                    "report": wizard._describe(result),
                    "set_count": result["set"],
                    "trouble_count": len(result["unknown"]) + len(result["problems"]),
                    "module_ids": [fields.Command.set(result["module_ids"])],
                }
            )

    def _get_problem_texts(self):
        return {
            "bad_id": self.env._("the radio ID is not up to 8 digits"),
            "bad_key": self.env._("the key is not 32 hexadecimal digits"),
            "bad_manufacturer": self.env._("the manufacturer is not three letters"),
            "bad_row": self.env._("version or medium is not two hexadecimal digits"),
            "double": self.env._("the file has another key for this overlay above; that one stands"),
        }

    def _describe(self, result):
        texts = self._get_problem_texts()
        lines = [self.env._("Keys set: %s", result["set"])]
        if result["unknown"]:
            lines.append(self.env._("No overlay with this ID: %s", self._shorten(result["unknown"])))
        lines += [
            self.env._(
                "Row %(row)s: %(reason)s",
                row=problem["row"],
                reason=texts.get(problem["code"], problem["code"]),
            )
            for problem in result["problems"][:NAMED]
        ]
        if len(result["problems"]) > NAMED:
            lines.append(self.env._("… and %s more", len(result["problems"]) - NAMED))
        return "\n".join(lines)

    def _shorten(self, names):
        shown = ", ".join(names[:NAMED])
        return shown if len(names) <= NAMED else f"{shown} {self.env._('… and %s more', len(names) - NAMED)}"

    def action_import(self):
        """The keys were set when the form was saved; show what came of it."""
        self.ensure_one()
        if not self.report:
            raise UserError(self.env._("Choose the key file first."))
        return self._show()

    def action_run_again(self):
        """Run the telegrams again that waited for the keys which were set just now."""
        self.ensure_one()
        return self.module_ids.action_rerun_lines()

    def action_another(self):
        """An empty form for the next file."""
        return self.env["ir.actions.actions"]._for_xml_id("pwik_radio_reading.pwik_radio_key_wizard_action")

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import keys"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
