"""Online payment: one invoice, several, a part of the sum, or the whole balance, through the providers of Odoo."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from odoo import fields
from odoo.addons.account_payment.controllers.payment import PaymentPortal
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain
from odoo.http import request, route
from odoo.tools import str2bool
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.urls import url_quote

from .main import EbokPortal, to_id

BALANCE = "balance"
CENT = Decimal("0.01")


class BadOrder(Exception):
    """What was chosen cannot be paid; the text is for the customer."""


@dataclass(frozen=True, slots=True)
class Order:
    """What shall be paid: ``partner`` owes it (read as Odoo), ``invoices`` were found as the user, ``amount`` is in zł."""

    partner: object
    invoices: object
    amount: Decimal
    balance: bool

    @property
    def what(self):
        return BALANCE if self.balance else "-".join(str(one) for one in self.invoices.ids)


def money(value):
    return Decimal(str(value)).quantize(CENT)


class EbokPay(EbokPortal, PaymentPortal):
    # ------------------------------------------------------------------ pages

    @route("/my/pay", type="http", auth="user", methods=["GET"], website=True)
    def pay(self, customer=None, invoice=None, **kw):
        """What shall be paid: all that is open is chosen beforehand, or the invoice from which one comes."""
        chosen = self._ebok_find("account.move", to_id(invoice)) if to_id(invoice) else None
        return self._ebok_pay_page(customer, chosen)

    @route("/my/pay/method", type="http", auth="user", methods=["GET"], website=True)
    def pay_method(self, customer=None, what=None, amount=None, **kw):
        """How it shall be paid: Odoo's form with the providers that are open to the public."""
        numbers = request.httprequest.args.getlist("invoice")
        if not what:
            return request.redirect("/my/pay")
        ids = list(filter(None, map(to_id, numbers)))
        try:
            order = self._ebok_order(customer, BALANCE if what == BALANCE else ids, amount)
        except BadOrder as error:
            chosen = request.env["account.move"].search([("id", "in", ids)])
            form = {"what": what, "amount": amount or "", "invoice": ids}
            return self._ebok_pay_page(customer, chosen, {"amount": str(error)}, form, status=422)
        return self._ebok_render("pwik_ebok.portal_pay_method", "ebok_pay", self._ebok_method_values(order))

    @route(
        "/my/pay/transaction/<int:customer_id>/<string:what>",
        type="jsonrpc",
        auth="user",
        methods=["POST"],
    )
    def pay_transaction(self, customer_id, what, provider_id, payment_method_id, amount, flow, **kwargs):
        """The payment begins. What the browser sends is checked anew; tokens are not kept, since logins change."""
        ids = BALANCE if what == BALANCE else list(filter(None, map(to_id, what.split("-"))))
        try:
            order = self._ebok_order(customer_id, ids, amount)
        except BadOrder as error:
            raise ValidationError(str(error)) from None
        if flow not in ("redirect", "direct") or provider_id not in self._ebok_providers(order).ids:
            raise ValidationError(request.env._("Choose a way of payment."))
        transaction = self._create_transaction(
            provider_id=provider_id,
            payment_method_id=payment_method_id,
            token_id=None,
            amount=float(order.amount),
            currency_id=request.env.company.currency_id.id,
            partner_id=order.partner.id,
            flow=flow,
            tokenization_requested=False,
            landing_route="/my/pay/receipt",
            reference_prefix=self._ebok_reference(order),
            custom_create_values={
                "invoice_ids": [Command.set(order.invoices.ids)],
                "pwik_login_id": request.env.uid,
                "pwik_settles_balance": order.balance,
            },
        )
        transaction.landing_route = f"/my/pay/receipt?payment={transaction.id}"
        return transaction._get_processing_values()

    @route("/my/pay/receipt", type="http", auth="user", methods=["GET"], website=True)
    def pay_receipt(self, payment=None, **kw):
        """Confirmation of a payment: its state, what it paid, what is left."""
        if not payment:
            return request.redirect("/my/balance")
        transaction = self._ebok_payments(self._ebok_customers()).filtered(
            lambda one: str(one.id) == str(payment)
        )
        if not transaction:
            raise NotFound()
        return self._ebok_render(
            "pwik_ebok.portal_pay_receipt",
            "ebok_pay",
            {
                "payment": transaction,
                "partner_sudo": transaction.partner_id,
                "paid_invoices": request.env["account.move"].search(
                    [("id", "in", transaction.invoice_ids.ids)]
                ),
                "currency": transaction.currency_id,
            },
        )

    # ------------------------------------------------------------------ what may be paid

    def _ebok_open_invoices(self, partner, customers):
        """Unpaid invoices which the user may see and this one of his `customers` has to pay."""
        found = request.env["account.move"].search(self._get_unpaid_domain(), order="invoice_date_due, id")
        return found.filtered(lambda one: one._get_ebok_payer(customers).id == partner.id)

    def _ebok_is_in_progress(self, invoice):
        """A provider is busy with it: paying once more would pay twice. A transfer that was promised does not count."""
        return self._ebok_any_busy(invoice.sudo().transaction_ids)

    @staticmethod
    def _ebok_any_busy(transactions):
        return any(
            one.state in ("pending", "authorized") and one.provider_code not in ("none", "custom")
            for one in transactions
        )

    def _ebok_order(self, customer, what, amount):
        """The order, if the user may pay it. :raise BadOrder: says what to change"""
        if what == BALANCE:
            customers = self._ebok_customers()
            partner = customers.filtered(lambda one: str(one.id) == str(customer)).sudo()
            if not partner:
                raise NotFound()
            invoices = self._ebok_open_invoices(partner, customers)
            limit = money(partner.ebok_balance)
            # what is owed may have no invoice here (an opening item): the payment itself is looked for as well
            if self._ebok_any_busy(
                partner.env["payment.transaction"].search(
                    [("partner_id", "=", partner.id), ("pwik_settles_balance", "=", True)]
                )
            ):
                raise BadOrder(request.env._("A payment is in progress already. Wait until it is confirmed."))
        else:
            invoices = request.env["account.move"].search(
                self._get_unpaid_domain()
                & Domain("id", "in", what)
                & Domain("pwik_contract_id", "!=", False),
                order="invoice_date_due, id",
            )
            customers = self._ebok_customers().sudo()
            payers = [one._get_ebok_payer(customers) or one.sudo().partner_id for one in invoices]
            partner = customers.browse().union(*payers)
            if not invoices or len(invoices) != len(set(what)):
                raise BadOrder(request.env._("Choose at least one invoice that is not paid yet."))
            if len(partner) != 1:
                raise BadOrder(request.env._("Choose invoices of one customer; pay the others separately."))
            limit = money(sum(invoices.mapped("amount_residual")))
        if any(self._ebok_is_in_progress(one) for one in invoices):
            raise BadOrder(request.env._("A payment is in progress already. Wait until it is confirmed."))
        if limit <= 0:
            raise BadOrder(request.env._("There is nothing to pay."))
        return Order(partner, invoices, self._ebok_amount(amount, limit), what == BALANCE)

    def _ebok_amount(self, amount, limit):
        """What the customer wrote, by default all of it; never more than is owed."""
        text = (
            str(amount if amount is not None else "").replace(" ", "").replace("\u00a0", "").replace(",", ".")
        )
        if not text:
            return limit
        try:
            value = Decimal(text)
            if not value.is_finite() or value != value.quantize(CENT):
                raise InvalidOperation
        except InvalidOperation:
            raise BadOrder(request.env._("Write the amount in złoty, such as 120,50.")) from None
        if not 0 < value <= limit:
            raise BadOrder(
                request.env._("Write an amount between 0,01 and %s zł.", str(limit).replace(".", ","))
            )
        return value.quantize(CENT)

    def _ebok_reference(self, order):
        """What the provider and the bank will show: the invoices, or the customer's number."""
        names = order.invoices.mapped("name")
        if order.balance or len(names) > 3:
            return f"K{order.partner.pwik_customer_number}-{fields.Date.today():%y%m%d}"
        return "+".join(names)

    def _ebok_payments(self, customers):
        """Online payments of `customers` (the user's own) all of whose invoices he may see, newest first."""
        # sudo: customers read no payments; those of his customers are found by the two conditions
        transactions = (
            request.env["payment.transaction"]
            .sudo()
            .search(
                ["|", ("partner_id", "in", customers.ids), ("pwik_login_id", "=", request.env.uid)],
                order="id desc",
            )
        )
        visible = request.env["account.move"].search([("id", "in", transactions.invoice_ids.ids)])
        return transactions.filtered(
            lambda one: (
                one.pwik_login_id
                and one.invoice_ids <= visible.sudo()
                and (one.partner_id in customers.sudo() or one.invoice_ids)
            )
        )

    # ------------------------------------------------------------------ values of pages

    def _ebok_pay_online(self):
        """Whether the office lets customers pay online, and a provider is there."""
        on = request.env["ir.config_parameter"].sudo().get_param("account_payment.enable_portal_payment")
        if not str2bool(on or ""):
            return False
        company = request.env.company
        return bool(self._ebok_compatible(company, request.env.user.partner_id, 1.0))

    def _ebok_compatible(self, company, partner, amount):
        return (
            request.env["payment.provider"]
            .sudo()
            ._get_compatible_providers(company.id, partner.id, amount, currency_id=company.currency_id.id)
        )

    def _ebok_providers(self, order):
        if not self._ebok_pay_online():
            return request.env["payment.provider"].sudo()
        return self._ebok_compatible(request.env.company, order.partner, float(order.amount))

    def _ebok_pay_page(self, customer, chosen=None, errors=None, form=None, status=200):
        customers = self._ebok_customers()
        payer = chosen[:1]._get_ebok_payer(customers) if chosen else customers.browse()
        partner = self._ebok_customer(customer or payer.id, customers)
        invoices = self._ebok_open_invoices(partner, customers) | (
            chosen or request.env["account.move"]
        ).filtered(lambda one: one.payment_state in ("not_paid", "partial"))
        return self._ebok_render(
            "pwik_ebok.portal_pay",
            "ebok_pay",
            {
                "customers": customers,
                "partner": partner,
                "partner_sudo": partner.sudo(),
                "invoices": invoices,
                "in_progress": {one.id for one in invoices if self._ebok_is_in_progress(one)},
                "chosen": (chosen or request.env["account.move"]).ids,
                "online": self._ebok_pay_online(),
                "currency": request.env.company.currency_id,
                "errors": errors or {},
                "form": form or {},
            },
            status=status,
        )

    def _ebok_method_values(self, order):
        providers = self._ebok_providers(order)
        methods = (
            request.env["payment.method"]
            .sudo()
            ._get_compatible_payment_methods(
                providers.ids, order.partner.id, currency_id=request.env.company.currency_id.id
            )
        )
        return {
            "order": order,
            "partner_sudo": order.partner,
            "invoices": order.invoices,
            "amount": float(order.amount),
            "currency": request.env.company.currency_id,
            "reference_prefix": self._ebok_reference(order),
            "partner_id": order.partner.id,
            "providers_sudo": providers,
            "payment_methods_sudo": methods,
            "tokens_sudo": request.env["payment.token"].sudo(),
            "show_tokenize_input_mapping": dict.fromkeys(providers.ids, False),
            "transaction_route": f"/my/pay/transaction/{order.partner.id}/{order.what}",
            "landing_route": "/my/pay/receipt",
            "access_token": None,
            "availability_report": {},
        }

    # ------------------------------------------------------------------ Odoo's own ways, which know no links of eBOK

    def _ebok_is_office(self):
        return request.env.user._is_internal()

    @route()
    def invoice_transaction(self, invoice_id, access_token, **kwargs):
        """A token of an invoice never runs out: who has one from an e-mail may not act on a customer's invoice with it."""
        if not self._ebok_is_office():
            raise Forbidden()
        return super().invoice_transaction(invoice_id, access_token, **kwargs)

    @route()
    def overdue_invoices_transaction(self, payment_reference, **kwargs):
        if not self._ebok_is_office():
            raise Forbidden()
        return super().overdue_invoices_transaction(payment_reference, **kwargs)

    @route()
    def portal_my_overdue_invoices(self, access_token=None, **kw):
        if not self._ebok_is_office():
            return request.redirect("/my/pay")
        return super().portal_my_overdue_invoices(access_token=access_token, **kw)

    @route()
    def payment_pay(self, *args, amount=None, invoice_id=None, access_token=None, **kwargs):
        """A link to pay leads to eBOK, where one signs in: the payment then counts for the customer, not for the login."""
        if not self._ebok_is_office():
            invoice = self._cast_as_int(invoice_id)
            target = f"/my/pay?invoice={invoice}" if invoice else "/my/pay"
            if request.env.user._is_public():
                target = f"/web/login?redirect={url_quote(target, safe='')}"
            return request.redirect(target)
        return super().payment_pay(
            *args, amount=amount, invoice_id=invoice_id, access_token=access_token, **kwargs
        )

    @route()
    def payment_transaction(self, amount, currency_id, partner_id, access_token, **kwargs):
        if not self._ebok_is_office():
            raise Forbidden()
        return super().payment_transaction(amount, currency_id, partner_id, access_token, **kwargs)

    @route()
    def payment_method(self, **kwargs):
        """eBOK keeps no cards."""
        if not self._ebok_is_office():
            return request.redirect("/my/pay")
        return super().payment_method(**kwargs)
