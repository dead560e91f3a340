"""Key files: CSV lists and Kamstrup's KEM. Keys are in no message and no representation."""

import base64
import binascii
import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .errors import KeyFileError, PasswordError
from .unpack import translated
from .wmbus.address import maker_code

KEY_SIZE = 16
MOST_BYTES = 1 << 25
MOST_RATIO = 200
_ZIP = b"PK\x03\x04"
_HEX_KEY = re.compile(r"[0-9A-Fa-f]{32}")
_ID = re.compile(r"[0-9A-Fa-f]{1,8}")
_BYTE = re.compile(r"(0[xX])?[0-9A-Fa-f]{1,2}")
_DELIMITERS = ";\t,"

# Headings of CSV lists, without case, spaces and punctuation.
_HEADINGS = {
    "id": "id",
    "radioid": "id",
    "serial": "id",
    "serialnumber": "id",
    "serialno": "id",
    "meterid": "id",
    "deviceid": "id",
    "numer": "id",
    "nr": "id",
    "nrseryjny": "id",
    "numerseryjny": "id",
    "nrnakładki": "id",
    "numernakładki": "id",
    "nrradiowy": "id",
    "numerradiowy": "id",
    "nrmodułu": "id",
    "numermodułu": "id",
    "key": "key",
    "aeskey": "key",
    "aes": "key",
    "klucz": "key",
    "kluczaes": "key",
    "kluczszyfrujący": "key",
    "kluczszyfrowania": "key",
    "dek": "key",
    "encryptionkey": "key",
    "manufacturer": "manufacturer",
    "maker": "manufacturer",
    "producent": "manufacturer",
    "version": "version",
    "wersja": "version",
    "medium": "medium",
}


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key of a meter or overlay. ``version`` and ``medium``: None when the file does not say."""

    number: int
    id: str
    key: bytes = field(repr=False)
    manufacturer: str = ""
    version: int | None = None
    medium: int | None = None
    meter_name: str = ""


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """A row that gives no key: ``code`` and ``message`` say why, without the key."""

    number: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Rows of a key file, good and bad. ``kind``: ``csv`` or ``kem``."""

    kind: str
    rows: tuple[KeyRow, ...]
    problems: tuple[KeyProblem, ...]


class _RowError(Exception):
    def __init__(self, code: str, message: str):
        super().__init__(code, message)
        self.code, self.message = code, message


def read_keys(data: bytes, password: str | None = None) -> KeyFile:
    """Read a key file; KEM needs its ``password``. A double number is a problem, the first one stands.

    Raises KeyFileError (``bad_key_file``), PasswordError (``wrong_password``).
    """
    if len(data) > MOST_BYTES:
        raise KeyFileError("the key file is too large")
    if not data.strip():
        raise KeyFileError("the key file is empty")
    if data.startswith(_ZIP):
        return _kem(_unzip(data), password)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _kem(data, password)
    return _csv(data)


def _collect(kind: str, numbered) -> KeyFile:
    rows, problems, seen = [], [], {}
    for number, make in numbered:
        try:
            row = make()
        except _RowError as error:
            problems.append(KeyProblem(number, error.code, error.message))
            continue
        other = seen.setdefault((row.manufacturer, row.id, row.version, row.medium), row)
        if other is row:
            rows.append(row)
        elif other.key != row.key:
            problems.append(
                KeyProblem(number, "double", f"another key for {row.id} stands in row {other.number}")
            )
    return KeyFile(kind, tuple(rows), tuple(problems))


def _csv(data: bytes) -> KeyFile:
    text = _decoded(data)
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:  # of separators that are blank in a text, not in bytes
        raise KeyFileError("the key file is empty")
    delimiter = max(_DELIMITERS, key=lines[0][1].count)
    first = _cells(lines[0][1], delimiter)
    names = [_HEADINGS.get(re.sub(r"[\W_]+", "", cell.casefold())) for cell in first]
    if {"id", "key"} <= set(names):
        lines = lines[1:]
    elif len(first) >= 2 and _HEX_KEY.fullmatch(first[1].replace(" ", "")):
        names = ["id", "key"]
    else:
        raise KeyFileError("no columns for number and key")
    return _collect(
        "csv",
        (
            (number, lambda line=line, number=number: _csv_row(number, line, delimiter, names))
            for number, line in lines
        ),
    )


