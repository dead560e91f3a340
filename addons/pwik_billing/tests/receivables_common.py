"""Fixtures of receivables: a household that owes an invoice of 420.88 zł, due on 17 October 2024."""

from contextlib import contextmanager
from unittest.mock import patch

from .common import BillingCommon

QUARTER = ("2024-07-01", "2024-09-30")


class Killed(BaseException):
    """Stands for the death of the process: nothing may catch it."""


class ReceivablesCommon(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, force_report_rendering=True))
        cls.company = cls.company.with_env(cls.env)
        cls.company.pwik_interest_minimum = 0
        cls.home = cls.household([("2024-06-30", 1234), ("2024-09-30", 1261)], name="Jan Dłużny")
        cls.customer = cls.home.partner_id
        cls.customer.email = "jan@example.com"
        cls.invoice = cls.bill(cls.home, *QUARTER).settlement_ids.move_id

    @classmethod
    def owe(cls, name, **values):
        """Another household with such an invoice. :return: ``(customer, invoice)``"""
        home = cls.household([("2024-06-30", 1234), ("2024-09-30", 1261)], name=name)
        home.partner_id.write(values)
        return home.partner_id, cls.bill(home, *QUARTER).settlement_ids.move_id

    @classmethod
    def pay(cls, move, amount, day):
        """A payment of ``amount`` on ``day``, matched with ``move``."""
        register = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard = register.create(
            {"amount": amount, "payment_date": day, "payment_difference_handling": "open"}
        )
        return wizard._create_payments()

    def credit(self, partner, amount, day="2024-10-01"):
        """An overpayment that is matched with nothing. :return: its receivable line"""
        receivable = partner.property_account_receivable_id
        entry = self.env["account.move"].create(
            {
                "date": day,
                "line_ids": [
                    (0, 0, {"account_id": receivable.id, "partner_id": partner.id, "credit": amount}),
                    (0, 0, {"account_id": self.invoice.invoice_line_ids[0].account_id.id, "debit": amount}),
                ],
            }
        )
        entry.action_post()
        return entry.line_ids.filtered(lambda line: line.account_id == receivable)

    def make_dunning_run(self, kind, partners, day, **values):
        return self.env["pwik.dunning.run"].create(
            {"kind": kind, "date": day, "issue_date": day, "partner_ids": [(6, 0, partners.ids)], **values}
        )

    def item(self, run, partner):
        return run.item_ids.filtered(lambda item: item.partner_id == partner)

    @contextmanager
    def small_packets(self):
        """Packets of two customers: a handful is then a large run."""
        models = "odoo.addons.pwik_billing.models.receivables"
        with (
            patch(f"{models}.pwik_dunning_run.PACKET", 2),
            patch(f"{models}.pwik_dunning_item.PACKET", 2),
        ):
            yield

    def die_in(self, model, method):
        """The process dies after ``method`` did its work: the transaction is never committed."""
        original = getattr(type(self.env[model]), method)

        def die(records, *args, **kwargs):
            original(records, *args, **kwargs)
            raise Killed

        return patch.object(type(self.env[model]), method, die)
