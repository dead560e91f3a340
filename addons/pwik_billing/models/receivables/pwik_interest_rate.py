from odoo import api, fields, models

from ...domain import InterestRate
from ..numbers import MONEY, to_decimal

RATE_KINDS = [
    ("delay", "Statutory, for delay"),
    ("commercial", "Commercial transactions"),
    ("commercial_health", "Commercial transactions, public health care"),
]


class PwikInterestRate(models.Model):
    """A rate of interest for delay and the day from which it holds, until the next one of its kind.

    ``delay``: Civil Code art. 481 § 2 (reference rate + 5.5 points, with each change of the reference rate). ``commercial``:
    act of 8 March 2013 on excessive delays in commercial transactions, art. 4 point 3 (reference rate of 1 January and
    1 July + 10 points; + 8 points where the debtor is a public health care entity).
    """

    _name = "pwik.interest.rate"
    _description = "Interest rate for delay"
    _order = "kind, date_from desc"

    kind = fields.Selection(RATE_KINDS, "Kind of interest", required=True, default="delay", index=True)
    date_from = fields.Date("In force from", required=True)
    percent = fields.Float("Rate [% a year]", digits=(5, 2), required=True)
    source = fields.Char(help="Announcement or decision that the rate comes from.")
    to_check = fields.Boolean(
        "To be checked",
        help="The rate was derived, not read from its announcement. A run that uses it says so.",
    )

    _once = models.Constraint("UNIQUE(kind, date_from)", "This rate has another value from that day.")
    _not_negative = models.Constraint("CHECK(percent >= 0)", "A rate cannot be negative.")

    @api.depends("kind", "date_from", "percent")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for rate in self:
            rate.display_name = f"{kinds.get(rate.kind, '')} {rate.date_from or ''}: {rate.percent:g} %"

    @api.model
    def _get_table(self, kind):
        """The domain's rates of ``kind``, each until the day before the next one."""
        rates = self.sudo().search([("kind", "=", kind)], order="date_from")
        ends = [fields.Date.subtract(rate.date_from, days=1) for rate in rates[1:]]
        return [
            InterestRate(rate.date_from, end, to_decimal(rate.percent, MONEY))
            for rate, end in zip(rates, [*ends, None], strict=False)
        ]

    @api.model
    def _get_unchecked(self, date_to):
        """Rates in force up to ``date_to`` that nobody compared with their announcement."""
        return self.search([("to_check", "=", True), ("date_from", "<=", date_to)])

    @api.model
    def _get_maybe_outdated(self, kinds, date_to):
        """The last rate of each kind where a half-year has begun between it and ``date_to``, in which a new one may hold.

        Rates of commercial transactions are fixed on 1 January and 1 July, the statutory one changes with the reference rate.
        Who looked enters the rate of the new half-year, the same or another.
        """
        half_year = date_to.replace(month=1 if date_to.month < 7 else 7, day=1)
        last = self.search([("kind", "in", list(kinds))], order="kind, date_from desc").grouped("kind")
        return (
            self.browse()
            .concat(*(rates[:1] for rates in last.values()))
            .filtered(lambda rate: rate.date_from < half_year)
        )
