from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain import DomainError, settle
from .billing_source import BillingSource
from .engine_errors import explain


@dataclass(frozen=True, slots=True)
class Outcome:
    """What settling one contract gave: the engine's documents, or the reason why there are none."""

    documents: tuple = ()
    error: str = ""


class PwikContract(models.Model):
    _inherit = "pwik.contract"

    tariff_group_water_id = fields.Many2one(
        "pwik.tariff.group",
        "Tariff group, water",
        domain="[('service', '=', 'water')]",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    tariff_group_sewage_id = fields.Many2one(
        "pwik.tariff.group",
        "Tariff group, sewage",
        domain="[('service', '=', 'sewage')]",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    lump_persons_ids = fields.One2many("pwik.lump.persons", "contract_id", "Persons and norms")
    lump_norm_id = fields.Many2one(
        "pwik.lump.norm", "Norm", compute="_compute_lump", inverse="_inverse_lump", help="In force today."
    )
    lump_persons = fields.Integer(
        "Persons", compute="_compute_lump", inverse="_inverse_lump", help="In force today."
    )
    settlement_ids = fields.One2many("pwik.settlement", "contract_id", "Settlements")
    move_ids = fields.One2many("account.move", "pwik_contract_id", "Invoices")
    settlement_count = fields.Integer("Number of settlements", compute="_compute_billing_counts")
    move_count = fields.Integer("Number of invoices", compute="_compute_billing_counts")
    past_invoice_count = fields.Integer("Number of past invoices", compute="_compute_billing_counts")

    @api.model
    def default_get(self, fields):
        """New contracts start in the first group of each service: households in a Polish tariff."""
        values = super().default_get(fields)
        company = values.get("company_id") or self.env.company.id
        for service in ("water", "sewage"):
            name = f"tariff_group_{service}_id"
            if name in fields and name not in values:
                values[name] = self._get_first_group(service, company)
        return values

    @api.depends("lump_persons_ids.date_from", "lump_persons_ids.persons", "lump_persons_ids.norm_id")
    def _compute_lump(self):
        today = fields.Date.context_today(self)
        for contract in self:
            rows = contract.lump_persons_ids.sorted("date_from")
            row = rows.filtered(lambda one: one.date_from <= today)[-1:] or rows[:1]
            contract.lump_persons, contract.lump_norm_id = row.persons, row.norm_id

    def _inverse_lump(self):
        """The first number of a contract may be given beside it; a later one says from when, in the history."""
        for contract in self:
            if contract.lump_persons_ids:
                raise UserError(
                    self.env._(
                        "Contract %s has a history of persons: add a row there, with the day from which it holds.",
                        contract.number,
                    )
                )
            if not contract.lump_norm_id:
                continue
            contract.lump_persons_ids = [
                fields.Command.create(
                    {
                        "date_from": contract.date_start or fields.Date.context_today(self),
                        "persons": contract.lump_persons,
                        "norm_id": contract.lump_norm_id.id,
                    }
                )
            ]

    @api.model_create_multi
    def create(self, vals_list):
        """The first group of each service is looked up once for all new contracts, not once for each."""
        first = {}
        for vals in vals_list:
            company = vals.get("company_id") or self.env.company.id
            for service in ("water", "sewage"):
                name = f"tariff_group_{service}_id"
                if name in vals or f"default_{name}" in self.env.context:
                    continue
                if (service, company) not in first:
                    first[service, company] = self._get_first_group(service, company)
                vals[name] = first[service, company]
        return super().create(vals_list)

    @api.model
    def _get_first_group(self, service, company_id):
        domain = [("service", "=", service), ("company_id", "=", company_id)]
        return self.env["pwik.tariff.group"].search(domain, limit=1).id

    def _compute_billing_counts(self):
        settlements = dict(
            self.env["pwik.settlement"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        moves = dict(
            self.env["account.move"]._read_group(
                [("pwik_contract_id", "in", self.ids)], ["pwik_contract_id"], ["__count"]
            )
        )
        past = dict(
            self.env["pwik.past.invoice"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.past_invoice_count = past.get(contract, 0)
            contract.settlement_count = settlements.get(contract, 0)
            contract.move_count = moves.get(contract, 0)

    def action_activate(self):
        """Also gives the payer his individual account number, where the company has a layout for them."""
        result = super().action_activate()
        for company, contracts in self.grouped("company_id").items():
            if company.pwik_account_branch:
                contracts.invoice_partner_id.sudo()._pwik_assign_payment_account(company)
        return result

    def _get_billed_until(self):
        """Last day of the last period that was settled, or False."""
        self.ensure_one()
        last = (
            self.env["pwik.settlement"]
            .sudo()
            .search(
                [("contract_id", "=", self.id), ("kind", "!=", "correction")], order="period_to desc", limit=1
            )
        )
        return last.period_to

    def _prepare_settlement_request(self, date_from, date_to, estimate=False):
        """The engine's request for this contract and period: readings, prices, policy, what was billed before."""
        self.ensure_one()
        return BillingSource(self, date_from, date_to, estimate).prepare_request(self)

    def _settle_period(self, date_from, date_to, estimate=False):
        """Settle a period for each of these contracts (of one company); writes nothing.

        :return: ``(source, {contract: Outcome})``; the number of queries does not grow with the contracts
        """
        source = BillingSource(self, date_from, date_to, estimate)
        return source, {contract: contract._settle_one(source) for contract in self}

    def _settle_one(self, source, correct=None):
        try:
            self._check_payer_address()
            return Outcome(documents=settle(source.prepare_request(self, correct)).documents)
        except DomainError as error:
            return Outcome(error=explain(self.env, error, self, source))
        except UserError as error:
            return Outcome(error=str(error))

    def _check_payer_address(self):
        """An invoice names the buyer's address (act on VAT, art. 106e). :raise UserError: names what is missing"""
        payer = self.invoice_partner_id
        if not (payer.city and (payer.street or payer.street2)):
            raise UserError(
                self.env._(
                    "%s has no full address: enter the street or village with the number, and the town.",
                    payer.display_name,
                )
            )

    def action_open_settlements(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_settlement_action")
        return {**action, "domain": [("contract_id", "in", self.ids)], "context": {}}

    def action_open_past_invoices(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_past_invoice_action")
        return {**action, "domain": [("contract_id", "in", self.ids)], "context": {}}

    def action_open_invoices(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.account_move_action_pwik")
        return {**action, "domain": [("pwik_contract_id", "in", self.ids)], "context": {}}
