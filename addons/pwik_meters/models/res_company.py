import base64

from odoo import models
from odoo.tools.image import image_data_uri

from ..tools.pdf import print_picture


class ResCompany(models.Model):
    _inherit = "res.company"

    def _pwik_get_print_logo(self):
        """The logo for the head of a document as a ``data:`` address; False where the company chose none."""
        self.ensure_one()
        if not self.logo or self.uses_default_logo:
            return False
        return print_picture(base64.b64decode(self.logo)) or image_data_uri(self.logo)
