"""OMS meters: security modes 0, 5 and 7, short and long header (EN 13757-7, OMS volume 2)."""

from . import ciphers
from .frames import Meter, frame

CHECK = b"\x2f\x2f"


def encode_oms(
    meter: Meter,
    records: bytes,
    *,
    key: bytes | None = None,
    mode: int = 0,
    access: int = 1,
    status: int = 0,
    counter: int = 1,
    radio: Meter | None = None,
    trailer: bytes = b"",
) -> bytes:
    """A telegram of ``meter`` with these data records.

    ``mode``: 0 plain, 5 AES-CBC, 7 AES-CBC with derived keys and MAC (``counter``: its message counter). ``radio``: an
    adapter that sends for the meter; the header is then the long one. ``trailer``: records after the encrypted blocks.
    """
    header = bytes([access, status])
    if radio is None:
        ci, who = b"\x7a", b""
    else:
        ci, who = b"\x72", meter.transport_address
    prefix = ci + who + header
    address = (radio or meter).link_address
    if mode == 0:
        return frame(address, prefix + bytes(2) + records + trailer)
    plain = ciphers.filled(CHECK + records)
    if key is None:
        raise ValueError("an encrypted telegram needs a key")
    if mode == 5:
        hidden = ciphers.cbc(key, meter.link_address + bytes([access]) * 8, plain)
        return frame(address, prefix + _config(5, plain) + hidden + trailer)
    if mode == 7:
        return frame(address, _authenticated(meter, key, counter, prefix, plain, trailer))
    raise ValueError(f"mode {mode}")


def _config(mode: int, plain: bytes) -> bytes:
    return (mode << 8 | len(plain) // 16 << 4).to_bytes(2, "little")


def _authenticated(
    meter: Meter, key: bytes, counter: int, prefix: bytes, plain: bytes, trailer: bytes
) -> bytes:
    """AFL with control, counter and an 8-byte MAC; then the encrypted message."""
    number = counter.to_bytes(4, "little")
    cipher_key, mac_key = (
        ciphers.cmac(key, use + number + meter.number + b"\x07" * 7) for use in (b"\x00", b"\x01")
    )
    message = prefix + _config(7, plain) + b"\x10" + ciphers.cbc(cipher_key, bytes(16), plain) + trailer
    control = b"\x25"
    mac = ciphers.cmac(mac_key, control + number + message)[:8]
    return b"\x90\x0f\x00\x2c" + control + number + mac + message
