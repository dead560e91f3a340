"""Sign-up: a login of one's own, opened when the e-mail address is proven. It sees nothing until a customer is linked."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request, route
from odoo.tools import email_normalize

from ..domain.linking import is_token
from .main import to_text

NAME_LENGTH = 100


class EbokRegister(http.Controller):
    def _render_signup(self, template, values, status=200):
        policy = request.env["res.users"].sudo().get_password_policy()
        hint = request.env._("At least %s characters.", policy["minlength"]) if policy["minlength"] else None
        response = request.render(
            template, {"errors": {}, "form": {}, "password_hint": hint, **values}, status=status
        )
        response.headers["Cache-Control"] = "no-store"
        # The address holds a secret: where a link leads does not learn it.
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @route("/ebok/signup", type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def signup(self, invitation=None, **kw):
        if not request.env.user._is_public():
            return request.redirect("/my/link")
        return self._render_signup("pwik_ebok.signup_form", {"invitation": invitation or ""})

    @route("/ebok/signup", type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def signup_submit(self, name="", email="", invitation="", **post):
        form = {"name": " ".join(to_text(name).split())[:NAME_LENGTH], "email": to_text(email).strip()[:200]}
        invitation = to_text(invitation)
        errors = {}
        if not form["name"]:
            errors["name"] = request.env._("Enter your first name and surname.")
        if not email_normalize(form["email"]):
            errors["email"] = request.env._("Enter your e-mail address, for example anna@example.com.")
        if errors:
            return self._render_signup(
                "pwik_ebok.signup_form",
                {"form": form, "errors": errors, "invitation": invitation},
                status=422,
            )
        request.env["pwik.ebok.signup"]._ask(
            form["name"],
            form["email"],
            request.httprequest.remote_addr,
            lang=request.env.lang,
            invitation=invitation if is_token(invitation) else None,
        )
        return self._render_signup("pwik_ebok.signup_sent", {"email": form["email"]})

    @route("/ebok/signup/confirm", type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def confirm(self, token="", invitation="", **kw):
        signup = request.env["pwik.ebok.signup"]._find(token)
        if not signup:
            return self._render_signup("pwik_ebok.signup_over", {}, status=404)
        return self._render_signup(
            "pwik_ebok.signup_password", {"signup": signup, "token": token, "invitation": invitation}
        )

    @route("/ebok/signup/confirm", type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def confirm_submit(self, token="", invitation="", password="", confirm_password="", **post):
        token, invitation, password, confirm_password = map(
            to_text, (token, invitation, password, confirm_password)
        )
        signup = request.env["pwik.ebok.signup"]._find(token)
        if not signup:
            return self._render_signup("pwik_ebok.signup_over", {}, status=404)
        errors = {}
        if not password:
            errors["password"] = request.env._("Choose a password.")
        elif password != confirm_password:
            errors["confirm_password"] = request.env._("The two passwords differ. Type the same one twice.")
        if not errors:
            try:
                # A password that is refused must leave no login behind: this page is answered and committed.
                with request.env.cr.savepoint():
                    user = signup._confirm(password, lang=request.env.lang)
            except UserError as error:
                errors["password"] = error.args[0]
        if errors:
            return self._render_signup(
                "pwik_ebok.signup_password",
                {"signup": signup, "token": token, "invitation": invitation, "errors": errors},
                status=422,
            )
        credential = {"type": "password", "login": user.login, "password": password}
        request.session.authenticate(request.env, credential)
        return request.redirect(f"/ebok/invitation/{invitation}" if is_token(invitation) else "/my/link")
