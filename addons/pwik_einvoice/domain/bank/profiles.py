"""How a bank writes its files, as data: code page, parts of MT940's field 86, positions of a list of collected payments."""

import re
from dataclasses import dataclass, field

from ..errors import BankFileError
from .text import ENCODINGS

RECORDS = ("header", "detail", "trailer")
NAMES = {
    "header": {"account", "date", "currency", "number"},
    "detail": {"account", "amount", "date", "title", "payer", "payer_account", "reference", "currency"},
    "trailer": {"count", "sum"},
}
REQUIRED = {"header": set(), "detail": {"account", "amount"}, "trailer": {"count", "sum"}}
_LINE = re.compile(r"(\w+)\.(\w+)\s*=\s*(\d+)(?:-(\d+))?", re.ASCII)
_MARK = re.compile(r"(\w+)\s*=\s*(\S+)", re.ASCII)
_RANGE = re.compile(r"(\d\d)(?:-(\d\d))?", re.ASCII)

COLLECT_LAYOUT = """\
header = H
header.date = 2-9
header.account = 10-35
header.currency = 36-38
header.number = 39-48
detail = D
detail.date = 2-9
detail.account = 10-35
detail.amount = 36-47
detail.payer_account = 48-73
detail.payer = 74-143
detail.title = 144-283
detail.reference = 284-303
trailer = T
trailer.count = 2-9
trailer.sum = 10-24
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions of a list of collected payments. ``marks``: text with which a record of each kind begins; ``fields``: first and
    last position, from 1 (fixed width), or number of the column twice (with a delimiter)."""

    marks: dict
    fields: dict

    def get(self, record: str, name: str) -> tuple[int, int] | None:
        return self.fields.get((record, name))


@dataclass(frozen=True, slots=True)
class BankProfile:
    """What is peculiar to a bank.

    :param encoding: ``auto`` or one of `ENCODINGS`; XML says its own
    :param title, name, payer_account, account: subfields of MT940's field 86, such as ``20-26,60``; ``account`` is the payer's
        individual account where the bank tells it apart
    :param labels: for banks that write field 86 as words: lines ``title = TYT.:``
    :param layout: positions of a list of collected payments, see `COLLECT_LAYOUT`
    :param delimiter: "" for fixed width
    :param amount_unit: ``grosze`` or ``zloty`` (with a comma or a point)
    """

    encoding: str = "auto"
    title: str = "20-26"
    name: str = "32-33,27-29"
    payer_account: str = "38,31"
    account: str = ""
    labels: str = ""
    layout: str = COLLECT_LAYOUT
    delimiter: str = ""
    date_format: str = "%Y%m%d"
    amount_unit: str = "grosze"
    _parsed: dict = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """:raises BankFileError: `profile` with the line that cannot be read"""
        if self.encoding != "auto" and self.encoding not in ENCODINGS:
            raise BankFileError("profile", line=self.encoding)
        for name in ("title", "name", "payer_account", "account"):
            self._parsed[name] = parse_subfields(getattr(self, name))
        self._parsed["labels"] = parse_labels(self.labels)
        self._parsed["layout"] = parse_layout(self.layout)

    def subfields(self, name: str) -> list[list[str]]:
        """Codes of subfields, group by group: the first group that holds something is the answer."""
        return self._parsed[name]

    @property
    def words(self) -> dict[str, str]:
        return self._parsed["labels"]

    @property
    def positions(self) -> Layout:
        return self._parsed["layout"]


def default_profile() -> BankProfile:
    """What most Polish banks do: subfields 20 to 26 the title, 32 and 33 the name, 38 the account."""
    return BankProfile()


def parse_subfields(text: str) -> list[list[str]]:
    """``32-33,27-29`` as ``[["32", "33"], ["27", "28", "29"]]``."""
    groups = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        found = _RANGE.fullmatch(part)
        if not found:
            raise BankFileError("profile", line=part)
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise BankFileError("profile", line=part)
        groups.append([f"{code:02}" for code in range(first, last + 1)])
    return groups


def parse_labels(text: str) -> dict[str, str]:
    """Lines ``title = TYT.:`` as a dictionary."""
    labels = {}
    for line in filter(None, (one.strip() for one in text.splitlines())):
        name, sign, label = line.partition("=")
        if not sign or name.strip() not in NAMES["detail"] or not label.strip():
            raise BankFileError("profile", line=line)
        labels[name.strip()] = label.strip()
    return labels


def parse_layout(text: str) -> Layout:
    """Lines ``detail = D`` (mark of a record) and ``detail.amount = 36-47`` (positions from 1, or a column)."""
    marks: dict[str, str] = {}
    fields: dict[tuple[str, str], tuple[int, int]] = {}
    for line in filter(None, (one.strip() for one in text.splitlines())):
        if found := _LINE.fullmatch(line):
            record, name, first, last = found[1], found[2], int(found[3]), int(found[4] or found[3])
            if record not in RECORDS or name not in NAMES[record] or not 0 < first <= last <= 5000:
                raise BankFileError("profile", line=line)
            fields[record, name] = (first, last)
        elif (found := _MARK.fullmatch(line)) and found[1] in RECORDS:
            marks[found[1]] = found[2]
        else:
            raise BankFileError("profile", line=line)
    for record, names in REQUIRED.items():
        missing = sorted(name for name in names if (record, name) not in fields)
        if missing or names and record not in marks:
            raise BankFileError("profile", line=f"{record}.{missing[0]}" if missing else record)
    return Layout(marks, fields)
