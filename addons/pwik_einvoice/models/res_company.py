from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    pwik_ksef_from = fields.Date(
        "KSeF from",
        help="Day from which invoices to businesses are structured invoices in KSeF; empty: not yet.",
    )
    pwik_ksef_for_consumers = fields.Boolean(
        "KSeF for consumers too",
        help="Consumers' invoices are outside KSeF by law; the company may send them there.",
    )
    pwik_seal_certificate_id = fields.Many2one(
        "certificate.certificate",
        "Certificate for signed XML",
        groups="base.group_system",
        help="Signs the XML of invoices that do not go through KSeF.",
    )
    pwik_transfer_name = fields.Char(
        "Short name for transfers",
        size=20,
        help="At most 20 characters: the receiver in the 2D code for a transfer.",
    )

    @api.constrains("pwik_transfer_name")
    def _check_pwik_transfer_name(self):
        for company in self:
            if len(company.pwik_transfer_name or "") > 20:
                raise ValidationError(self.env._("The short name for transfers has at most 20 characters."))
