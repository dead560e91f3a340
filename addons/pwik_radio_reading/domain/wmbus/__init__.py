"""Decoder of wireless M-Bus telegrams: ``decode``, ``address``, ``Layouts``, ``Telegram``."""

from .address import Address
from .decoder import address, decode
from .layouts import Layouts
from .telegram import Telegram

__all__ = ["Address", "Layouts", "Telegram", "address", "decode"]
