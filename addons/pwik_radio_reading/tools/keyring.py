"""Encryption of overlay keys at rest with a key of the server, which no database backup holds.

The server key is a Fernet key (or several, separated by commas: the first encrypts, all decrypt, so that it can be
changed step by step) in the option ``pwik_radio_key`` of the configuration file or in ``PWIK_RADIO_KEY``.
"""

import os
import re

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from odoo.tools import config

HEX_KEY = re.compile(r"[0-9A-Fa-f]{32}")


class KeyringError(Exception):
    """The server key is missing or unusable, or a stored key was encrypted with another one."""


class MissingServerKey(KeyringError):
    """No server key is configured."""


class BadServerKey(KeyringError):
    """The configured server key is no Fernet key."""


class ForeignToken(KeyringError):
    """The stored key was encrypted with another server key."""


def get_keyring():
    """The server's keyring.

    :raises MissingServerKey: nothing configured
    :raises BadServerKey: what is configured is no Fernet key
    """
    configured = config.get("pwik_radio_key") or os.environ.get("PWIK_RADIO_KEY") or ""
    keys = [part.strip() for part in configured.split(",") if part.strip()]
    if not keys:
        raise MissingServerKey
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        # `from None`: the message of the cause would not hold the key today, but must not tomorrow either
        raise BadServerKey from None


def encrypt(keyring, key):
    """Token (text) of a 16-byte key."""
    return keyring.encrypt(key).decode("ascii")


def decrypt(keyring, token):
    """The 16 bytes behind a token.

    :raises ForeignToken: the token was made with a server key that is no longer configured, or is damaged
    """
    try:
        return keyring.decrypt(token.encode("ascii"))
    except InvalidToken:
        raise ForeignToken from None


def parse_hex_key(text):
    """16 bytes of a key typed as 32 hexadecimal digits; blanks, colons and dashes between them are ignored.

    :return: bytes, or None when the text is no such key (never part of a message: it may be a key with a typo)
    """
    digits = re.sub(r"[\s:\-]", "", text or "")
    return bytes.fromhex(digits) if HEX_KEY.fullmatch(digits) else None
