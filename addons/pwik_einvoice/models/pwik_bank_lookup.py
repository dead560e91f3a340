"""What the matching of payments must know of the register: fetched for a packet at once, never all of it."""

from decimal import Decimal

from odoo.fields import Domain
from odoo.tools import split_every

from ..domain import bank
from ..domain.bank.matching import hints

PAYERS = 3
EQUAL_SUMS = 200
#: Of longer lists PostgreSQL does not see that none of them is "/", and leaves out Odoo's index of posted names.
INDEXED = 100


class BankLookup:
    """Customers, documents and open items that a packet of payments may mean; `match` answers for one of them."""

    def __init__(self, env, company, transactions):
        """:param transactions: domain values. The caller has proved the right to see payments: the ledger is read as Odoo."""
        self.env = env(su=True)
        self.company = company.sudo()
        found = [hints(one) for one in transactions]
        self.words = sorted(set().union(*(one.words for one in found)))
        self.accounts = sorted(set().union(*(one.accounts for one in found)))
        self.names = sorted(set().union(*(one.documents for one in found)))
        partners = self._find_partners()
        documents = self._find_documents()
        owners = {key for _number, key in documents}
        partners |= self.env["res.partner"].browse(owners - set(partners.ids))
        customers = [
            bank.Customer(
                one.commercial_partner_id.id, one.pwik_customer_number or "", one.pwik_payment_account or ""
            )
            for one in partners
        ]
        owners = [("partner_id", "in", partners.commercial_partner_id.ids)]
        claims = self._read_claims(owners)
        pays_back = any(one.amount < 0 for one in transactions)
        credits = self._read_credits(owners) if pays_back else []
        payers = self._find_payers({one.payer_account for one in transactions if one.payer_account})
        self.certain = bank.Matcher(customers, claims, documents, credits=credits)
        for one in customers:
            self.certain.claims.setdefault(one.key, [])
        unknown = [one for one in transactions if not self.certain.match(one).customer]
        self.all = bank.Matcher(
            customers,
            _merge(claims, self._find_equal_sums(unknown)),
            documents,
            payers,
            _merge(credits, self._find_equal_credits(unknown)),
        )

    def allocate(self, customer, transaction):
        """Which of the customer's items it pays, or pays back, after what `pay` was told. :return: ``(allocation, rest)``"""
        if transaction.amount < 0:
            return self.all.allocate(customer, transaction)
        if customer not in self.certain.claims:
            # named by a document that only the sum brought here
            self.certain.claims[customer] = self._read_claims([("partner_id", "=", customer)])
        return self.certain.allocate(customer, transaction)

    def pay(self, customer, allocation, transaction):
        """What a payment settled is settled for those that come after it in the packet."""
        self.certain.pay(customer, allocation, back=transaction.amount < 0)
        if transaction.amount < 0:
            self.all.pay(customer, allocation, back=True)

    def match(self, transaction):
        """The certain answer; else the suggestions, to which sums and earlier payments add."""
        match = self.certain.match(transaction)
        return match if match.customer else self.all.match(transaction)

    def suggest(self, transaction, match):
        """Who may have paid, for a person; a certain answer is the first of them."""
        return self.all.suggest(transaction, match)

    def _find_partners(self):
        return self.env["res.partner"].search(
            Domain("pwik_payment_account", "in", self.accounts)
            | Domain("pwik_customer_number", "in", self.words)
        )

    def _find_documents(self):
        """Numbers of documents that titles name, with the customer who owes them."""
        Move = self.env["account.move"]
        base = (
            Domain("company_id", "=", self.company.id)
            & Domain("state", "=", "posted")
            & Domain("partner_id", "!=", False)
            & (
                Domain("move_type", "in", ("out_invoice", "out_refund"))
                | Domain("pwik_contract_id", "!=", False)
            )
        )
        # each by its own index: all of them in one condition would read every entry there is
        moves = Move.search(base & Domain("ref", "in", self.words))
        for words in split_every(INDEXED, self.words):
            moves |= Move.search(base & Domain("name", "in", words))
        if self.names:
            numbers = {number for _prefix, _year, number in self.names}
            wanted = {(f"{prefix}/{year}/".casefold(), number) for prefix, year, number in self.names}
            same = Move.search_fetch(
                base & Domain("sequence_number", "in", sorted(numbers)),
                ["sequence_prefix", "sequence_number"],
            )
            moves |= same.filtered(
                lambda one: ((one.sequence_prefix or "").casefold(), one.sequence_number) in wanted
            )
        documents = {(one.name, one.partner_id.commercial_partner_id.id) for one in moves if one.name}
        documents |= {(one.ref, one.partner_id.commercial_partner_id.id) for one in moves if one.ref}
        past = self.env["pwik.past.invoice"].search(
            [("company_id", "=", self.company.id), ("number", "in", self.words)]
        )
        documents |= {(one.number, one.partner_id.commercial_partner_id.id) for one in past}
        return sorted(documents)

    def _read_claims(self, domain, limit=None):
        lines = self.env["account.move.line"].search(
            [*self._get_open_domain(), *domain], order="date_maturity, id", limit=limit
        )
        return [
            bank.Claim(
                key=line.id,
                customer=line.partner_id.id,
                number=self._get_number(line),
                due=line.date_maturity or line.date,
                amount=Decimal(str(round(line.amount_residual, 2))),
            )
            for line in lines
        ]

    def _read_credits(self, domain, limit=None):
        """What customers have to get: overpayments and corrections that nothing was set against."""
        lines = self.env["account.move.line"].search(
            [*self._get_open_domain("<"), *domain], order="date, id", limit=limit
        )
        return [
            bank.Claim(
                key=line.id,
                customer=line.partner_id.id,
                number=self._get_number(line),
                due=line.date,
                amount=Decimal(str(round(-line.amount_residual, 2))),
            )
            for line in lines
        ]

    def _get_open_domain(self, side=">"):
        return [
            ("company_id", "=", self.company.id),
            ("parent_state", "=", "posted"),
            ("account_type", "=", "asset_receivable"),
            ("reconciled", "=", False),
            ("amount_residual", side, 0),
            ("partner_id", "!=", False),
            ("currency_id", "=", self.company.currency_id.id),
        ]

    @staticmethod
    def _get_number(line):
        """The number that a payer knows: of an open item of the previous system it is the reference."""
        move = line.move_id
        return (move.ref or move.name or "") if move.move_type == "entry" else (move.name or "")

    def _find_payers(self, accounts):
        if not accounts:
            return {}
        rows = self.env["pwik.bank.transaction"]._read_group(
            [
                ("company_id", "=", self.company.id),
                ("payer_account", "in", sorted(accounts)),
                ("state", "=", "matched"),
                ("partner_id", "!=", False),
            ],
            ["payer_account", "partner_id"],
            order="payer_account, __count DESC",
        )
        payers = {}
        for account, partner in rows:
            payers.setdefault(account, []).append(partner.commercial_partner_id.id)
        return {account: found[:PAYERS] for account, found in payers.items()}

    def _find_equal_sums(self, unknown):
        """Open items of exactly the sum of a payment that nothing else explains: suggestions for a person."""
        sums = {float(one.amount) for one in unknown if one.amount > 0}
        return self._read_claims([("amount_residual", "in", sorted(sums))], limit=EQUAL_SUMS) if sums else []

    def _find_equal_credits(self, unknown):
        """The same of what went out: who has just that much to get."""
        sums = {float(one.amount) for one in unknown if one.amount < 0}
        return self._read_credits([("amount_residual", "in", sorted(sums))], limit=EQUAL_SUMS) if sums else []


def _merge(claims, more):
    return list({one.key: one for one in [*claims, *more]}.values())
