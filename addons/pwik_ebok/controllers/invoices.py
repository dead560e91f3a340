"""Module 2, Faktury i saldo."""

import csv
import io
import re

from odoo import fields
from odoo.addons.pwik_meters.domain.migration.output import guard
from odoo.fields import Domain
from odoo.http import request, route
from werkzeug.exceptions import NotFound
from werkzeug.urls import url_quote

from .main import EbokPortal

#: What Odoo's page of an invoice takes from its address.
DETAIL_PARAMETERS = {
    *("report_type", "download", "payment", "amount", "error", "warning", "success"),
    *("pid", "hash", "token"),
}


class EbokInvoices(EbokPortal):
    def _get_unpaid_domain(self):
        return Domain("payment_state", "in", ("not_paid", "partial")) & Domain(
            "move_type", "=", "out_invoice"
        )

    def _get_overdue_invoices_domain(self, partner_id=None):
        """The customer is not the login's own partner: what is overdue follows the record rules instead."""
        return Domain("pwik_is_overdue", "=", True)

    def _get_account_searchbar_filters(self):
        """A water utility's customers receive no vendor bills here; they look for what is still to pay."""
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "unpaid": {"label": request.env._("To pay"), "domain": self._get_unpaid_domain()},
            "overdue_invoices": {
                "label": request.env._("Overdue"),
                "domain": self._get_overdue_invoices_domain(),
            },
            "paid": {
                "label": request.env._("Paid"),
                "domain": Domain("payment_state", "in", ("paid", "in_payment", "reversed"))
                & Domain("move_type", "=", "out_invoice"),
            },
            "corrections": {
                "label": request.env._("Corrections"),
                "domain": Domain("move_type", "=", "out_refund")
                | Domain("pwik_settlement_id.corrects_id", "!=", False),
            },
        }

    def _prepare_my_invoices_values(
        self, page, date_begin, date_end, sortby, filterby, domain=None, url="/my/invoices"
    ):
        """Odoo's list, narrowed by year and contract; what an address names and the list does not know is left out."""
        if sortby not in self._get_account_searchbar_sortings():
            sortby = None
        if filterby not in self._get_account_searchbar_filters():
            filterby = None
        chosen = self._get_chosen_invoices()
        domain = Domain(domain or Domain.TRUE) & chosen["domain"]
        request.update_context(ebok_invoice_list=True)
        values = super()._prepare_my_invoices_values(
            page, date_begin, date_end, sortby, filterby, domain=domain, url=url
        )
        values["pager"]["url_args"].update(year=chosen["year"], contract=chosen["contract"].id or "")
        return {
            **values,
            "filters": self._get_account_searchbar_filters(),
            "years": self._get_invoice_years(),
            "year": chosen["year"],
            "contracts": request.env["pwik.contract"].search([], order="number"),
            "chosen_contract": chosen["contract"],
            "customers": request.env.user.ebok_customer_ids,  # whose invoices these are to pay
            "has_past_invoices": bool(request.env["pwik.past.invoice"].search_count([], limit=1)),
        }

    def _get_chosen_invoices(self):
        """Year and contract of the address: ``{"year": "2026" or "", "contract": record, "domain": Domain}``."""
        year, contract_id = (str(request.params.get(name) or "") for name in ("year", "contract"))
        domain, contract = Domain.TRUE, request.env["pwik.contract"]
        if re.fullmatch(r"20\d\d", year):
            domain &= Domain("invoice_date", ">=", f"{year}-01-01") & Domain(
                "invoice_date", "<=", f"{year}-12-31"
            )
        else:
            year = ""
        if re.fullmatch(r"\d{1,9}", contract_id):
            contract = contract.search([("id", "=", int(contract_id))])
        if contract:
            domain &= Domain("pwik_contract_id", "=", contract.id)
        return {"year": year, "contract": contract, "domain": domain}

    def _get_invoice_years(self):
        """Years in which the user's invoices were issued, the latest first."""
        groups = request.env["account.move"]._read_group(self._get_invoices_domain(), ["invoice_date:year"])
        return sorted({str(day.year) for (day,) in groups if day}, reverse=True)

    @route()
    def portal_my_invoices(self, *args, **kw):
        return self._ebok_private(super().portal_my_invoices(*args, **kw))

    @route()
    def portal_my_invoice_detail(self, invoice_id, access_token=None, **kw):
        """Customers sign in: Odoo's links with a token never run out and would outlive the right to see the invoice."""
        user = request.env.user
        if user._is_public():
            return request.redirect(f"/web/login?redirect={url_quote(f'/my/invoices/{invoice_id}')}")
        if user._is_portal():
            self._ebok_find("account.move", invoice_id)
            access_token = None
        # Only what the page knows: a parameter named as one of its functions' own would be an error of the server.
        kw = {name: value for name, value in kw.items() if name in DETAIL_PARAMETERS}
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", str(kw.get("amount", ""))):
            kw.pop("amount", None)
        response = super().portal_my_invoice_detail(invoice_id, access_token=access_token, **kw)
        if kw.get("report_type") == "pdf" and getattr(response, "mimetype", None) == "application/pdf":
            invoice = request.env["account.move"].browse(invoice_id)
            request.env["pwik.audit.event"]._record("download", record=invoice, detail="pdf")
        return self._ebok_private(response)

    def _invoice_get_page_view_values(self, invoice, access_token, **kwargs):
        """Odoo's values would hold the session's other invoices with links that need no login; eBOK shows this one."""
        if not invoice.pwik_contract_id:
            return super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
        settlement = invoice.pwik_settlement_id
        corrections = settlement.correction_ids.move_id.filtered(lambda move: move.state == "posted")
        return {
            **self._prepare_portal_layout_values(),
            "page_name": "invoice",
            "invoice": invoice,
            "settlement": settlement,
            "corrected": settlement.corrects_id.move_id,
            "corrections": corrections.sorted(lambda move: (move.invoice_date, move.id)),
            # who pays for somebody else's contract sees its number, as on the paper, and no more of it
            "open_contract": invoice.pwik_contract_id & request.env.user.sudo().ebok_contract_ids,
            "no_breadcrumbs": False,
            "pay_online": self._ebok_pay_online(),
        }

    @route("/my/invoices/<int:invoice_id>/xml", type="http", auth="user", methods=["GET"])
    def invoice_xml(self, invoice_id, **kw):
        """The signed XML as a file, never shown by the browser."""
        invoice = self._ebok_find("account.move", invoice_id)
        # The invoice was found with the user's own rights; attachments are read by nobody but the office.
        attachment = invoice.sudo().pwik_signed_xml_id
        if not attachment:
            raise NotFound()
        return self._ebok_download(attachment.raw, attachment.name, "application/xml", invoice)

    @route("/my/balance", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def balance(self, customer=None, **kw):
        customers = self._ebok_customers()
        partner = self._ebok_customer(customer, customers)
        # what the user sees and somebody else pays is no item of this balance
        open_items = (
            request.env["account.move"]
            .search([("payment_state", "in", ("not_paid", "partial"))], order="invoice_date, id")
            .filtered(lambda move: move._get_ebok_payer(customers) == partner)
        )
        # The customer is the user's own by the rule above; payments carry no contract, so that the ledger is read for him.
        statement = self._ebok_statement(partner.sudo())
        return self._ebok_render(
            "pwik_ebok.portal_balance",
            "ebok_balance",
            {
                "customers": customers,
                "partner": partner,
                "partner_sudo": partner.sudo(),
                "open_items": open_items,
                "statement": statement,
                "pay_online": self._ebok_pay_online(),
                # the promise of a transfer is no payment; its data are on this page anyway
                "online_payments": self._ebok_payments(customers).filtered(
                    lambda one: (
                        one.partner_id == partner.sudo()
                        and not (one.provider_code == "custom" and one.state == "pending")
                    )
                ),
                "today": fields.Date.context_today(request.env.user),
                "currency": request.env.company.currency_id,
            },
        )

    @route("/my/balance.csv", type="http", auth="user", methods=["GET"], website=True)
    def balance_csv(self, customer=None, **kw):
        """The statement of account as a list for a spreadsheet, oldest entry first."""
        partner = self._ebok_customer(customer, self._ebok_customers())
        if not partner:
            raise NotFound()
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";")
        writer.writerow(
            [
                request.env._("Date"),
                request.env._("Document"),
                request.env._("Charge"),
                request.env._("Payment"),
                request.env._("Balance"),
            ]
        )
        # as for the page: the customer is the user's own by the record rules, the ledger is read for him
        for entry in reversed(self._ebok_statement(partner.sudo())):
            document = " ".join(filter(None, (entry["label"], entry["number"])))
            amounts = [f"{entry[name]:.2f}".replace(".", ",") for name in ("debit", "credit", "balance")]
            writer.writerow([entry["date"], guard(document), *amounts])
        return self._ebok_download(
            ("\ufeff" + out.getvalue()).encode(), "saldo.csv", "text/csv; charset=utf-8"
        )

    def _ebok_statement(self, partner_sudo):
        """Entries on the customer's receivable account with the running balance, newest first."""
        balance, entries = 0.0, []
        for line, debit, credit in partner_sudo._get_ebok_entries():
            # a sum of floats may end a little below nothing, and "-0.00" is no amount
            balance = round(balance + debit - credit, 2) or 0.0
            label = self._ebok_entry_label(line)
            entries.append(
                {
                    "date": line.date,
                    "label": label,
                    # of a payment the ledger has a number of its own, which tells the customer nothing
                    "number": "" if label else line.move_id.name,
                    "debit": debit,
                    "credit": credit,
                    "balance": balance,
                }
            )
        return entries[::-1]

    def _ebok_entry_label(self, line):
        """What an entry is in the customer's words; False for a document, whose number says it."""
        move = line.move_id
        if move.is_invoice() or move.journal_id.type not in ("bank", "cash"):
            return False
        if line.balance > 0:
            return request.env._("Paid back")
        online = move.origin_payment_id.payment_transaction_id
        return request.env._("Online payment") if online else request.env._("Payment")