def _decoded(data: bytes) -> str:
    """Text of a list as spreadsheets save it: UTF-8, "Unicode text" (UTF-16 with its mark), else Windows-1250."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\x00" in data:
        raise KeyFileError("the key file is binary")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1250", "replace")


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader((line,), delimiter=delimiter), [])]
    except csv.Error:
        return []


def _csv_row(number: int, line: str, delimiter: str, names: list[str | None]) -> KeyRow:
    cells = {name: cell for name, cell in zip(names, _cells(line, delimiter), strict=False) if name}
    return KeyRow(
        number,
        _id(cells.get("id", "")),
        _key(cells.get("key", "")),
        _maker(cells.get("manufacturer", "")),
        _byte(cells.get("version", "")),
        _byte(cells.get("medium", "")),
    )


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise _RowError("bad_id", "the number is not up to 8 digits")
    return text.lower().zfill(8)


def _key(text: str) -> bytes:
    text = re.sub(r"[\s:-]+", "", text).removeprefix("0x")
    if not _HEX_KEY.fullmatch(text):
        raise _RowError("bad_key", "the key is not 32 hexadecimal digits")
    return bytes.fromhex(text)


def _maker(text: str) -> str:
    name = text.upper()
    try:
        if name:
            maker_code(name)
    except ValueError:
        raise _RowError("bad_manufacturer", "the manufacturer is not three letters") from None
    return name


def _byte(text: str) -> int | None:
    if not text:
        return None
    if not _BYTE.fullmatch(text):
        # not passed over: the key would go to overlays of every version
        raise _RowError("bad_row", "version or medium is not two hexadecimal digits")
    return int(text, 16)


def _unzip(data: bytes) -> bytes:
    """The one XML file in a KEM."""
    try:
        with translated(), zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
            if len(entries) != 1:
                raise KeyFileError("a KEM holds one file")
            with archive.open(entries[0]) as packed:
                content = packed.read(min(MOST_BYTES, MOST_RATIO * len(data)) + 1)
    except KeyFileError:
        raise
    except Exception as error:
        raise KeyFileError("the archive is damaged") from error
    if len(content) > min(MOST_BYTES, MOST_RATIO * len(data)):
        raise KeyFileError("the archive unpacks to too much")
    return content


def _kem(document: bytes, password: str | None) -> KeyFile:
    root = _parse_xml(document)
    if _tag(root) == "EncryptedData" or _find(root, "CipherValue") is not None:
        if not password:
            raise PasswordError("the KEM needs its password")
        root = _parse_xml(_decrypt(_find(root, "CipherValue"), password), encrypted=True)
    meters = [element for element in root.iter() if _tag(element) in ("Meter", "Device")]
    if not meters:
        raise KeyFileError("the KEM names no meter")
    return _collect(
        "kem",
        (
            (number, lambda element=element, number=number: _kem_row(number, element))
            for number, element in enumerate(meters, 1)
        ),
    )


def _parse_xml(document: bytes, encrypted: bool = False) -> ElementTree.Element:
    """No document type, so no entities and nothing fetched."""
    plain = document.replace(b"\x00", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise KeyFileError("the XML declares a document type")
    try:
        return ElementTree.fromstring(document)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        if encrypted:
            raise PasswordError("the password does not open the KEM") from error
        raise KeyFileError("the XML is damaged") from error


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _find(root: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((element for element in root.iter() if _tag(element) == name), None)


def _decrypt(value: ElementTree.Element | None, password: str) -> bytes:
    """AES-128-CBC; key and initial vector are the password, filled with zeros (XML encryption as Kamstrup uses it)."""
    secret = password.encode("utf-8")[:KEY_SIZE].ljust(KEY_SIZE, b"\x00")
    try:
        hidden = base64.b64decode("".join((value.text if value is not None else "").split()), validate=True)
    except (binascii.Error, ValueError, AttributeError) as error:
        raise KeyFileError("the cipher value is damaged") from error
    if not hidden or len(hidden) % KEY_SIZE:
        raise KeyFileError("the cipher value is cut")
    plain = Cipher(algorithms.AES(secret), modes.CBC(secret)).decryptor().update(hidden)
    start, end = plain.find(b"<"), plain.rfind(b">")
    if start < 0 or start > 3 or end < start:
        raise PasswordError("the password does not open the KEM")
    return plain[start : end + 1]


_NUMBERS = ("SerialNo", "SerialNumber", "MeterNo", "MeterNumber")
_KEYS = ("DEK", "DataEncryptionKey", "EncryptionKey")


def _kem_row(number: int, element: ElementTree.Element) -> KeyRow:
    texts = {_tag(part): (part.text or "").strip() for part in element.iter() if part is not element}
    serial = next((texts[name] for name in _NUMBERS if texts.get(name)), "")
    key = next((texts[name] for name in _KEYS if texts.get(name)), "")
    vendor = texts.get("VendorId", "") or "KAM"
    return KeyRow(
        number,
        _id(serial.split("/")[0]),
        _key(key),
        _maker(vendor if len(vendor) == 3 and vendor.isalpha() else "KAM"),
        meter_name=texts.get("MeterName", "")[:80],
    )
