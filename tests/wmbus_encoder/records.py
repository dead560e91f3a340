"""Data records of EN 13757-3."""

from datetime import date, datetime


def head(width: int, vif: str, storage: int = 0, tariff: int = 0, function: int = 0) -> bytes:
    """DIF, DIFEs and VIF. ``width``: the data field's code; ``vif``: VIF and VIFEs in hexadecimal."""
    fields = [width | function << 4 | (storage & 1) << 6]
    storage >>= 1
    while storage or tariff:
        fields[-1] |= 0x80
        fields.append(storage & 0x0F | (tariff & 3) << 4)
        storage >>= 4
        tariff >>= 2
    return bytes(fields) + bytes.fromhex(vif)


def volume(litres: int, *, storage: int = 0, tariff: int = 0, bcd: bool = False) -> bytes:
    """Register in litres: 32 bits, or 8 decimal digits."""
    if bcd:
        return head(0xC, "13", storage, tariff) + bytes.fromhex(f"{litres:08d}")[::-1]
    return head(0x4, "13", storage, tariff) + litres.to_bytes(4, "little", signed=True)


def flow(litres_an_hour: int, *, storage: int = 0) -> bytes:
    return head(0x2, "3B", storage) + litres_an_hour.to_bytes(2, "little", signed=True)


def type_g(day: date) -> bytes:
    year = day.year - 2000
    return bytes([day.day | (year & 7) << 5, day.month | (year >> 3) << 4])


def type_f(moment: datetime) -> bytes:
    return bytes([moment.minute, moment.hour]) + type_g(moment.date())


def date_g(day: date, *, storage: int = 0) -> bytes:
    return head(0x2, "6C", storage) + type_g(day)


def datetime_f(moment: datetime, *, storage: int = 0) -> bytes:
    return head(0x4, "6D", storage) + type_f(moment)


def datetime_i(moment: datetime, *, storage: int = 0) -> bytes:
    raw = bytes([moment.second, moment.minute, moment.hour]) + type_g(moment.date()) + b"\x00"
    return head(0x6, "6D", storage) + raw


def error_flags(bits: int) -> bytes:
    return head(0x2, "FD17") + bits.to_bytes(2, "little")
