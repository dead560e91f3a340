"""A forgotten password: the same answer for everybody, whoever is known."""

from odoo.addons.auth_signup.controllers.main import AuthSignupHome
from odoo.http import request, route

from .main import to_text


class EbokReset(AuthSignupHome):
    @route()
    def web_auth_reset_password(self, *args, **kw):
        login = to_text(request.params.get("login")).strip()
        asked = request.httprequest.method == "POST" and login and not request.params.get("token")
        if not asked:
            return super().web_auth_reset_password(*args, **kw)
        context = self.get_auth_signup_qcontext()
        if not context.get("reset_password_enabled"):
            return super().web_auth_reset_password(*args, **kw)
        request.env["pwik.ebok.reset"]._ask(login, request.httprequest.remote_addr)
        context["message"] = request.env._(
            "If there is such a login, a link to set a new password is on its way to its e-mail address. Nothing came within "
            "a quarter of an hour? Look into the spam, or call us."
        )
        response = request.render("auth_signup.reset_password", context)
        response.headers["Cache-Control"] = "no-store"
        return response
