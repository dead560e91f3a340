"""From volumes to lines: the prices in force share the days of the interval."""

from __future__ import annotations

from decimal import Decimal

from . import wording
from .document import Line
from .money import ZERO, line_net
from .tariff import Segment, TariffBook, share_by_days
from .volume import Volume


def price(volume: Volume, book: TariffBook, quantum: Decimal) -> list[Line]:
    """The lines of ``volume`` (``quantity`` not negative), one per tariff; none for 0 m³.

    MissingRate where a day has no tariff or a tariff no rate, even if nothing was used: the gap would bite the next time.
    """
    segments = book.segments(volume.interval, volume.component)
    prices = [book.price(segment.tariff, volume.component) for segment in segments]
    if len(segments) == 1:
        shares, exact = [volume.quantity], [False]
    else:
        shares, exact = _shares(volume, segments, quantum)
    lines = []
    for segment, rate, quantity, on_reading in zip(segments, prices, shares, exact, strict=True):
        if not quantity:
            continue
        how, rules = volume.how, volume.rules
        if len(segments) > 1:
            share = wording.share(segment.period, volume.interval, quantity, volume.quantity, on_reading)
            how, rules = f"{how}; {share}", (*rules, "price_change")
        lines.append(
            Line(
                volume.component,
                volume.point,
                segment.tariff.id,
                None,
                quantity,
                rate,
                line_net(quantity, rate),
                segment.period.date_from,
                segment.period.date_to,
                volume.values,
                volume.method,
                how,
                rules,
                volume.flags,
            )
        )
    return lines


def _shares(volume: Volume, segments: list[Segment], quantum: Decimal) -> tuple[list[Decimal], list[bool]]:
    """The quantity of each segment, and whether values of the very days of the changes bound it.

    A value read on the last day of a price ends an interval of its own, so there is nothing to share across it.
    """
    shares: list[Decimal] = []
    exact: list[bool] = []
    group: list[Segment] = []
    given = ZERO
    read_before = True
    for segment in segments:
        group.append(segment)
        last = segment is segments[-1]
        upto = volume.quantity if last else _known(volume, segment, given)
        if upto is None:
            continue
        shares.extend(share_by_days(upto - given, [part.period.days for part in group], quantum))
        exact.extend([len(group) == 1 and read_before] * len(group))
        given, group, read_before = upto, [], True
    return shares, exact


def _known(volume: Volume, segment: Segment, given: Decimal) -> Decimal | None:
    if volume.known is None:
        return None
    known = volume.known(segment.period.date_to)
    return None if known is None else min(max(known, given), volume.quantity)
