"""Module 1, Dane kontrahenta."""

from odoo.http import request, route

from .main import EbokPortal, to_id

#: What a customer may ask to have changed, in the order of the form. The name is the office's, by document.
CHANGE_FIELDS = (
    "phone",
    "email",
    "street",
    "zip",
    "city",
    "correspondence_street",
    "correspondence_zip",
    "correspondence_city",
)


class EbokCustomer(EbokPortal):
    @route("/my/customer", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def customer(self, **kw):
        return self._ebok_render(
            "pwik_ebok.portal_customer", "ebok_customer", {"customers": self._ebok_customers()}
        )

    @route("/my/customer/requests", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def data_change_list(self, **kw):
        cases = request.env["pwik.case"].search(
            [("type_id.code", "=", "data_change")], order="create_date desc"
        )
        return self._ebok_render("pwik_ebok.portal_data_changes", "ebok_data_changes", {"cases": cases})

    @route("/my/customer/request", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def data_change_form(self, customer=None, **kw):
        partner = self._ebok_customer(customer)
        return self._render_data_change(partner, self._ebok_current_values(partner))

    @route("/my/customer/request", type="http", auth="user", methods=["POST"], website=True)
    def data_change_submit(self, customer=None, **post):
        """A request, never a direct edit: the office accepts it field by field."""
        partner = self._ebok_find("res.partner", to_id(customer))
        form = self._ebok_pick(post, (*CHANGE_FIELDS, "description"))
        current = self._ebok_current_values(partner)
        changes = {name: form[name] for name in CHANGE_FIELDS if form[name] != current[name]}
        case, errors = request.env["pwik.case"]._submit_from_ebok(
            "data_change",
            {"changes": changes, "description": form["description"]},
            partner,
        )
        if errors:
            return self._render_data_change(partner, form, errors)
        return request.redirect(f"/my/cases/{case.id}?new=1")

    def _ebok_current_values(self, partner):
        """What is on file now: name of the field and text. The customer was found with the user's own rights."""
        values = partner.sudo()._pwik_get_change_values() if partner else {}
        if partner:
            # who may not see the telephone sends its mask back unchanged, which asks for no change
            values["phone"] = partner._pwik_get_shown("phone")
        return {name: values.get(name) or "" for name in CHANGE_FIELDS}

    def _render_data_change(self, partner, form, errors=None):
        labels = request.env["pwik.case.change"]._get_field_labels()
        return self._ebok_render(
            "pwik_ebok.portal_data_change",
            "ebok_data_change",
            {
                "customers": self._ebok_customers(),
                "partner": partner,
                "form": form,
                "errors": errors or {},
                "fields": [(name, labels[name]) for name in CHANGE_FIELDS],
            },
            status=self._ebok_status(errors),
        )
