from odoo.http import request, route

from .main import EbokPortal


class EbokHome(EbokPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "contract_count" in counters:
            values["contract_count"] = request.env["pwik.contract"].search_count([])
        if "case_count" in counters:
            values["case_count"] = request.env["pwik.case"].search_count([])
        return values

    @route()
    def home(self, **kw):
        """What do I owe, until when, what did I use, what is open: answered at the top of the start page."""
        response = super().home(**kw)
        if not hasattr(response, "qcontext"):
            return response
        customers = self._ebok_customers()
        moves = request.env["account.move"].search(
            self._get_invoices_domain("out"), order="invoice_date desc, id desc", limit=4
        )
        due = request.env["account.move"].search(
            self._get_invoices_domain("out") & self._get_unpaid_domain(),
            order="invoice_date_due, id",
            limit=1,
        )
        contracts = request.env["pwik.contract"].search([("state", "=", "active")], order="number")
        response.qcontext.update(
            {
                "customers": customers,
                "balance": sum(customers.sudo().mapped("pwik_balance")),
                "overdue": sum(customers.sudo().mapped("pwik_overdue")),
                "due_invoice": due,
                "last_invoices": moves,
                "contracts": contracts,
                "open_cases": request.env["pwik.case"].search(
                    [("state", "in", ("open", "waiting"))],
                    order="create_date desc",
                    limit=5,
                ),
                "consumption": self._ebok_consumption(contracts[:1]),
                "currency": request.env.company.currency_id,
                "pay_online": self._ebok_pay_online(),
            }
        )
        return self._ebok_private(response)

    def _ebok_consumption(self, contract):
        """Billed water of the last periods of a contract, oldest first: label, m³, and the height of its bar in percent."""
        lines = request.env["pwik.settlement.line"].search(
            [("settlement_id.contract_id", "=", contract.id), ("component", "=", "water")],
            order="id desc",
            limit=60,
        )
        periods = {}
        for line in lines:
            settlement = line.settlement_id
            key = (settlement.period_from, settlement.period_to)
            periods[key] = periods.get(key, 0) + line.quantity
        top = max(periods.values(), default=0) or 1
        return [
            {"from": start, "to": end, "m3": m3, "percent": round(max(m3, 0) * 100 / top)}
            for (start, end), m3 in sorted(periods.items())[-8:]
        ]
