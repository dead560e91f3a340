"""Exports of lists hold no cell that a spreadsheet computes (CWE-1236): customers choose names, subjects and addresses.

Odoo guards CSV against ``=``, ``-`` and ``+`` only, and lets its library make formulas of texts in XLSX, of lists and of pivot
tables.
"""

import json

from odoo.addons.web.controllers import export, pivot
from odoo.http import request, route
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest

ALSO_DANGEROUS = ("@", "\t", "\r")
PIVOT_PARTS = {"title", "model", "measure_count", "col_group_headers", "measure_headers", "rows"}


class TextWriter:
    """A text is written as a text, whatever it begins with."""

    def write(self, row, column, cell_value, style=None):
        if isinstance(cell_value, str) and cell_value:
            return self.worksheet.write_string(row, column, cell_value, style)
        return super().write(row, column, cell_value, style)


class ExportXlsxWriter(TextWriter, export.ExportXlsxWriter):
    pass


class GroupExportXlsxWriter(TextWriter, export.GroupExportXlsxWriter):
    pass


class CSVExport(export.CSVExport):
    def from_data(self, fields, columns_headers, rows):
        guarded = [
            [
                f"'{cell}" if isinstance(cell, str) and cell.startswith(ALSO_DANGEROUS) else cell
                for cell in row
            ]
            for row in rows
        ]
        return super().from_data(fields, columns_headers, guarded)


class ExcelExport(export.ExcelExport):
    def from_data(self, fields, columns_headers, rows):
        with ExportXlsxWriter(fields, columns_headers, len(rows)) as writer:
            for number, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    writer.write_cell(number, column, value)
        return writer.value

    def from_group_data(self, fields, columns_headers, groups):
        with GroupExportXlsxWriter(fields, columns_headers, groups.count) as writer:
            row, column = 1, 0
            for name, group in groups.children.items():
                row, column = writer.write_group(row, column, name, group)
        return writer.value


class TableExporter(pivot.TableExporter):
    @route()
    def export_xlsx(self, data=None, **kw):
        return super().export_xlsx(json.dumps(_without_formulas(_read_table(data))), **kw)


def _read_table(data):
    """The table that the browser sent, as text or as a file. Raises BadRequest, where Odoo would answer with its own fault."""
    try:
        table = json.load(data) if isinstance(data, FileStorage) else json.loads(data)
    except (ValueError, TypeError, RecursionError):
        table = None
    if not isinstance(table, dict) or not PIVOT_PARTS <= table.keys():
        raise BadRequest(request.env._("This is no pivot table."))
    return table


def _without_formulas(part):
    """The same table, with an apostrophe before each text of which the library would make a formula.

    Odoo makes the workbook itself: it cannot be told to write texts.
    """
    if isinstance(part, dict):
        return {name: _without_formulas(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_without_formulas(value) for value in part]
    return f"'{part}" if isinstance(part, str) and part.startswith(("=", "{=")) else part
