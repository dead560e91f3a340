"""Whether a file that somebody shows is an invoice of ours, unchanged: XML with our signature, or PDF with such an XML inside.

Nothing is fetched, unpacked beyond a bound, or kept.
"""

import re
import zlib
from dataclasses import dataclass, field
from datetime import datetime

from .errors import ChangedDocument, ForeignSignature, NotSigned, SignatureInvalid, UnreadableDocument
from .fa3 import NAMESPACE
from .signature import parse, verify

MAX_SIZE = 5 * 1024 * 1024
MAX_EMBEDDED, MAX_FILES = 2 * 1024 * 1024, 4
_PDF_FILE = re.compile(rb"/Type\s*/EmbeddedFile\b[^\r\n]{0,600}?>>\s*stream\r?\n")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the signed data say, for comparison with what was printed."""

    number: str
    date: str
    gross: str
    account: str
    signed: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """``code``: ``ours`` | ``ours_inside`` (the data in a PDF) | ``changed`` | ``foreign`` | ``not_signed`` | ``unreadable`` |
    ``too_large`` | ``empty``; ``facts`` for the first two. ``causes``: what a library raised while it looked, for the caller to
    whom it may say something about the server rather than about the file."""

    code: str
    facts: Facts | None = None
    causes: tuple[BaseException, ...] = field(default=(), compare=False)


def check_file(content: bytes, certificates: list[bytes]) -> Verdict:
    """Look at an uploaded file.

    :param certificates: PEM of the certificates with which the utility signs, or signed in former years
    """
    if not content:
        return Verdict("empty")
    if len(content) > MAX_SIZE:
        return Verdict("too_large")
    if not content.startswith(b"%PDF-"):
        return _check_xml(content, certificates)
    files = embedded_files(content)
    if not files:
        return Verdict("not_signed")
    verdicts = [_check_xml(file, certificates) for file in files]
    causes = tuple(cause for verdict in verdicts for cause in verdict.causes)
    for code in ("ours", "changed", "foreign"):
        for verdict in verdicts:
            if verdict.code == code:
                return Verdict("ours_inside" if code == "ours" else code, verdict.facts, causes)
    return Verdict("not_signed", None, causes)


def _check_xml(content: bytes, certificates: list[bytes]) -> Verdict:
    code = NotSigned.code
    for certificate in certificates:
        try:
            return Verdict("ours", _read_facts(content, verify(content, certificate)))
        except (UnreadableDocument, ChangedDocument, NotSigned) as error:
            return Verdict(error.code, None, (error,))
        except ForeignSignature as error:
            code = error.code
    if not certificates:
        try:
            parse(content)
        except SignatureInvalid as error:
            return Verdict(error.code)
    return Verdict(code)


def _read_facts(content: bytes, signed: datetime) -> Facts:
    root = parse(content)

    def read(path):
        return (root.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))) or "").strip()

    return Facts(
        number=read("Fa/P_2"),
        date=read("Fa/P_1"),
        gross=read("Fa/P_15"),
        account=read("Fa/Platnosc/RachunekBankowy/NrRB"),
        signed=signed,
    )


def embedded_files(pdf: bytes) -> tuple[bytes, ...]:
    """Files inside a PDF as our print engine writes them, each unpacked to at most ``MAX_EMBEDDED``; more is left out.

    No PDF reader: one would unpack whatever a hostile file holds, without a bound.
    """
    found = []
    for match in _PDF_FILE.finditer(pdf):
        end = pdf.find(b"endstream", match.end())
        if end < 0 or len(found) == MAX_FILES:
            break
        data = pdf[match.end() : end]
        found.append(_inflate(data) if b"FlateDecode" in match.group() else data.rstrip(b"\r\n"))
    return tuple(data for data in found if data)


def _inflate(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(data, MAX_EMBEDDED)
    except zlib.error:
        return b""
    return b"" if unpacker.unconsumed_tail else content
