from odoo import api, fields, models
from odoo.tools import SQL

SOURCES = [
    ("manual", "Meter reader"),
    ("customer", "Customer"),
    ("radio", "Radio"),
    ("exchange", "Meter exchange"),
    ("estimate", "Estimate"),
]
STATES = [("draft", "Draft"), ("to_review", "To review"), ("accepted", "Accepted"), ("rejected", "Rejected")]


class PwikReading(models.Model):
    """A register value of a meter at a moment. Raw values are never overwritten: a correction is a new record."""

    _name = "pwik.reading"
    _description = "Meter reading"
    _inherit = ["mail.thread"]
    _order = "moment desc, id desc"
    _check_company_auto = True

    meter_id = fields.Many2one("pwik.meter", "Meter", required=True, ondelete="restrict", check_company=True)
    register = fields.Char(
        required=True, default="main", help="Which register of the meter, where it has several."
    )
    moment = fields.Datetime("Read at", required=True, default=fields.Datetime.now)
    date = fields.Date(
        "Day",
        compute="_compute_date",
        store=True,
        precompute=True,
        help="Day of the reading in the company's time zone.",
    )
    value = fields.Float("Value [m³]", digits=(16, 3), required=True)
    source = fields.Selection(SOURCES, required=True, default="manual")
    state = fields.Selection(STATES, "Status", required=True, default="draft", tracking=True, index=True)
    finding_ids = fields.One2many("pwik.reading.finding", "reading_id", "Findings")
    finding_codes = fields.Char("Rules met", help="Codes of the validation rules met, e.g. “V09 V12”.")
    blocks_billing = fields.Boolean("Blocks billing")
    correction_of_id = fields.Many2one(
        "pwik.reading",
        "Corrects",
        index="btree_not_null",
        ondelete="restrict",
        help="The reading which this one replaces.",
    )
    superseded = fields.Boolean("Replaced", help="A newer record corrects this reading.")
    note = fields.Char()
    company_id = fields.Many2one(related="meter_id.company_id", store=True, precompute=True)
    installation_id = fields.Many2one(
        "pwik.meter.installation",
        "Installation",
        compute="_compute_place",
        store=True,
        precompute=True,
        ondelete="restrict",
    )
    service_point_id = fields.Many2one(
        "pwik.service.point",
        "Service point",
        compute="_compute_place",
        store=True,
        precompute=True,
        index=True,
        ondelete="restrict",
    )
    contract_id = fields.Many2one(
        "pwik.contract",
        "Contract",
        compute="_compute_place",
        store=True,
        precompute=True,
        index=True,
        ondelete="restrict",
        help="The contract of the point on the day of the reading.",
    )

    _meter_moment = models.Index("(meter_id, moment DESC)")
    _unique_reading = models.UniqueIndex(
        "(meter_id, moment, register, source) WHERE state <> 'rejected' AND superseded IS NOT TRUE",
        "This meter already has a reading of this source at this moment.",
    )
    _value_positive = models.Constraint("CHECK(value >= 0)", "A register value cannot be negative.")

    @api.depends("moment")
    def _compute_date(self):
        for reading in self:
            reading.date = (
                reading.moment
                and fields.Datetime.context_timestamp(
                    reading.with_context(tz=reading._get_timezone()), reading.moment
                ).date()
            )

    @api.model
    def _get_timezone(self):
        """Time zone in which a moment becomes a day: the utility's, whoever is signed in."""
        return self.env.company.partner_id.tz or "Europe/Warsaw"

    @api.depends("meter_id", "date")
    def _compute_place(self):
        """Installation, point and contract of the meter on that day, in one query for all."""
        places = self._get_places([(r.meter_id.id, r.date) for r in self if r.meter_id and r.date])
        for reading in self:
            installation, point, contract = places.get(
                (reading.meter_id.id, reading.date), (False, False, False)
            )
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
                list(meters),
                list(days),
            )
        )
        return {
            (meter, day): (inst, point, contract or False)
            for meter, day, inst, point, contract in self.env.cr.fetchall()
        }

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
