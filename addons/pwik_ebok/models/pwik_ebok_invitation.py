from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize

from ..domain.attempts import Limit
from ..domain.linking import digest, make_token, mask_email
from .ebok_mail import send

_VALID = timedelta(days=14)


class PwikEbokInvitation(models.Model):
    """A customer lets somebody else see his data: the letter's link opens it for the login that takes it up."""

    _name = "pwik.ebok.invitation"
    _description = "Invitation to eBOK"
    _order = "id desc"
    _rec_name = "email"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    email = fields.Char("E-mail", required=True)
    email_masked = fields.Char("Address", compute="_compute_email_masked")
    role = fields.Selection(
        [("owner", "Customer"), ("manager", "Property manager"), ("proxy", "Proxy")], required=True
    )
    date_to = fields.Date("Access until")
    inviter_id = fields.Many2one("res.users", "Invited by", required=True, ondelete="cascade")
    token_digest = fields.Char(required=True, index=True, groups="base.group_system")
    valid_until = fields.Datetime(required=True)
    state = fields.Selection(
        [("sent", "Sent"), ("accepted", "Accepted"), ("withdrawn", "Withdrawn")],
        "Status",
        required=True,
        default="sent",
    )

    @api.depends("email")
    def _compute_email_masked(self):
        for invitation in self:
            invitation.email_masked = mask_email(invitation.email)

    @api.model
    def _invite(self, partner, email, role, date_to):
        """Invite `email` to the data of a customer whose owner is signed in, which the caller has proven.

        :return: the invitation (with sudo), or an empty record set when too many were sent today
        """
        email = email_normalize(email)
        limits = [Limit("invite_login", str(self.env.uid), 10), Limit("invite_email", email, 3)]
        if not self.env["pwik.ebok.attempt"]._take(limits):
            return self.sudo().browse()
        token = make_token()
        invitation = self.sudo().create(
            {
                "partner_id": partner.id,
                "company_id": (partner.sudo().company_id or self.env.company).id,
                "email": email,
                "role": role,
                "date_to": date_to,
                "inviter_id": self.env.uid,
                "token_digest": digest(token),
                "valid_until": fields.Datetime.now() + _VALID,
            }
        )
        send(
            self.env,
            "invitation",
            invitation,
            email,
            lang=self.env.user.lang,
            ebok_path=f"/ebok/invitation/{token}",
            ebok_inviter=self.env.user.name,
        )
        self.env["pwik.audit.event"]._record("invited", customer=partner, record=invitation, detail=role)
        return invitation

    @api.model
    def _find(self, token):
        """The invitation that this token stands for (with sudo), if its inviter may still invite."""
        invitation = self.sudo().search(
            [
                ("token_digest", "=", digest(token or "")),
                ("state", "=", "sent"),
                ("valid_until", ">=", fields.Datetime.now()),
            ],
            limit=1,
        )
        links = self.env["pwik.ebok.link"].sudo()
        if invitation and not links._is_owner(invitation.inviter_id, invitation.partner_id):
            return invitation.browse()
        return invitation

    def _accept(self):
        """Give the signed-in user what he was invited to; the caller has found the invitation by its token."""
        self.ensure_one()
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if self.state != "sent":
            return self.env["pwik.ebok.link"]
        self.state = "accepted"
        return self.env["pwik.ebok.link"]._link_claimed(
            self.partner_id, self.role, "invitation", date_to=self.date_to
        )
