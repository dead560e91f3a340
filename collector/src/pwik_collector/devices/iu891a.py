"""IMST iU891A-XL, 115200 8N1.

SLIP frames (RFC 1055): ``SAP, message, payload, CRC LE`` with the X.25 CRC. SAP 09 is the wireless M-Bus gateway: message
01 asks for the active configuration, 03 sets it, 20 reports a telegram: ``time u32, decrypted, encryption, info, RSSI
(signed, dBm), telegram from L on``. Configuration: ``mode u8, options u16, ui u16, led u16, recalibration u32``; the options'
bit 0 is a filter on known meters (off for us), bit 1 wants telegrams reported.
"""

from __future__ import annotations

from ..telegram import MIN_L, without_crc
from .base import (
    MORE,
    Dongle,
    Event,
    Ignored,
    Ready,
    Received,
    Refused,
    Send,
    Simulated,
    Step,
    crc_x25,
    signed,
)

_END, _ESC, _ESC_END, _ESC_ESC = 0xC0, 0xDB, 0xDC, 0xDD
_GATEWAY = 0x09
_GET, _GOT, _SET, _DONE, _RECEIVED = 0x01, 0x02, 0x03, 0x04, 0x20
_HEAD = 8  # bytes of a received message before the telegram
_CONFIG = 11
_FILTER, _REPORT = 0x0001, 0x0002
_LONGEST = 1024


def _slip(body: bytes) -> bytes:
    body += crc_x25(body).to_bytes(2, "little")
    body = body.replace(bytes((_ESC,)), bytes((_ESC, _ESC_ESC))).replace(
        bytes((_END,)), bytes((_ESC, _ESC_END))
    )
    return bytes((_END,)) + body + bytes((_END,))


def _unslip(raw: bytes) -> bytes | None:
    """Undo the escapes and check the CRC; None when the bytes are no message."""
    pieces = raw.split(bytes((_ESC,)))
    body = pieces[0]
    for piece in pieces[1:]:
        if not piece or piece[0] not in (_ESC_END, _ESC_ESC):
            return None
        body += bytes((_END if piece[0] == _ESC_END else _ESC,)) + piece[1:]
    if len(body) < 4 or crc_x25(body[:-2]) != int.from_bytes(body[-2:], "little"):
        return None
    return body[:-2]


class Iu891a(Dongle):
    """Our side of the line."""

    code = "iu891a"
    title = "IMST iU891A-XL"
    baudrate = 115200
    modes = {"c1t1": 0x03}
    default_mode = "c1t1"

    def startup(self) -> list[bytes]:
        """Ask how it is set: the firmware restarts at the first change after power-up, so change only what must be."""
        return [_slip(bytes((_GATEWAY, _GET)))]

    def _step(self, buffer: bytearray) -> Step:
        if buffer[0] != _END:  # noise up to the next boundary, which may also begin a message
            end = buffer.find(_END)
            return (end if end > 0 else len(buffer)), None
        start = 0
        while start < len(buffer) and buffer[start] == _END:
            start += 1
        end = buffer.find(_END, start)
        if end < 0:
            return MORE if len(buffer) - start < _LONGEST else (start + 1, None)
        body = _unslip(bytes(buffer[start:end]))
        # The closing boundary stays in the buffer: after noise it is the opening one of the next message.
        return end, None if body is None else self._event(body)

    @property
    def pending(self) -> bool:
        """A boundary alone is no message that was begun."""
        return any(byte != _END for byte in self._buffer)

    def _event(self, body: bytes) -> Event:
        payload = body[2:]
        if body[0] != _GATEWAY:
            return Ignored()
        if body[1] == _RECEIVED and len(payload) > _HEAD + MIN_L:
            return self._received(payload)
        if body[1] == _GOT:
            return self._configure(payload)
        if body[1] == _DONE:
            return Refused(payload.hex()) if payload[:1] not in (b"", b"\x00") else Ready()
        return Ignored()

    def _received(self, payload: bytes) -> Received:
        telegram = payload[_HEAD:]
        if telegram[0] != len(telegram) - 1:  # a firmware that leaves L out
            telegram = bytes((len(telegram),)) + telegram
        return Received(telegram, float(signed(payload[_HEAD - 1])), self.mode_label)

    def _configure(self, payload: bytes) -> Event:
        config = payload[-_CONFIG:] if len(payload) >= _CONFIG else bytes(_CONFIG)
        options = int.from_bytes(config[1:3], "little")
        wanted = (options & ~_FILTER | _REPORT).to_bytes(2, "little")
        target = bytes((int(self.modes[self.mode]),)) + wanted + config[3:]
        return Ready() if target == config else Send(_slip(bytes((_GATEWAY, _SET)) + target))


class SimulatedIu891a(Simulated):
    """The dongle's side."""

    def __init__(self) -> None:
        super().__init__()
        self._config = bytes((0x00, 0x06, 0x00)) + bytes(_CONFIG - 3)
        self._seconds = 0

    def feed(self, data: bytes) -> bytes:
        self._buffer += data
        answer = b""
        *frames, rest = bytes(self._buffer).split(bytes((_END,)))
        self._buffer = bytearray(rest)
        for body in filter(None, map(_unslip, frames)):
            if body[:2] == bytes((_GATEWAY, _GET)):
                answer += _slip(bytes((_GATEWAY, _GOT, 0x00)) + self._config)
                self.listening = self._config[0] == 0x03
            elif body[:2] == bytes((_GATEWAY, _SET)):
                self._config = body[2:]
                self.listening = True
                answer += _slip(bytes((_GATEWAY, _DONE, 0x00)))
        return answer

    def frame(self, telegram: bytes, rssi: float) -> bytes:
        self._seconds += 1
        head = self._seconds.to_bytes(4, "little") + bytes((0x02, 0x05, 0x05, round(rssi) & 0xFF))
        return _slip(bytes((_GATEWAY, _RECEIVED)) + head + without_crc(telegram))


Iu891a.simulated = SimulatedIu891a
DONGLE = Iu891a
