from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..domain.attempts import Limit
from ..domain.linking import digest, make_token
from .ebok_mail import send

_VALID = timedelta(hours=24)


class PwikEbokSignup(models.Model):
    """Somebody wants a login: it is opened when the e-mail address is proven to be his."""

    _name = "pwik.ebok.signup"
    _description = "Sign-up for eBOK"
    _order = "id desc"
    _rec_name = "email"

    name = fields.Char("Name", required=True)
    email = fields.Char("E-mail", required=True, index=True)
    token_digest = fields.Char(index="btree_not_null", groups="base.group_system")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    valid_until = fields.Datetime(required=True)
    user_id = fields.Many2one("res.users", "Login opened", ondelete="set null")

    @api.model
    def _ask(self, name, email, address, lang=None, invitation=None):
        """Send a letter to `email`: with the way to open a login, or, where there is one, to sign in.

        The page answers the same in both cases, and when a limit is reached.

        :param address: network address of who asks
        :param invitation: token of an invitation that is taken up after the login is opened
        """
        email = email_normalize(email)
        limits = [Limit("signup_address", address, 20), Limit("signup_email", email, 3)]
        if not self.env["pwik.ebok.attempt"]._take(limits):
            return
        users = self.env["res.users"].sudo().with_context(active_test=False)
        known = users.search([("login", "=ilike", email.replace("_", r"\_").replace("%", r"\%"))], limit=1)
        token = make_token()
        signup = self.sudo().create(
            {
                "name": name,
                "email": email,
                "token_digest": False if known else digest(token),
                "valid_until": fields.Datetime.now() + _VALID,
            }
        )
        path = f"/ebok/signup/confirm?token={token}" + (f"&invitation={invitation}" if invitation else "")
        send(self.env, "signup", signup, email, lang=lang, ebok_known=bool(known), ebok_path=path)

    @api.model
    def _find(self, token):
        """The sign-up that this token stands for (with sudo), empty if it was used or has run out."""
        return self.sudo().search(
            [
                ("token_digest", "=", digest(token or "")),
                ("user_id", "=", False),
                ("valid_until", ">=", fields.Datetime.now()),
            ],
            limit=1,
        )

    def _confirm(self, password, lang=None):
        """Open the login: the address is proven by the token that the caller has found.

        :return: the user
        :raises UserError: the password does not meet the policy, or the login exists by now
        """
        self.ensure_one()
        # One at a time: of two clicks on the same link the second finds it used.
        self.lock_for_update()
        users = self.env["res.users"].sudo().with_context(no_reset_password=True, active_test=False)
        if self.user_id or users.search_count([("login", "=", self.email)], limit=1):
            raise UserError(
                self.env._("There is a login of this address already. Sign in, or set a new password.")
            )
        user = users.create(
            {
                "name": self.name,
                "login": self.email,
                "email": self.email,
                "password": password,
                "lang": lang or self.company_id.partner_id.lang or "pl_PL",
                "company_id": self.company_id.id,
                "company_ids": [(6, 0, self.company_id.ids)],
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        self.write({"user_id": user.id, "token_digest": False})
        self.env["pwik.audit.event"]._record("sign_up", user=user)
        return user
