"""From the bytes of a bank's file to its text: each bank has its code page."""

import codecs

from ..errors import BankFileError

MAX_SIZE = 20 * 1024 * 1024
ENCODINGS = ("utf-8", "cp1250", "iso-8859-2", "cp852")
_POLISH = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")


def check_size(data: bytes) -> None:
    """:raises BankFileError: `empty` or `too_big`"""
    if not data.strip():
        raise BankFileError("empty")
    if len(data) > MAX_SIZE:
        raise BankFileError("too_big", limit=MAX_SIZE // (1024 * 1024))


def decode(data: bytes, encoding: str = "auto") -> str:
    """Text of a file in the code page that its profile names.

    ``auto``: UTF-8 where it is that, otherwise the Polish code page whose reading holds the fewest letters that no Polish text
    has. A named code page is never guessed away: what does not fit it is an error.
    :raises BankFileError: `encoding` with the line; `binary` for something that is no text
    """
    if b"\x00" in data[:4096]:
        raise BankFileError("binary")
    if data.startswith(codecs.BOM_UTF8):
        return _strict(data[3:], "utf-8")
    if encoding != "auto":
        return _checked(_strict(data, encoding), encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    readings = []
    for order, name in enumerate(ENCODINGS[1:]):
        text = data.decode(name, errors="replace")
        readings.append((_strange(text), order, text))
    strange, _order, text = min(readings)
    if strange:
        raise BankFileError("encoding", encoding="auto", line=_first_strange_line(text))
    return text


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BankFileError("encoding", encoding=encoding, line=line) from error


def _checked(text: str, encoding: str) -> str:
    """The one-byte code pages accept (nearly) every byte: a wrong one shows by what comes out."""
    if encoding != "utf-8" and _strange(text):
        raise BankFileError("encoding", encoding=encoding, line=_first_strange_line(text))
    return text


def _is_strange(char: str) -> bool:
    return ord(char) > 126 and char not in _POLISH and char not in "„”–—§°€\u00a0…’äöüßÄÖÜéáčěřšžýíúóôÁÉÍÓÚ"


def _strange(text: str) -> int:
    return sum(map(_is_strange, text))


def _first_strange_line(text: str) -> int:
    for number, line in enumerate(text.split("\n"), 1):
        if any(map(_is_strange, line)):
            return number
    return 1
