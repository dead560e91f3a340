import re
from decimal import Decimal, InvalidOperation

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..domain.validation import validate
from ..models.reading_history import ReadingHistory

NUMBER = re.compile(r"^\d{1,9}([.,]\d{1,3})?$")


def parse_value(text):
    """Register value as people type it: ``1 234,5`` or ``1234.5``.

    :return: float in m³, None for an empty text
    :raise ValueError: anything else
    """
    text = re.sub(r"\s", "", text or "")
    if not text:
        return None
    if not NUMBER.match(text):
        raise ValueError(text)
    try:
        return float(Decimal(text.replace(",", ".")))
    except InvalidOperation as error:
        raise ValueError(text) from error


class PwikReadingEntry(models.TransientModel):
    """Entry of a reading book: the meters of a route in walking order; type, Enter, next."""

    _name = "pwik.reading.entry"
    _description = "Entry of readings"
    _rec_name = "route_id"

    route_id = fields.Many2one("pwik.reading.route", required=True)
    date = fields.Date("Day of reading", required=True, default=fields.Date.context_today)
    line_ids = fields.One2many(
        "pwik.reading.entry.line",
        "entry_id",
        "Meters",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    entered_count = fields.Integer("Entered", compute="_compute_progress")
    missing_count = fields.Integer("Missing", compute="_compute_progress")

    @api.depends("route_id", "date")
    def _compute_line_ids(self):
        for entry in self:
            installations = entry.route_id._get_installations()
            latest = self.env["pwik.reading"]._get_latest_accepted(installations.meter_id.ids)
            entry.line_ids = [Command.clear()] + [
                Command.create(
                    {
                        "sequence": number,
                        "meter_id": installation.meter_id.id,
                        "service_point_id": installation.service_point_id.id,
                        "last_date": latest.get(installation.meter_id.id, (False, 0.0))[0],
                        "last_value": latest.get(installation.meter_id.id, (False, 0.0))[1],
                    }
                )
                for number, installation in enumerate(installations, 1)
            ]

    @api.depends("line_ids.entered")
    def _compute_progress(self):
        for entry in self:
            entry.entered_count = len(entry.line_ids.filtered("entered"))
            entry.missing_count = len(entry.line_ids) - entry.entered_count

    def action_save(self):
        """Make readings of what was entered; they are validated at once. Shows them."""
        self.ensure_one()
        readings = self.env["pwik.reading"]._import_values(self.line_ids._prepare_reading_values())
        if not readings:
            raise UserError(self.env._("Nothing was entered."))
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_reading_action")
        return {
            **action,
            "name": self.env._("Readings just entered"),
            "domain": [("id", "in", readings.ids)],
            "context": {},
        }


class PwikReadingEntryLine(models.TransientModel):
    _name = "pwik.reading.entry.line"
    _description = "Entry of one reading"
    _order = "sequence, id"

    entry_id = fields.Many2one("pwik.reading.entry", required=True, ondelete="cascade")
    sequence = fields.Integer("No.")
    meter_id = fields.Many2one("pwik.meter", required=True)
    service_point_id = fields.Many2one("pwik.service.point", "Service point")
    street = fields.Char(related="service_point_id.street")
    city = fields.Char(related="service_point_id.city")
    last_date = fields.Date("Last reading")
    last_value = fields.Float("Last value [m³]", digits=(16, 3))
    entered = fields.Char("Value [m³]")
    note = fields.Char("Remarks")
    use = fields.Float("Consumption [m³]", digits=(16, 3), compute="_compute_outcome")
    outcome = fields.Char("What the rules say", compute="_compute_outcome")
    severity = fields.Char(compute="_compute_outcome")

    @api.depends("entered", "entry_id.date")
    def _compute_outcome(self):
        """What the rules will say, before anything is stored."""
        for line in self:
            line.use, line.outcome, line.severity = 0.0, False, False
            try:
                value = parse_value(line.entered)
            except ValueError:
                line.outcome, line.severity = (
                    self.env._("“%s” is not a register value.", line.entered),
                    "error",
                )
                continue
            if value is None:
                continue
            line.use = value - line.last_value
            findings = line._preview(value)
            line.outcome = " ".join(self._get_message(finding) for finding in findings)
            line.severity = max(
                (finding.severity.value for finding in findings),
                key=["info", "warning", "error"].index,
                default="ok",
            )

    def _get_message(self, finding):
        findings = self.env["pwik.reading.finding"]
        return findings.new({"code": finding.code, "params": findings._pack_params(finding.params)}).message

    def _preview(self, value):
        """Findings on a reading that is not stored."""
        reading = (
            self.env["pwik.reading"]
            .sudo()
            .new(
                {
                    "meter_id": self.meter_id.id,
                    "moment": self.meter_id._get_moment(self.entry_id.date),
                    "value": value,
                    "source": "manual",
                }
            )
        )
        limits = self.env["pwik.validation.limit"]._get_table(self.meter_id.company_id)
        book = ReadingHistory(reading)
        return validate(
            book.get_reading(reading),
            book.get_history(reading),
            limits(self.meter_id.meter_kind, reading.date),
            reading._get_validation_rules(),
        )

    def _prepare_reading_values(self):
        """Values for ``_import_values`` of the lines that were filled in."""
        values = []
        for line in self:
            try:
                value = parse_value(line.entered)
            except ValueError as error:
                raise UserError(
                    self.env._(
                        "Row %(row)s, meter %(meter)s: “%(text)s” is not a register value.",
                        row=line.sequence,
                        meter=line.meter_id.serial,
                        text=line.entered,
                    )
                ) from error
            if value is not None:
                values.append(
                    {
                        "meter_id": line.meter_id.id,
                        "moment": line.meter_id._get_moment(line.entry_id.date),
                        "value": value,
                        "source": "manual",
                        "note": line.note,
                    }
                )
        return values
