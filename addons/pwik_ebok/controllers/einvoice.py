"""Consent to electronic invoices, given and withdrawn by the customer himself."""

from odoo.http import request, route
from odoo.tools import email_normalize
from werkzeug.exceptions import NotFound

from .main import EbokPortal, to_id


class EbokEinvoice(EbokPortal):
    @route("/my/customer/einvoice", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def einvoice(self, customer=None, done=None, **kw):
        return self._render_einvoice(self._ebok_customer(customer), done=done)

    @route("/my/customer/einvoice", type="http", auth="user", methods=["POST"], website=True)
    def einvoice_submit(self, customer=None, **post):
        """Only who may decide for the customer: he himself or his proxy, not who manages the building."""
        partner = self._ebok_find("res.partner", to_id(customer))
        if partner not in request.env["pwik.ebok.link"]._get_decided_partners(request.env.user):
            raise NotFound()
        form = self._ebok_pick(post, ("action", "email", "agreed"))
        if form["action"] not in ("given", "withdrawn"):
            raise NotFound()
        errors = self._get_einvoice_errors(form) if form["action"] == "given" else {}
        if errors:
            return self._render_einvoice(partner, form, errors)
        partner._ebok_decide_einvoice(form["action"], form["email"], request.httprequest.remote_addr)
        return request.redirect(f"/my/customer/einvoice?customer={partner.id}&done={form['action']}")

    def _get_einvoice_errors(self, form):
        errors = {}
        if not email_normalize(form["email"]):
            errors["email"] = request.env._("Enter one e-mail address, for instance anna@example.com.")
        if form["agreed"] != "1":
            errors["agreed"] = request.env._("Tick the box if you agree to electronic invoices.")
        return errors

    def _render_einvoice(self, partner, form=None, errors=None, done=None):
        # The customer is the user's own; the history of his consents is kept by the office and shown to him.
        history = partner.sudo().pwik_consent_ids
        return self._ebok_render(
            "pwik_ebok.portal_einvoice",
            "ebok_einvoice",
            {
                "customers": self._ebok_customers(),
                "partner": partner,
                "may_decide": partner
                in request.env["pwik.ebok.link"]._get_decided_partners(request.env.user),
                "history": history,
                "form": form or {"email": partner.pwik_einvoice_email or partner.email},
                "errors": errors or {},
                "done": done if done in ("given", "withdrawn") else None,
            },
            status=422 if errors else 200,
        )
