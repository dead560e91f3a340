"""Techem mkradio 3: use up to a due day and since, in tenths of a cubic metre."""

from datetime import date

from .frames import Meter, frame


def encode_techem(meter: Meter, before: int, since: int, due: date, today: date) -> bytes:
    """``before``, ``since``: tenths of a cubic metre up to the due day and after it."""
    due_day = due.day | due.month << 5 | (due.year - 2000) << 9
    now = today.day << 4 | today.month << 9
    words = (due_day, before, now, since)
    return frame(
        meter.link_address, b"\xa2\x06" + b"".join(word.to_bytes(2, "little") for word in words) + bytes(22)
    )
