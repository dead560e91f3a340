"""Encryption of overlay keys at rest with a key of the server, which no database backup holds.

The server key is a Fernet key (or several, separated by commas: the first encrypts, all decrypt, so that it can be
changed step by step) in the option ``pwik_radio_key`` of the configuration file or in ``PWIK_RADIO_KEY``.
"""

import base64
import binascii
import hmac
import os
import re

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from odoo.exceptions import UserError
from odoo.tools import config

from ..domain.wmbus.security import Key

HEX_KEY = re.compile(r"[0-9A-Fa-f]{32}")
# A Fernet token: version, time, initial vector, content, HMAC-SHA256 of all before it (github.com/fernet/spec). What is kept
# here are keys of 16 bytes: with the padding of PKCS #7 two blocks of content.
VERSION, BLOCK, MAC = 0x80, 16, 32
VECTOR = 9  # bytes before the initial vector
SIZE = VECTOR + BLOCK + 2 * BLOCK + MAC
PADDING = bytes([BLOCK]) * BLOCK


class KeyringError(Exception):
    """The server key is missing or unusable."""


class MissingServerKey(KeyringError):
    """No server key is configured."""


class BadServerKey(KeyringError):
    """The configured server key is no Fernet key."""


class ServerKeyError(UserError):
    """What is wrong with the server's key, in the words of whoever is told."""


class Keyring:
    """The server's keys: the first encrypts, all decrypt."""

    def __init__(self, keys):
        """:param keys: Fernet keys as text; raises BadServerKey"""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            # `from None`: the message of the cause would not hold the key today, but must not tomorrow either
            raise BadServerKey from None
        raw = [base64.urlsafe_b64decode(key) for key in keys]
        self._halves = [(key[:BLOCK], key[BLOCK:]) for key in raw]  # to sign, to encrypt

    def encrypt(self, key):
        """Token (text) of a 16-byte key."""
        return self._fernet.encrypt(key).decode("ascii")

    def renew(self, tokens):
        """Tokens of the same keys under the first of the server's keys; None where none of them opens it."""
        return [None if key is None else self.encrypt(key) for key in self.decrypt_all(tokens)]

    def decrypt_all(self, tokens):
        """The 16 bytes behind each token; thousands at once, because ``Fernet.decrypt`` takes half as long as a telegram.

        :return: list of ``Key``, or None where the token is damaged or was made with a server key that is no longer configured
        """
        found = [None] * len(tokens)
        by_key = [[] for _half in self._halves]
        for place, token in enumerate(tokens):
            raw = _get_raw(token)
            if raw is None:
                continue
            for (sign, _encrypt), signed in zip(self._halves, by_key, strict=True):
                if hmac.compare_digest(hmac.digest(sign, raw[:-MAC], "sha256"), raw[-MAC:]):
                    signed.append((place, raw))
                    break
        for (_sign, encrypt), signed in zip(self._halves, by_key, strict=True):
            for (place, _raw), key in zip(signed, _open_blocks(encrypt, signed), strict=True):
                found[place] = key
        return found


def _get_raw(token):
    """Bytes of a token of a 16-byte key, or None when it is none."""
    try:
        raw = base64.urlsafe_b64decode(token)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == SIZE and raw[0] == VERSION else None


def _open_blocks(key, signed):
    """Yield the content of tokens, whose signature was checked; None where the padding is not that of 16 bytes.

    In CBC a block is the deciphered one XOR the block before it, or the initial vector before the first.
    """
    content = b"".join(raw[VECTOR + BLOCK : -MAC] for _place, raw in signed)
    before = b"".join(raw[VECTOR : -MAC - BLOCK] for _place, raw in signed)
    # no mode of its own: what chains the blocks is done here, for all at once
    opened = Cipher(algorithms.AES(key), modes.ECB()).decryptor().update(content)
    plain = (int.from_bytes(opened, "big") ^ int.from_bytes(before, "big")).to_bytes(len(content), "big")
    for start in range(0, len(plain), 2 * BLOCK):
        good = plain[start + BLOCK : start + 2 * BLOCK] == PADDING
        yield Key(plain[start : start + BLOCK]) if good else None


def get_keyring():
    """The server's keyring.

    :raises MissingServerKey: nothing configured
    :raises BadServerKey: what is configured is no Fernet key
    """
    configured = config.get("pwik_radio_key") or os.environ.get("PWIK_RADIO_KEY") or ""
    keys = [part.strip() for part in configured.split(",") if part.strip()]
    if not keys:
        raise MissingServerKey
    return Keyring(keys)


def parse_hex_key(text):
    """16 bytes of a key typed as 32 hexadecimal digits; blanks, colons and dashes between them are ignored.

    :return: bytes, or None when the text is no such key (never part of a message: it may be a key with a typo)
    """
    digits = re.sub(r"[\s:\-]", "", text or "")
    return bytes.fromhex(digits) if HEX_KEY.fullmatch(digits) else None
