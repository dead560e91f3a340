from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain import delivery, fa3, transfer_code
from ..domain.errors import NoTransferCode
from ..tools.code_picture import draw_code

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

    pwik_unit_role = fields.Selection(
        [
            (fa3.ROLE_MUNICIPAL_UNIT, "Unit of a municipality"),
            (fa3.ROLE_VAT_GROUP_MEMBER, "Member of a VAT group"),
        ],
        "Subordinate unit",
        help="A school or an office is no buyer by the VAT act: the invoice names its municipality (or VAT group) as "
        "the buyer and the unit as the recipient. Empty for the municipality itself and for everybody else.",
    )
    pwik_unit_buyer_id = fields.Many2one(
        "res.partner",
        "Buyer of the unit",
        index="btree_not_null",
        ondelete="restrict",
        help="The municipality or the VAT group, with its tax number.",
    )
    pwik_unit_internal_id = fields.Char(
        "Internal identifier (IDWew)",
        help="Of the unit in KSeF: the tax number of the municipality, a hyphen and five digits. Without it the unit's "
        "own tax number is stated.",
    )

    @api.constrains("pwik_unit_role", "pwik_unit_buyer_id", "pwik_unit_internal_id", "vat")
    def _check_pwik_unit(self):
        for partner in self.filtered("pwik_unit_role"):
            if not partner.pwik_unit_buyer_id.vat or partner.pwik_unit_buyer_id == partner:
                raise ValidationError(
                    self.env._(
                        "State which municipality or VAT group, with its tax number, is the buyer of %s.",
                        partner.name,
                    )
                )
            if partner.pwik_unit_internal_id and not fa3.is_internal_id(partner.pwik_unit_internal_id):
                raise ValidationError(
                    self.env._(
                        "The internal identifier is a tax number of ten digits, a hyphen and five digits, as 5730003841-00001."
                    )
                )
            if not (partner.pwik_unit_internal_id or partner.vat):
                raise ValidationError(
                    self.env._(
                        "A subordinate unit needs its internal identifier or a tax number: %s.", partner.name
                    )
                )

    @api.depends(
        "pwik_consent_ids.action",
        "pwik_consent_ids.date",
        "pwik_consent_ids.email",
        "pwik_consent_ids.old_lost",
    )
    def _compute_pwik_consent(self):
        for partner in self:
            _consents, now = partner._pwik_get_consent()
            partner.pwik_einvoice_consent_date = now.since or False
            partner.pwik_einvoice_email = now.email or False
            partner.pwik_einvoice_withdrawn_date = now.withdrawn or False

    def _pwik_get_consent(self):
        """:return: ``(consents, the oldest first; delivery.Consent that follows from them)``"""
        self.ensure_one()
        consents = self.pwik_consent_ids.sorted(lambda consent: (consent.date, consent.id or 0))
        decisions = [
            delivery.Decision(one.action, one.date, one.email or None, one.old_lost) for one in consents
        ]
        return consents, delivery.current_consent(decisions)

    def _pwik_get_address_change(self):
        """The change of the e-mail address that waits for its confirmation, or none; nobody has none."""
        if not self:
            return self.env["pwik.einvoice.consent"]
        consents, now = self._pwik_get_consent()
        return consents.browse() if now.change is None else consents[now.change]

    def _pwik_get_delivery(self, day, company, outside=False):
        """One of the channels in which an invoice of `day` reaches this buyer.

        :param outside: none is sent to KSeF, which has a total failure
        """
        self.ensure_one()
        buyer = delivery.Buyer(
            is_business=bool((self.pwik_unit_buyer_id or self.commercial_partner_id).vat),
            chosen=self.pwik_delivery_choice or None,
            consent_from=self.pwik_einvoice_consent_date or None,
            consent_until=self.pwik_einvoice_withdrawn_date or None,
        )
        return delivery.channel(
            buyer,
            day,
            ksef_from=None if outside else company.pwik_ksef_from or None,
            ksef_for_consumers=company.pwik_ksef_for_consumers,
        )

    def _pwik_get_transfer_text(self, company, amount, title):
        """Text of the 2D code for a transfer of `amount` zł to the individual account.

        False where the recommendation has no room for it, or the company lacks its tax number or short name.
        """
        self.ensure_one()
        account = self.pwik_payment_account
        if not (account and company.vat and company.pwik_transfer_name):
            return False
        try:
            return transfer_code.transfer_text(
                company.vat, account, Decimal(str(round(amount, 2))), company.pwik_transfer_name, title
            )
        except NoTransferCode:
            return False

    def _pwik_get_transfer_code(self, company, amount, title):
        """The 2D code as a ``data:`` address of a picture, or False."""
        text = self._pwik_get_transfer_text(company, amount, title)
        return draw_code(text, "m") if text else False
