"""Where a login is signed in, and how it ends one of these sessions."""

from odoo.http import request, route
from werkzeug.exceptions import NotFound

from .main import EbokPortal, to_id


class EbokSessions(EbokPortal):
    @route()
    def security(self, **post):
        response = super().security(**post)
        if hasattr(response, "qcontext"):
            # sudo: one figure of the configuration, which the page itself tells
            parameters = request.env["ir.config_parameter"].sudo()
            response.qcontext.update(
                sessions=self._ebok_sessions(),
                session_limits=self._ebok_session_limits(),
                session_ended=request.params.get("ended") == "1",
                password_length=to_id(parameters.get_param("auth_password_policy.minlength", "0")),
            )
        return response

    def _ebok_session_limits(self):
        """In words, when a session ends by itself; empty where it does not."""
        minutes, hours = request.env["ir.http"]._pwik_session_limits()
        if minutes and hours:
            return request.env._(
                "You are signed out after %(minutes)s min without use, and %(hours)s h after you signed in at the latest.",
                minutes=minutes,
                hours=hours,
            )
        if minutes:
            return request.env._("You are signed out after %(minutes)s min without use.", minutes=minutes)
        return hours and request.env._("You are signed out %(hours)s h after you signed in.", hours=hours)

    @route("/my/security/sessions/end", type="http", auth="user", methods=["POST"], website=True)
    def session_end(self, session=None, **kw):
        """End one session of this very login; the same answer for a foreign, an ended and a missing one."""
        device = self._ebok_sessions().filtered(lambda one: one.id == to_id(session))
        if not device:
            raise NotFound()
        request.env["pwik.audit.event"]._record("session_ended", detail="ebok")
        device._revoke()
        return request.redirect("/my/security?ended=1")

    def _ebok_sessions(self):
        """The living sessions of the signed-in login, the latest first; never another login's."""
        # sudo: Odoo lets staff alone read devices; the domain names this login
        return request.env["res.device"].sudo().search([("user_id", "=", request.env.uid)])
