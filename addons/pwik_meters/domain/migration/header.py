"""Which column of a file is which column of a kind."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from .columns import Kind
from .problems import FileError


def fold(title: str) -> str:
    """Titles are compared without case, signs and spaces: ``Numer-Fabryczny *`` is ``numer fabryczny``; ³ is 3."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", title).casefold()).strip()


def match_header(
    kind: Kind, titles: Sequence[str], labels: Mapping[str, Sequence[str]]
) -> tuple[list[str | None], list[str]]:
    """Find the columns of ``kind`` under the titles of a file.

    :param labels: the labels of each column in the languages that are known
    :return: the column's name for each title (None: not ours), and the titles that are not ours
    :raises FileError: a required column is not there (``header_missing``), or one is there twice (``header_twice``)
    """
    table = {}
    for column in kind.columns:
        for title in (column.name, column.label, *labels.get(column.name, ())):
            table[fold(title)] = column.name
            # CP1250 has no ³: programs that write it put a question mark there
            table[fold(title.replace("³", "?"))] = column.name
    names = [table.get(fold(title)) for title in titles]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        raise FileError("header_twice", column=twice)
    missing = [
        column.name
        for column in kind.columns
        if column.name not in names and (column.required or column.name == "key" and not kind.key_columns)
    ]
    if missing:
        raise FileError("header_missing", columns=missing)
    strange = [title for title, name in zip(titles, names, strict=True) if title and not name]
    return names, strange
