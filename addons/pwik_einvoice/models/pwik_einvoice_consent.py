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
        [("given", "Given"), ("withdrawn", "Withdrawn")], required=True, default="given"
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
            if consent.action == "given" and not email_normalize(consent.email or ""):
                raise ValidationError(self.env._("State the e-mail address to which the invoices shall go."))

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
