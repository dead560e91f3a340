"""Until when a case must be answered."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class DeadlineStatus:
    """Where a case stands: ``days_left`` counts whole calendar days, below 0 when late."""

    days_left: int
    is_late: bool
    is_near: bool


def deadline(received: date, days: int) -> date | None:
    """Last day for the answer: ``days`` calendar days after receipt, None when the kind has no deadline (0 days).

    The day of receipt does not count (art. 111 § 2 of the civil code). The term is kept as it is when it ends on a day
    off, though art. 115 would move it: an office that aims at the earlier day is never late in law. For consumers'
    complaints 14 days (art. 7a sec. 1 of the act of 30 May 2014 on consumer rights).
    """
    return received + timedelta(days=days) if days > 0 else None


def status(last_day: date | None, today: date, warning_days: int) -> DeadlineStatus | None:
    """Late, near (within ``warning_days``) or neither; None without a deadline."""
    if last_day is None:
        return None
    left = (last_day - today).days
    return DeadlineStatus(left, left < 0, 0 <= left <= warning_days)


def deemed_accepted(last_day: date | None, answered: date | None, today: date, *, consumer: bool) -> bool:
    """Whether silence has accepted a complaint: a consumer's, not answered by the last day.

    Source: art. 7a sec. 2 of the act of 30 May 2014 on consumer rights.
    """
    if not consumer or last_day is None:
        return False
    return (answered or today) > last_day
