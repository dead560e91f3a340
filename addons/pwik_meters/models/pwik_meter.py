import json
from collections import defaultdict
from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from pytz import UTC, timezone

from .pwik_work_order import OPEN_STATES

METER_KINDS = [
    ("main", "Main meter"),
    ("unit", "Unit meter"),
    ("deduction", "Sub-meter (deduction)"),
    ("sewage", "Sewage measuring device"),
]


class PwikMeter(models.Model):
    _name = "pwik.meter"
    _description = "Water meter"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "serial"
    _rec_name = "serial"
    _rec_names_search = ["serial"]
    _check_company_auto = True

    serial = fields.Char("Serial number", required=True, index="trigram", tracking=True, copy=False)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True, tracking=True)
    manufacturer = fields.Char(required=True, tracking=True)
    model = fields.Char("Type", tracking=True)
    meter_kind = fields.Selection(METER_KINDS, "Kind", required=True, default="main", tracking=True)
    q3 = fields.Float(
        "Q3 [m³/h]", digits=(6, 2), default=2.5, tracking=True, help="Permanent flow rate (EN ISO 4064)."
    )
    dn = fields.Integer("DN [mm]", default=20, tracking=True)
    register_digits = fields.Integer(
        required=True,
        default=5,
        tracking=True,
        help="Whole m³ digits of the register: it rolls over after 10^digits m³.",
    )
    year = fields.Integer("Year of manufacture", tracking=True)
    legalization_date = fields.Date("Legal verification", tracking=True)
    legalization_valid_until = fields.Date("Verification valid until", tracking=True, index=True)
    state = fields.Selection(
        [("stock", "In stock"), ("installed", "Installed"), ("removed", "Removed"), ("scrapped", "Scrapped")],
        "Status",
        required=True,
        default="stock",
        tracking=True,
        index=True,
        copy=False,
    )
    installation_ids = fields.One2many("pwik.meter.installation", "meter_id", "Installations")
    installation_id = fields.Many2one(
        "pwik.meter.installation",
        "Current installation",
        compute="_compute_installation_id",
    )
    service_point_id = fields.Many2one(
        "pwik.service.point",
        "Service point",
        compute="_compute_installation_id",
        search="_search_service_point_id",
    )
    seal_ids = fields.One2many("pwik.meter.seal", "meter_id", "Seals")
    reading_ids = fields.One2many("pwik.reading", "meter_id", "Readings")
    work_order_ids = fields.One2many("pwik.work.order", "meter_id", "Work orders")
    open_order_count = fields.Integer("Open orders", compute="_compute_open_order_count")

    reading_count = fields.Integer("Number of readings", compute="_compute_counts")
    consumption_chart = fields.Text("Consumption by month", compute="_compute_consumption_chart")
    last_reading_date = fields.Date("Last reading on", compute="_compute_last_reading")
    last_reading_value = fields.Float("Last value [m³]", digits=(16, 3), compute="_compute_last_reading")
    legalization_state = fields.Selection(
        [("valid", "Valid"), ("soon", "Due within 6 months"), ("expired", "Expired")],
        "Verification",
        compute="_compute_legalization_state",
    )

    _serial_backwards = models.Index("(reverse(serial) text_pattern_ops)")
    _serial_unique = models.Constraint(
        "UNIQUE(serial, manufacturer, company_id)",
        "A meter of this manufacturer with this serial number exists already.",
    )
    _digits_range = models.Constraint(
        "CHECK(register_digits BETWEEN 3 AND 9)", "A register has 3 to 9 digits."
    )

    @api.depends("installation_ids.date_to", "installation_ids.service_point_id")
    def _compute_installation_id(self):
        for meter in self:
            meter.installation_id = meter.installation_ids.filtered(lambda i: not i.date_to)[:1]
            meter.service_point_id = meter.installation_id.service_point_id

    def _search_service_point_id(self, operator, value):
        return [("installation_ids", "any", [("date_to", "=", False), ("service_point_id", operator, value)])]

    def _compute_consumption_chart(self):
        """Consumption of the last two years by month, as the graph widget of Odoo reads it (JSON)."""
        first = fields.Date.start_of(fields.Date.add(fields.Date.context_today(self), months=-23), "month")
        months = [fields.Date.add(first, months=number) for number in range(24)]
        used = defaultdict(float)
        for meter, month, use in self.env["pwik.reading"]._read_group(
            [
                ("meter_id", "in", self.ids),
                ("date", ">=", first),
                ("state", "=", "accepted"),
                ("superseded", "=", False),
            ],
            ["meter_id", "date:month"],
            ["consumption:sum"],
        ):
            used[meter.id, fields.Date.to_date(month)] += use or 0.0
        title = self.env._("Consumption [m³]")
        for meter in self:
            values = [
                {
                    "label": format_date(self.env, month, date_format="LLL yy"),
                    "value": round(used[meter.id, month], 3),
                    "type": "past",
                }
                for month in months
            ]
            meter.consumption_chart = json.dumps([{"values": values, "title": title, "key": title}])

    def _compute_counts(self):
        counts = dict(
            self.env["pwik.reading"]._read_group([("meter_id", "in", self.ids)], ["meter_id"], ["__count"])
        )
        for meter in self:
            meter.reading_count = counts.get(meter, 0)

    @api.depends("work_order_ids.state")
    def _compute_open_order_count(self):
        counts = dict(
            self.env["pwik.work.order"]._read_group(
                [("meter_id", "in", self.ids), ("state", "in", OPEN_STATES)], ["meter_id"], ["__count"]
            )
        )
        for meter in self:
            meter.open_order_count = counts.get(meter, 0)

    def action_view_orders(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_work_order_action")
        return {
            **action,
            "domain": [("meter_id", "in", self.ids)],
            "context": {"default_meter_id": self[:1].id},
        }

    @api.depends("reading_ids.state", "reading_ids.superseded", "reading_ids.value")
    def _compute_last_reading(self):
        latest = self.env["pwik.reading"]._get_latest_accepted(self.ids)
        for meter in self:
            meter.last_reading_date, meter.last_reading_value = latest.get(meter.id, (False, 0.0))

    @api.depends("legalization_valid_until", "state")
    def _compute_legalization_state(self):
        today = fields.Date.context_today(self)
        soon = fields.Date.add(today, months=6)
        for meter in self:
            until = meter.legalization_valid_until
            if not until or meter.state != "installed":
                meter.legalization_state = False
            else:
                meter.legalization_state = (
                    "expired" if until < today else "soon" if until <= soon else "valid"
                )

    def action_view_readings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_reading_action")
        action["domain"] = [("meter_id", "in", self.ids)]
        action["context"] = {"default_meter_id": self.id} if len(self) == 1 else {}
        return action

    def action_scrap(self):
        """Take removed or unused meters out of the stock for good."""
        if any(meter.state == "installed" for meter in self):
            raise UserError(self.env._("An installed meter has to be removed before it is scrapped."))
        self.state = "scrapped"

    def _get_moment(self, day):
        """Moment (UTC) of a value of which only the day is known: noon in the utility's time zone, today no later than now."""
        zone = timezone(self.env["pwik.reading"]._get_timezone())
        noon = zone.localize(datetime.combine(day, time(12))).astimezone(UTC).replace(tzinfo=None)
        now = fields.Datetime.now()
        return now if noon > now and day <= now.astimezone(zone).date() else noon

    def _add_exchange_reading(self, day, value, note):
        """Reading of source ``exchange`` at noon of ``day``, validated like every other one."""
        self.ensure_one()
        return self.env["pwik.reading"]._import_values(
            [
                {
                    "meter_id": self.id,
                    "moment": self._get_moment(fields.Date.to_date(day)),
                    "value": value,
                    "source": "exchange",
                    "note": note,
                }
            ]
        )

    def _put_seal(self, number, day):
        """Take off the seals that are on and put on a new one."""
        self.ensure_one()
        self.seal_ids.filtered(lambda seal: not seal.removed_date).removed_date = day
        return self.env["pwik.meter.seal"].create({"meter_id": self.id, "number": number, "date": day})

    def _remove_meter(self, day, end_value, reason=None, photo=None):
        """Take the meter out of service on ``day``; its last value becomes a reading of source ``exchange``.

        :param end_value: m³
        :param photo: the dial, base64; kept with the reading
        :return: the installation that ended
        :raise UserError: not installed, before its installation, or something later is invoiced or read already
        """
        self.ensure_one()
        day = fields.Date.to_date(day)
        installation = self.installation_id
        if not installation:
            raise UserError(self.env._("Meter %s is not installed.", self.serial))
        if day < installation.date_from:
            raise UserError(self.env._("A meter cannot be taken out before it was installed."))
        billed_until = self._get_billed_until()
        if billed_until and day < billed_until:
            raise UserError(
                self.env._(
                    "Meter %(meter)s is invoiced until %(day)s already.", meter=self.serial, day=billed_until
                )
            )
        later = self.env["pwik.reading"].search_count(
            [
                ("meter_id", "=", self.id),
                ("date", ">", day),
                ("state", "=", "accepted"),
                ("superseded", "=", False),
            ],
            limit=1,
        )
        if later:
            raise UserError(self.env._("Meter %s has accepted readings after that day.", self.serial))
        reading = self._add_exchange_reading(day, end_value, reason or self.env._("End value"))
        if photo:
            reading.sudo().photo = photo
        installation.write({"date_to": day, "end_value": end_value})
        # The next meter may come to this point on the same day: the constraint has to see that this one left.
        installation.flush_recordset()
        self.seal_ids.filtered(lambda seal: not seal.removed_date).removed_date = day
        self.state = "removed"
        return installation

    def _get_billed_until(self):
        """Last day that was invoiced from this meter's readings, or False. Answered by billing."""
        self.ensure_one()
        return False

    def _get_norms_per_day(self):
        """Use by norms at the points of these meters, for estimates where nothing was ever read. Answered by billing.

        :return: ``{meter_id: m³ a day (Decimal)}``; meters without a norm are absent
        """
        return {}

    def _get_last_billed_readings(self):
        """Map each meter to its last invoiced register value. Answered by billing.

        :return: ``{meter_id: (date, value in m³)}``; meters that were never invoiced are absent.
        """
        return {}

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        if self.installation_ids or self.reading_ids:
            raise UserError(self.env._("A meter with a history is kept: archive it instead of deleting it."))
