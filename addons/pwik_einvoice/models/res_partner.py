from odoo import api, fields, models

from ..domain import delivery

CHANNELS = [("ksef", "KSeF"), ("electronic", "Electronic"), ("paper", "Paper")]


class ResPartner(models.Model):
    _inherit = "res.partner"

    pwik_consent_ids = fields.One2many("pwik.einvoice.consent", "partner_id", "E-invoice consents")
    pwik_einvoice_consent_date = fields.Date(
        "E-invoice consent of",
        compute="_compute_pwik_consent",
        store=True,
        help="Empty: no consent, or it was withdrawn.",
    )
    pwik_einvoice_withdrawn_date = fields.Date(
        "E-invoice consent withdrawn on", compute="_compute_pwik_consent", store=True
    )
    pwik_einvoice_email = fields.Char("E-mail for invoices", compute="_compute_pwik_consent", store=True)
    pwik_delivery_choice = fields.Selection(
        CHANNELS,
        "Agreed delivery",
        tracking=True,
        help="Empty: by the company's policy. “Paper” keeps paper in spite of a consent.",
    )

    @api.depends("pwik_consent_ids.action", "pwik_consent_ids.date", "pwik_consent_ids.email")
    def _compute_pwik_consent(self):
        for partner in self:
            last = partner.pwik_consent_ids.sorted(lambda consent: (consent.date, consent.id))[-1:]
            given = last.action == "given"
            partner.pwik_einvoice_consent_date = last.date if given else False
            partner.pwik_einvoice_email = last.email if given else False
            partner.pwik_einvoice_withdrawn_date = last.date if last and not given else False

    def _pwik_get_delivery(self, day, company):
        """One of the channels in which an invoice of `day` reaches this buyer."""
        self.ensure_one()
        buyer = delivery.Buyer(
            is_business=bool(self.commercial_partner_id.vat),
            chosen=self.pwik_delivery_choice or None,
            consent_from=self.pwik_einvoice_consent_date or None,
            consent_until=self.pwik_einvoice_withdrawn_date or None,
        )
        return delivery.channel(
            buyer,
            day,
            ksef_from=company.pwik_ksef_from or None,
            ksef_for_consumers=company.pwik_ksef_for_consumers,
        )
