import re
from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.copying import to_array
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .line_store import fits


class Overlay(NamedTuple):
    """An overlay as the import needs it.

    ``token``: its key as stored, encrypted; None without one. ``is_guarded``: only telegrams that this key opens count.
    """

    id: int
    serial: str
    manufacturer: str
    version: str | None
    medium: str | None
    token: str | None = None
    is_guarded: bool = False

    def __repr__(self):
        # like the record: no key in logs, in whatever form
        return f"Overlay({self.id}, {self.serial})"


class PwikRadioModule(models.Model):
    """Radio overlay on a water meter (nakładka radiowa).

    Its AES key is looked after in ``pwik_radio_module_keys.py``.
    """

    _name = "pwik.radio.module"
    _description = "Radio overlay"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "manufacturer, serial"
    _rec_name = "display_name"
    _rec_names_search = ["serial"]
    _check_company_auto = True

    serial = fields.Char(
        "Radio ID",
        required=True,
        tracking=True,
        copy=False,
        help="Identification number of 8 digits which the overlay sends (printed on it).",
    )
    manufacturer = fields.Char(
        required=True,
        size=3,
        tracking=True,
        help="Three letters (EN 62056-21), for instance APA or KAM.",
    )
    version = fields.Char(
        size=2, tracking=True, help="Generation of the device: two hexadecimal digits, as sent."
    )
    medium = fields.Char(
        size=2, default="07", tracking=True, help="Two hexadecimal digits, as sent; 07 is water."
    )
    model = fields.Char("Type")
    protocol = fields.Selection([("wmbus", "Wireless M-Bus")], required=True, default="wmbus")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)
    battery_until = fields.Date("Battery until", tracking=True)
    last_seen = fields.Datetime("Last heard", readonly=True, copy=False)
    last_rssi = fields.Integer("Signal [dBm]", readonly=True, copy=False, aggregator="avg")
    assignment_ids = fields.One2many("pwik.radio.module.assignment", "module_id", "Meters over time")
    meter_id = fields.Many2one(
        "pwik.meter",
        compute="_compute_meter_id",
        search="_search_meter_id",
    )
    service_point_id = fields.Many2one(related="meter_id.service_point_id")
    alarm_ids = fields.One2many("pwik.radio.alarm", "module_id", "Alarms")
    open_alarm_count = fields.Integer("Open alarms", compute="_compute_open_alarm_count")
    line_ids = fields.One2many("pwik.radio.dump.line", "module_id", "Telegrams")

    # The serial first: a dump asks for thousands at once (a trigram index would answer that a thousand times slower)
    _address_unique = models.UniqueIndex(
        "(serial, company_id, manufacturer, COALESCE(version, ''), COALESCE(medium, ''))",
        "An overlay with this manufacturer, ID, version and medium exists already.",
    )
    _serial_digits = models.Constraint(
        "CHECK(serial ~ '^[0-9A-F]{8}$')",
        "The radio ID of an overlay has 8 digits.",
    )

    def init(self):
        # each dump says of each overlay when it was heard: with room on its page a row is written without its indexes
        self.env.cr.execute("ALTER TABLE pwik_radio_module SET (fillfactor = 80)")

    @api.depends("manufacturer", "serial")
    @api.depends_context("show_meter")
    def _compute_display_name(self):
        """Maker and number; where one of several must be chosen (context ``show_meter``), its meter too."""
        for module in self:
            name = f"{module.manufacturer or ''} {module.serial or ''}".strip()
            if self.env.context.get("show_meter") and module.meter_id:
                name = f"{name} ({module.meter_id.display_name})"
            module.display_name = name

    @api.depends("assignment_ids.date_from", "assignment_ids.date_to", "assignment_ids.meter_id")
    def _compute_meter_id(self):
        now = fields.Datetime.now()
        for module in self:
            module.meter_id = module.assignment_ids.filtered(
                lambda line: line.date_from <= now and (not line.date_to or line.date_to > now)
            ).meter_id[:1]

    def _search_meter_id(self, operator, value):
        now = fields.Datetime.now()
        current = [("date_from", "<=", now), "|", ("date_to", "=", False), ("date_to", ">", now)]
        if operator == "in" and False in value:
            return ["!", ("assignment_ids", "any", current)]
        return [("assignment_ids", "any", [*current, ("meter_id", operator, value)])]

    @api.depends("alarm_ids.state")
    def _compute_open_alarm_count(self):
        counts = dict(
            self.env["pwik.radio.alarm"]._read_group(
                [("module_id", "in", self.ids), ("state", "=", "open")],
                ["module_id"],
                ["__count"],
            )
        )
        for module in self:
            module.open_alarm_count = counts.get(module, 0)

    @api.constrains("manufacturer", "version", "medium")
    def _check_address(self):
        for module in self:
            if not re.fullmatch(r"[A-Z@\[\]\\^_]{3}", module.manufacturer or ""):
                raise ValidationError(
                    self.env._("The manufacturer of an overlay is given by three capital letters.")
                )
            for value in (module.version, module.medium):
                if value and not re.fullmatch(r"[0-9A-F]{2}", value):
                    raise ValidationError(self.env._("Version and medium are two hexadecimal digits each."))

    @api.model
    def _prepare_address(self, vals):
        """Write an address the way telegrams carry it: capitals, leading zeros, empty instead of ""."""
        vals = dict(vals)
        for name, width in (("manufacturer", 0), ("serial", 8), ("version", 2), ("medium", 2)):
            if vals.get(name):
                vals[name] = str(vals[name]).strip().upper().zfill(width)
            elif name in vals:
                vals[name] = False
        return vals

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_address(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._prepare_address(vals))

    @api.model
    def _get_by_serial(self, serials):
        """Overlays of this company by radio ID: ``{serial: recordset}``."""
        return self.search(
            [("serial", "in", list(serials)), ("company_id", "=", self.env.company.id)]
        ).grouped("serial")

    @api.model
    def _get_fitting(self, lines):
        """Overlays of this company that telegrams may be of by what they tell of their address: ``{line: recordset}``.

        :param lines: records of ``pwik.radio.dump.line``
        """
        known = self._get_by_serial({line.serial for line in lines})
        return {
            line: known.get(line.serial, self.browse()).filtered(lambda one, line=line: fits(line, one))
            for line in lines
        }

    @api.model
    def _get_overlays(self, serials, company):
        """Overlays in use as plain values, for matching many telegrams: ``{radio ID: [Overlay, …]}``."""
        self.flush_model([*Overlay._fields[1:-2], "aes_key", "accepts_clear", "company_id", "active"])
        self.env.cr.execute(
            SQL(
                """
            SELECT id, serial, manufacturer, version, medium, aes_key, aes_key IS NOT NULL AND accepts_clear IS NOT TRUE
              FROM pwik_radio_module
             WHERE serial = ANY(%s::text[]) AND company_id = %s AND active
          ORDER BY manufacturer, id
            """,
                to_array(serials),
                company.id,
            )
        )
        found = {}
        for row in map(Overlay._make, self.env.cr.fetchall()):
            found.setdefault(row.serial, []).append(row)
        return found

    def action_rerun_lines(self):
        """Run the kept telegrams of these overlays again, after a key or an assignment was added."""
        lines = self._get_kept_lines()
        lines.action_run_again()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if lines else "warning",
                "message": self.env._("Telegrams run again: %s", len(lines))
                if lines
                else self.env._("No telegram of this overlay waits."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_kept_lines(self, since=None):
        """Telegrams of these overlays that gave nothing for want of a key, an overlay or an assignment.

        :param since: a moment from which these overlays sit on another meter: telegrams from then on whose reading was
            rejected come with them
        """
        lines = self.env["pwik.radio.dump.line"].search(self._get_kept_domain())
        if since:
            heard = Domain("received", ">=", since) | (
                Domain("received", "=", False) & Domain("value_moment", ">=", since)
            )
            rejected = Domain("module_id", "in", self.ids) & Domain("reading_id.state", "=", "rejected")
            lines |= lines.search(rejected & heard)
        return lines

    def _get_kept_domain(self):
        # an overlay that was entered after it was heard is on its lines by its number only
        return Domain("state", "in", ("error", "quarantine")) & (
            Domain("module_id", "in", self.ids)
            | (Domain("module_id", "=", False) & Domain("serial", "in", self.mapped("serial")))
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        if self.assignment_ids or self.line_ids:
            raise UserError(
                self.env._("An overlay with a history is kept: archive it instead of deleting it.")
            )
