"""From the texts of a row to its values, with all that is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .columns import Column, Kind
from .problems import CellError, Problem


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """``values`` by column name, columns without a value left out; usable only without ``problems``."""

    key: str | None
    values: dict[str, Any]
    problems: tuple[Problem, ...]


def check_row(kind: Kind, cells: Mapping[str, str], today: date) -> CheckedRow:
    """Parse each cell and look at the row as a whole; every problem of the row is told, not the first only.

    :param cells: the file's text by column name
    :param today: what lies behind it is in the future, for columns that tell of the past
    """
    values, problems = {}, []
    for column in kind.columns:
        value = (cells.get(column.name) or "").strip()
        if not value:
            if column.required or column.name == "key" and not kind.key_columns:
                problems.append(Problem("missing", column.name))
            continue
        try:
            values[column.name] = _parse(column, value, today)
        except CellError as error:
            problems.append(error.at(column.name))
    if not problems:
        problems.extend(kind.check(values))
    return CheckedRow(kind.get_key(values), values, tuple(problems))


def _parse(column: Column, value: str, today: date) -> Any:
    parsed = column.parser(value)
    if column.past and parsed[:10] > today.isoformat():
        raise CellError("future", day={"day": parsed[:10]})
    return parsed
