"""What the engine says of a file or a line, in the user's words.

The engine speaks English and knows no user; what it said is stored as it is (a log and ``./pwik decode`` say the same), and
translated when it is shown. Words that are not listed are of a decoder's depth and stay.
"""

import re

from ..domain import errors

# What the kind of an error says is said already where its detail is shown.
_GENERAL = {
    str(kind()).rstrip(".").casefold()
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.DomainError)
}
_PATTERNS = {
    name: re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for name, pattern in {
        "number": r"not a number: (?P<a>.*)",
        "time": r"not a time: (?P<a>.*)",
        "sign": r"(?P<a>.*): (?P<b>[.,]) where (?P<c>[.,]) is expected",
        "volume": r"a register of (?P<a>.*) cannot be",
        "bad_volume": r"a volume that cannot be",
        "no_id": r"no number of a meter|no id of a meter",
        "long_id": r"a number of more than (?P<a>\d+) characters",
        "no_total": r"no register|no total_m3",
        "fields": r"(?P<a>\d+) fields, not (?P<b>\d+)",
        "no_column": r"no column (?P<a>.*)",
        "no_sheet": r"no sheet (?P<a>.*)",
        "no_id_column": r"a column for the number and one for the register or the telegram are needed",
        "no_headings": r"the file has no line of headings",
        "columns": r"without a line of headings, columns are numbers",
        "delimiter": r"the delimiter is one character",
        "field": r"unknown field (?P<a>.*)",
        "encoding": r"unknown encoding (?P<a>.*)",
        "unit": r"unknown unit (?P<a>.*)",
        "alarm": r"unknown alarm (?P<a>.*)",
        "date_format": r"not a form of a day: (?P<a>.*)",
        "maker": r"a manufacturer is three letters",
        "no_sheets": r"the workbook has no sheet",
        "entities": r"the workbook declares entities",
        "needs_profile": r"a workbook needs a mapping profile",
        "no_file": r"the archive holds no file",
        "workbook": r"the workbook is damaged",
        "archive": r"the archive is damaged or encrypted(: .*)?",
        "packing": r"the archive is encrypted or packed by an unusual method",
        "many": r"too many files in the archive",
        "members": r"more than (?P<a>\d+) files in the archive",
        "nested": r"archives inside archives, too deep",
        "json": r"not a JSON object",
        "no_telegram": r"no telegram in the line|the line has no telegram",
        "no_end": r"the telegram has no end",
        "block": r"checksum of the block at byte (?P<a>\d+)",
        "last_block": r"checksum of the last block of a frame B",
        "wrong_key": r"the decrypted payload does not begin with 2F2F",
        "length": r"(?P<a>\d+) bytes, the length field announces (?P<b>\d+)",
        "no_volume": r"no register of a volume in it",
    }.items()
}


def _texts(env):
    """What is said instead; the groups of the pattern fill it."""
    return {
        "number": env._("not a number: %(a)s"),
        "time": env._("not a date or time in the profile's form: %(a)s"),
        "sign": env._("%(a)s: “%(b)s” where “%(c)s” is expected"),
        "volume": env._("a register of %(a)s cannot be"),
        "bad_volume": env._("the register cannot be"),
        "no_id": env._("the number of the overlay is missing"),
        "long_id": env._("the number of the overlay has more than %(a)s characters"),
        "no_total": env._("the register is missing"),
        "fields": env._("fields in the line: %(a)s, expected: %(b)s"),
        "no_column": env._("there is no column “%(a)s”"),
        "no_sheet": env._("there is no sheet “%(a)s”"),
        "no_id_column": env._(
            "columns for the number of the overlay and for the register (or the telegram) are missing"
        ),
        "no_headings": env._("the file ends before the line of the headings"),
        "columns": env._("in a file without headings, columns are given by their numbers"),
        "delimiter": env._("the delimiter is one character"),
        "field": env._("unknown field: %(a)s"),
        "encoding": env._("unknown encoding: %(a)s"),
        "unit": env._("unknown unit: %(a)s"),
        "alarm": env._("unknown alarm: %(a)s"),
        "date_format": env._("“%(a)s” is no form of a date, such as %%d.%%m.%%Y %%H:%%M"),
        "maker": env._("the maker of the overlays is three letters, such as APA"),
        "no_sheets": env._("the workbook has no sheet"),
        "entities": env._("the workbook declares entities, which no spreadsheet does"),
        "needs_profile": env._("a workbook is read with a mapping profile only"),
        "no_file": env._("there is no file in the archive"),
        "workbook": env._("the workbook is damaged"),
        "archive": env._("the archive is damaged or encrypted"),
        "packing": env._("the archive is encrypted or packed by an unusual method"),
        "many": env._("too many files in the archive"),
        "members": env._("more than %(a)s files in the archive"),
        "nested": env._("archives inside archives, too deep"),
        "json": env._("not a JSON object"),
        "no_telegram": env._("no telegram in the line"),
        "no_end": env._("the telegram in the line is cut off"),
        "block": env._("checksum of the block at byte %(a)s"),
        "last_block": env._("checksum of the last block"),
        "wrong_key": env._("after decryption the telegram makes no sense: this is not its key"),
        "length": env._("%(a)s bytes, the length field announces %(b)s"),
        "no_volume": env._("there is no register of a volume in it"),
    }


def in_words(env, detail):
    """The engine's detail in the user's language, itself where it is not known; empty for none and for what its kind says."""
    detail = (detail or "").rstrip(".")
    if detail.casefold() in _GENERAL:
        return ""
    for name, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(detail):
            return _texts(env)[name] % found.groupdict()
    return detail
