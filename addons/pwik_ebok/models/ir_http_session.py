"""A customer's session ends when it lay unused for a while, and half a day after the sign-in at the latest (ASVS 5.0, 7.3)."""

import time

from odoo import api, models
from odoo.http import request

from ..domain.attempts import whole_number

#: Parameters: minutes without a request, and hours since the sign-in, after which a customer signs in anew. What is set when
#: the addon is installed, and holds where a parameter is no number; the form of settings takes a parameter away for 0: never.
LIMITS = {"pwik_ebok.session_idle_minutes": 60, "pwik_ebok.session_hours": 12}
_BEGAN, _USED = "pwik_began_at", "pwik_used_at"
#: The session is a file that all hosts share: seconds after which its use is noted again.
_NOTED_EVERY = 60


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _authenticate_explicit(cls, auth):
        if request.session.uid is not None and cls._pwik_session_is_over():
            request.session.logout(keep_db=True)
            request.env = api.Environment(request.env.cr, None, request.session.context)
        return super()._authenticate_explicit(auth)

    @classmethod
    def _pwik_session_is_over(cls):
        """Whether the signed-in customer has to sign in anew; else the session notes that it was used. Staff is not meant."""
        session, now = request.session, int(time.time())
        env = request.env(user=session.uid)
        if env.user._is_internal():
            return False
        idle, longest = env["ir.http"]._pwik_session_limits()
        began, used = session.get(_BEGAN), session.get(_USED)
        if began and longest and now - began > longest * 3600:
            return True
        if used and idle and now - used > idle * 60:
            return True
        if not began:
            session[_BEGAN] = now
        if not used or now - used >= _NOTED_EVERY:
            session[_USED] = now
        return False

    @api.model
    def _pwik_session_limits(self):
        """``(minutes without a request, hours since the sign-in)``; 0: never."""
        # sudo: two figures of the configuration, which the page of sessions itself tells
        parameters = self.env["ir.config_parameter"].sudo()
        return tuple(
            whole_number(parameters.get_param(name) or "0", default) for name, default in LIMITS.items()
        )
