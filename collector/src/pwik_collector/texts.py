"""Texts for people: written in English in the code, shown in Polish. ``PWIK_LANG=en`` shows the English."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
import unicodedata

from .texts_pl import CATALOGUE


def tr(text: str, **values: object) -> str:
    """The text in the user's language, with ``{names}`` filled in."""
    if os.environ.get("PWIK_LANG", "pl")[:2] != "en":
        text = CATALOGUE.get(text, text)
    return text.format(**values) if values else text


def clean(text: str) -> str:
    """A text from elsewhere, fit for a terminal: one line, no control characters, so no escape sequences."""
    text = unicodedata.normalize("NFC", text)
    return "".join(
        " " if char in "\n\r\t" else char for char in text if char in "\n\r\t" or char.isprintable()
    )


def os_reason(error: OSError) -> str:
    """Why the operating system refused, in words; its own where we have none."""
    # their numbers are their own and no errno
    if isinstance(error, ssl.SSLCertVerificationError):
        return tr("its certificate is not to be trusted: {why}", why=clean(error.verify_message))
    if isinstance(error, ssl.SSLError):
        return tr("no secure connection comes about")
    if isinstance(error, socket.gaierror):
        return tr("no such address")
    number = error.errno
    if number in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return tr("no space left on the disk")
    if number == errno.EFBIG:
        return tr("the file may not become any larger")
    if number in (errno.EACCES, errno.EPERM):
        return tr("not permitted")
    if number in (errno.ENOENT, errno.ENOTDIR):
        return tr("no such file or folder")
    if number == errno.EISDIR:
        return tr("is a folder")
    if number == errno.EROFS:
        return tr("the disk is write-protected")
    if number == errno.EIO:
        return tr("the disk reports an error")
    if isinstance(error, TimeoutError):
        return tr("no answer in time")
    if isinstance(error, ConnectionRefusedError):
        return tr("nobody answers there")
    if isinstance(error, ConnectionError):
        return tr("the connection broke")
    if number in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        return tr("no network")
    return error.strerror or str(error)


#: What argparse says when the command line is wrong; groups become ``{0}``, ``{1}``.
_ARGPARSE = (
    (r"the following arguments are required: (.*)", "missing: {0}"),
    (r"argument (.*?): invalid choice: (.*?) \(choose from (.*)\)", "{0}: wrong value {1} (choose from {2})"),
    (r"argument (.*?): invalid (?:\S+) value: (.*)", "{0}: wrong value {1}"),
    (r"argument (.*?): expected one argument", "{0}: a value is missing"),
    (r"argument (.*?): expected at least one argument", "{0}: a value is missing"),
    (r"unrecognized arguments: (.*)", "unknown: {0}"),
)


def argparse_message(message: str) -> str:
    """An error message of argparse in the user's language."""
    for pattern, text in _ARGPARSE:
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match:
            return tr(text).format(*match.groups())
    return message
