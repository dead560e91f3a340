from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .open_items import OpenItems
from .past_invoices import PastInvoices
from .payments import Payments

KINDS = {kind.code: kind for kind in (OpenItems(), Payments(), PastInvoices())}


class PwikMigration(models.Model):
    """Kinds of data that end in the ledger."""

    _inherit = "pwik.migration"

    @api.model
    def _get_kinds(self):
        return {**super()._get_kinds(), **KINDS}

    @api.model
    def _get_more_messages(self):
        return {
            **super()._get_more_messages(),
            "nothing_open": self.env._("nothing is open."),
            "not_in_contract": self.env._(
                "the customer is neither recipient nor payer of contract %(contract)s."
            ),
        }

    @api.model
    def _get_understood(self, model):
        """A contract's tariff groups are defaults of their fields too. Of a customer, accounting asks the context whether it is
        a supplier, and the check of tax numbers whether it comes from Odoo's own import; neither is so here."""
        mine = {
            "pwik.contract": {"pwik_billing"},
            "res.partner": {"account", "base_vat"},
        }
        return super()._get_understood(model) | mine.get(model._name, set())

    def action_run(self):
        """What ends in the ledger is for those who answer for it."""
        if any(migration.kind in KINDS for migration in self) and not (
            self.env.su or self.env.user.has_group("pwik_billing.pwik_billing_group_manager")
        ):
            raise AccessError(self.env._("Only a billing manager imports into the ledger."))
        return super().action_run()

    def _check_open_items(self, candidates):
        """A contract that is named has to be the customer's."""
        contracts = self.env["pwik.contract"].browse(
            [candidate.refs["contract"] for candidate in candidates if "contract" in candidate.refs]
        )
        parties = {
            contract.id: (contract.partner_id | contract.invoice_partner_id).ids for contract in contracts
        }
        for candidate in candidates:
            contract = candidate.refs.get("contract")
            if contract and candidate.good and candidate.refs["customer"] not in parties[contract]:
                candidate.refuse("not_in_contract", "customer", contract=candidate.values["contract"])

    def _create_open_items(self, items):
        """An opening entry for each item, between the customer's receivable and the unallocated result.

        Revenue and VAT of these documents were booked by the predecessor; here only the claim goes on.
        """
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company_id.id)], limit=1
        )
        if not journal:
            raise UserError(self.env._("The company has no journal for general entries."))
        counterpart = self.company_id.get_unaffected_earnings_account()
        partners = self.env["res.partner"].browse([item["customer"] for item in items])
        moves = self.env["account.move"].create(
            [
                self._prepare_open_item(item, partner, journal, counterpart)
                for item, partner in zip(items, partners, strict=True)
            ]
        )
        moves.action_post()
        return moves

    def _prepare_open_item(self, item, partner, journal, counterpart):
        amount = float(item["amount"])
        label = self.env._("Opening balance: %s", item["number"])
        claim = {
            "account_id": partner.commercial_partner_id.property_account_receivable_id.id,
            "date_maturity": item.get("due_date", item["date"]),
            "debit": max(amount, 0.0),
            "credit": max(-amount, 0.0),
        }
        other = {"account_id": counterpart.id, "debit": claim["credit"], "credit": claim["debit"]}
        return {
            "move_type": "entry",
            "journal_id": journal.id,
            "company_id": self.company_id.id,
            "date": item["date"],
            "ref": item["number"],
            "partner_id": partner.id,
            "pwik_contract_id": item.get("contract"),
            "line_ids": [
                Command.create({**line, "partner_id": partner.commercial_partner_id.id, "name": label})
                for line in (claim, other)
            ],
        }
