"""What stands in for meters that were found broken, for the engine."""

from odoo.exceptions import UserError

from ..domain import BrokenMeter
from .numbers import MONEY, VOLUME, to_decimal


class BrokenMeters:
    """Confirmed findings of broken meters within the period, by service point."""

    def __init__(self, source):
        """:param source: the :class:`BillingSource` of the points"""
        self.env = source.env
        self.source = source
        points = [term.id for terms in source.points.values() for term in terms]
        found = (
            self.env["pwik.broken.meter"]
            .sudo()  # a customer's simulation and a reader's preview settle by the same findings
            .search(
                [
                    ("service_point_id", "in", points),
                    ("state", "=", "confirmed"),
                    ("found_on", ">=", source.date_from),
                    ("found_on", "<=", source.date_to),
                ]
            )
        )
        self.found = found.grouped("service_point_id")

    def of(self, term):
        """The engine's replacement for the point's broken meter, or None where none was found broken.

        :raise UserError: units with contracts of their own hang on the point: their share cannot be told apart
        """
        found = self.found.get(self.env["pwik.service.point"].browse(term.id))
        if found:  # whoever was the customer on that day: the one before him left with a reading
            found = found.filtered(
                lambda one: term.date_from <= one.found_on <= (term.date_to or self.source.date_to)
            )
        if not found:
            return None
        if self.source.units.parents.get(term.id):
            raise UserError(
                self.env._(
                    "The main meter of point %s is broken and units are billed behind it: "
                    "withdraw the finding and enter an estimated reading instead.",
                    term.number,
                )
            )
        return found[-1:]._prepare_replacement()


def prepare_replacement(basis, months, month_values, year_before, last_year):
    """The engine's value of a finding; only the chosen basis is given, so that the invoice names it.

    :param str basis: ``before``, ``year_before`` or ``last_year``
    :param float months: how many months are replaced
    """
    return BrokenMeter(
        to_decimal(months, MONEY),
        tuple(to_decimal(value, VOLUME) for value in month_values) if basis == "before" else (),
        to_decimal(year_before, VOLUME) if basis == "year_before" else None,
        to_decimal(last_year, VOLUME) if basis == "last_year" else None,
    )
