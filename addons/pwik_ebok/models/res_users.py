from odoo import models
from odoo.exceptions import AccessDenied
from odoo.http import request


class ResUsers(models.Model):
    _inherit = "res.users"

    def _login(self, credential, user_agent_env):
        """Every sign-in is told, right or wrong; a wrong one apart, because its transaction is taken back."""
        events = self.env["pwik.audit.event"]
        try:
            auth_info = super()._login(credential, user_agent_env)
        except AccessDenied:
            login = credential.get("login")
            # sudo: nobody is signed in here. What was typed is never kept: it may be a password in the wrong field.
            user = self.sudo().search(self._get_login_domain(login), limit=1) if login else self.browse()
            events._record("sign_in_failed", user=user, detail=credential.get("type"), apart=True)
            raise
        user = self.browse(auth_info["uid"])
        events._record("sign_in", user=user, detail=auth_info.get("auth_method"))
        return auth_info

    def _check_credentials(self, credential, env):
        try:
            return super()._check_credentials(credential, env)
        except AccessDenied:
            if credential["type"] in ("totp", "totp_mail"):  # a second factor: the first one was right
                self.env["pwik.audit.event"]._record(
                    "sign_in_failed", user=self, detail=credential["type"], apart=True
                )
            raise

    def _set_password(self):
        # An inverse returns nothing.
        # pylint: disable=missing-return
        super()._set_password()
        if request:  # not the installation, nor a script
            for user in self:
                self.env["pwik.audit.event"]._record("password", user=user)
