"""Module 1, Dane kontrahenta."""

from odoo.http import request, route

from .main import EbokPortal

#: What a customer may ask to have changed, in the order of the form.
CHANGE_FIELDS = ("phone", "email", "street", "zip", "city")


class EbokCustomer(EbokPortal):

    @route("/my/customer", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def customer(self, **kw):
        return self._ebok_render("pwik_ebok.portal_customer", "ebok_customer", {"customers": self._ebok_customers()})

    @route("/my/customer/requests", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def data_change_list(self, **kw):
        cases = request.env["pwik.case"].search([("type_id.code", "=", "data_change")], order="create_date desc")
        return self._ebok_render("pwik_ebok.portal_data_changes", "ebok_data_changes", {"cases": cases})

    @route("/my/customer/request", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def data_change_form(self, customer=None, **kw):
        partner = self._ebok_customer(customer)
        form = {name: partner[name] or "" for name in CHANGE_FIELDS} if partner else {}
        return self._render_data_change(partner, form)

    @route("/my/customer/request", type="http", auth="user", methods=["POST"], website=True)
    def data_change_submit(self, customer=None, **post):
        """A request, never a direct edit: the office accepts it field by field."""
        partner = self._ebok_find("res.partner", int(customer)) if str(customer).isdigit() else self._ebok_customer()
        form = self._ebok_pick(post, (*CHANGE_FIELDS, "description"))
        changes = {name: form[name] for name in CHANGE_FIELDS if form[name] != (partner[name] or "")}
        case, errors = request.env["pwik.case"]._submit_from_portal(
            "data_change", {"changes": changes, "description": form["description"]}, partner=partner,
        )
        if errors:
            return self._render_data_change(partner, form, errors)
        return request.redirect(f"/my/cases/{case.id}?new=1")

    def _render_data_change(self, partner, form, errors=None):
        fields = request.env["res.partner"].fields_get(CHANGE_FIELDS, ["string"])
        return self._ebok_render("pwik_ebok.portal_data_change", "ebok_data_change", {
            "customers": self._ebok_customers(), "partner": partner, "form": form, "errors": errors or {},
            "fields": [(name, fields[name]["string"], partner[name] or "") for name in CHANGE_FIELDS],
        }, status=422 if errors else 200)
