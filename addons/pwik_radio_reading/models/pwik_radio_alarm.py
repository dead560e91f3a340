from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_datetime
from pytz import timezone

ALARM_KINDS = [
    ("burst", "Burst"),
    ("leak", "Leak"),
    ("backflow", "Backflow"),
    ("tamper", "Tampering"),
    ("magnet", "Magnet"),
    ("detached", "Overlay detached"),
    ("dry", "Dry"),
    ("no_flow", "No flow"),
    ("battery_low", "Battery low"),
    ("freeze", "Frost"),
    ("overload", "Overload"),
    ("sensor_fault", "Sensor fault"),
    ("device_error", "Device error"),
]
# Kind of case by alarm: water that runs away is told to the customer, what looks like manipulation is looked at on the spot.
CASE_KINDS = {
    "burst": "alarm_leak",
    "leak": "alarm_leak",
    "tamper": "alarm_inspection",
    "magnet": "alarm_inspection",
    "detached": "alarm_inspection",
}
OTHER_CASES = "alarm"


class PwikRadioAlarm(models.Model):
    """An alarm of an overlay: opened by the first telegram that carries it, closed by the first one that no longer does."""

    _name = "pwik.radio.alarm"
    _description = "Alarm of a radio overlay"
    _inherit = ["mail.thread"]
    _order = "state desc, date_first desc, id desc"

    module_id = fields.Many2one("pwik.radio.module", "Overlay", required=True, index=True, ondelete="cascade")
    meter_id = fields.Many2one("pwik.meter", index=True, ondelete="restrict")
    service_point_id = fields.Many2one(
        "pwik.service.point",
        "Service point",
        compute="_compute_service_point_id",
        store=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Where the meter stood when the alarm was first heard.",
    )
    route_id = fields.Many2one(related="service_point_id.route_id", string="Route")
    company_id = fields.Many2one(related="module_id.company_id", store=True)
    case_id = fields.Many2one("pwik.case", readonly=True, index="btree_not_null", ondelete="set null")
    kind = fields.Selection(ALARM_KINDS, "Alarm", required=True, index=True)
    date_first = fields.Datetime("First heard", required=True)
    date_last = fields.Datetime("Last heard", required=True)
    state = fields.Selection(
        [("closed", "Closed"), ("open", "Open")], "Status", required=True, default="open", tracking=True
    )
    close_reason = fields.Char("Closed because", tracking=True, help="Only where a person closed the alarm.")

    _open_once = models.UniqueIndex(
        "(module_id, kind) WHERE state = 'open'",
        "This alarm of the overlay is open already.",
    )

    @api.depends("kind", "meter_id", "module_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for alarm in self:
            where = alarm.meter_id.display_name or alarm.module_id.display_name
            alarm.display_name = f"{kinds.get(alarm.kind, '')} · {where}"

    @api.depends("meter_id", "date_first")
    def _compute_service_point_id(self):
        readings = self.env["pwik.reading"]
        zone = timezone(readings._get_timezone())
        keys = {
            alarm: (alarm.meter_id.id, readings._get_day(alarm.date_first, zone))
            for alarm in self
            if alarm.meter_id and alarm.date_first
        }
        places = readings._get_places(list(keys.values()))
        for alarm in self:
            alarm.service_point_id = places.get(keys.get(alarm), (False, False, False))[1]

    @api.model
    def _observe(self, observations):
        """Bring the open alarms in line with what overlays sent.

        :param observations: list of ``(module_id, meter_id or False, moment, frozenset of alarm kinds)``, in order of time,
            sound telegrams only
        :return: the alarms opened now (each is new: nobody was told of it yet)
        """
        open_alarms, past = defaultdict(dict), {}
        modules = {row[0] for row in observations}
        for alarm in self.search([("module_id", "in", list(modules)), ("state", "=", "open")]):
            open_alarms[alarm.module_id.id][alarm.kind] = alarm
        opened = self.browse()
        for module_id, meter_id, moment, kinds in observations:
            if not kinds and module_id not in open_alarms:
                continue
            known = open_alarms[module_id]
            for kind in kinds:
                alarm = known.get(kind)
                if alarm and alarm._is_of(meter_id):
                    if not alarm.meter_id and meter_id:
                        # heard before the overlay was assigned: only now there is somebody to tell
                        alarm.meter_id = meter_id
                        opened |= alarm
                    alarm.date_last = max(alarm.date_last, moment)
                    continue
                if alarm and alarm.date_last < moment:
                    # the overlay sits elsewhere now: what is heard belongs to the new meter
                    known.pop(kind)._end()
                key = module_id, meter_id, kind
                if key not in past and (kind in known or self._is_over(*key, moment)):
                    past[key] = self._get_past(*key, moment)
                if key in past:
                    past[key].date_last = max(past[key].date_last, moment)
                    continue
                known[kind] = self.create(self._prepare(*key, moment))
                opened |= known[kind]
            gone = [kind for kind, alarm in known.items() if kind not in kinds and alarm.date_last < moment]
            for kind in gone:
                known.pop(kind)._end()
        return opened

    @api.model
    def _prepare(self, module_id, meter_id, kind, moment):
        return {
            "module_id": module_id,
            "meter_id": meter_id,
            "kind": kind,
            "date_first": moment,
            "date_last": moment,
        }

    def _is_of(self, meter_id):
        """Whether what was heard of the overlay on this meter (False: on none) continues the alarm."""
        return not self.meter_id or self.meter_id.id == meter_id

    def _end(self):
        """Close alarms. At once in the database, which has each alarm of an overlay open only once."""
        self.state = "closed"
        self.flush_recordset(["state"])

    @api.model
    def _is_over(self, module_id, meter_id, kind, moment):
        """Whether something newer is known than a telegram with this alarm, which an older file may bring late.

        Asked for alarms about to be opened only. Over is the alarm when a later sound telegram of the overlay did not carry it
        or came from another meter, and when the overlay was taken off the meter since. Exports that say nothing of alarms
        deny none.
        """
        self.env["pwik.radio.dump.line"].flush_model()
        self.env["pwik.radio.module.assignment"].flush_model()
        return self.env.execute_query(
            SQL(
                """
            SELECT EXISTS (SELECT 1 FROM pwik_radio_dump_line l
                            WHERE l.module_id = %(module)s AND l.received > %(moment)s
                              AND (l.state IN ('done', 'seen', 'review') OR l.reason IN ('not_assigned', 'refused'))
                              AND (l.decoded IS NULL OR l.decoded->>'alarms' IS NOT NULL)
                              AND (l.meter_id <> %(meter)s
                                   OR NOT %(kind)s = ANY (string_to_array(coalesce(l.alarms, ''), ' '))))
                OR EXISTS (SELECT 1 FROM pwik_radio_module_assignment a
                            WHERE a.module_id = %(module)s AND a.meter_id = %(meter)s
                              AND a.date_from <= %(moment)s AND a.date_to > %(moment)s
                              AND a.date_to <= now() AT TIME ZONE 'UTC')
                OR EXISTS (SELECT 1 FROM pwik_radio_alarm o
                            WHERE o.module_id = %(module)s AND o.meter_id IS NOT DISTINCT FROM %(meter)s
                              AND o.kind = %(kind)s AND o.date_first <= %(moment)s AND o.date_last >= %(moment)s)
                """,
                module=module_id,
                meter=meter_id or None,
                kind=kind,
                moment=moment,
            )
        )[0][0]

    @api.model
    def _get_past(self, module_id, meter_id, kind, moment):
        """The closed alarm that covers the moment, made where there is none: history, of which nobody is told."""
        return self.search(
            [
                ("module_id", "=", module_id),
                ("meter_id", "=", meter_id),
                ("kind", "=", kind),
                ("state", "=", "closed"),
                ("date_first", "<=", moment),
                ("date_last", ">=", moment),
            ],
            limit=1,
        ) or self.create(self._prepare(module_id, meter_id, kind, moment) | {"state": "closed"})

    def action_close(self):
        """Close alarms by hand, with the reason noted: an overlay that is never heard again closes none."""
        for alarm in self:
            if alarm.state != "open":
                raise UserError(self.env._("Only an open alarm can be closed."))
            if not (alarm.close_reason or "").strip():
                raise UserError(self.env._("Write down why the alarm is closed."))
        self._end()

    def action_reopen(self):
        """The way back of :meth:`action_close`; the reason stays in the history."""
        for alarm in self:
            if alarm.state != "closed" or not alarm.close_reason:
                raise UserError(self.env._("Only an alarm that was closed by hand can be opened again."))
            twin = [("module_id", "=", alarm.module_id.id), ("kind", "=", alarm.kind), ("state", "=", "open")]
            if self.search_count(twin, limit=1):
                raise UserError(self.env._("This alarm of the overlay is open already."))
            alarm.write({"state": "open", "close_reason": False})

    def action_view_lines(self):
        """The telegrams of the alarm's overlay, those with an alarm first asked for."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("pwik_radio_reading.pwik_radio_dump_line_action")
        action["domain"] = [("module_id", "=", self.module_id.id)]
        action["context"] = {"search_default_with_alarm": 1}
        action["display_name"] = self.module_id.display_name
        return action

    def _open_cases(self):
        """Open a case for each of these alarms. An alarm is a record as long as it lasts, so that there is one case for it."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for alarm in self.filtered("meter_id"):
            alarm.case_id = self.env["pwik.case"]._create_from_system(
                CASE_KINDS.get(alarm.kind, OTHER_CASES),
                {
                    "name": self.env._(
                        "%(alarm)s: meter %(meter)s", alarm=kinds[alarm.kind], meter=alarm.meter_id.serial
                    ),
                    "description": alarm._describe(kinds[alarm.kind]),
                    "meter_id": alarm.meter_id.id,
                },
                # an overlay may have moved: the case of another meter is not this customer's
                key=f"pwik.radio.alarm:{alarm.module_id.id}:{alarm.kind}:{alarm.meter_id.id}",
            )[0]

    def _describe(self, kind):
        """What whoever takes the case up has to know: what was heard, when, where, and what comes next."""
        self.ensure_one()
        hints = {
            "alarm_leak": self.env._(
                "Tell the customer: he checks taps, cisterns and the pipes behind the meter."
                " In eBOK he sees the alarm as long as it lasts."
            ),
            "alarm_inspection": self.env._("Have the meter, its seal and the overlay looked at on the spot."),
        }
        # the import has no zone of its own, the utility has
        zone = self.env["pwik.reading"]._get_timezone()
        moment = format_datetime(self.env, self.date_first, tz=zone, dt_format="short")
        lines = [
            self.env._(
                "Overlay %(module)s reports: %(alarm)s.", module=self.module_id.display_name, alarm=kind
            ),
            self.env._(
                "First heard: %(moment)s, meter %(meter)s.", moment=moment, meter=self.meter_id.serial
            ),
            self.service_point_id.display_name,
            hints.get(CASE_KINDS.get(self.kind)),
        ]
        return "\n".join(filter(None, lines))
