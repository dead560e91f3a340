from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ..domain import bank

STATES = [
    ("new", "Waiting"),
    ("unmatched", "To be assigned"),
    ("matched", "Assigned to a customer"),
    ("assigned", "Assigned to an account"),
    ("held", "Held back"),
    ("dropped", "Not booked"),
    ("error", "Not booked: error"),
]
REASONS = [
    ("outgoing", "Money that went out"),
    ("conflict", "Account and title name different customers"),
    ("ambiguous", "Several customers are named"),
    ("unknown", "Nobody is named"),
    ("before", "Before the change of systems"),
    ("double", "Perhaps booked already from another file"),
    ("past", "Perhaps taken over from the previous system"),
    ("taken_back", "An assignment was taken back"),
]
HOW = [
    ("account", "Individual account"),
    ("document", "Document in the title"),
    ("number", "Customer number in the title"),
    ("person", "By a person"),
]
WHY = [
    ("account", "Individual account"),
    ("document", "Document in the title"),
    ("number", "Customer number in the title"),
    ("payer", "Paid from this account before"),
    ("amount", "Owes this very amount"),
]
#: What a clerk chooses; everything else of a payment is the bank's or the program's.
CHOICES = frozenset(
    {"choice_partner_id", "choice_document_ids", "choice_returned_id", "choice_account_id", "note"}
)


