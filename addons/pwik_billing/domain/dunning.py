"""Which reminder a debtor gets next: steps that each open document climbs one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from .money import ZERO
from .terms import end_of_term


@dataclass(frozen=True, slots=True)
class Level:
    """A step: from ``days`` after the due date, ``wait`` days after the step before it, for at least ``minimum`` zł."""

    key: int
    days: int
    wait: int = 0
    minimum: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A document of which ``amount`` zł are open. ``due``: the day it names; ``last``: its last step (a level's key), its day.

    ``blocked``: why it gets no reminder (dispute, agreement …); empty: it does.
    """

    key: int
    due: date
    amount: Decimal
    last: tuple[int, date] | None = None
    blocked: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An overdue document on a reminder: ``amount`` zł left after credits, its own ``level`` (None: told again only)."""

    item: OpenItem
    amount: Decimal
    level: Level | None


@dataclass(frozen=True, slots=True)
class Reminder:
    """The step to take now, at the highest level that one of the documents reached and whose minimum is owed."""

    level: Level
    listed: tuple[Listed, ...]

    @property
    def amount(self) -> Decimal:
        """zł overdue, without what is blocked."""
        return sum((line.amount for line in self.listed), ZERO)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why there is no step now.

    ``code``: not_overdue; blocked (``reason``); covered (open credits are enough); waiting (``day``: the earliest next step);
    finished (all steps were taken); minimum (``amount`` is less than ``least``, the smallest minimum of the steps reached).
    """

    code: str
    reason: str = ""
    day: date | None = None
    amount: Decimal = ZERO
    least: Decimal = ZERO


def next_step(
    items: Iterable[OpenItem], levels: Sequence[Level], credit: Decimal, today: date
) -> Reminder | LeftOut:
    """The reminder that is due ``today`` for one debtor, or why there is none.

    ``levels`` are in order; a document goes up one of them at a time. ``credit`` zł (payments that nobody matched, above zero)
    are set against the oldest overdue documents, as the balance does. A step whose minimum is not owed waits, and its documents
    are told again only: it keeps no other document from its own step.
    """
    late = (item for item in items if end_of_term(item.due) < today)
    overdue = sorted(late, key=lambda item: (item.due, item.key))
    if not overdue:
        return LeftOut("not_overdue")
    free = [item for item in overdue if not item.blocked]
    if not free:
        return LeftOut("blocked", reason=overdue[0].blocked)
    owed = list(_after_credit(free, credit))
    if not owed:
        return LeftOut("covered")
    listed = [Listed(item, amount, _reached(item, levels, today)) for item, amount in owed]
    reached = [line.level for line in listed if line.level]
    if not reached:
        days = [day for item, _amount in owed if (day := _next_day(item, levels)) is not None]
        return LeftOut("waiting", day=min(days)) if days else LeftOut("finished")
    return _at_highest(listed, reached, levels)


def _at_highest(
    listed: Sequence[Listed], reached: Sequence[Level], levels: Sequence[Level]
) -> Reminder | LeftOut:
    amount = sum((line.amount for line in listed), ZERO)
    taken = [level for level in reached if level.minimum <= amount]
    if not taken:
        return LeftOut("minimum", amount=amount, least=min(level.minimum for level in reached))
    order = {level.key: rank for rank, level in enumerate(levels)}
    highest = max(taken, key=lambda level: order[level.key])
    lines = (line if line.level in taken else replace(line, level=None) for line in listed)
    return Reminder(highest, tuple(lines))


def _after_credit(items: Sequence[OpenItem], credit: Decimal) -> Iterable[tuple[OpenItem, Decimal]]:
    for item in items:
        used = min(credit, item.amount)
        credit -= used
        if item.amount > used:
            yield item, item.amount - used


def _following(item: OpenItem, levels: Sequence[Level]) -> Level | None:
    """The level after the item's last one. A last level that is no longer in use counts as before the first."""
    keys = [level.key for level in levels]
    rank = keys.index(item.last[0]) + 1 if item.last and item.last[0] in keys else 0
    return levels[rank] if rank < len(levels) else None


def _next_day(item: OpenItem, levels: Sequence[Level]) -> date | None:
    level = _following(item, levels)
    if level is None:
        return None
    day = item.due + timedelta(days=level.days)
    if item.last:
        day = max(day, item.last[1] + timedelta(days=level.wait))
    return day


def _reached(item: OpenItem, levels: Sequence[Level], today: date) -> Level | None:
    day = _next_day(item, levels)
    return _following(item, levels) if day is not None and day <= today else None
