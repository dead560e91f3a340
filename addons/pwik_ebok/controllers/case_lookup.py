"""The state of a case for somebody who is not signed in: its number and the random code that came with it."""

from odoo import http
from odoo.http import request, route

from ..domain.attempts import Limit
from .main import to_text

TRIES_A_CASE = 10
TRIES_AN_ADDRESS = 30


class EbokCaseLookup(http.Controller):
    @route("/sprawa", type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def case_lookup_form(self, number="", **kw):
        return self._render_case_lookup({"number": number.strip()[:30], "code": ""})

    @route("/sprawa", type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def case_lookup(self, number="", code="", **post):
        """One answer for a wrong number, a wrong code and too many tries; the code never stands in an address."""
        form = {"number": to_text(number).strip()[:30], "code": to_text(code).strip()[:30]}
        if not form["number"] or not form["code"]:
            errors = {name: request.env._("Fill in this field.") for name in form if not form[name]}
            return self._render_case_lookup(form, errors)
        limits = [
            Limit("case_number", form["number"].upper(), TRIES_A_CASE),
            Limit("case_address", request.httprequest.remote_addr or "", TRIES_AN_ADDRESS),
        ]
        case = request.env["pwik.case"]
        if request.env["pwik.ebok.attempt"]._take(limits):
            case = case._find_by_signature(form["number"].upper(), form["code"])
        if not case:
            message = request.env._(
                "No case has this number and code. Compare both with what we wrote to you; "
                "after many tries in a day no more are looked at until the next day."
            )
            return self._render_case_lookup(form, {"code": message})
        return self._render_case_lookup({"number": case.number, "code": ""}, case=case)

    def _render_case_lookup(self, form, errors=None, case=None):
        response = request.render(
            "pwik_ebok.case_lookup",
            {"form": form, "errors": errors or {}, "case": case},
            status=422 if errors else 200,
        )
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
