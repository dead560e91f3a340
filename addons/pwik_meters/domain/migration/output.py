"""What goes out: the template to fill in, and the rows that did not go in."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from .columns import Kind

# A spreadsheet takes what begins so for a formula (CWE-1236).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def guard(value: str) -> str:
    """An apostrophe before whatever a spreadsheet would compute."""
    return f"'{value}" if value.startswith(DANGEROUS) else value


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """CSV as Polish Excel opens it: semicolons, UTF-8 with a byte order mark."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";")
    writer.writerow([guard(title) for title in header])
    writer.writerows([guard(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def build_template(kind: Kind, translate: Callable[[str], str], words: Sequence[str]) -> bytes:
    """XLSX with the header and an example row, and a sheet that explains each column.

    :param translate: from a label or help to the language of who fills it in
    :param words: names of the two sheets, titles of the explaining sheet's four columns, "yes", "no"
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    data_name, help_name, title_column, title_required, title_help, title_example, yes, no = words
    book = Workbook()
    data = book.active
    data.title = data_name
    data.append([translate(column.label) for column in kind.columns])
    data.append([column.example for column in kind.columns])
    data.freeze_panes = "A2"
    for place, column in enumerate(kind.columns, 1):
        letter = get_column_letter(place)
        data.column_dimensions[letter].width = max(
            14, len(translate(column.label)) + 2, len(column.example) + 2
        )
        for row in range(1, 3):
            data.cell(row, place).number_format = "@"  # text: or Excel makes dates and numbers of keys
    explain = book.create_sheet(help_name)
    explain.append([title_column, title_required, title_help, title_example])
    for column in kind.columns:
        needed = column.required or column.name == "key" and not kind.key_columns
        explain.append(
            [
                translate(column.label),
                yes if needed else no,
                translate(column.help) if column.help else "",
                column.example,
            ]
        )
    for letter, width in zip("ABCD", (30, 12, 80, 26), strict=True):
        explain.column_dimensions[letter].width = width
    for sheet in (data, explain):
        for cell in sheet[1]:
            cell.font = Font(bold=True)
    for row in explain.iter_rows(min_row=2):
        row[2].alignment = Alignment(wrap_text=True, vertical="top")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
