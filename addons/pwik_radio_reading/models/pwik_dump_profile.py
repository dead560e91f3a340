import base64
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import formatLang

from ..domain import profile as mapping
from ..domain.errors import DomainError
from ..domain.suggest import suggest
from .engine_words import in_words
from .pwik_radio_alarm import ALARM_KINDS

COLUMN_FIELDS = [
    ("id", "Number of the overlay"),
    ("manufacturer", "Manufacturer (three letters)"),
    ("total", "Register"),
    ("received", "Date and time"),
    ("time_of_day", "Time, where it is a column of its own"),
    ("target", "Register at the month's end"),
    ("target_date", "Day of the register at the month's end"),
    ("alarms", "Alarms"),
    ("rssi", "Signal [dBm]"),
    ("telegram", "Telegram (hexadecimal)"),
]
# As spreadsheets call them
ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "cp1250": "Windows-1250",
    "iso-8859-2": "ISO 8859-2 (Latin 2)",
    "cp1252": "Windows-1252",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}
DELIMITERS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
PREVIEW_ROWS = 15


class PwikDumpProfile(models.Model):
    """How to read a vendor's export: which column holds what. Made by the office and tried on a sample file."""

    _name = "pwik.dump.profile"
    _description = "Mapping profile of a vendor's export"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, tracking=True, help="The program that writes such files.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    file_pattern = fields.Char(
        "File names",
        tracking=True,
        help="Files of this name are read with this profile without asking: * stands for any characters, "
        "as in READy_*.csv. Files of a known format need no profile.",
    )
    delimiter = fields.Selection(
        [("semicolon", "Semicolon"), ("comma", "Comma"), ("tab", "Tabulator"), ("bar", "Vertical bar")],
        required=True,
        default="semicolon",
        tracking=True,
    )
    encoding = fields.Selection(
        [(name, ENCODING_NAMES[name]) for name in mapping.ENCODINGS],
        required=True,
        default="utf-8",
        tracking=True,
    )
    header_row = fields.Integer(
        "Line of the headings", default=1, tracking=True, help="0: the file has no headings."
    )
    decimal_comma = fields.Boolean(default=True, tracking=True)
    unit = fields.Selection(
        [("m3", "m³"), ("l", "l"), ("dm3", "dm³"), ("hl", "hl")], required=True, default="m3", tracking=True
    )
    date_format = fields.Char(
        tracking=True,
        help="As in %d.%m.%Y %H:%M (day, month, year, hour, minute); empty for 2026-01-31 12:00.",
    )
    alarm_separator = fields.Char("Alarms are separated by", default=",", size=1)
    manufacturer = fields.Char(
        "Maker of the overlays",
        size=3,
        tracking=True,
        help="Three letters, as APA or KAM, where the files do not name it. Without it a telegram of a number which several "
        "overlays have waits until somebody says whose it is.",
    )
    sheet = fields.Char(help="Of a workbook; empty: the first one.")
    column_ids = fields.One2many("pwik.dump.profile.column", "profile_id", "Columns", copy=True)
    alarm_ids = fields.One2many("pwik.dump.profile.alarm", "profile_id", "Words for alarms", copy=True)
    sample = fields.Binary("Sample file", attachment=False, copy=False)
    sample_name = fields.Char(copy=False)
    sample_error = fields.Char("What is wrong", compute="_compute_preview")
    sample_headings = fields.Char("Headings found", compute="_compute_preview")
    sample_html = fields.Html("Preview", compute="_compute_preview", sanitize=False)

    @api.constrains(
        *(
            "column_ids",
            "alarm_ids",
            "delimiter",
            "encoding",
            "header_row",
            "unit",
            "date_format",
            "manufacturer",
        )
    )
    def _check_profile(self):
        for profile in self:
            try:
                mapping.check(profile._to_domain())
            except DomainError as error:
                raise ValidationError(
                    self.env._(
                        "Profile “%(name)s” cannot be used: %(reason)s.",
                        name=profile.name,
                        reason=in_words(self.env, error.message),
                    )
                ) from None

    def _to_domain(self):
        """This record as the engine's Profile."""
        self.ensure_one()
        return mapping.Profile(
            columns={column.field_name: column._get_place() for column in self.column_ids},
            delimiter=DELIMITERS[self.delimiter],
            encoding=self.encoding,
            header_row=self.header_row,
            decimal_comma=self.decimal_comma,
            unit=self.unit,
            date_format=(self.date_format or "").strip(),
            alarm_map={alarm.word: alarm.kind for alarm in self.alarm_ids if alarm.word},
            alarm_separator=self.alarm_separator or "",
            sheet=(self.sheet or "").strip(),
            manufacturer=(self.manufacturer or "").strip().upper(),
        )

    def _get_parser(self):
        """Reader for ``formats.read_dump``; None without a profile, where the format is recognised."""
        if not self:
            return None
        return mapping.parser(self._to_domain(), self._get_zone())

    @api.model
    def _find_for(self, filename):
        """The first profile of this company whose pattern fits a file's name, or none."""
        name = (filename or "").casefold()
        candidates = self.sudo().search(
            [("company_id", "=", self.env.company.id), ("file_pattern", "!=", False)]
        )  # sudo: readers' files are read with the office's profiles
        return candidates.filtered(lambda p: fnmatchcase(name, p.file_pattern.strip().casefold()))[:1]

    @api.depends(
        *("sample", "delimiter", "encoding", "header_row", "decimal_comma", "unit", "date_format"),
        *(
            "alarm_separator",
            "sheet",
            "manufacturer",
            "column_ids.field_name",
            "column_ids.heading",
            "alarm_ids.word",
        ),
        "alarm_ids.kind",
    )
    @api.depends_context("lang", "bin_size")
    def _compute_preview(self):
        for profile in self:
            profile.sample_error = profile.sample_headings = profile.sample_html = False
            data = profile._get_sample()
            if not data:
                continue
            try:
                shown = profile._preview(data)
            except DomainError as error:
                pass_on(error)
                profile.sample_error = self._explain(error)
                continue
            profile.sample_headings = " · ".join(filter(None, shown.headings)) or False
            profile.sample_html = self.env["ir.qweb"]._render(
                "pwik_radio_reading.pwik_dump_profile_preview", {"rows": profile._prepare_preview_rows(shown)}
            )

    def _explain(self, error):
        """Why a file cannot be read, in the reader's language."""
        files = self.env["pwik.radio.dump"]._fields["error"]._description_selection(self.env)
        kind, detail = dict(files).get(error.code, error.code), in_words(self.env, error.message)
        return f"{kind} ({detail})" if detail else kind

    def _format_volume(self, volume):
        return "" if volume is None else formatLang(self.env, float(volume), digits=3)

    def _get_zone(self):
        """Where times without a zone were written: at the utility."""
        return ZoneInfo(self.env["pwik.reading"]._get_timezone())

    def _get_sample(self):
        data = self.with_context(bin_size=False).sample
        return base64.b64decode(data) if data else b""

    def _preview(self, data):
        return mapping.preview(data, self._to_domain(), count=PREVIEW_ROWS, zone=self._get_zone())

    def _prepare_preview_rows(self, shown):
        """Rows of the preview: number of the line, what was understood, or why not."""
        kinds = dict(self.env["pwik.radio.alarm"]._fields["kind"]._description_selection(self.env))
        reasons = dict(self.env["pwik.radio.dump.line"]._fields["reason"]._description_selection(self.env))
        rows = []
        for line in shown.lines:
            value = line.value
            received = line.received and line.received.astimezone(self._get_zone())
            rows.append(
                {
                    "number": line.number,
                    "raw": line.raw[:120],
                    "error": line.error and reasons.get(line.error.code, line.error.code),
                    "detail": line.error and in_words(self.env, line.error.message),
                    "telegram": bool(line.telegram),
                    "id": value and value.id,
                    "total": value and self._format_volume(value.total_m3),
                    "target": value and self._format_volume(value.target_m3),
                    "target_date": value and value.target_date,
                    "received": received and received.strftime("%Y-%m-%d %H:%M"),
                    "alarms": ", ".join(kinds[alarm] for alarm in value.alarms or ()) if value else "",
                }
            )
        return rows

    @api.onchange("sample")
    def _onchange_sample(self):
        """A new profile is filled in by the file that is chosen: it cannot be saved before it has columns."""
        data = self._get_sample()
        if not data or self.column_ids:
            return None
        try:
            self._apply_suggestion(data)
        except DomainError as error:
            pass_on(error)  # the preview says what is wrong
        if self.sample_name and not self.name:
            self.name = self.sample_name.rsplit(".", 1)[0]
        if self.column_ids:
            return None
        return {
            "warning": {
                "title": self.env._("No headings were recognised"),
                "message": self.env._(
                    "Name the columns by hand: the page “Columns” says which column holds what, by its heading or its number."
                ),
            }
        }

    def action_suggest(self):
        """Take how numbers and days are written, and the columns whose headings speak for themselves, from the sample file."""
        self.ensure_one()
        data = self._get_sample()
        if not data:
            raise UserError(self.env._("Choose a sample file first."))
        try:
            self._apply_suggestion(data)
        except DomainError as error:
            pass_on(error)
            raise UserError(self._explain(error)) from None
        return True

    def _apply_suggestion(self, data):
        """Write what the file shows; columns that are named already stay as they are.

        :raises DomainError: the file cannot be read
        """
        found = suggest(data, sheet=(self.sheet or "").strip())
        for name in ("encoding", "header_row", "decimal_comma", "unit", "date_format"):
            if getattr(found, name) is not None:
                self[name] = getattr(found, name)
        if found.delimiter:
            self.delimiter = next(name for name, char in DELIMITERS.items() if char == found.delimiter)
        taken = {column.field_name for column in self.column_ids}
        self.column_ids = [
            fields.Command.create({"field_name": field, "heading": heading})
            for field, heading in found.columns.items()
            if field not in taken
        ]


class PwikDumpProfileColumn(models.Model):
    _name = "pwik.dump.profile.column"
    _description = "Column of a mapping profile"
    _order = "id"

    profile_id = fields.Many2one("pwik.dump.profile", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    field_name = fields.Selection(COLUMN_FIELDS, "What it holds", required=True)
    heading = fields.Char(
        "Heading or number", required=True, help="The column's heading, or its number from 1."
    )

    _once = models.Constraint("UNIQUE(profile_id, field_name)", "Each kind of column is named once.")

    def _get_place(self):
        """The heading, or the column's number where it is given as one."""
        text = (self.heading or "").strip()
        return int(text) if text.isascii() and text.isdigit() and int(text) else text


class PwikDumpProfileAlarm(models.Model):
    _name = "pwik.dump.profile.alarm"
    _description = "A vendor's word for an alarm"
    _order = "id"

    profile_id = fields.Many2one("pwik.dump.profile", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    word = fields.Char("Word in the file", required=True)
    kind = fields.Selection(ALARM_KINDS, "Alarm", required=True)

    _once = models.Constraint("UNIQUE(profile_id, word)", "Each word is named once.")
