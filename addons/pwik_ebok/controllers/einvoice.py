"""Consent to electronic invoices, given and withdrawn by the customer himself."""

from odoo.http import request, route
from odoo.tools import email_normalize
from werkzeug.exceptions import NotFound

from .main import EbokPortal, to_id, to_text


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
        form = self._ebok_pick(post, ("action", "email", "agreed", "old_lost"))
        if form["action"] not in ("given", "withdrawn"):
            raise NotFound()
        errors = self._get_einvoice_errors(form, partner) if form["action"] == "given" else {}
        if errors:
            return self._render_einvoice(partner, form, errors)
        consent = partner._ebok_decide_einvoice(
            form["action"], form["email"], request.httprequest.remote_addr, old_lost=form["old_lost"] == "1"
        )
        done = consent.action or form["action"]
        return request.redirect(f"/my/customer/einvoice?customer={partner.id}&done={done}")

    @route("/ebok/einvoice/confirm", type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def einvoice_confirm(self, token="", **kw):
        """Who reads the new address came by the link in its letter; programs that look at links confirm nothing."""
        change = request.env["pwik.einvoice.consent"]._ebok_find_change(to_text(token))
        return self._render_confirm("ask" if change else "over", change, to_text(token))

    @route(
        "/ebok/einvoice/confirm", type="http", auth="public", methods=["POST"], website=True, sitemap=False
    )
    def einvoice_confirm_submit(self, token="", **post):
        change = request.env["pwik.einvoice.consent"]._ebok_find_change(to_text(token))
        if change:
            change._ebok_confirm_change(request.httprequest.remote_addr)
        return self._render_confirm("done" if change else "over", change, None)

    def _render_confirm(self, step, change, token):
        values = {"step": step, "email": change.email, "token": token}
        response = request.render("pwik_ebok.einvoice_confirm", values, status=404 if step == "over" else 200)
        return self._ebok_private(response)

    def _get_einvoice_errors(self, form, partner):
        errors = {}
        if not email_normalize(form["email"]):
            errors["email"] = request.env._("Enter one e-mail address, for instance anna@example.com.")
        elif not partner._ebok_may_change_address():
            errors["email"] = request.env._(
                "The address was changed too often today. Try again tomorrow, or call customer service."
            )
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
                "change": partner.sudo()._pwik_get_address_change(),
                "done": done if done in ("given", "withdrawn", "change") else None,
            },
            status=422 if errors else 200,
        )
