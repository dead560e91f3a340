from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize


class PwikEinvoiceConsent(models.Model):
    """Consent to electronic invoices, given or withdrawn (VAT act art. 106n): written once and kept as proof."""

    _name = "pwik.einvoice.consent"
    _description = "Consent to electronic invoices"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    action = fields.Selection(
        [("given", "Given"), ("withdrawn", "Withdrawn"), ("change", "Change of the address")],
        required=True,
        default="given",
        help="A change of the address counts when the new one is confirmed by the link that is sent to it.",
    )
    old_lost = fields.Boolean(
        "Old address is lost",
        help="Nothing is sent to it any more: until the new one is confirmed the invoices go on paper.",
    )
    date = fields.Date("Day", required=True, default=fields.Date.context_today)
    channel = fields.Selection(
        [("ebok", "eBOK"), ("office", "Office"), ("paper", "Letter"), ("phone", "Telephone")],
        required=True,
        default="office",
    )
    email = fields.Char("Invoices go to")
    address = fields.Char("From address", help="Network address from which the consent was given in eBOK.")
    user_id = fields.Many2one(
        "res.users", "Recorded by", required=True, default=lambda self: self.env.user, readonly=True
    )

    @api.constrains("action", "email")
    def _check_email(self):
        for consent in self:
            if consent.action in ("given", "change") and not email_normalize(consent.email or ""):
                raise ValidationError(self.env._("State the e-mail address to which the invoices shall go."))

    @api.constrains("action", "partner_id")
    def _check_change(self):
        for consent in self.filtered(lambda one: one.action == "change"):
            consents, now = consent.partner_id._pwik_get_consent()
            if now.change is None or consents[now.change] != consent:
                raise ValidationError(
                    self.env._(
                        "There is no consent that holds whose address could be changed. Record a consent."
                    )
                )

    def write(self, vals):
        if vals:
            raise UserError(
                self.env._("A consent is kept as it was given. Record a new one, or its withdrawal.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A consent is kept as proof and is not deleted. Record its withdrawal instead.")
        )
