from odoo import models
from odoo.fields import Domain


class PwikInterestNote(models.Model):
    """What was sent to a customer, he finds in eBOK; what still waits is the office's."""

    _name = "pwik.interest.note"
    _inherit = ["pwik.interest.note", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("state", "=", "sent") & self._get_ebok_customer_domain()


class PwikDunningNotice(models.Model):
    _name = "pwik.dunning.notice"
    _inherit = ["pwik.dunning.notice", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("state", "=", "sent") & self._get_ebok_customer_domain()
