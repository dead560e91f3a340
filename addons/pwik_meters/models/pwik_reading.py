from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from pytz import UTC, timezone

from ..tools.copying import to_array

SOURCES = [
    ("manual", "Meter reader"),
    ("customer", "Customer"),
    ("radio", "Radio"),
    ("exchange", "Meter exchange"),
    ("estimate", "Estimate"),
]
STATES = [("draft", "Draft"), ("to_review", "To review"), ("accepted", "Accepted"), ("rejected", "Rejected")]

# What a reading says. Once it left the draft, no one changes it: a correction is a new record.
RAW_FIELDS = frozenset({"meter_id", "register", "moment", "value", "source"})
# What follows from validation and from people's decisions: set by the methods that are there for it, never by RPC.
OUTCOME_FIELDS = frozenset(
    {
        "state",
        "finding_ids",
        "finding_codes",
        "blocks_billing",
        "rollover",
        "consumption",
        "correction_of_id",
        "superseded",
        "decided_by_id",
        "decided_on",
        "decision_reason",
    }
)

# Where the meter stood follows from the meter and the day; never given from outside.
PLACE_FIELDS = frozenset({"date", "installation_id", "service_point_id", "contract_id"})
NOWHERE = (False, False, False)


class PwikReading(models.Model):
    """A register value of a meter at a moment. Raw values are never overwritten: a correction is a new record.

    Here: what a reading is. ``pwik_reading_validation.py``: the rules; ``pwik_reading_review.py``: what people decide.
    """

    _name = "pwik.reading"
    _description = "Meter reading"
    _inherit = ["mail.thread"]
    _order = "moment desc, id desc"
    _check_company_auto = True

    meter_id = fields.Many2one("pwik.meter", required=True, ondelete="restrict", check_company=True)
    register = fields.Char(
        required=True, default="main", help="Which register of the meter, where it has several."
    )
    moment = fields.Datetime("Read at", required=True, default=fields.Datetime.now)
    date = fields.Date(
        "Day",
        compute="_compute_date",
        store=True,
        help="Day of the reading in the company's time zone.",
    )
    value = fields.Float("Value [m³]", digits=(16, 3), required=True, aggregator=None)
    source = fields.Selection(SOURCES, required=True, default="manual")
    state = fields.Selection(STATES, "Status", required=True, default="draft", tracking=True)
    finding_ids = fields.One2many("pwik.reading.finding", "reading_id", "Findings")
    finding_codes = fields.Char("Rules met", help="Codes of the validation rules met, e.g. “V09 V12”.")
    finding_summary = fields.Char("What the rules say", compute="_compute_finding_summary")
    needs_correction = fields.Boolean(compute="_compute_finding_summary")
    blocks_billing = fields.Boolean("Blocks billing")
    correction_of_id = fields.Many2one(
        "pwik.reading",
        "Corrects",
        index="btree_not_null",
        ondelete="restrict",
        help="The reading which this one replaces.",
    )
    superseded = fields.Boolean("Replaced", help="A newer record corrects this reading.")
    correction_ids = fields.One2many("pwik.reading", "correction_of_id", "Corrected by")
    note = fields.Char()
    note_code_id = fields.Many2one(
        "pwik.reading.note.code",
        "Note code",
        ondelete="restrict",
        groups="pwik_meters.pwik_meters_group_reader",
    )
    photo = fields.Image(
        max_width=1600, max_height=1600, copy=False, groups="pwik_meters.pwik_meters_group_reader"
    )
    work_order_id = fields.Many2one(
        "pwik.work.order",
        "Ordered to the field",
        index="btree_not_null",
        copy=False,
        groups="pwik_meters.pwik_meters_group_reader",
    )
    rollover = fields.Boolean(
        "Rolled over",
        readonly=True,
        copy=False,
        help="The register passed its highest value since the last reading.",
    )
    consumption = fields.Float(
        "Consumption [m³]",
        digits=(16, 3),
        readonly=True,
        copy=False,
        aggregator="sum",
        help="Since the accepted reading before it, or since the meter was installed.",
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, copy=False)
    decided_on = fields.Datetime("Decided on", readonly=True, copy=False)
    decision_reason = fields.Char("Reason", readonly=True, copy=False)
    company_id = fields.Many2one(related="meter_id.company_id", store=True, precompute=True)
    street = fields.Char(related="service_point_id.street")
    city = fields.Char(related="service_point_id.city")
    route_id = fields.Many2one(related="service_point_id.route_id")
    installation_id = fields.Many2one(
        "pwik.meter.installation",
        compute="_compute_place",
        store=True,
        ondelete="restrict",
    )
    service_point_id = fields.Many2one(
        "pwik.service.point",
        "Service point",
        compute="_compute_place",
        store=True,
        index=True,
        ondelete="restrict",
    )
    contract_id = fields.Many2one(
        "pwik.contract",
        compute="_compute_place",
        store=True,
        index=True,
        ondelete="restrict",
        groups="pwik_meters.pwik_meters_group_user,base.group_portal",
        help="The contract of the point on the day of the reading.",
    )

    _meter_moment = models.Index("(meter_id, moment DESC)")
    # The list of all readings, the review queue and the count of this month's, whatever has piled up over the years.
    _latest_first = models.Index("(moment DESC, id DESC)")
    # What the queue's count looks at lies in the index, so that ten thousand waiting readings are counted without their rows.
    _waiting = models.Index(
        "(moment DESC, id DESC) INCLUDE (superseded, company_id) WHERE state = 'to_review'"
    )
    # Nearly all are accepted, and an index in which all are alike finds nothing: it only makes each import slower.
    _unfinished = models.Index("(state) WHERE state <> 'accepted'")
    _accepted_on = models.Index("(date, meter_id) WHERE state = 'accepted' AND superseded IS NOT TRUE")
    # What validation looks at of a meter's past, out of the index alone: in the table each month lies on a page of its own.
    _past = models.Index(
        "(meter_id, register, moment) INCLUDE (id, value, installation_id, source, rollover)"
        " WHERE state = 'accepted' AND superseded IS NOT TRUE"
    )
    _unique_reading = models.UniqueIndex(
        "(meter_id, moment, register, source) WHERE state <> 'rejected' AND superseded IS NOT TRUE",
        "This meter already has a reading of this source at this moment.",
    )
    _value_positive = models.Constraint("CHECK(value >= 0)", "A register value cannot be negative.")

    @api.depends("finding_ids.message", "finding_ids.final")
    def _compute_finding_summary(self):
        for reading in self:
            reading.needs_correction = any(reading.finding_ids.mapped("final"))
            reading.finding_summary = " ".join(
                finding.message for finding in reading.finding_ids if finding.severity != "info"
            )

    @api.depends("meter_id", "date")
    def _compute_display_name(self):
        for reading in self:
            reading.display_name = f"{reading.meter_id.serial or ''} · {reading.date or ''}"

    @api.depends("moment")
    def _compute_date(self):
        zone = timezone(self._get_timezone())
        for reading in self:
            reading.date = reading.moment and self._get_day(reading.moment, zone)

    @api.model
    def _get_day(self, moment, zone):
        return moment.replace(tzinfo=UTC).astimezone(zone).date()

    @api.model
    def _get_timezone(self):
        """Time zone in which a moment becomes a day: the utility's, whoever is signed in."""
        # sudo: a customer may not read the utility's own contact; its time zone is no secret
        return self.env.company.sudo().partner_id.tz or "Europe/Warsaw"

    @api.depends("meter_id", "date")
    def _compute_place(self):
        """Installation, point and contract of the meter on that day, in one query for all."""
        # the origin: in a form that is being edited the meter is a copy without a number
        keys = {reading: (reading.meter_id._origin.id, reading.date) for reading in self}
        places = self._get_places([key for key in keys.values() if all(key)])
        for reading in self:
            installation, point, contract = places.get(keys[reading], NOWHERE)
            reading.installation_id = installation
            reading.service_point_id = point
            reading.contract_id = contract

    @api.model
    def _get_places(self, keys):
        """Where each meter stood on each day.

        :param keys: list of ``(meter_id, date)``
        :return: ``{(meter_id, date): (installation_id, service_point_id, contract_id or False)}``
        """
        if not keys:
            return {}
        self.env["pwik.meter.installation"].flush_model()
        self.env["pwik.contract.point"].flush_model()
        meters, days = zip(*set(keys), strict=True)
        self.env.cr.execute(
            SQL(
                """
            SELECT DISTINCT ON (k.meter_id, k.day) k.meter_id, k.day, i.id, i.service_point_id, cp.contract_id
              FROM unnest(%s::int[], %s::date[]) AS k(meter_id, day)
              JOIN pwik_meter_installation i
                ON i.meter_id = k.meter_id AND i.date_from <= k.day AND (i.date_to IS NULL OR i.date_to >= k.day)
         LEFT JOIN pwik_contract_point cp
                ON cp.service_point_id = i.service_point_id AND cp.state <> 'draft'
               AND cp.date_from <= k.day AND (cp.date_to IS NULL OR cp.date_to >= k.day)
          ORDER BY k.meter_id, k.day, i.date_from, cp.date_from DESC
            """,
                to_array(meters),
                to_array(days),
            )
        )
        return {
            (meter, day): (inst, point, contract or False)
            for meter, day, inst, point, contract in self.env.cr.fetchall()
        }

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_may_create(vals_list)
        # Superuser rights, because the contract of the place is stored too, which a meter reader does not see; the
        # record rules are checked on what came out.
        readings = super(PwikReading, self.sudo()).create(self._add_places(vals_list)).with_env(self.env)
        readings.check_access("create")
        # History that is loaded as accepted; everything else gets there by validation.
        readings.filtered(lambda reading: reading.state == "accepted")._refresh_consumption()
        return readings

    def _check_may_create(self, vals_list):
        self.check_access("create")
        office = self.env.user.has_group("pwik_meters.pwik_meters_group_user")
        for vals in vals_list:
            if not office and vals.get("source", "manual") != "manual":
                raise AccessError(self.env._("A meter reader enters readings which he took himself."))
            given = OUTCOME_FIELDS.intersection(vals)
            if given and (given != {"state"} or vals["state"] != "draft"):
                raise AccessError(
                    self.env._("A reading starts as a draft; validation decides what becomes of it.")
                )

    @api.model
    def _add_places(self, vals_list):
        """Fill in day and place of new readings in one query.

        The computed fields would do the same, but one by one keeping up the lists of readings in the cache of each
        contract and point, which takes quadratic time where many readings of one contract come in.
        """
        filled = [
            {**vals, "moment": fields.Datetime.to_datetime(vals.get("moment")) or fields.Datetime.now()}
            for vals in vals_list
        ]
        self._fill_in_places(filled)
        return filled

    @api.model
    def _fill_in_places(self, vals_list):
        """Add day and place to each of these values, which have a ``moment``."""
        zone = timezone(self._get_timezone())
        days = {}
        for vals in vals_list:
            moment = vals["moment"] = vals["moment"].replace(tzinfo=None)
            if moment not in days:  # month-end values are thousands of one moment
                days[moment] = self._get_day(moment, zone)
            vals["date"] = days[moment]
        keys = [(vals.get("meter_id"), vals["date"]) for vals in vals_list]
        places = self._get_places([key for key in keys if key[0]])
        for vals, key in zip(vals_list, keys, strict=True):
            vals["installation_id"], vals["service_point_id"], vals["contract_id"] = places.get(key, NOWHERE)

    def write(self, vals):
        raw = RAW_FIELDS.intersection(vals)
        if raw:
            self._check_raw_unchanged({name: vals[name] for name in raw})
        if not self.env.su and (OUTCOME_FIELDS | PLACE_FIELDS).intersection(vals):
            raise AccessError(
                self.env._("The status of a reading changes by accepting, rejecting or correcting it.")
            )
        return super().write(vals)

    def _check_raw_unchanged(self, vals):
        """Refuse to overwrite what a reading said once it left the draft (writing the same again is harmless)."""
        for reading in self:
            if reading.state == "draft":
                continue
            for name, value in vals.items():
                field = reading._fields[name]
                if field.convert_to_cache(value, reading) != field.convert_to_cache(reading[name], reading):
                    raise UserError(
                        self.env._(
                            "Reading %s is validated: its value is never overwritten. Correct it, which makes a new"
                            " record.",
                            reading.display_name,
                        )
                    )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if any(reading.state != "draft" for reading in self):
            raise UserError(
                self.env._("A reading that was validated is kept: reject it instead of deleting it.")
            )

    def _refresh_consumption(self):
        """Work out again the consumption of these readings and of those that follow each, in one statement.

        Written past the ORM: the value follows from the readings and is no change anyone made.
        """
        if not self.ids:
            return
        self.flush_model()
        self.env["pwik.meter.installation"].flush_model()
        self.env["pwik.meter"].flush_model(["register_digits"])
        self.env.cr.execute(
            SQL(
                """
            WITH affected AS (
                SELECT r.id FROM pwik_reading r WHERE r.id = ANY(%(ids)s)
                 UNION
                SELECT n.id FROM pwik_reading r JOIN LATERAL (
                    SELECT id FROM pwik_reading f
                     WHERE f.meter_id = r.meter_id AND f.register = r.register AND f.moment >= r.moment
                       AND (f.moment > r.moment OR f.id > r.id)
                       AND f.installation_id = r.installation_id AND f.state = 'accepted'
                       AND f.superseded IS NOT TRUE
                  ORDER BY f.moment, f.id LIMIT 1) n ON TRUE
                 WHERE r.id = ANY(%(ids)s)
            )
            UPDATE pwik_reading u
               SET consumption = u.value - COALESCE(before.value, i.start_value)
                   + CASE WHEN u.rollover AND u.value < COALESCE(before.value, i.start_value)
                          THEN 10::numeric ^ m.register_digits ELSE 0 END
              FROM affected a
              JOIN pwik_reading r ON r.id = a.id
              JOIN pwik_meter m ON m.id = r.meter_id
              JOIN pwik_meter_installation i ON i.id = r.installation_id
         LEFT JOIN LATERAL (
                SELECT value FROM pwik_reading b
                 WHERE b.meter_id = r.meter_id AND b.register = r.register AND b.moment <= r.moment
                   AND (b.moment < r.moment
                        OR b.id < r.id AND r.state = 'accepted' AND r.superseded IS NOT TRUE)
                   AND b.installation_id = r.installation_id AND b.state = 'accepted'
                   AND b.superseded IS NOT TRUE
              ORDER BY b.moment DESC, b.id DESC LIMIT 1) before ON TRUE
             WHERE u.id = a.id
            """,
                ids=self.ids,
            )
        )
        self.env["pwik.reading"].invalidate_model(["consumption"])

    @api.model
    def _get_latest_accepted(self, meter_ids, register="main"):
        """Last accepted value of each meter, in one query.

        :return: ``{meter_id: (date, value in m³)}``; meters without an accepted reading are absent
        """
        if not meter_ids:
            return {}
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
            SELECT m.id, r.date, r.value
              FROM unnest(%s::int[]) AS m(id)
              JOIN LATERAL (
                SELECT date, value FROM pwik_reading
                 WHERE meter_id = m.id AND register = %s AND state = 'accepted' AND superseded IS NOT TRUE
              ORDER BY moment DESC, id DESC LIMIT 1
              ) r ON TRUE
            """,
                list(meter_ids),
                register,
            )
        )
        return {meter: (day, float(value)) for meter, day, value in self.env.cr.fetchall()}
