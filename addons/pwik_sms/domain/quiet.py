"""Hours in which nobody is woken by a message."""

from datetime import datetime, timedelta

_DAY = 24 * 60


def end_of_quiet(local: datetime, start: float, end: float) -> datetime | None:
    """When the quiet hours end in which this moment lies; None outside of them.

    :param local: wall time of the utility, without a zone
    :param start: hour at which it gets quiet, 21.5 for half past nine in the evening
    :param end: hour at which messages go again; the same as ``start``: they go at any hour
    :raises ValueError: an hour outside 0 ≤ x < 24
    """
    if not (0 <= start < 24 and 0 <= end < 24):
        raise ValueError(f"no hours of a day: {start}, {end}")
    first, last = round(start * 60) % _DAY, round(end * 60) % _DAY
    now = local.hour * 60 + local.minute
    # counted from the beginning of the quiet hours, midnight is no edge
    if (now - first) % _DAY >= (last - first) % _DAY:
        return None
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=int(now >= last), minutes=last)
