"""A replica lags: whoever has just sent something would miss it on the next page, and send it again."""

import time

from odoo import models
from odoo.http import request
from odoo.tools import config

from .ir_http import is_office

#: Seconds for which a browser's pages are read from the first server after it has sent something.
REPLICA_PATIENCE = 60
_SENT = "pwik_sent_at"


def reads_replica(_controller, _rule, _arguments):
    """Whether a page that only reads may come from the replica; Odoo asks it in place of a route's ``readonly=True``."""
    return time.time() - request.session.get(_SENT, 0) > REPLICA_PATIENCE


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def _generate_routing_rules(self, modules, converters):
        for url, endpoint in super()._generate_routing_rules(modules, converters):
            if endpoint.routing.get("readonly") is True and endpoint.routing["auth"] in ("user", "public"):
                endpoint.routing["readonly"] = reads_replica
            yield url, endpoint

    @classmethod
    def _pre_dispatch(cls, rule, args):
        result = super()._pre_dispatch(rule, args)
        cls._pwik_remember_sending()
        return result

    @classmethod
    def _pwik_remember_sending(cls):
        """Note in the session, which all hosts share, that this request may write.

        Signing in is no such request: nothing that a page shows comes of it, and each visit begins so.
        """
        path = request.httprequest.path
        if not config["db_replica_host"] or request.env.cr.readonly or is_office(path):
            return
        if request.httprequest.method == "POST" and not path.startswith("/web/login"):
            request.session[_SENT] = int(time.time())
