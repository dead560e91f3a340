import base64
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..domain.campaign import GRADES, Stop, build_tour

# A tour is often driven on two days: who was heard so shortly before the campaign's start is asked about.
SHORTLY = timedelta(days=3)
STATES = [("draft", "Planned"), ("running", "Running"), ("done", "Closed")]


class PwikRadioCampaign(models.Model):
    """A reading tour: the overlays of some routes, to be heard until a day. What was heard is looked up, not counted up."""

    _name = "pwik.radio.campaign"
    _description = "Radio reading campaign"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_due desc, id desc"

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    route_ids = fields.Many2many(
        "pwik.reading.route", string="Routes", check_company=True, help="Which overlays are to be heard."
    )
    reader_id = fields.Many2one("res.users", "Meter reader", tracking=True)
    date_due = fields.Date("To be done by", required=True, tracking=True)
    date_start = fields.Datetime(
        "Heard since",
        copy=False,
        tracking=True,
        help="Telegrams from this moment on count. Empty: from the moment at which the campaign is started.",
    )
    date_end = fields.Datetime("Closed", readonly=True, copy=False)
    state = fields.Selection(
        STATES, "Status", required=True, default="draft", readonly=True, copy=False, tracking=True, index=True
    )
    previous_id = fields.Many2one(
        "pwik.radio.campaign",
        "Compared with",
        copy=False,
        check_company=True,
        domain="[('id', '!=', id), ('state', '=', 'done')]",
        ondelete="set null",
    )
    item_ids = fields.One2many("pwik.radio.campaign.item", "campaign_id", "Overlays")
    total_count = fields.Integer("Overlays", compute="_compute_progress")
    read_count = fields.Integer("Overlays read", compute="_compute_progress")
    trouble_count = fields.Integer("Overlays heard, not read", compute="_compute_progress")
    missing_count = fields.Integer("Overlays not heard", compute="_compute_progress")
    lost_count = fields.Integer("Read last time, not now", compute="_compute_progress")
    early_count = fields.Integer("Heard shortly before the start", compute="_compute_early_count")
    progress = fields.Float("Progress [%]", compute="_compute_progress")
    previous_progress = fields.Float("Last campaign [%]", compute="_compute_progress")
    is_late = fields.Boolean("Overdue", compute="_compute_is_late", search="_search_is_late")
    tour_file = fields.Binary(compute="_compute_tour_file")

    @api.depends("state", "item_ids", "previous_id")
    def _compute_progress(self):
        stops = self.env["pwik.radio.campaign.stop"]
        counts, lost = {}, {}
        for campaign, status, count in stops._read_group(
            [("campaign_id", "in", (self | self.previous_id).ids)], ["campaign_id", "status"], ["__count"]
        ):
            counts.setdefault(campaign.id, {})[status] = count
        for campaign, count in stops._read_group(
            [("campaign_id", "in", self.ids), ("status", "!=", "read"), ("previous_status", "=", "read")],
            ["campaign_id"],
            ["__count"],
        ):
            lost[campaign.id] = count
        for campaign in self:
            own = counts.get(campaign.id, {})
            campaign.total_count = sum(own.values())
            campaign.read_count = own.get("read", 0)
            campaign.trouble_count = own.get("trouble", 0)
            campaign.missing_count = own.get("missing", 0)
            campaign.lost_count = lost.get(campaign.id, 0)
            campaign.progress = self._share(own)
            campaign.previous_progress = self._share(counts.get(campaign.previous_id.id, {}))

    @staticmethod
    def _share(counts):
        total = sum(counts.values())
        return 100.0 * counts.get("read", 0) / total if total else 0.0

    def _get_early_domain(self):
        """Overlays not heard since the start, but shortly before it."""
        self.ensure_one()
        return [
            ("campaign_id", "=", self.id),
            ("status", "=", "missing"),
            ("last_seen", ">=", self.date_start - SHORTLY),
            ("last_seen", "<", self.date_start),
        ]

    @api.depends("state", "date_start", "item_ids")
    def _compute_early_count(self):
        stops = self.env["pwik.radio.campaign.stop"]
        for campaign in self:
            running = campaign.state == "running" and campaign.date_start
            campaign.early_count = running and stops.search_count(campaign._get_early_domain())

    @api.depends("state", "date_due")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for campaign in self:
            campaign.is_late = bool(
                campaign.state != "done" and campaign.date_due and campaign.date_due < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("state", "!=", "done"), ("date_due", "<", fields.Date.context_today(self))]

    @api.depends("item_ids", "name", "date_due")
    def _compute_tour_file(self):
        for campaign in self:
            text = json.dumps(campaign._get_tour(), ensure_ascii=False, indent=1)
            campaign.tour_file = base64.b64encode(text.encode()) if campaign.item_ids else False

    def _get_tour(self):
        """The tour as the collector reads it (see ``collector/``)."""
        self.ensure_one()
        stops = [
            Stop(
                item.module_id.manufacturer or "",
                item.module_id.serial,
                item.module_id.version or "",
                item.service_point_id._get_tour_address(),
            )
            for item in self.item_ids
        ]
        return build_tour(f"PWIK-{self.id}", self.name, self.date_due, stops)

    # ------------------------------------------------------------------ steps

    def action_start(self):
        """Fix which overlays are to be heard, in the order of the routes; telegrams count from now on."""
        for campaign in self:
            if campaign.state != "draft":
                raise UserError(self.env._("Only a planned campaign can be started."))
            if not campaign.route_ids:
                raise UserError(self.env._("Choose the routes of the campaign first."))
            values = campaign._prepare_items()
            if not values:
                raise UserError(
                    self.env._(
                        "No overlay sits on a meter of these routes. Assign overlays to meters, or choose other routes."
                    )
                )
            campaign.item_ids = [(5, 0, 0), *((0, 0, one) for one in values)]
            campaign.write(
                {
                    "state": "running",
                    "date_start": campaign.date_start or fields.Datetime.now(),
                    "previous_id": campaign.previous_id.id or campaign._find_previous().id,
                }
            )

    def _prepare_items(self):
        """An item for each overlay that sits on a meter of the routes now, as the reader walks."""
        self.ensure_one()
        installations = self.route_ids._get_installations()
        now = fields.Datetime.now()
        assignments = self.env["pwik.radio.module.assignment"].search(
            [
                ("meter_id", "in", installations.meter_id.ids),
                ("date_from", "<=", now),
                "|",
                ("date_to", "=", False),
                ("date_to", ">", now),
            ]
        )
        modules = {assignment.meter_id: assignment.module_id for assignment in assignments}
        return [
            {
                "sequence": place,
                "module_id": modules[installation.meter_id].id,
                "meter_id": installation.meter_id.id,
                "service_point_id": installation.service_point_id.id,
            }
            for place, installation in enumerate(installations, 1)
            if installation.meter_id in modules
        ]

    def _find_previous(self):
        """The last closed campaign that had a route in common."""
        self.ensure_one()
        return self.search(
            [
                ("id", "!=", self.id),
                ("state", "=", "done"),
                ("company_id", "=", self.company_id.id),
                ("route_ids", "in", self.route_ids.ids),
            ],
            order="date_end desc, id desc",
            limit=1,
        )

    def action_count_early(self):
        """Let the campaign begin with the first telegram that came shortly before its start."""
        for campaign in self:
            if campaign.state != "running":
                raise UserError(self.env._("Only a running campaign can be moved to an earlier start."))
            stops = self.env["pwik.radio.campaign.stop"].search(campaign._get_early_domain())
            if stops:
                campaign.date_start = min(stops.mapped("last_seen"))

    def action_close(self):
        """Freeze what was heard: later telegrams belong to the next campaign."""
        for campaign in self:
            if campaign.state != "running":
                raise UserError(self.env._("Only a running campaign can be closed."))
            campaign.write({"state": "done", "date_end": fields.Datetime.now()})
            if campaign.missing_count + campaign.trouble_count:
                campaign.message_post(
                    body=self.env._(
                        "Closed on %(day)s with %(read)s of %(total)s overlays read; %(missing)s were not heard.",
                        day=format_date(self.env, fields.Date.context_today(campaign)),
                        read=campaign.read_count,
                        total=campaign.total_count,
                        missing=campaign.missing_count,
                    )
                )

    def action_reopen(self):
        """The way back: telegrams count again until it is closed anew."""
        if any(campaign.state != "done" for campaign in self):
            raise UserError(self.env._("Only a closed campaign can be opened again."))
        self.write({"state": "running", "date_end": False})

    def _get_tour_name(self):
        return f"trasa-{self.id}.json"

    def action_download_tour(self):
        self.ensure_one()
        self.check_access("read")
        if not self.item_ids:
            raise UserError(
                self.env._("Start the campaign first: only then is it known what is to be heard.")
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/tour_file/{self._get_tour_name()}?download=true",
            "target": "download",
        }

    def action_view_stops(self):
        """The campaign's overlays; the context may name a filter of the search view, and the view to begin with."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "pwik_radio_reading.pwik_radio_campaign_stop_action"
        )
        chosen = self.env.context.get("stop_filter")
        action["domain"] = [("campaign_id", "=", self.id)]
        action["context"] = {
            "compared": bool(self.previous_id),
            **({f"search_default_{chosen}": 1} if chosen else {}),
        }
        first = self.env.context.get("stop_view")
        action["views"] = sorted(action["views"], key=lambda view: view[1] != first)
        action["display_name"] = self.name
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_not_running(self):
        if any(campaign.state == "running" for campaign in self):
            raise UserError(self.env._("A running campaign is closed before it is deleted."))


class PwikRadioCampaignItem(models.Model):
    """An overlay that a campaign is to hear; fixed when it starts, so that a later exchange does not change the count."""

    _name = "pwik.radio.campaign.item"
    _description = "Overlay of a campaign"
    _order = "campaign_id, sequence, id"
    _rec_name = "module_id"

    campaign_id = fields.Many2one("pwik.radio.campaign", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, precompute=True)
    sequence = fields.Integer(required=True)
    module_id = fields.Many2one(
        "pwik.radio.module", "Overlay", required=True, index=True, ondelete="restrict"
    )
    meter_id = fields.Many2one("pwik.meter", required=True, ondelete="restrict")
    service_point_id = fields.Many2one("pwik.service.point", required=True, ondelete="restrict")

    _module_once = models.Constraint(
        "UNIQUE(campaign_id, module_id)", "An overlay stands in a campaign once only."
    )


class PwikRadioCampaignStop(models.Model):
    """How it stands with each overlay of a campaign at this moment: asked of the lines, so that it is never out of date."""

    _name = "pwik.radio.campaign.stop"
    _description = "Overlay of a campaign and what was heard of it"
    _auto = False
    _order = "campaign_id desc, sequence, id"
    _rec_name = "module_id"
    _depends = {
        "pwik.radio.campaign": ["date_start", "date_end", "previous_id"],
        "pwik.radio.campaign.item": ["campaign_id", "sequence", "module_id", "meter_id", "service_point_id"],
        "pwik.radio.dump.line": ["module_id", "received", "rssi", "state"],
        "pwik.radio.module": ["last_seen"],
        "pwik.service.point": ["route_id"],
    }

    campaign_id = fields.Many2one("pwik.radio.campaign", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    sequence = fields.Integer("Order", readonly=True, aggregator=None)
    module_id = fields.Many2one("pwik.radio.module", "Overlay", readonly=True)
    meter_id = fields.Many2one("pwik.meter", readonly=True)
    service_point_id = fields.Many2one("pwik.service.point", readonly=True)
    route_id = fields.Many2one("pwik.reading.route", readonly=True)
    status = fields.Selection(
        [("read", "Read"), ("trouble", "Heard, not read"), ("missing", "Not heard")], readonly=True
    )
    previous_status = fields.Selection(
        [("read", "Read"), ("trouble", "Heard, not read"), ("missing", "Not heard")],
        "Last campaign",
        readonly=True,
        help="Empty where the overlay was not in the campaign that this one is compared with.",
    )
    heard_at = fields.Datetime("Heard", readonly=True, help="Last telegram that counts for this campaign.")
    last_seen = fields.Datetime("Last heard ever", readonly=True, help="Also before the campaign began.")
    telegram_count = fields.Integer("Telegrams", readonly=True)
    rssi = fields.Integer(
        "Signal [dBm]", readonly=True, aggregator="avg", help="Of the telegram that came in best."
    )
    signal = fields.Selection(
        [("strong", "Strong"), ("good", "Good"), ("weak", "Weak"), ("poor", "Very weak")],
        "Reception",
        readonly=True,
        help="Strong from -75 dBm, good from -85, weak from -95.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT i.id, i.campaign_id, i.company_id, i.sequence, i.module_id, i.meter_id, i.service_point_id, p.route_id,
                   CASE WHEN now_.read THEN 'read' WHEN now_.count > 0 THEN 'trouble' ELSE 'missing' END AS status,
                   CASE WHEN before.item IS NULL THEN NULL WHEN before.read THEN 'read'
                        WHEN before.count > 0 THEN 'trouble' ELSE 'missing' END AS previous_status,
                   now_.heard_at, m.last_seen, now_.count AS telegram_count, now_.rssi,
                   CASE %(signal)s END AS signal
              FROM pwik_radio_campaign_item i
              JOIN pwik_radio_campaign c ON c.id = i.campaign_id
              JOIN pwik_service_point p ON p.id = i.service_point_id
              JOIN pwik_radio_module m ON m.id = i.module_id
              CROSS JOIN LATERAL (%(heard)s) now_
              LEFT JOIN LATERAL (
                   SELECT pi.id AS item, h.read, h.count
                     FROM pwik_radio_campaign_item pi
                     JOIN pwik_radio_campaign pc ON pc.id = pi.campaign_id
                     CROSS JOIN LATERAL (%(heard_before)s) h
                    WHERE pi.campaign_id = c.previous_id AND pi.module_id = i.module_id
              ) before ON TRUE
            """,
            signal=self._get_signal(),
            heard=self._get_heard("i", "c"),
            heard_before=self._get_heard("pi", "pc"),
        )

    @api.model
    def _get_signal(self):
        """The branches that grade the strength, as ``domain.campaign.grade`` does."""
        return SQL(" ").join(
            SQL("WHEN now_.rssi IS NOT NULL THEN %s", code)
            if least is None
            else SQL("WHEN now_.rssi >= %s THEN %s", least, code)
            for code, least in GRADES
        )

    @api.model
    def _get_heard(self, item, campaign):
        """What was heard of an item's overlay between the start and the end of its campaign.

        :param str item: alias of the item's table
        :param str campaign: alias of the campaign's table
        """
        return SQL(
            """
            SELECT count(*) AS count, max(l.received) AS heard_at, max(NULLIF(l.rssi, 0)) AS rssi,
                   coalesce(bool_or(l.state IN ('done', 'seen', 'review')), FALSE) AS read
              FROM pwik_radio_dump_line l
             WHERE l.module_id = %(item)s.module_id AND l.received >= %(campaign)s.date_start
               AND l.received <= coalesce(%(campaign)s.date_end, 'infinity'::timestamp)
            """,
            item=SQL.identifier(item),
            campaign=SQL.identifier(campaign),
        )
