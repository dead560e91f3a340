"""The reading book on paper: of a route, empty, and of a day, with what was read or what is missing."""

from odoo import api, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang


class PwikReadingRoute(models.Model):
    _inherit = "pwik.reading.route"

    def _pwik_prepare_print(self, report, data):
        """Values of the document, in the user's language; see ``ir.actions.report._pwik_prepare_document``."""
        self.ensure_one()
        title = self.env._("Reading book")
        return self._prepare_printed_book(title, self._get_reading_book_lines(), self.reader_id.name)

    def _prepare_printed_book(self, title, lines, reader, day=None):
        """:param lines: dicts as ``_get_reading_book_lines`` gives them; where something is to be written, there is a line"""
        self.ensure_one()
        route = [(self.env._("Route"), self.code)]
        if self.municipality_id:
            route.append((self.env._("Municipality"), self.municipality_id.name))
        return {
            "title": title,
            "heading": f"{title}: {self.name}",
            "facts": [
                route,
                [
                    (self.env._("Meter reader"), reader or None),
                    (self.env._("Meters to read"), str(len(lines))),
                ],
                [
                    (self.env._("Date of reading"), day and format_date(self.env, day)),
                    (self.env._("Signature"), None),
                ],
            ],
            "heads": [
                self.env._("No."),
                self.env._("Service point"),
                self.env._("Meter"),
                self.env._("Last reading"),
                self.env._("Value [m³]"),
                self.env._("Remarks"),
            ],
            "rows": [self._prepare_printed_line(*numbered) for numbered in enumerate(lines, 1)],
            "nothing": self.env._("No meter is installed on this route."),
        }

    @api.model
    def _prepare_printed_line(self, number, line):
        def cubic(value):
            return formatLang(self.env, value, digits=3)

        entered, last = line.get("entered"), None
        if line["last_date"]:
            last = {"value": cubic(line["last_value"]), "day": format_date(self.env, line["last_date"])}
        return {
            "number": str(number),
            "address": line["address"],
            "point": " · ".join(filter(None, (line["point"], line["note"]))),
            "serial": line["serial"],
            "kind": line["kind"],
            "last": last,
            "entered": None if entered is None else cubic(entered),
            "remark": line.get("remark") or "",
        }


class PwikReadingBook(models.Model):
    _inherit = "pwik.reading.book"

    def _pwik_prepare_print(self, report, data):
        """The book, or by the report of that name what of it is not read yet."""
        self.ensure_one()
        missing = report.report_name == "pwik_meters.report_reading_book_missing"
        return {
            "company": self.company_id,
            **self.route_id._prepare_printed_book(
                self.env._("Not read yet") if missing else self.env._("Reading book"),
                self._get_print_lines(missing),
                self.reader_id.name,
                self.date,
            ),
        }
