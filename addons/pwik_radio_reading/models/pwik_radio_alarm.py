from collections import defaultdict

from odoo import api, fields, models
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
        open_alarms = defaultdict(dict)
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
                if alarm:
                    alarm.date_last = max(alarm.date_last, moment)
                    continue
                alarm = known[kind] = self.create(
                    {
                        "module_id": module_id,
                        "meter_id": meter_id,
                        "kind": kind,
                        "date_first": moment,
                        "date_last": moment,
                    }
                )
                opened |= alarm
            gone = [kind for kind, alarm in known.items() if kind not in kinds and alarm.date_last < moment]
            for kind in gone:
                known.pop(kind).state = "closed"
        return opened

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
                key=f"pwik.radio.alarm:{alarm.module_id.id}:{alarm.kind}",
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
