from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class PwikReadingRoute(models.Model):
    _name = "pwik.reading.route"
    _description = "Reading route"
    _inherit = ["mail.thread"]
    _order = "code"
    _rec_names_search = ["name", "code"]

    name = fields.Char("Route", required=True, tracking=True)
    code = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True, tracking=True)
    municipality_id = fields.Many2one("pwik.municipality", ondelete="restrict", tracking=True)
    reader_id = fields.Many2one("res.users", "Meter reader", index=True, tracking=True)
    point_ids = fields.One2many("pwik.service.point", "route_id", "Service points")

    meter_count = fields.Integer("Meters", compute="_compute_progress")
    read_count = fields.Integer("Read this month", compute="_compute_progress")
    progress = fields.Float("Progress [%]", compute="_compute_progress")

    _code_unique = models.Constraint("UNIQUE(code, company_id)", "A route with this code exists already.")

    def _compute_progress(self):
        """Installed meters of each route and how many of them were read since the first of the month."""
        first = fields.Date.start_of(fields.Date.context_today(self), "month")
        counts = {}
        if self.ids:
            self.env["pwik.reading"].flush_model()
            self.env["pwik.meter.installation"].flush_model()
            self.env["pwik.service.point"].flush_model(["route_id"])
            self.env.cr.execute(
                SQL(
                    """
                SELECT p.route_id, count(*), count(*) FILTER (WHERE EXISTS (
                           SELECT 1 FROM pwik_reading r
                            WHERE r.meter_id = i.meter_id AND r.moment >= %s AND r.state <> 'rejected'
                              AND r.source <> 'estimate'))
                  FROM pwik_service_point p
                  JOIN pwik_meter_installation i ON i.service_point_id = p.id AND i.date_to IS NULL
                 WHERE p.route_id = ANY(%s) AND p.active
              GROUP BY p.route_id
                """,
                    first,
                    self.ids,
                )
            )
            counts = {route: (total, read) for route, total, read in self.env.cr.fetchall()}
        for route in self:
            route.meter_count, route.read_count = counts.get(route._origin.id, (0, 0))
            route.progress = 100 * route.read_count / route.meter_count if route.meter_count else 0

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        """A route that points or books name is part of their history."""
        used = (
            self.with_context(active_test=False).filtered("point_ids")
            | self.env["pwik.reading.book"].sudo().search([("route_id", "in", self.ids)]).route_id
        )
        if used:
            raise UserError(
                self.env._(
                    "Route %s has points or reading books: archive it instead of deleting it.",
                    ", ".join(used.mapped("code")),
                )
            )

    def action_enter(self):
        """Entry of today's readings: the route's open book, or a new one."""
        self.ensure_one()
        books = self.env["pwik.reading.book"]
        book = books.search(
            [("route_id", "=", self.id), ("state", "in", ("draft", "open"))], order="date desc", limit=1
        )
        if not book:
            book = books.create({"route_id": self.id})
        return book.action_enter()

    def _get_reading_book_name(self):
        self.ensure_one()
        return self.env._(
            "Reading book %(route)s %(day)s", route=self.code, day=fields.Date.context_today(self)
        )

    def _get_installations(self):
        """Installations in force on the points of these routes, in the order in which the reader walks."""
        installations = self.env["pwik.meter.installation"].search(
            [
                ("service_point_id.route_id", "in", self.ids),
                ("date_to", "=", False),
            ]
        )
        return installations.sorted(
            lambda i: (
                i.service_point_id.route_id.code,
                i.service_point_id.route_sequence,
                i.service_point_id.number,
                i.id,
            )
        )

    def _get_reading_book_lines(self):
        """Rows of the printed reading book; holds no customer's data, because it leaves the house.

        :return: list of dicts with point, address, note, serial, kind, last_date, last_value (m³)
        """
        self.ensure_one()
        installations = self._get_installations()
        latest = self.env["pwik.reading"]._get_latest_accepted(installations.meter_id.ids)
        kinds = dict(self.env["pwik.meter"]._fields["meter_kind"]._description_selection(self.env))
        lines = []
        for installation in installations:
            point, meter = installation.service_point_id, installation.meter_id
            last_date, last_value = latest.get(meter.id, (False, False))
            lines.append(
                {
                    "point": point.number,
                    "address": f"{point.street}, {point.city}",
                    "note": point.note,
                    "serial": meter.serial,
                    "kind": kinds[meter.meter_kind],
                    "last_date": last_date,
                    "last_value": last_value,
                }
            )
        return lines
