from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..domain.entry import EntryError, parse_value
from ..domain.validation import validate
from .pwik_reading_book import OFFICE
from .reading_history import ReadingHistory

# What somebody with a book in his hand fills in; the rest of a line is the office's.
ENTRY_FIELDS = frozenset({"entered", "date", "note_code_id", "note", "photo"})


class PwikReadingBookLine(models.Model):
    """A meter in a reading book. What is typed becomes a reading with the row, and is validated at once."""

    _name = "pwik.reading.book.line"
    _description = "Meter in a reading book"
    _order = "book_id, sequence, id"
    _rec_name = "meter_id"

    book_id = fields.Many2one("pwik.reading.book", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="book_id.company_id", store=True, precompute=True)
    sequence = fields.Integer("No.")
    installation_id = fields.Many2one("pwik.meter.installation", required=True, ondelete="restrict")
    meter_id = fields.Many2one("pwik.meter", required=True, index=True, ondelete="restrict")
    service_point_id = fields.Many2one("pwik.service.point", "Service point", ondelete="restrict")
    street = fields.Char(related="service_point_id.street")
    city = fields.Char(related="service_point_id.city")
    last_date = fields.Date("Last reading")
    last_value = fields.Float("Last value [m³]", digits=(16, 3))
    date = fields.Date(
        "Read on", compute="_compute_date", store=True, readonly=False, precompute=True, required=True
    )
    entered = fields.Char("Value [m³]", copy=False)
    note_code_id = fields.Many2one("pwik.reading.note.code", "Note code", ondelete="restrict")
    note = fields.Char("Remarks")
    photo = fields.Image(max_width=1600, max_height=1600)
    reading_id = fields.Many2one("pwik.reading", index="btree_not_null", ondelete="restrict")
    reading_state = fields.Selection(related="reading_id.state", string="State of the reading")
    state = fields.Selection(
        [("missing", "Missing"), ("noted", "Not readable"), ("read", "Read")],
        "Status",
        compute="_compute_state",
        store=True,
        precompute=True,
    )
    use = fields.Float("Consumption [m³]", digits=(16, 3), compute="_compute_outcome")
    outcome = fields.Char("What the rules say", compute="_compute_outcome")
    severity = fields.Char(compute="_compute_outcome")

    _meter_once = models.Constraint(
        "UNIQUE(book_id, installation_id)", "A meter stands in a reading book once."
    )

    @api.depends("book_id.date")
    def _compute_date(self):
        for line in self:
            line.date = line.book_id.date

    @api.depends("reading_id", "note_code_id")
    def _compute_state(self):
        for line in self:
            line.state = "read" if line.reading_id else "noted" if line.note_code_id else "missing"

    @api.depends("entered", "date", "reading_id.finding_ids", "reading_id.consumption")
    def _compute_outcome(self):
        """What the rules said of the stored reading; while somebody types, what they will say."""
        for line in self:
            line.use, line.outcome, line.severity = 0.0, False, False
            try:
                value = parse_value(line.entered)
            except EntryError:
                line.outcome, line.severity = line._get_parse_message(), "error"
                continue
            reading = line.reading_id
            if reading and (value is None or float(value) == reading.value):
                line.use = reading.consumption
                line._show(reading.finding_ids)
            elif value is not None:
                line.use = float(value) - line.last_value
                line._show(line._preview(float(value)))

    def _show(self, findings):
        """Sentences and the gravest severity of ``findings`` (stored or not)."""
        self.outcome = " ".join(findings.mapped("message"))
        self.severity = max(findings.mapped("severity"), key=["info", "warning", "error"].index, default="ok")

    def _get_parse_message(self):
        return self.env._("“%s” is not a register value.", self.entered)

    def _preview(self, value):
        """Findings on a value that is not stored, as records that are not stored either."""
        meter = self.meter_id
        reading = (
            self.env["pwik.reading"]
            .sudo()
            .new(
                {
                    "meter_id": meter.id,
                    "moment": meter._get_moment(self.date),
                    "value": value,
                    "source": "manual",
                }
            )
        )
        limits = self.env["pwik.validation.limit"]._get_table(meter.company_id)
        book = ReadingHistory(reading)
        draft = book.drafts[reading.id]
        found = validate(
            book.get_reading(draft),
            book.get_history(draft),
            limits(meter.meter_kind, reading.date),
            reading._get_validation_rules(),
        )
        findings = self.env["pwik.reading.finding"]
        for finding in found:
            findings += findings.new(
                {
                    "code": finding.code,
                    "severity": finding.severity.value,
                    "params": findings._pack_params(finding.params),
                }
            )
        return findings

    def write(self, vals):
        if not self.env.su and not self.env.user.has_group(OFFICE) and set(vals) - ENTRY_FIELDS:
            raise AccessError(self.env._("A meter reader enters values, notes and photos."))
        result = super().write(vals)
        # with its reading the program writes what the reading says (``_follow``): nobody typed that
        if ENTRY_FIELDS.intersection(vals) and not (self.env.su and "reading_id" in vals):
            self._take_in(ENTRY_FIELDS.intersection(vals))
        return result

    def _take_in(self, changed):
        """Make readings of what was typed, correct those that were typed before, keep notes and photos with them."""
        if any(book.state in ("done", "cancelled") for book in self.book_id):
            raise UserError(self.env._("This reading book is closed."))
        self.book_id.filtered(lambda book: book.state == "draft").sudo().state = "open"
        fresh, values = self.browse(), []
        for line in self if "entered" in changed else self.browse():
            value = line._get_value()
            if value is None:
                line._check_not_emptied()
            elif not line.reading_id:
                fresh += line
                values.append(
                    {
                        "meter_id": line.meter_id.id,
                        "moment": line.meter_id._get_moment(line.date),
                        "value": value,
                        "source": "manual",
                        "note": line.note,
                    }
                )
            elif value != line.reading_id.value:
                line._enter_again(value)
        for line, reading in zip(fresh, self.env["pwik.reading"]._import_values(values), strict=True):
            line._check_counts(reading)
            line.sudo().reading_id = reading
        for line in self.filtered("reading_id"):
            kept = [name for name in ("note", "note_code_id", "photo") if name in changed or line[name]]
            # sudo: what a reader notes later still belongs to the reading he took
            line.reading_id.sudo().write(
                {name: line._fields[name].convert_to_write(line[name], line) for name in kept}
            )

    def _check_counts(self, reading):
        """The same value again is the same reading, and another of that moment a rejected one: neither was read anew."""
        if reading.sudo().state == "rejected":
            raise UserError(
                self.env._(
                    "Row %(row)s, meter %(meter)s: %(value)s m³ was rejected, or contradicts another reading of that day."
                    " Type another value, or ask the office.",
                    row=self.sequence,
                    meter=self.meter_id.serial,
                    value=self.entered,
                )
            )

    def _follow(self, reading):
        """Show what the office made of a reading, in closed books too.

        :param reading: what replaces it; empty where it was rejected, so that the meter is missing again
        """
        for line in self.sudo():
            entered = line.entered
            if not reading or reading.source == "estimate":
                entered = False
            elif entered and line._get_value() != reading.value:
                entered = f"{reading.value:.3f}".rstrip("0").rstrip(".")
            line.write({"reading_id": reading.id, "entered": entered})

    def _get_value(self):
        try:
            value = parse_value(self.entered)
        except EntryError as error:
            raise ValidationError(
                self.env._(
                    "Row %(row)s, meter %(meter)s: “%(text)s” is not a register value.",
                    row=self.sequence,
                    meter=self.meter_id.serial,
                    text=self.entered,
                )
            ) from error
        return None if value is None else float(value)

    def _check_not_emptied(self):
        if self.reading_id.source == "manual" and self._origin.reading_id:
            raise UserError(
                self.env._(
                    "Meter %s was read: a reading is not taken back by emptying the field. Type the right value.",
                    self.meter_id.serial,
                )
            )

    def _enter_again(self, value):
        """A slip of the fingers: a new record replaces the reading; the first value is kept with the old one.

        :raise UserError: the reading was invoiced, the office decided on it, or it came another way than by a reader
        """
        reading = self.reading_id.sudo()
        if not self.env.user.has_group(OFFICE):
            if reading.source != "manual":
                raise UserError(
                    self.env._(
                        "Reading %s did not come by a meter reader: have it corrected in the office.",
                        reading.display_name,
                    )
                )
            billed_until = reading.meter_id._get_billed_until()
            corrected_by = reading.correction_of_id.decided_by_id
            decided = reading.decided_by_id or corrected_by and corrected_by.has_group(OFFICE)
            if decided or billed_until and reading.date <= billed_until:
                raise UserError(
                    self.env._(
                        "Reading %s was worked on in the office: have it corrected there.",
                        reading.display_name,
                    )
                )
        reason = self.env._("Entered again in the reading book")
        reading.action_correct(value, reason)

    def _estimate(self, reason):
        """Estimates for lines without a reading."""
        if not self:
            return
        requests = [(line.meter_id, line.meter_id._get_moment(line.date), "main") for line in self]
        estimates = self.env["pwik.reading"]._estimate_missing(requests, reason)
        for line, reading in zip(self, estimates, strict=True):
            line.sudo().reading_id = reading
            reading.sudo().write({"note_code_id": line.note_code_id.id, "photo": line.photo})
