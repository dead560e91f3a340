"""What all eBOK pages share: finding a record as the user, the menu, and the way a form answers."""

import re

from odoo.addons.account_payment.controllers.portal import PortalAccount
from odoo.http import content_disposition, request
from odoo.tools.translate import LazyTranslate
from werkzeug.exceptions import NotFound

from .formats import day_format, money_format

_lt = LazyTranslate(__name__)

#: The four modules that the utility promised: module → functions (title, address, page names that lie below it).
MENU = [
    (
        _lt("Customer data"),
        "fa-user",
        [
            (_lt("View customer data"), "/my/customer", ["ebok_customer"]),
            (_lt("Data change requests"), "/my/customer/requests", ["ebok_data_changes"]),
            (_lt("Request a data change"), "/my/customer/request", ["ebok_data_change"]),
            (_lt("E-invoice"), "/my/customer/einvoice", ["ebok_einvoice"]),
            (_lt("Notices"), "/my/notices", ["ebok_notices"]),
            (_lt("Change the password"), "/my/security", ["ebok_security"]),
            (_lt("History of my login"), "/my/history", ["ebok_history"]),
            (_lt("Link a customer"), "/my/link", ["ebok_link"]),
            (_lt("Who sees my data"), "/my/access", ["ebok_access"]),
            (_lt("My rights (RODO)"), "/my/privacy", ["ebok_privacy"]),
        ],
    ),
    (
        _lt("Invoices and balance"),
        "fa-file-text-o",
        [
            (_lt("Invoices"), "/my/invoices", ["invoice", "ebok_past_invoices"]),
            (_lt("Balance"), "/my/balance", ["ebok_balance"]),
            (_lt("Simulation of a bill"), "/my/simulation", ["ebok_simulation"]),
            (_lt("Pay online"), "/my/pay", ["ebok_pay"]),
            (_lt("Check a file"), "/my/check-file", ["ebok_file_check"]),
        ],
    ),
    (
        _lt("Contracts"),
        "fa-tint",
        [
            (_lt("List of contracts"), "/my/contracts", ["ebok_contracts", "ebok_contract"]),
            (_lt("Readings of a meter"), "/my/readings", ["ebok_meters", "ebok_readings"]),
            (_lt("Submit a reading"), "/my/reading", ["ebok_submit", "ebok_submission"]),
            (_lt("Water outages"), "/my/outages", ["ebok_outages"]),
        ],
    ),
    (
        _lt("Cases"),
        "fa-comments-o",
        [
            (_lt("All cases"), "/my/cases", ["ebok_cases", "ebok_case"]),
            (_lt("Reading submissions"), "/my/cases/readings", ["ebok_case_readings"]),
            (_lt("Data changes"), "/my/cases/changes", ["ebok_case_changes"]),
            (_lt("Report a remark"), "/my/cases/new", ["ebok_remark"]),
        ],
    ),
]


def to_id(text):
    """A record's id as a form sends it; 0, which no record has, for whatever is none (`²` is a digit and no number)."""
    text = to_text(text)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def to_text(value):
    """A text that a form sends; empty for a file in its place."""
    return value if isinstance(value, str) else ""


def to_words(value):
    """What somebody typed into a box for searching, without blanks around and of a bearable length."""
    return to_text(value).strip()[:60]


def to_pattern(words):
    """Words for ``ilike``: signs of a pattern are signs."""
    return re.sub(r"([\\%_])", r"\\\1", words)


class EbokPortal(PortalAccount):
    """Base of the eBOK controllers. Everything is fetched as the user; the record rules of the portal group decide.

    It derives from the last of Odoo's portal controllers that we build on, so that ours come first in whatever order
    the modules' Python was imported: Odoo merges the classes of a route in the order in which it met them.
    """

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        values.update(ebok_day=day_format(request.env), ebok_money=money_format(request.env))
        translate = request.env._  # of terms that are marked above
        values["ebok_menu"] = [
            (translate(module), icon, [(translate(title), url, names) for title, url, names in functions])
            for module, icon, functions in MENU
        ]
        return values

    def _ebok_find(self, model, record_id):
        """The record if the signed-in user may see it; the same answer (404) for a foreign and for a missing one."""
        record = request.env[model].search([("id", "=", record_id)], limit=1)
        if not record:
            raise NotFound()
        return record

    def _ebok_customers(self, role=None):
        """Customers of the signed-in user, by name; not his own partner.

        :param role: only those to whom he is linked in this role
        """
        partners = request.env.user.ebok_customer_ids
        if role:
            links = request.env["pwik.ebok.link"].sudo()  # his own links only, by the domain
            partners = links.search(
                [*links._get_active_domain(request.env.user), ("role", "=", role)]
            ).partner_id
        return request.env["res.partner"].search([("id", "in", partners.ids)], order="name, id")

    def _ebok_customer(self, customer_id=None, customers=None):
        """The customer chosen on the page, or the first one; an empty record set for a login that has none.

        :param customers: the login's customers, where the page has asked for them already
        :raise NotFound: for somebody else's customer, or one that there is not
        """
        if customers is None:
            customers = self._ebok_customers()
        if not customer_id:
            return customers[:1]
        chosen = customers.filtered(lambda partner: str(partner.id) == str(customer_id))
        if not chosen:
            raise NotFound()
        return chosen

    def _ebok_current_meters(self, contracts=None):
        """Installations that a customer can read today, by address, the main meter first.

        :param contracts: the login's contracts, where the page has asked for them already
        """
        contracts = request.env["pwik.contract"].search([]) if contracts is None else contracts
        points = contracts.filtered(lambda one: one.state == "active").contract_point_ids.service_point_id
        return (
            request.env["pwik.meter.installation"]
            .search([("date_to", "=", False), ("service_point_id", "in", points.ids)])
            .sorted(lambda one: (one.service_point_id.street or "", one.meter_kind != "main", one.meter_kind))
        )

    def _ebok_status(self, errors):
        """Status of a form that is shown again: nothing wrong, something to correct, or too much for one day."""
        if "limit" in (errors or ()):
            return 429
        return 422 if errors else 200

    def _ebok_render(self, template, page_name, values=None, status=200):
        """A page of eBOK: personal, hence never stored by a browser or a proxy."""
        response = request.render(
            template,
            {
                **self._prepare_portal_layout_values(),
                "page_name": page_name,
                "errors": {},
                "form": {},
                **(values or {}),
            },
            status=status,
        )
        return self._ebok_private(response)

    def _ebok_private(self, response):
        """A personal page is stored by nobody, and where it leads to does not learn its address."""
        if hasattr(response, "headers"):
            response.headers["Cache-Control"] = "no-store"
            response.headers["Referrer-Policy"] = "same-origin"
        return response

    def _ebok_download(self, content, name, mimetype, record=None):
        """A file that the browser saves and never shows; who fetched it is told."""
        kind = mimetype.partition(";")[0].rpartition("/")[2]
        request.env["pwik.audit.event"]._record("download", record=record, detail=kind)
        return self._ebok_file(content, name, mimetype)

    def _ebok_file(self, content, name, mimetype):
        """The answer itself of a file that the browser saves; the caller has told who fetched it."""
        return self._ebok_private(
            request.make_response(
                content,
                [
                    ("Content-Type", mimetype),
                    ("Content-Disposition", content_disposition(name)),
                    ("Content-Length", len(content)),
                    ("X-Content-Type-Options", "nosniff"),
                ],
            )
        )

    def _ebok_pick(self, post, names):
        """Only the named fields of a form, stripped; a file where a text belongs is none."""
        return {name: to_text(post.get(name)).strip() for name in names}
