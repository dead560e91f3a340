"""A workbook opened by openpyxl, but for the parts that it reads without a limit of its own."""

import zipfile
from functools import partial
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from openpyxl.reader.excel import ExcelReader
from openpyxl.workbook import Workbook
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from .errors import ArchiveLimitError

_STRING, _TEXT, _RUN = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "t", "r"))


def load(file: BinaryIO, most_strings: int, most_part: int, most_columns: int) -> Workbook:
    """As ``openpyxl.load_workbook`` for reading values only.

    ``most_strings``: shared strings; ``most_part``: bytes of a part that is read in one piece; ``most_columns``: cells of a
    row, those to the right of them are left out. Raises ArchiveLimitError, and whatever the library does.
    """
    reader = _Reader(file, read_only=True, data_only=True, keep_links=False)
    reader.archive.close()
    reader.archive = _Parts(file, most_part)
    reader.most_strings = most_strings
    reader.read()
    for sheet in reader.wb.worksheets:
        sheet._get_row = partial(_values, most_columns)
    return reader.wb


def _values(most: int, row: list[dict], *_asked) -> tuple[Any, ...]:
    """Values of a row's cells. The library makes all those between: of one cell far to the right thousands."""
    width = min(max((cell["column"] for cell in row), default=0), most)
    values = [None] * width
    for cell in row:
        if cell["column"] <= width:
            values[cell["column"] - 1] = cell["value"]
    return tuple(values)


class _Parts(zipfile.ZipFile):
    def __init__(self, file: BinaryIO, most_part: int):
        super().__init__(file)
        self._most_part = most_part

    def read(self, name, pwd=None):
        with self.open(name, pwd=pwd) as part:
            data = part.read(self._most_part + 1)
        if len(data) > self._most_part:
            raise ArchiveLimitError()
        return data


class _Reader(ExcelReader):
    most_strings = 0

    def read_strings(self):
        """The library makes some objects of each string: of a million that fit into a small file it would be busy a minute."""
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            events = iterparse(source, events=("start", "end"))
            _event, root = next(events)
            for event, node in events:
                if event == "end" and node.tag == _STRING:
                    if len(self.shared_strings) >= self.most_strings:
                        raise ArchiveLimitError()
                    self.shared_strings.append(_text(node))
                    root.clear()


def _text(node: Element) -> str:
    """What a string says: its text, or those of its runs; phonetic hints are none."""
    texts = [*node.findall(_TEXT), *(text for run in node.findall(_RUN) for text in run.findall(_TEXT))]
    return "".join(text.text or "" for text in texts).replace("x005F_", "")
