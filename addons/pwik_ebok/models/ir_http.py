"""Headers that tell the browser what a page may do, whatever proxy stands in front."""

import re
import secrets

from odoo import models
from odoo.http import Response, request
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge, abort

#: Pages of somebody who is not signed in yet lie below /web as well.
_DOORS = ("/web/login", "/web/signup", "/web/reset_password")
_HIGHEST_ID = 2**31 - 1
#: Tools of Odoo's editor, which eBOK has not: some fetch any address for whoever asks, of the utility's own network, too.
_EDITOR = ("/html_editor/", "/web_editor/", "/web_unsplash/")
_PERMISSIONS = "camera=(self), microphone=(), geolocation=(self), payment=(), usb=()"


def csp_nonce():
    """The number used once of this request, which every inline script of our templates bears; None without a request."""
    if not request:
        return None
    nonce = getattr(request, "pwik_csp_nonce", None)
    if not isinstance(nonce, str):
        nonce = request.pwik_csp_nonce = secrets.token_urlsafe(18)
    return nonce


def is_office(path):
    """Whether a page is the office's own client and not the portal's."""
    return path in ("/odoo", "/web") or (path.startswith(("/odoo/", "/web/")) and not path.startswith(_DOORS))


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """The conversation of a case speaks through `mail`: without its terms it tells of "Yesterday" in Polish pages."""
        return [*super()._get_translation_frontend_modules_name(), "mail"]

    @classmethod
    def _pre_dispatch(cls, rule, args):
        result = super()._pre_dispatch(rule, args)
        cls._pwik_refuse_parameters(args)
        if rule.rule.startswith(_EDITOR) and not request.env.user._is_internal():
            raise NotFound()
        return result

    @classmethod
    def _pwik_refuse_parameters(cls, args):
        """What Odoo would meet an error of the server with, though it is the sender's.

        PostgreSQL has no text with a NUL and no record with such a number; a page of a list has a number.
        """
        if any(isinstance(value, int) and value > _HIGHEST_ID for value in args.values()):
            raise NotFound()
        if request.dispatcher.routing_type != "http":
            return
        given = request.get_http_params()
        if any(isinstance(text, str) and "\0" in text for text in given.values()):
            raise BadRequest()
        page = given.get("page")
        if page and not is_office(request.httprequest.path) and not re.fullmatch("[0-9]{1,9}", str(page)):
            raise BadRequest()

    @classmethod
    def _handle_error(cls, exception):
        """A form with too much in it leads back to its page. Odoo would parse the form again for its own, and fail at that."""
        path = request.httprequest.path
        if isinstance(exception, RequestEntityTooLarge) and path.startswith("/my/"):
            if not request.env.uid:
                cls._auth_method_public()
            cls._frontend_pre_dispatch()
            request.params = {}
            html = request.env["ir.ui.view"]._render_template("pwik_ebok.too_large", {"back": path})
            response = Response(html, status=413, content_type="text/html;charset=utf-8")
            cls._post_dispatch(response)
            return response
        return super()._handle_error(exception)

    @classmethod
    def _dispatch(cls, endpoint):
        """A parameter named ``self`` would meet the controller's own and end as an error of the server: it is the sender's."""
        if "self" in request.params:
            if request.dispatcher.routing_type == "jsonrpc":
                # with an answer of its own, as Odoo gives for what is no JSON: else it would become an error with status 200
                abort(Response("A parameter has no such name", status=400))
            raise BadRequest()
        return super()._dispatch(endpoint)

    @classmethod
    def _post_dispatch(cls, response):
        # It returns nothing.
        # pylint: disable=missing-return
        super()._post_dispatch(response)
        cls._pwik_set_headers(response)

    @classmethod
    def _pwik_set_headers(cls, response):
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Permissions-Policy", _PERMISSIONS)
        headers["X-Frame-Options"] = "SAMEORIGIN"
        if not (headers.get("Content-Type") or "").startswith("text/html"):
            return
        # What Odoo itself says here is about frames only; a page that says more about itself keeps it.
        if "default-src" not in headers.get("Content-Security-Policy", ""):
            headers["Content-Security-Policy"] = cls._pwik_get_csp()
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if not is_office(request.httprequest.path):
            headers["Cache-Control"] = "no-store"

    @classmethod
    def _pwik_get_csp(cls):
        """Scripts of this host only, and of a page only those that bear its nonce.

        Odoo's client compiles its templates in the browser, so that scripts need ``unsafe-eval``; styles are written into
        elements all over it. Forms may lead to the payment providers that are named in the settings.
        """
        hosts = request.env["ir.config_parameter"].sudo().get_param("pwik_ebok.form_hosts") or ""
        forms = " ".join(["'self'", *(host for host in hosts.split() if host.startswith("https://"))])
        return "; ".join(
            (
                "default-src 'self'",
                f"script-src 'self' 'nonce-{csp_nonce()}' 'unsafe-eval'",
                "script-src-attr 'none'",
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data: blob:",
                "font-src 'self' data:",
                f"connect-src 'self' ws://{request.httprequest.host} wss://{request.httprequest.host}",
                "media-src 'self' blob:",
                "worker-src 'self' blob:",
                "frame-src 'self' blob:",
                "object-src 'none'",
                "base-uri 'self'",
                f"form-action {forms}",
                "frame-ancestors 'self'",
            )
        )
