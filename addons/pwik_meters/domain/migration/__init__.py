"""Migration of a predecessor's data: tables are read, cells parsed, rows checked; the models store what is good."""

from .archive import Archive
from .columns import Column, Kind
from .header import match_header
from .kinds import KINDS
from .output import build_template, write_csv
from .problems import CellError, FileError, Problem
from .rows import CheckedRow, check_row
from .table import Line, read_table

__all__ = [
    "KINDS",
    "Archive",
    "CellError",
    "CheckedRow",
    "Column",
    "FileError",
    "Kind",
    "Line",
    "Problem",
    "build_template",
    "check_row",
    "match_header",
    "read_table",
    "write_csv",
]
