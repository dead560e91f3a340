"""A person's rights to his data (RODO): a copy of them, and the request to erase them."""

from odoo.http import request, route
from werkzeug.exceptions import NotFound

from ..domain.attempts import Limit
from .main import EbokPortal

COPIES_A_DAY = 5


class EbokPrivacy(EbokPortal):
    @route("/my/privacy", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def privacy(self, customer=None, **kw):
        return self._render_privacy(self._ebok_own_customer(customer))

    def _ebok_own_customers(self):
        """Customers whose own login is signed in: copy and erasure are the person's rights, not his proxy's."""
        return self._ebok_customers(role="owner")

    def _ebok_own_customer(self, customer_id):
        customers = self._ebok_own_customers()
        return customers.filtered(lambda one: str(one.id) == str(customer_id)) or customers[:1]

    def _ebok_find_own(self, customer_id):
        """The customer if he is signed in himself; the same answer (404) for a foreign and for a missing one."""
        partner = self._ebok_own_customers().filtered(lambda one: str(one.id) == str(customer_id))
        if not partner:
            raise NotFound()
        return partner

    def _render_privacy(self, partner, form=None, errors=None, status=None):
        asked = request.env["pwik.case"]
        if partner:
            asked = asked.search(
                [
                    ("type_id.code", "=", "erasure"),
                    ("partner_id", "=", partner.id),
                    ("is_closed", "=", False),
                ],
                limit=1,
            )
        return self._ebok_render(
            "pwik_ebok.portal_privacy",
            "ebok_privacy",
            {
                "customers": self._ebok_own_customers(),
                "partner": partner,
                "asked": asked,
                "blocks": partner._pwik_get_block_lines(partner._pwik_get_erasure_blocks())
                if partner
                else [],
                "form": form or {},
                "errors": errors or {},
            },
            status=status or self._ebok_status(errors),
        )

    @route("/my/privacy/copy", type="http", auth="user", methods=["POST"], website=True)
    def data_copy(self, customer=None, **post):
        partner = self._ebok_find_own(customer)
        limits = [Limit("data_copy", str(request.env.uid), COPIES_A_DAY)]
        if not request.env["pwik.ebok.attempt"]._take(limits):
            message = request.env._("Enough copies were made for today. Try again tomorrow.")
            return self._render_privacy(partner, errors={"copy": message}, status=429)
        content, name = partner._pwik_make_data_copy(request.env.user)
        return self._ebok_file(content, name, "application/zip")

    @route("/my/privacy/erasure", type="http", auth="user", methods=["POST"], website=True)
    def erasure(self, customer=None, **post):
        """A request, never the deed: the office decides on it."""
        partner = self._ebok_find_own(customer)
        form = self._ebok_pick(post, ("description", "sure"))
        if form["sure"] != "1":
            message = request.env._("Tick the box: what is erased cannot be brought back.")
            return self._render_privacy(partner, form, {"sure": message})
        case, errors = request.env["pwik.case"]._submit_from_ebok(
            "erasure", {"description": form["description"]}, partner
        )
        if errors:
            return self._render_privacy(partner, form, errors)
        return request.redirect(f"/my/cases/{case.id}?new=1")
