from odoo import models


class PwikServicePoint(models.Model):
    _inherit = "pwik.service.point"

    def _get_tour_address(self):
        """Where the collector's screen sends the reader; no name of anybody."""
        self.ensure_one()
        return ", ".join(filter(None, (self.street, self.city))) or self.number
