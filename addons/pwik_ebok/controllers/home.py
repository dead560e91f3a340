from odoo import fields
from odoo.http import request, route

from ..domain.periods import period_end
from .consumption import EbokConsumption
from .outages import EbokOutages

SHOWN_OF_MOVE = [
    "name",
    "move_type",
    "invoice_date",
    "invoice_date_due",
    "state",
    "payment_state",
    "amount_total",
    "currency_id",
]


class EbokHome(EbokConsumption, EbokOutages):
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
        moves = request.env["account.move"].search_fetch(
            self._get_invoices_domain("out"), SHOWN_OF_MOVE, order="invoice_date desc, id desc", limit=4
        )
        unpaid = request.env["account.move"].search_fetch(
            self._get_invoices_domain("out") & self._get_unpaid_domain(),
            ["invoice_date_due"],
            order="invoice_date_due, id",
        )
        # of a customer's contract he sees also what somebody else pays: that is no payment of his
        due = next((move for move in unpaid if move._get_ebok_payer(customers)), unpaid.browse())
        # what a contact owes is part of what its company owes
        owing = customers.sudo().filtered(
            lambda one: one == one.commercial_partner_id or one.commercial_partner_id not in customers.sudo()
        )
        contracts = request.env["pwik.contract"].search_fetch(
            [("state", "=", "active")],
            ["number", "billing_cycle", "billing_method", "date_end"],
            order="number",
        )
        response.qcontext.update(
            {
                "customers": customers,
                "balance": sum(owing.mapped("ebok_balance")),
                "overdue": sum(owing.mapped("ebok_overdue")),
                "due_invoice": due,
                "last_invoices": moves,
                "contracts": contracts,
                "had_contracts": bool(request.env.user.sudo().ebok_contract_ids),
                "open_cases": request.env["pwik.case"].search_fetch(
                    [("state", "in", ("open", "waiting"))],
                    ["number", "type_id", "stage_id", "date_deadline"],
                    order="create_date desc",
                    limit=5,
                ),
                "use": self._ebok_use(self._ebok_counting_meters(contracts)),
                "next_reading": self._ebok_next_reading(contracts),
                "currency": request.env.company.currency_id,
                "outages": self._ebok_outages(),
                "leaks": contracts._get_ebok_leaks(),
                "zone": self._ebok_zone(),
                "pay_online": self._ebok_pay_online(),
            }
        )
        return self._ebok_private(response)

    def _ebok_next_reading(self, contracts):
        """The day to which the meters are read next for a bill; None without a contract that is billed by a meter."""
        today = fields.Date.context_today(request.env.user)
        metered = contracts.filtered(
            lambda one: one.billing_method != "lump_sum" and (not one.date_end or one.date_end >= today)
        )
        cycles = metered.mapped("billing_cycle")
        return min((period_end(today, cycle) for cycle in cycles), default=None)

    def _ebok_counting_meters(self, contracts):
        """Meters, past ones too, whose sum is what the contracts used: the main meters, or a flat's own where there is none."""
        points = contracts.contract_point_ids.service_point_id
        installations = request.env["pwik.meter.installation"].search_fetch(
            [("service_point_id", "in", points.ids), ("meter_kind", "in", ("main", "unit"))],
            ["meter_id", "meter_kind", "service_point_id"],
        )
        meters = request.env["pwik.meter"]
        for contract in contracts:
            ours = installations.filtered(
                lambda one, points=contract.contract_point_ids.service_point_id: (
                    one.service_point_id in points
                )
            )
            main = ours.filtered(lambda one: one.meter_kind == "main")
            meters |= (main or ours).meter_id
        return meters
