from odoo import fields, models


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

    def _compute_nothing(self):
        self.file = False
        self.password = False

    def _inverse_file(self):
        for wizard in self.filtered("file"):
            content = wizard.file.decode() if isinstance(wizard.file, bytes) else wizard.file
            wizard.report = wizard._describe(
                self.env["pwik.radio.module"].import_keys(content, wizard.password)
            )

    def _describe(self, result):
        lines = [self.env._("Keys set: %s", result["set"])]
        if result["unknown"]:
            lines.append(self.env._("No overlay with this ID: %s", ", ".join(result["unknown"])))
        lines += [
            self.env._("Row %(row)s: no usable key (%(code)s)", row=problem["row"], code=problem["code"])
            for problem in result["problems"]
        ]
        return "\n".join(lines)

    def action_import(self):
        """The keys were set when the form was saved; show what came of it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import keys"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
