"""Validation rules about what only a telegram tells: the overlay's clock and its alarms.

They follow the register's own rules in ``pwik.reading._get_validation_rules`` and see ``history.extra``:
``radio_drift`` (seconds by which the overlay's clock is ahead), ``radio_fixed_day`` (the value is of a month's end, by
that clock), ``radio_alarms`` (``{kind: days since it was first heard}``), ``radio_backflow`` (m³ a month that flowed
back, None where the overlay counts no such thing) and ``radio_other_meter`` (serial of another meter that the telegram
names as its own).
"""

from decimal import Decimal

from odoo.addons.pwik_meters.domain.validation import Rule, Severity

DEFAULTS = {
    ("V05", "warning_hours"): Decimal(1),
    ("V05", "error_hours"): Decimal(24),
    ("V15", "most_a_day"): Decimal(1),
    ("V15", "least"): Decimal(5),
    ("V15", "days_apart"): Decimal(7),
    ("V17", "lasting_days"): Decimal(35),
    ("V18", "most_a_month"): Decimal("0.1"),
}
DAYS_A_MONTH = Decimal("30.4375")
LITRE = Decimal("0.001")
MANIPULATION = ("tamper", "magnet", "detached")
CARE = ("leak", "burst", "battery_low")


def a_month(amount, days):
    """What an amount of so many days is in a month; a part of a month counts as a whole one."""
    return (amount / max(days / DAYS_A_MONTH, Decimal(1))).quantize(LITRE)


def limit(case, code, parameter):
    key = (code, parameter)
    return case.limits.values.get(key, DEFAULTS[key])


def heard(case, kinds):
    """``{kind: days}`` of the alarms in the telegram that are among ``kinds``."""
    alarms = case.history.extra.get("radio_alarms", {})
    return {kind: alarms[kind] for kind in kinds if kind in alarms}


class Clock(Rule):
    """A clock that drifts makes the month-end values of another moment."""

    code = "V05"
    needs = ("radio_drift",)

    def check(self, case):
        hours = Decimal(abs(case.history.extra.get("radio_drift", 0))) / 3600
        if hours <= limit(case, self.code, "warning_hours"):
            return None
        wrong = hours > limit(case, self.code, "error_hours")
        return self.finding(
            Severity.ERROR if wrong else Severity.WARNING,
            blocks=wrong and bool(case.history.extra.get("radio_fixed_day")),
            hours=int(hours.to_integral_value()),
        )


class Swap(Rule):
    """The telegram names another meter of the register than the one that its overlay is assigned to.

    That two series continue each other is seen only when both are at hand: ``pwik.reading._judge_together``.
    """

    code = "V15"
    needs = ("radio_other_meter",)

    def check(self, case):
        other = case.history.extra.get("radio_other_meter")
        return self.finding(why="serial", other=other) if other else None


class Manipulation(Rule):
    """Tampering, a magnet, an overlay taken off: new it is a warning, lasting it is an error."""

    code = "V17"
    needs = ("radio_alarms",)

    def check(self, case):
        found = heard(case, MANIPULATION)
        if not found:
            return None
        lasting = max(found.values()) > limit(case, self.code, "lasting_days")
        return self.finding(
            Severity.ERROR if lasting else Severity.WARNING, blocks=lasting, alarms=" ".join(found)
        )


class Backflow(Rule):
    """More flowed back in a month than leaves a pipe that cools down; where nothing is counted, the overlay's alarm says so."""

    code = "V18"
    needs = ("radio_backflow", "radio_alarms")
    severity = Severity.WARNING
    blocks_billing = False

    def check(self, case):
        amount = case.history.extra.get("radio_backflow")
        if amount is not None:
            return self.finding(amount=amount) if amount > limit(case, self.code, "most_a_month") else None
        return self.finding() if heard(case, ("backflow",)) else None


class Care(Rule):
    """Leak, burst, weak battery: somebody should be told, the value is right all the same."""

    code = "V19"
    needs = ("radio_alarms",)
    severity = Severity.INFO
    blocks_billing = False

    def check(self, case):
        found = heard(case, CARE)
        return self.finding(alarms=" ".join(found)) if found else None


RADIO_RULES = (Clock(), Swap(), Manipulation(), Backflow(), Care())
