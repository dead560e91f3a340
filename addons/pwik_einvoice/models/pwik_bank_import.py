import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..domain import bank
from ..domain.bank.statement import account_digits, identities, likeness
from .pwik_bank_errors import explain

#: So many payments are booked while the clerk waits; more go in the background.
AT_ONCE = 200
FORMATS = [("mt940", "MT940"), ("camt053", "camt.053"), ("collect", "Collected payments")]


class PwikBankImport(models.Model):
    """A file of the bank, known by its content: the same file a second time changes nothing."""

    _name = "pwik.bank.import"
    _description = "Bank's file"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char("File", required=True, readonly=True)
    sha256 = fields.Char(required=True, readonly=True)
    content = fields.Binary("The file itself", attachment=True, readonly=True)
    format = fields.Selection(FORMATS, readonly=True)
    journal_id = fields.Many2one("account.journal", "Bank", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    statements = fields.Json(
        readonly=True, help="Number, day, balances and how many payments of each statement."
    )
    transaction_ids = fields.One2many("pwik.bank.transaction", "import_id", "Payments")
    statement_ids = fields.One2many("account.bank.statement", "pwik_bank_import_id", "Statements")
    known_count = fields.Integer(
        "Known already", readonly=True, help="Payments that another file brought before."
    )
    new_count = fields.Integer("New", compute="_compute_counts")
    waiting_count = fields.Integer("Waiting", compute="_compute_counts")
    matched_count = fields.Integer("Assigned", compute="_compute_counts")
    unmatched_count = fields.Integer("To be assigned", compute="_compute_counts")
    held_count = fields.Integer("Held back", compute="_compute_counts")
    amount_in = fields.Monetary("Came in", compute="_compute_counts")
    user_id = fields.Many2one("res.users", "Imported by", readonly=True, default=lambda self: self.env.user)

    _content_once = models.Constraint("UNIQUE(company_id, sha256)", "This file was imported already.")

    def _compute_counts(self):
        rows = self.env["pwik.bank.transaction"]._read_group(
            [("import_id", "in", self.ids)], ["import_id", "state"], ["__count"]
        )
        counts = {(one.id, state): count for one, state, count in rows}
        sums = dict(
            self.env["pwik.bank.transaction"]._read_group(
                [("import_id", "in", self.ids), ("amount", ">", 0)], ["import_id"], ["amount:sum"]
            )
        )
        for one in self:

            def count(*states, own=one.id):
                return sum(counts.get((own, state), 0) for state in states)

            one.waiting_count = count("new")
            one.matched_count = count("matched", "assigned")
            one.unmatched_count = count("unmatched")
            one.held_count = count("held", "error", "dropped")
            one.new_count = one.waiting_count + one.matched_count + one.unmatched_count + one.held_count
            one.amount_in = sums.get(one, 0.0)

    # ------------------------------------------------------------------ reading a file

    @api.model
    def _check_may_import(self):
        if not self.env.is_superuser() and not self.env.user.has_group(
            "pwik_billing.pwik_billing_group_user"
        ):
            raise AccessError(self.env._("Bank files are imported by billing."))

    @api.model
    def _get_journals(self):
        return self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], order="sequence, id"
        )

    @api.model
    def _read_file(self, data, journal=None):
        """What a file holds, and of which journal it is. Writes nothing.

        :param journal: chosen by a person, or none: the one whose account number the file names
        :return: ``(format, statements, journal)``
        :raise UserError: says what is wrong and what to do
        """
        journals = journal or self._get_journals()
        if not journals:
            raise UserError(self.env._("The company has no bank journal."))
        failure = None
        for one in journals:
            currency = (one.currency_id or one.company_id.currency_id).name
            try:
                kind, statements = bank.read_statements(data, one.pwik_bank_profile_id._to_domain(), currency)
            except bank.BankFileError as error:
                failure = failure or error
                continue
            if self._is_of_journal(statements, one, chosen=bool(journal)):
                return kind, statements, one
        if failure:
            raise UserError(explain(self.env, failure))
        raise UserError(
            self.env._(
                "The file is of account %(account)s, which is on no bank journal that may be meant. Enter the number on the "
                "journal, or choose the right journal.",
                account=statements[0].account or "?",
            )
        )

    def _is_of_journal(self, statements, journal, chosen):
        """By the account number; without one on the journal or in the file, a person's choice counts."""
        number = account_digits(journal.bank_account_id.acc_number or "")
        told = {one.account for one in statements}
        if len(told) > 1:
            raise UserError(self.env._("The file holds several accounts. Ask the bank for a file of each."))
        if not number or told == {""}:
            return chosen
        return told == {number}

    @api.model
    def _get_digest(self, data):
        return hashlib.sha256(data).hexdigest()

    @api.model
    def _find_known(self, data):
        return self.search(
            [("sha256", "=", self._get_digest(data)), ("company_id", "=", self.env.company.id)], limit=1
        )

    # ------------------------------------------------------------------ taking it in

    @api.model
    def _take_in(self, data, name, journal=None):
        """Keep a file with its payments; nothing is booked yet.

        :return: ``(import, whether the file was known)``
        :raise UserError: the file cannot be read; nothing of it is kept
        """
        self._check_may_import()
        known = self._find_known(data)
        if known:
            return known, True
        kind, statements, journal = self._read_file(data, journal)
        # sudo: the clerk may import; the record of it is nobody's to edit
        taken = self.sudo().create(
            {
                "name": name,
                "sha256": self._get_digest(data),
                "format": kind,
                "journal_id": journal.id,
                "company_id": journal.company_id.id,
                "user_id": self.env.uid,
            }
        )
        taken.content = base64.b64encode(data)
        taken._keep(statements)
        return taken, False

    def _keep(self, statements):
        """A row for each payment that no file told of before."""
        self.ensure_one()
        keyed = [
            (index, one, key)
            for index, statement in enumerate(statements)
            for one, key in zip(statement.transactions, identities(statement), strict=True)
        ]
        known = self._get_known_keys([key for _index, _one, key in keyed])
        fresh = [(index, one, key) for index, one, key in keyed if key not in known]
        alike = self._get_alike([one for _index, one, _key in fresh])
        self.env["pwik.bank.transaction"].create(
            [self._prepare_transaction(index, one, key, alike) for index, one, key in fresh]
        )
        self.known_count = len(keyed) - len(fresh)
        self.statements = [
            self._prepare_statement(index, statement, fresh) for index, statement in enumerate(statements)
        ]

    def _get_known_keys(self, keys):
        rows = self.env["pwik.bank.transaction"].search_read(
            [("journal_id", "=", self.journal_id.id), ("key", "in", keys)], ["key"]
        )
        return {row["key"] for row in rows}

    def _prepare_statement(self, index, statement, fresh):
        return {
            "number": statement.number,
            "day": statement.day.isoformat(),
            "opening": None if statement.opening is None else str(statement.opening),
            "closing": None if statement.closing is None else str(statement.closing),
            "count": len(statement.transactions),
            "whole": len(statement.transactions) == sum(at == index for at, _one, _key in fresh),
        }

    def _prepare_transaction(self, index, one, key, alike):
        reason = self._get_hold_reason(one, alike)
        return {
            "import_id": self.id,
            "journal_id": self.journal_id.id,
            "company_id": self.company_id.id,
            "key": key,
            "statement_index": index,
            "date": one.day,
            "amount": float(one.amount),
            "title": one.title or one.payer or self.env._("(no title)"),
            "likeness": likeness(one),
            "payer": one.payer,
            "payer_account": one.payer_account or False,
            "account": one.account or False,
            "reference": one.reference,
            "state": "held" if reason else "new",
            "reason": reason,
        }

    def _get_hold_reason(self, one, alike):
        """Why a payment is not booked at once: the previous system or another file may have brought it."""
        start = self.company_id.pwik_bank_from
        if start and one.day < start:
            return "before"
        for kind, reference in alike.get((one.day, float(one.amount), one.account, likeness(one)), ()):
            # one bank gives one reference; files of two kinds may tell the same payment in other words
            if kind != self.format or not (reference and one.reference):
                return "double"
        return False

    def _get_alike(self, transactions):
        """Payments of other files with the day, sum, account and title of one of these → their format and reference."""
        rows = self.env["pwik.bank.transaction"].search_fetch(
            [
                ("journal_id", "=", self.journal_id.id),
                ("import_id", "!=", self._origin.id),
                ("state", "!=", "dropped"),
                ("date", "in", list({one.day for one in transactions})),
            ],
            ["date", "amount", "account", "likeness", "reference", "import_id"],
        )
        alike = {}
        for row in rows:
            what = (row.date, row.amount, row.account or "", row.likeness or "")
            alike.setdefault(what, []).append((row.import_id.format, row.reference))
        return alike

    # ------------------------------------------------------------------ booking

    def _book_now(self):
        """Book what a clerk can wait for; the rest in the background."""
        rows = (
            self.env["pwik.bank.transaction"]
            .sudo()
            .search([("import_id", "in", self.ids), ("state", "=", "new")], limit=AT_ONCE + 1)
        )
        if len(rows) > AT_ONCE:
            self.env.ref("pwik_einvoice.ir_cron_bank_import").sudo()._trigger()
            return
        rows._book()

    def _close_statements(self):
        """Odoo's statement with the bank's balances, once every payment of it is booked.

        Asked after every packet: one query counts, and of a file of thousands of payments only what is to be closed is read.
        """
        for one in self:
            booked = [
                ("import_id", "=", one.id),
                ("statement_line_id", "!=", False),
                ("statement_line_id.statement_id", "=", False),
            ]
            Transaction = self.env["pwik.bank.transaction"]
            counts = dict(Transaction._read_group(booked, ["statement_index"], ["__count"]))
            for index, told in enumerate(one.statements or []):
                if told["whole"] and told["opening"] is not None and 0 < told["count"] == counts.get(index):
                    rows = Transaction.search([*booked, ("statement_index", "=", index)])
                    one._close_statement(told, rows.statement_line_id)

    def _close_statement(self, told, lines):
        self.env["account.bank.statement"].create(
            {
                "name": f"{self.journal_id.code} {told['number'] or told['day']}",
                "reference": self.name,
                "pwik_bank_import_id": self.id,
                "line_ids": [fields.Command.set(lines.ids)],
                "balance_start": float(told["opening"]),
                "balance_end_real": float(told["closing"]),
            }
        )

    # ------------------------------------------------------------------ buttons

    def _open_transactions(self, *states):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "pwik_einvoice.pwik_bank_transaction_action_all"
        )
        domain = [("import_id", "in", self.ids)]
        return {**action, "domain": [*domain, ("state", "in", states)] if states else domain, "context": {}}

    def action_open_transactions(self):
        return self._open_transactions()

    def action_open_unmatched(self):
        return self._open_transactions("unmatched")

    def action_open_held(self):
        return self._open_transactions("held", "error", "dropped")


class AccountBankStatement(models.Model):
    _inherit = "account.bank.statement"

    pwik_bank_import_id = fields.Many2one(
        "pwik.bank.import",
        "Bank's file",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
