"""The place of hearing, from a GPS receiver that speaks NMEA 0183 on a second port. A convenience: it never stops a tour."""

from __future__ import annotations

import time
from functools import reduce
from operator import xor

import serial

_FRESH = 30.0  # seconds for which a position may still be written to telegrams
_RETRY = 5.0
_LONGEST = 1024


def position(sentence: bytes) -> tuple[float, float] | None:
    """Latitude and longitude in degrees of an RMC or GGA sentence with a fix and a right check sum, else None."""
    body, star, check = sentence.strip().removeprefix(b"$").partition(b"*")
    try:
        if not star or reduce(xor, body, 0) != int(check[:2], 16):
            return None
        fields = body.decode("ascii").split(",")
        kind = fields[0][2:]
        if kind == "RMC" and fields[2] == "A":
            return _degrees(fields[3], fields[4]), _degrees(fields[5], fields[6])
        if kind == "GGA" and fields[6] not in ("", "0"):
            return _degrees(fields[2], fields[3]), _degrees(fields[4], fields[5])
    except (ValueError, IndexError):
        return None
    return None


def _degrees(value: str, side: str) -> float:
    """``ddmm.mmmm`` and N, S, E or W as signed degrees."""
    point = value.index(".") - 2
    degrees = int(value[:point] or "0") + float(value[point:]) / 60
    return round(-degrees if side in ("S", "W") else degrees, 6)


class Gps:
    """The newest position that the receiver gave; missing or unplugged, there is none."""

    def __init__(self, port: str, baudrate: int = 9600):
        self._port = port
        self._baudrate = baudrate
        self._serial: serial.SerialBase | None = None
        self._open_at = 0.0
        self._buffer = b""
        self._fix: tuple[float, float] | None = None
        self._fix_at = 0.0

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees, None when there was no fix lately."""
        return self._fix if time.monotonic() - self._fix_at <= _FRESH else None

    def poll(self) -> None:
        """Take what the receiver has, without waiting."""
        try:
            if self._serial is None:
                if time.monotonic() < self._open_at:
                    return
                self._serial = serial.serial_for_url(self._port, baudrate=self._baudrate, timeout=0)
            self.feed(self._serial.read(4096))
        except (serial.SerialException, OSError):
            self.close()
            self._open_at = time.monotonic() + _RETRY

    def feed(self, data: bytes) -> None:
        """Take bytes of the NMEA stream, cut anywhere."""
        *sentences, self._buffer = (self._buffer + data).split(b"\n")
        self._buffer = self._buffer[-_LONGEST:]
        for sentence in sentences:
            found = position(sentence)
            if found:
                self._fix, self._fix_at = found, time.monotonic()

    def close(self) -> None:
        """Let go of the port."""
        port, self._serial = self._serial, None
        if port is not None:
            try:
                port.close()
            except (serial.SerialException, OSError):
                pass