class PwikBankTransaction(models.Model):
    """A movement that a bank's file told of: kept as it came, with what became of it."""

    _name = "pwik.bank.transaction"
    _description = "Payment from a bank's file"
    _order = "date desc, id desc"
    _rec_name = "title"
    _check_company_auto = True

    import_id = fields.Many2one("pwik.bank.import", "File", required=True, index=True, ondelete="restrict")
    journal_id = fields.Many2one("account.journal", "Bank", required=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    key = fields.Char(required=True, help="The payment's identity, the same in every file that tells of it.")
    statement_index = fields.Integer("Statement in the file")
    date = fields.Date("Day", required=True, index=True)
    amount = fields.Monetary(required=True)
    title = fields.Char("Title of the transfer")
    likeness = fields.Char(help="Letters and digits of the title.")
    payer = fields.Char("Payer")
    payer_account = fields.Char("Payer's account", index="btree_not_null")
    account = fields.Char("Individual account")
    reference = fields.Char("Bank's reference")
    state = fields.Selection(STATES, "Status", required=True, default="new", index=True)
    reason = fields.Selection(REASONS)
    how = fields.Selection(HOW, "Recognised by")
    error = fields.Char("What went wrong")
    partner_id = fields.Many2one("res.partner", "Customer", index="btree_not_null", ondelete="restrict")
    statement_line_id = fields.Many2one(
        "account.bank.statement.line", "Bank entry", index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one(related="statement_line_id.move_id", string="Journal entry")
    paid_move_ids = fields.Many2many(
        "account.move", string="Paid documents", compute="_compute_paid_move_ids"
    )
    suggestion_ids = fields.One2many("pwik.bank.suggestion", "transaction_id", "Suggestions")
    user_id = fields.Many2one("res.users", "Decided by")
    date_decided = fields.Datetime("Decided at")
    choice_partner_id = fields.Many2one("res.partner", "Assign to the customer", ondelete="set null")
    choice_document_ids = fields.Many2many(
        "account.move",
        relation="pwik_bank_transaction_document_rel",
        string="Documents to pay first",
        help="Empty: those which the title names, then the oldest.",
    )
    choice_returned_id = fields.Many2one(
        "pwik.bank.transaction",
        "His payment that is taken back",
        ondelete="set null",
        help="Where the bank took a payment of his back: the documents which it paid are open again. Empty: what he overpaid "
        "is paid back.",
    )
    choice_account_id = fields.Many2one(
        "account.account",
        "Or to the account",
        ondelete="set null",
        help="A fee, interest of the bank, a transfer between own accounts, the payout of an online operator.",
    )
    note = fields.Text("Remark")

    _key_once = models.Constraint("UNIQUE(journal_id, key)", "This payment was imported already.")
    _waiting = models.Index("(date, id) WHERE state = 'new'")
    _alike = models.Index("(journal_id, date, amount)")

    @api.depends("date", "amount", "title")
    def _compute_display_name(self):
        for one in self:
            amount = formatLang(self.env, one.amount, currency_obj=one.currency_id)
            one.display_name = " · ".join(filter(None, (format_date(self.env, one.date), amount, one.title)))

    def _compute_paid_move_ids(self):
        for transaction in self:
            lines = transaction.sudo().move_id.line_ids
            debits = lines.matched_debit_ids.debit_move_id | lines.matched_credit_ids.credit_move_id
            transaction.paid_move_ids = (debits - lines).move_id

    def write(self, vals):
        """A clerk chooses; what the bank told and what the program made of it is written by the program alone."""
        if not self.env.su and not vals.keys() <= CHOICES:
            raise AccessError(self.env._("A payment is kept as the bank told it. Use its buttons."))
        return super().write(vals)

    def _to_domain(self):
        self.ensure_one()
        return bank.Transaction(
            day=self.date,
            amount=Decimal(str(round(self.amount, 2))),
            title=self.title or "",
            payer=self.payer or "",
            payer_account=self.payer_account or "",
            account=self.account or "",
            reference=self.reference or "",
        )

    # ------------------------------------------------------------------ what a person does

    def _check_may_decide(self):
        if not self.env.user.has_group("pwik_billing.pwik_billing_group_user"):
            raise AccessError(self.env._("Payments are assigned by billing."))
        self.check_access("write")

    def _lock(self, *states):
        """These payments, locked and still in one of the states: two clerks do not decide at once."""
        self._check_may_decide()
        locked = self.sudo()
        locked.lock_for_update()
        locked.invalidate_recordset(["state"])
        if locked.filtered(lambda one: one.state not in states):
            raise UserError(self.env._("Somebody decided on this payment meanwhile. Open it again."))
        return locked

    def _decide(self, **values):
        self.write({"user_id": self.env.uid, "date_decided": fields.Datetime.now(), **values})

    def action_assign(self):
        """Assign to the chosen customer, and pay his open items."""
        for transaction in self._lock("unmatched"):
            if not transaction.choice_partner_id:
                raise UserError(self.env._("Choose the customer."))
            transaction._assign_to(transaction.choice_partner_id, transaction.choice_document_ids)

    def action_assign_account(self):
        """Book on the chosen account of the ledger: fees, own transfers, payouts of online operators."""
        for transaction in self._lock("unmatched"):
            account = transaction.choice_account_id
            if not account:
                raise UserError(self.env._("Choose the account."))
            if account.account_type in ("asset_receivable", "liability_payable"):
                raise UserError(self.env._("For what a customer paid choose the customer, not an account."))
            transaction.statement_line_id._pwik_book_on(account)
            transaction._decide(state="assigned", how="person", reason=False)

    def action_undo(self):
        """Take an assignment back: the documents are open again, the payment waits for a decision."""
        for transaction in self._lock("matched", "assigned"):
            transaction.statement_line_id._pwik_release()
            transaction._decide(state="unmatched", partner_id=False, how=False, reason="taken_back")
            transaction._refresh_suggestions()

    def action_book(self):
        """Book a payment that was held back: it is no double."""
        held = self._lock("held", "dropped", "error")
        held._decide(state="new", reason=False, error=False)
        held._book()

    def action_drop(self):
        """Leave a payment that was held back out of the ledger: it is booked already."""
        self._lock("held", "error")._decide(state="dropped")

    def action_refresh(self):
        """Look for suggestions again: since then a document may have come."""
        self._lock("unmatched")._refresh_suggestions()

    def action_open_move(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    @api.onchange("choice_partner_id")
    def _onchange_choice_partner_id(self):
        self.choice_document_ids = self.choice_returned_id = False

    def _assign_to(self, partner, documents=None):
        """Settle with a customer whom a person chose. The payment is locked, the right to decide is proved."""
        customer = partner.commercial_partner_id
        if self.choice_returned_id:
            allocation, rest = self._take_from_returned(customer)
        else:
            allocation, rest = self._allocate_to(customer, documents)
        self.statement_line_id._pwik_settle(customer, allocation, rest)
        self._decide(state="matched", how="person", reason=False, partner_id=partner.id)
        self.suggestion_ids.unlink()

    def _allocate_to(self, customer, documents):
        """What the payment pays of his open items, or pays back of his credits. :return: ``(allocation, rest)``"""
        lookup = self._get_lookup_class()(self.env, self.company_id, [])
        transaction, owner = self._to_domain(), [("partner_id", "=", customer.id)]
        if transaction.amount < 0:
            return bank.Matcher([], [], credits=lookup._read_credits(owner)).allocate(
                customer.id, transaction
            )
        claims = lookup._read_claims(owner)
        if not documents:
            return bank.Matcher([], claims).allocate(customer.id, transaction)
        chosen = documents.sudo().line_ids.ids
        claims.sort(key=lambda one: one.key not in chosen)  # stable: the oldest first within both parts
        return _take(claims, transaction.amount)

    def _take_from_returned(self, customer):
        """Open again what the payment paid that the bank took back. :return: ``(allocation, rest)``

        :raises UserError: that payment is not his, of another sum, or was taken back already
        """
        returned = self.choice_returned_id
        before = [("choice_returned_id", "=", returned.id), ("state", "=", "matched"), ("id", "!=", self.id)]
        if (
            self.amount >= 0
            or self.search_count(before, limit=1)
            or returned.state != "matched"
            or returned.partner_id.commercial_partner_id != customer
            or returned.company_id != self.company_id
            or returned.currency_id.compare_amounts(returned.amount, -self.amount)
        ):
            raise UserError(
                self.env._("Choose a payment of this customer over the same sum, which is assigned to him.")
            )
        lines = returned.statement_line_id.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        lines.remove_move_reconcile()
        credits = [(line.id, Decimal(str(round(-line.amount_residual, 2)))) for line in lines.sorted("id")]
        return credits, Decimal(0)

    @staticmethod
    def _get_lookup_class():
        from .pwik_bank_lookup import BankLookup

        return BankLookup


def _take(claims, amount):
    """Allocation in the order of the claims, and what is left."""
    allocation = []
    for claim in claims:
        part = min(amount, claim.amount)
        if part <= 0:
            break
        allocation.append((claim.key, part))
        amount -= part
    return tuple(allocation), amount


class PwikBankSuggestion(models.Model):
    """A customer who may have made a payment, with the reason; one click assigns."""

    _name = "pwik.bank.suggestion"
    _description = "Suggested payer"
    _order = "transaction_id, sequence, id"

    transaction_id = fields.Many2one("pwik.bank.transaction", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="transaction_id.company_id")
    sequence = fields.Integer()
    partner_id = fields.Many2one("res.partner", "Customer", required=True, ondelete="cascade")
    customer_number = fields.Char(related="partner_id.pwik_customer_number")
    why = fields.Selection(WHY, "Because", required=True)
    document_id = fields.Many2one("account.move", "Document", ondelete="set null")
    balance = fields.Monetary("Balance", related="partner_id.pwik_balance", currency_field="currency_id")
    currency_id = fields.Many2one(related="transaction_id.currency_id")

    def action_assign(self):
        """Assign the payment to this customer."""
        self.ensure_one()
        self.check_access("read")
        [transaction] = self.transaction_id._lock("unmatched")
        transaction._assign_to(self.sudo().partner_id, self.sudo().document_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
