import base64

from odoo import api, fields, models


class PwikDataCopy(models.TransientModel):
    """A customer's copy of his data, made in the office for who asked by letter; kept nowhere."""

    _name = "pwik.data.copy"
    _description = "Copy of a person's data"

    partner_id = fields.Many2one("res.partner", "Customer", required=True)
    content = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char()

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "partner_id" in fields_list and self.env.context.get("active_model") == "res.partner":
            values["partner_id"] = self.env.context.get("active_id")
        return values

    def action_make(self):
        self.ensure_one()
        # who may keep contracts of a customer may hand him his data
        self.env["pwik.contract"].check_access("write")
        self.partner_id.check_access("read")
        content, name = self.partner_id.with_context(lang=self.partner_id.lang)._pwik_make_data_copy()
        self.write({"content": base64.b64encode(content), "file_name": name})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content/{name}?download=true",
            "target": "download",
        }
