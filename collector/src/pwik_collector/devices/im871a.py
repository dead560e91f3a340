"""IMST iM871A-USB, 57600 8N1.

Message: ``A5 | flags << 4 | endpoint, message, length, payload, [time u32 LE], [RSSI], [CRC LE]``; flag 2 announces the
time, 4 the RSSI, 8 the CRC (X.25 from the byte after A5). Received telegrams are endpoint 2, message 3; their payload
begins with the C field, L is the message's length. dBm = -100 + (RSSI - 45) / 2.
"""

from __future__ import annotations

from ..telegram import MIN_L, without_crc
from .base import MORE, NOISE, Dongle, Event, Ignored, Ready, Received, Simulated, Step, crc_x25

_START = 0xA5
_TIME, _RSSI, _CRC = 0x20, 0x40, 0x80
_DEVICE, _RADIO = 1, 2
_ENDPOINTS = (1, 2, 3, 4)
_SET_CONFIG, _CONFIG_SET = 0x03, 0x04
_RECEIVED = 0x03


class Im871a(Dongle):
    """Our side of the line."""

    code = "im871a"
    title = "IMST iM871A"
    baudrate = 57600
    modes = {"t1": 0x03, "c1": 0x07, "c1t1": 0x0A}
    default_mode = "c1t1"

    def __init__(self, mode: str | None = None):
        super().__init__(mode)
        self._seals = False  # one that sent a CRC once always does: without one it is noise from then on

    def startup(self) -> list[bytes]:
        """Set the link mode in RAM only (00), with the RSSI and without the time attached to what is received."""
        payload = bytes((0x00, 0x02, int(self.modes[self.mode]), 0x30, 0x01, 0x00))
        return [bytes((_START, _DEVICE, _SET_CONFIG, len(payload))) + payload]

    def _step(self, buffer: bytearray) -> Step:
        if buffer[0] != _START:
            return NOISE
        if len(buffer) < 4:
            return MORE if len(buffer) < 2 or buffer[1] & 0x0F in _ENDPOINTS else NOISE
        control, message, length = buffer[1:4]
        endpoint = control & 0x0F
        if self._seals and not control & _CRC:
            return NOISE
        if endpoint not in _ENDPOINTS or ((endpoint, message) == (_RADIO, _RECEIVED) and length < MIN_L):
            return NOISE
        end = 4 + length
        total = (
            end + (4 if control & _TIME else 0) + (1 if control & _RSSI else 0) + (2 if control & _CRC else 0)
        )
        if len(buffer) < total:
            return MORE
        frame = bytes(buffer[:total])
        if control & _CRC:
            if crc_x25(frame[1:-2]) != int.from_bytes(frame[-2:], "little"):
                return NOISE
            self._seals = True
        return total, self._event(frame, endpoint, message, end)

    def _event(self, frame: bytes, endpoint: int, message: int, end: int) -> Event:
        if (endpoint, message) == (_DEVICE, _CONFIG_SET):
            return Ready()
        if (endpoint, message) != (_RADIO, _RECEIVED):
            return Ignored()
        rssi = None
        if frame[1] & _RSSI:
            rssi = -100 + (frame[end + (4 if frame[1] & _TIME else 0)] - 45) / 2
        return Received(frame[3:end], rssi, self.mode_label)


class SimulatedIm871a(Simulated):
    """The dongle's side."""

    def feed(self, data: bytes) -> bytes:
        self._buffer += data
        answer = b""
        while len(self._buffer) >= 4:
            total = 4 + self._buffer[3]
            if self._buffer[0] != _START:
                del self._buffer[:1]
            elif len(self._buffer) < total:
                break
            else:
                if bytes(self._buffer[1:3]) == bytes((_DEVICE, _SET_CONFIG)):
                    self.listening = True
                    answer += self._message(_DEVICE, _CONFIG_SET, b"", b"", _CRC)
                del self._buffer[:total]
        return answer

    def frame(self, telegram: bytes, rssi: float) -> bytes:
        level = min(255, max(0, round((rssi + 100) * 2 + 45)))
        return self._message(_RADIO, _RECEIVED, without_crc(telegram)[1:], bytes((level,)), _RSSI | _CRC)

    @staticmethod
    def _message(endpoint: int, message: int, payload: bytes, attached: bytes, flags: int) -> bytes:
        body = bytes((flags | endpoint, message, len(payload))) + payload + attached
        return bytes((_START,)) + body + crc_x25(body).to_bytes(2, "little")


Im871a.simulated = SimulatedIm871a
DONGLE = Im871a
