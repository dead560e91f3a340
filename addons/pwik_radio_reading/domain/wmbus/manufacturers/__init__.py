"""Meters that differ from plain OMS: one file each, found by lying in this folder.

A file offers ``DRIVERS``, a tuple of ``driver.Driver``.
"""

import importlib
import pkgutil

from ..address import Address
from ..driver import OMS, Driver, Frame
from ..transport import is_own

_Key = tuple[str, int | None, int | None]
_MOST_KEPT = 4096


def _load() -> dict[_Key, list[Driver]]:
    index: dict[_Key, list[Driver]] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        for driver in importlib.import_module(f"{__name__}.{module.name}").DRIVERS:
            for meter in driver.meters:
                index.setdefault(meter, []).append(driver)
    return index


_INDEX = _load()
_kept: dict[tuple[str, int, int, int | None], Driver | None] = {}


def find(frame: Frame) -> Driver:
    """Driver of the meter that sent the frame: by the meter's address, else by the radio's, else ``OMS``."""
    ci = frame.transport.ci
    own = ci if is_own(ci) else None
    driver = _by_address(frame.address, own)
    if driver is None and frame.link.address is not None and frame.link.address is not frame.address:
        driver = _by_address(frame.link.address, own)
    return driver or OMS


def _by_address(who: Address, own: int | None) -> Driver | None:
    key = (who.manufacturer, who.version, who.medium, own)
    if key in _kept:
        return _kept[key]
    driver = _look_up(*key)
    if len(_kept) < _MOST_KEPT:
        _kept[key] = driver
    return driver


def _look_up(maker: str, version: int, medium: int, own: int | None) -> Driver | None:
    for meter in (
        (maker, version, medium),
        (maker, version, None),
        (maker, None, medium),
        (maker, None, None),
    ):
        for driver in _INDEX.get(meter, ()):
            if (
                own in driver.cis
                if driver.cis is not None and own is not None
                else driver.cis is None and own is None
            ):
                return driver
    return None
