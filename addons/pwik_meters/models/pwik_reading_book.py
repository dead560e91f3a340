from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

OFFICE = "pwik_meters.pwik_meters_group_user"


class PwikReadingBook(models.Model):
    """A route on a day: which meters are to be read, what was read, what is missing."""

    _name = "pwik.reading.book"
    _description = "Reading book"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    route_id = fields.Many2one(
        "pwik.reading.route", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="route_id.company_id", store=True, precompute=True)
    active = fields.Boolean(default=True)
    date = fields.Date(
        "Day of reading", required=True, default=fields.Date.context_today, index=True, tracking=True
    )
    reader_id = fields.Many2one(
        "res.users",
        "Meter reader",
        compute="_compute_reader_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
    )
    state = fields.Selection(
        [("draft", "New"), ("open", "Being read"), ("done", "Closed"), ("cancelled", "Cancelled")],
        "Status",
        required=True,
        default="draft",
        tracking=True,
        copy=False,
        index=True,
    )
    line_ids = fields.One2many("pwik.reading.book.line", "book_id", "Meters to read", copy=False)
    meter_count = fields.Integer("Meters", compute="_compute_progress")
    read_count = fields.Integer("Read", compute="_compute_progress")
    noted_count = fields.Integer("Not readable", compute="_compute_progress")
    missing_count = fields.Integer("Missing", compute="_compute_progress")
    review_count = fields.Integer("To review", compute="_compute_progress")
    progress = fields.Float("Progress [%]", compute="_compute_progress")
    progress_text = fields.Char("Read so far", compute="_compute_progress")

    _one_living = models.UniqueIndex(
        "(route_id, date) WHERE state <> 'cancelled'", "This route already has a reading book for that day."
    )

    @api.depends("route_id")
    def _compute_reader_id(self):
        for book in self:
            book.reader_id = book.route_id.reader_id

    @api.depends("route_id", "date")
    def _compute_display_name(self):
        for book in self:
            book.display_name = f"{book.route_id.code or ''} · {book.date or ''}"

    @api.depends("line_ids.state")
    def _compute_progress(self):
        counts = defaultdict(dict)
        for book, state, count in self.env["pwik.reading.book.line"]._read_group(
            [("book_id", "in", self.ids)], ["book_id", "state"], ["__count"]
        ):
            counts[book.id][state] = count
        review = dict(
            self.env["pwik.reading.book.line"]._read_group(
                [("book_id", "in", self.ids), ("reading_state", "=", "to_review")], ["book_id"], ["__count"]
            )
        )
        for book in self:
            found = counts[book._origin.id]
            book.meter_count = sum(found.values())
            book.read_count, book.noted_count = found.get("read", 0), found.get("noted", 0)
            book.missing_count = found.get("missing", 0)
            book.review_count = review.get(book._origin, 0)
            book.progress = 100 * book.read_count / book.meter_count if book.meter_count else 0
            book.progress_text = self.env._(
                "%(read)s of %(all)s read", read=book.read_count, all=book.meter_count
            )

    @api.model_create_multi
    def create(self, vals_list):
        books = super().create(vals_list)
        books._refresh_lines()
        return books

    def _refresh_lines(self):
        """Bring the lines into line with the route: meters that came are added, unread ones that left are taken out."""
        lines = self.env["pwik.reading.book.line"].sudo()
        for book in self.filtered(lambda b: b.state in ("draft", "open")):
            installations = book.route_id._get_installations()
            place = {installation.id: number for number, installation in enumerate(installations, 1)}
            (
                book.line_ids.sudo().filtered(
                    lambda line, place=place: line.state == "missing" and line.installation_id.id not in place
                )
            ).unlink()
            for line in book.line_ids.sudo():
                line.sequence = place.get(line.installation_id.id, line.sequence)
            latest = self.env["pwik.reading"]._get_latest_accepted(installations.meter_id.ids)
            lines.create(
                [
                    {
                        "book_id": book.id,
                        "sequence": place[installation.id],
                        "installation_id": installation.id,
                        "meter_id": installation.meter_id.id,
                        "service_point_id": installation.service_point_id.id,
                        "last_date": latest.get(installation.meter_id.id, (False, 0.0))[0],
                        "last_value": latest.get(installation.meter_id.id, (False, 0.0))[1],
                    }
                    for installation in installations - book.line_ids.installation_id
                ]
            )
        self._link_readings()

    def _link_readings(self):
        """What came another way on that day, by radio or from the customer, needs no second reading."""
        waiting = self.line_ids.sudo().filtered(lambda line: not line.reading_id)
        readings = (
            self.env["pwik.reading"]
            .sudo()
            .search(
                [
                    ("meter_id", "in", waiting.meter_id.ids),
                    ("date", "in", waiting.mapped("date")),
                    ("state", "!=", "rejected"),
                    ("superseded", "=", False),
                    ("register", "=", "main"),
                ],
                order="moment",
            )
        )
        found = {(reading.meter_id.id, reading.date): reading for reading in readings}
        for line in waiting:
            line.reading_id = found.get((line.meter_id.id, line.date))

    def action_refresh(self):
        self.check_access("write")
        self._refresh_lines()

    def action_open(self):
        """Hand the book out to its reader."""
        self.filtered(lambda book: book.state == "draft").state = "open"

    def action_enter(self):
        """Entry in one fast list: type, Enter, next."""
        self.ensure_one()
        if self.state not in ("draft", "open"):
            raise UserError(self.env._("Reading book %s is closed.", self.display_name))
        self.action_refresh()
        self.action_open()
        return self._get_lines_action(self.env._("Enter readings: %s", self.display_name), [], {})

    def action_view_missing(self):
        self.ensure_one()
        return self._get_lines_action(
            self.env._("Missing: %s", self.display_name), [], {"search_default_not_read": 1}
        )

    def action_view_readings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_reading_action")
        return {**action, "domain": [("id", "in", self.line_ids.reading_id.ids)], "context": {}}

    def _get_lines_action(self, name, domain, context):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_reading_book_line_action")
        return {
            **action,
            "name": name,
            "domain": [("book_id", "in", self.ids), *domain],
            "context": context,
        }

    def action_estimate_missing(self):
        """Estimate what nobody could read; the note of the reader is the reason.

        :raise UserError: of some meters too little is known
        """
        for book in self:
            if book.state not in ("draft", "open"):
                raise UserError(self.env._("Reading book %s is closed.", book.display_name))
            lines = book.line_ids.filtered(lambda line: not line.reading_id)
            lines._estimate(self.env._("Not read: book %s", book.display_name))

    def action_order(self):
        """Work orders for what the readers noted, one for each meter that has none yet."""
        lines = self.line_ids.filtered(lambda line: line.note_code_id.order_kind)
        orders = self.env["pwik.work.order"]
        for kind, of_kind in lines.grouped(lambda line: line.note_code_id.order_kind).items():
            reasons = {line.meter_id.id: line.note_code_id.name for line in of_kind}
            orders |= orders._order_for_meters(of_kind.meter_id, kind, reasons=reasons)
        if not orders:
            raise UserError(self.env._("No note asks for an order which is not open already."))
        return orders._get_view_action()

    def action_done(self):
        """Close books; each meter was read, or somebody noted why not.

        :raise UserError: names how many are missing
        """
        for book in self:
            missing = book.line_ids.filtered(lambda line: line.state == "missing")
            if missing:
                raise UserError(
                    self.env._(
                        "Reading book %(book)s lacks %(count)s meters (%(meters)s…): read them, note why not,"
                        " or estimate them.",
                        book=book.display_name,
                        count=len(missing),
                        meters=", ".join(missing[:3].meter_id.mapped("serial")),
                    )
                )
        self.state = "done"

    def action_cancel(self):
        if any(book.line_ids.reading_id for book in self):
            raise UserError(self.env._("A book with readings is not cancelled: close it."))
        self.state = "cancelled"
        # The next book of that day may be made at once: the index has to see that this one is gone.
        self.flush_recordset()

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        if any(book.line_ids.reading_id for book in self):
            raise UserError(self.env._("A book with readings is kept: archive it instead of deleting it."))

    def _get_print_lines(self, missing_only=False):
        """Rows of the printed book in walking order; no customer's data, because the paper leaves the house.

        :return: list of dicts as ``pwik.reading.route._get_reading_book_lines`` gives them, with entered and remark
        """
        self.ensure_one()
        kinds = dict(self.env["pwik.meter"]._fields["meter_kind"]._description_selection(self.env))
        lines = self.line_ids.filtered(lambda line: line.state != "read" or not missing_only)
        return [
            {
                "point": line.service_point_id.number,
                "address": f"{line.service_point_id.street}, {line.service_point_id.city}",
                "note": line.service_point_id.note,
                "serial": line.meter_id.serial,
                "kind": kinds[line.meter_id.meter_kind],
                "last_date": line.last_date,
                "last_value": line.last_value,
                "entered": line.reading_id.value if line.reading_id else None,
                "remark": " ".join(filter(None, (line.note_code_id.name, line.note))),
            }
            for line in lines
        ]
