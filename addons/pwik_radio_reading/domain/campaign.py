"""Reading campaigns: what the collector is told, and how good a signal is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

#: Grades of reception by the strength of the best telegram, from the strongest: (code, at least dBm). Receivers for wireless
#: M-Bus (modes T and C, EN 13757-4) hear down to about -105 dBm; below -95 a wet wall or a parked car is enough to lose it.
GRADES = (("strong", -75), ("good", -85), ("weak", -95), ("poor", None))


@dataclass(frozen=True, slots=True)
class Stop:
    """An overlay to be heard: its address on the air and where it hangs."""

    manufacturer: str
    serial: str
    version: str
    address: str

    @property
    def module(self) -> str:
        return "/".join(filter(None, (self.manufacturer, self.serial, self.version)))


def grade(rssi: int | None) -> str | None:
    """The grade of a strength in dBm; None where the receiver told none (0 is what such receivers write)."""
    if not rssi:
        return None
    return next(code for code, least in GRADES if least is None or rssi >= least)


def build_tour(ident: str, name: str, due: date | None, stops: Iterable[Stop]) -> dict:
    """The tour file of the collector: ids, addresses and their order.

    No keys and no persons: the file lies on a computer that is carried around.
    """
    return {
        "tour": ident,
        "name": name,
        "due": due.isoformat() if due else None,
        "stops": [
            {"order": place, "address": stop.address, "module": stop.module}
            for place, stop in enumerate(stops, 1)
        ],
    }
