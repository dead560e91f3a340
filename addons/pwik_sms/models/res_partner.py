from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _pwik_copy_fields(self, code):
        """To which number each SMS went belongs into the copy of a person's data (RODO art. 15)."""
        return super()._pwik_copy_fields(code) + (("sms_number",) if code == "notices" else ())
