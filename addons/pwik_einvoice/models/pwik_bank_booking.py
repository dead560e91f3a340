import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.packets import work_off
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain import bank
from .pwik_bank_lookup import BankLookup

_logger = logging.getLogger(__name__)

PACKET = 100
#: Days by which two systems may differ about one payment.
NEAR = timedelta(days=3)


class PwikBankTransaction(models.Model):
    """Booking: packet by packet, each payment exactly once, because its entry and its state are one transaction."""

    _inherit = "pwik.bank.transaction"

    @api.model
    def _cron_book(self):
        """Book packets until none is left or the time is up. A killed process loses its open packet and nothing else."""
        if not work_off(self.env, self._claim_packet, lambda rows: rows._book(), self._count_waiting):
            self.env.ref("pwik_einvoice.ir_cron_bank_import")._trigger()

    @api.model
    def _count_waiting(self):
        return self.search_count([("state", "=", "new")])

    @api.model
    def _claim_packet(self):
        """The next payments that wait, locked; those which another process holds are passed over."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM pwik_bank_transaction WHERE state = 'new' ORDER BY date, id"
                " LIMIT %s FOR UPDATE SKIP LOCKED",
                PACKET,
            )
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    def _book(self):
        """Book these payments and assign those whose payer is certain. Called with rights proved: it writes as Odoo."""
        waiting = self.sudo().filtered(lambda one: one.state == "new").sorted("date, id")
        # what came in before what went out: it may be what was paid back
        for (company, _is_out), rows in sorted(
            waiting.grouped(lambda one: (one.company_id, one.amount < 0)).items(),
            key=lambda item: item[0][1],
        ):
            rows = rows.with_company(company)
            try:
                with self.env.cr.savepoint():
                    rows._book_packet()
            except UserError:
                # one of them cannot be booked (a locked period, for instance): the others must not wait for it
                rows.invalidate_recordset()
                for row in rows:
                    row._book_alone()
        waiting.import_id._close_statements()

    def _book_alone(self):
        try:
            with self.env.cr.savepoint():
                self._book_packet()
        except UserError as error:
            self.invalidate_recordset()
            self.write({"state": "error", "error": str(error)[:500]})

    def _book_packet(self):
        company = self.company_id
        lookup = BankLookup(self.env, company, [one._to_domain() for one in self])
        matches = {one: lookup.match(one._to_domain()) for one in self}
        past = self._find_past(matches)
        past.write({"state": "held", "reason": "past"})
        rows = self - past
        lines = self.env["account.bank.statement.line"].create(
            [one._prepare_statement_line() for one in rows]
        )
        for row, line in zip(rows, lines, strict=True):
            row.statement_line_id = line
            if matches[row].customer and not row._settle(matches[row], lookup):
                # another transfer of this packet paid back what he had to get
                suggestions = lookup.suggest(row._to_domain(), matches[row])
                matches[row] = bank.Match(reason="outgoing", suggestions=suggestions)
        rows._leave_to_a_person(matches)

    def _prepare_statement_line(self):
        return {
            "journal_id": self.journal_id.id,
            "date": self.date,
            "amount": self.amount,
            "payment_ref": self.title,
            "partner_name": self.payer,
            "ref": self.reference,
        }

    def _settle(self, match, lookup):
        """With the customer who is certain. What the packet paid him before is known to ``lookup``: nothing is read again.

        :return: False when more went out than he has to get any more
        """
        customer = self.env["res.partner"].browse(match.customer)
        transaction = self._to_domain()
        allocation, rest = lookup.allocate(match.customer, transaction)
        if rest and transaction.amount < 0:
            return False
        self.statement_line_id._pwik_settle(customer, allocation, rest)
        lookup.pay(match.customer, allocation, transaction)
        self.write({"state": "matched", "how": match.how, "reason": False, "partner_id": customer.id})
        return True

    def _leave_to_a_person(self, matches):
        """What nobody certain paid waits on the suspense account with its suggestions."""
        unmatched = self.filtered(lambda row: not matches[row].customer)
        for reason, rows in unmatched.grouped(lambda row: matches[row].reason).items():
            rows.write({"state": "unmatched", "reason": reason})
        unmatched._keep_suggestions({row: matches[row].suggestions for row in unmatched})

    def _find_past(self, matches):
        """Payments that the previous system's data may have brought already: same customer, sum and (nearly) day."""
        matched = self.filtered(lambda one: matches[one].customer and not one.date_decided)
        if not matched:
            return self.browse()
        past = self.env["pwik.past.payment"].search_fetch(
            [
                ("company_id", "=", self.company_id.id),
                ("amount", "in", matched.mapped("amount")),
                ("date", ">=", min(matched.mapped("date")) - NEAR),
                ("date", "<=", max(matched.mapped("date")) + NEAR),
            ],
            ["partner_id", "amount", "date"],
        )
        known = {}
        for one in past:
            known.setdefault((one.partner_id.commercial_partner_id.id, one.amount), []).append(one.date)

        def is_past(row):
            days = known.get((matches[row].customer, row.amount), ())
            return any(abs(day - row.date) <= NEAR for day in days)

        return matched.filtered(is_past)

    def _keep_suggestions(self, suggestions):
        """:param suggestions: row → its suggestions, the likeliest first"""
        self.suggestion_ids.unlink()
        lines = self.env["account.move.line"]
        found = [(row, sequence, one) for row in self for sequence, one in enumerate(suggestions[row])]
        lines.browse(one.claim for _row, _sequence, one in found if one.claim).fetch(["move_id"])
        self.env["pwik.bank.suggestion"].create(
            [
                {
                    "transaction_id": row.id,
                    "sequence": sequence,
                    "partner_id": one.customer,
                    "why": one.why,
                    "document_id": lines.browse(one.claim).move_id.id if one.claim else False,
                }
                for row, sequence, one in found
            ]
        )

    def _refresh_suggestions(self):
        """Look again who may have paid; a certain answer too is only a suggestion here, since a person had doubts."""
        for company, rows in self.grouped("company_id").items():
            lookup = BankLookup(self.env, company, [one._to_domain() for one in rows])
            suggestions = {}
            for row in rows:
                match = lookup.match(row._to_domain())
                suggestions[row] = lookup.suggest(row._to_domain(), match)
                if match.reason and row.reason != "taken_back":
                    row.reason = match.reason
            rows._keep_suggestions(suggestions)

    @api.autovacuum
    def _gc_suggestions(self):
        """Suggestions of payments that are decided are of no use any more."""
        limit = fields.Datetime.now() - timedelta(days=1)
        self.env["pwik.bank.suggestion"].search(
            [("transaction_id.state", "!=", "unmatched"), ("create_date", "<", limit)], limit=10000
        ).unlink()
