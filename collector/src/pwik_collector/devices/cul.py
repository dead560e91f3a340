"""CUL and nanoCUL with culfw, 38400 8N1, text lines.

``brt`` or ``brc`` chooses the radio mode (answer ``TMODE`` or ``CMODE``, ``OFF`` where the firmware lacks it), ``X21`` switches
reporting on with signal. A telegram: ``b<hex with CRCs>[LQI RSSI]``, ``bY`` for format B. The signal is the CC1101's:
dBm = signed / 2 - 74. The stick checks no CRC, so we do; what is damaged is passed on as such.
"""

from __future__ import annotations

from ..telegram import MIN_L, is_intact, length_a, with_crc_a
from .base import MORE, Dongle, Event, Ignored, Ready, Received, Refused, Simulated, Step, signed

_LONGEST = 1024
_ANSWERS = {"t1": b"TMODE", "c1": b"CMODE"}


class Cul(Dongle):
    """Our side of the line."""

    code = "cul"
    title = "CUL (culfw)"
    baudrate = 38400
    modes = {"t1": "brt", "c1": "brc"}
    default_mode = "t1"
    keeps_crc = True

    def startup(self) -> list[bytes]:
        """Choose the mode, switch reporting on."""
        return [f"{self.modes[self.mode]}\r\n".encode(), b"X21\r\n"]

    def _step(self, buffer: bytearray) -> Step:
        end = buffer.find(b"\n")
        if end < 0:
            return MORE if len(buffer) < _LONGEST else (len(buffer), None)
        return end + 1, self._event(bytes(buffer[:end]).strip(b"\r\x00 "))

    def _event(self, line: bytes) -> Event | None:
        if line == _ANSWERS[self.mode]:
            return Ready()
        if line == b"OFF":
            return Refused("OFF")
        # Noise before a line shares it; a telegram begins at the last b (upper case hex has none).
        start = line.rfind(b"b")
        return self._telegram(line[start + 1 :]) if start >= 0 else (None if line else Ignored())

    def _telegram(self, text: bytes) -> Event | None:
        format_b = text[:1] == b"Y"
        digits = (text[1:] if format_b else text).decode("ascii", "replace")
        try:
            raw = bytes.fromhex(digits if len(digits) % 2 == 0 else digits[:-1])
        except ValueError:
            return None
        if not raw or raw[0] < MIN_L:
            return None
        total = raw[0] + 1 if format_b else length_a(raw[0])
        if len(raw) < total:
            return None
        rssi = signed(raw[total + 1]) / 2 - 74 if len(digits) == 2 * total + 4 else None
        telegram = raw[:total]
        return Received(telegram, rssi, self.mode_label, is_intact(telegram, format_b=format_b))


class SimulatedCul(Simulated):
    """The dongle's side."""

    def feed(self, data: bytes) -> bytes:
        self._buffer += data
        answer = b""
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            command = line.strip()
            if command in (b"brt", b"brc"):
                answer += b"TMODE\r\n" if command == b"brt" else b"CMODE\r\n"
            elif command == b"X21":
                self.listening = True
        return answer

    def frame(self, telegram: bytes, rssi: float) -> bytes:
        level = min(127, max(-128, round((rssi + 74) * 2))) & 0xFF
        return f"b{with_crc_a(telegram).hex().upper()}80{level:02X}\r\n".encode()


Cul.simulated = SimulatedCul
DONGLE = Cul
