from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

READER = "pwik_meters.pwik_meters_group_reader"
OFFICE = "pwik_meters.pwik_meters_group_user"
MOST_FOUND = 8
# An end of this many digits means one number, as people read it out; a shorter one may stand anywhere.
TELLING_END = 6
ENDS = "ends"


class PwikDashboard(models.AbstractModel):
    """Start page: what the register waits for, and one box that finds a number, serial, address or customer.

    Later addons add tiles by ``_get_tiles`` and what is found by ``_get_searches``.
    """

    _name = "pwik.dashboard"
    _description = "Start page of the waterworks"

    @api.model
    def get_data(self):
        """Tiles of the start page for whoever is signed in.

        :return: list of groups ``{"title", "tiles": [{"label", "count", "hint", "tone", "action", "domain"}]}``;
            ``action`` is an xml id, ``tone`` one of success, warning, danger, info
        """
        self._check_may_look()
        return [group for group in self._get_tiles() if group["tiles"]]

    def _check_may_look(self):
        if not self.env.user.has_group(READER):
            raise AccessError(self.env._("The start page belongs to the people of the waterworks."))

    def _get_tiles(self):
        office = self.env.user.has_group(OFFICE)
        return [
            {"title": self.env._("Readings of this month"), "tiles": self._get_reading_tiles(office)},
            {"title": self.env._("Meters and field work"), "tiles": self._get_meter_tiles()},
        ]

    def _get_reading_tiles(self, office):
        first = fields.Date.start_of(fields.Date.context_today(self), "month")
        total, read = self._count_read_since(first)
        living = [("state", "in", ("draft", "open"))]
        tiles = [
            self._make_tile(
                self.env._("Meters read"),
                read,
                "pwik_meters.pwik_reading_action",
                [("date", ">=", first), ("state", "=", "accepted"), ("superseded", "=", False)],
                hint=self.env._("of %s installed", total),
                tone="success",
            ),
            self._make_tile(
                self.env._("Meters not read yet"),
                total - read,
                "pwik_meters.pwik_meter_action",
                [("state", "=", "installed"), ("reading_ids", "not any", self._get_read_domain(first))],
                tone="info",
            ),
            self._make_tile(
                self.env._("Reading books to be read"),
                self.env["pwik.reading.book"].search_count(living),
                "pwik_meters.pwik_reading_book_action",
                living,
                tone="info",
            ),
        ]
        if office:
            waiting = [("state", "=", "to_review"), ("superseded", "=", False)]
            tiles.insert(
                2,
                self._make_tile(
                    self.env._("Readings to review"),
                    self.env["pwik.reading"].search_count(waiting),
                    "pwik_meters.pwik_reading_review_action",
                    waiting,
                    tone="warning",
                ),
            )
        return tiles

    def _get_meter_tiles(self):
        today = fields.Date.context_today(self)
        installed = ("state", "=", "installed")
        expired = [installed, ("legalization_valid_until", "<", today)]
        due = [
            installed,
            ("legalization_valid_until", ">=", today),
            ("legalization_valid_until", "<=", fields.Date.add(today, months=6)),
        ]
        opened = [("state", "in", ("draft", "planned"))]
        late = [*opened, ("date_due", "<", today)]
        meters, orders = "pwik_meters.pwik_meter_action", "pwik_meters.pwik_work_order_action"
        count_meters, count_orders = (
            self.env["pwik.meter"].search_count,
            self.env["pwik.work.order"].search_count,
        )
        return [
            self._make_tile(
                self.env._("Verification expired"), count_meters(expired), meters, expired, tone="danger"
            ),
            self._make_tile(
                self.env._("Verification ends within 6 months"),
                count_meters(due),
                meters,
                due,
                tone="warning",
            ),
            self._make_tile(
                self.env._("Open work orders"), count_orders(opened), orders, opened, tone="info"
            ),
            self._make_tile(self.env._("Late work orders"), count_orders(late), orders, late, tone="danger"),
        ]

    @api.model
    def _make_tile(self, label, count, action, domain, hint=None, tone="info"):
        return {
            "label": label,
            "count": count,
            "hint": hint or "",
            "tone": tone if count else "success",
            "action": action,
            "domain": [
                (leaf[0], leaf[1], fields.Date.to_string(leaf[2])) if hasattr(leaf[2], "isoformat") else leaf
                for leaf in domain
            ],
        }

    def _get_read_domain(self, first):
        return [
            ("date", ">=", fields.Date.to_string(first)),
            ("state", "=", "accepted"),
            ("superseded", "=", False),
            ("source", "!=", "estimate"),
        ]

    def _count_read_since(self, first):
        """Installed meters of the user's companies, and how many of them have an accepted reading since ``first``."""
        self.env["pwik.reading"].flush_model()
        self.env["pwik.meter"].flush_model()
        self.env.cr.execute(
            SQL(
                """
            SELECT (SELECT count(*) FROM pwik_meter m
                     WHERE m.state = 'installed' AND m.active AND m.company_id = ANY(%(companies)s)),
                   (SELECT count(DISTINCT r.meter_id) FROM pwik_reading r JOIN pwik_meter m ON m.id = r.meter_id
                     WHERE r.date >= %(first)s AND r.state = 'accepted' AND r.superseded IS NOT TRUE
                       AND r.source <> 'estimate' AND m.state = 'installed' AND m.active
                       AND m.company_id = ANY(%(companies)s))
            """,
                companies=self.env.companies.ids,
                first=first,
            )
        )
        return self.env.cr.fetchone()

    @api.model
    def find(self, text):
        """What one box finds: by number, serial, address or customer number, with the rights of whoever asks.

        :return: list of ``{"title", "model", "records": [{"id", "name", "detail"}]}``, kinds without a hit left out
        """
        self._check_may_look()
        text = (text or "").strip()
        if len(text) < 2:
            return []
        found = []
        for title, model, domains, detail in self._get_searches(text):
            # One query a way of finding: an index serves each, none serves all of them joined by OR.
            records = self.env[model]
            for domain in domains:
                if len(records) < MOST_FOUND:
                    records |= self._find_in_a_way(model, domain, MOST_FOUND - len(records))
                if records and domain[-1][1] in ("=", ENDS):
                    break  # that very number: nothing that only resembles it is meant
            if records:
                rows = [{"id": r.id, "name": r.display_name, "detail": detail(r) or ""} for r in records]
                found.append({"title": title, "model": model, "records": rows})
        return found

    def _find_in_a_way(self, model, domain, limit):
        """:param domain: one leaf with the operator ``ends``, else what ``search`` takes"""
        name, operator, value = domain[-1]
        if operator != ENDS:
            return self.env[model].search(domain, limit=limit)
        query = self.env[model]._search([], limit=limit)
        # the index of numbers read backwards serves it; each trigram of an end stands in thousands of numbers
        column = SQL.identifier(query.table, name)
        query.add_where(SQL("reverse(%s) LIKE %s", column, f"{value[::-1]}%"))
        return self.env[model].browse(query)

    def _get_number_ways(self, name, text):
        """Ways to a number: itself, its beginning, its end, any part of it."""
        ends = [[(name, ENDS, text)]] if text.isdecimal() and len(text) >= TELLING_END else []
        return [[(name, "=", text)], [(name, "=ilike", f"{text}%")], *ends, [(name, "ilike", text)]]

    def _get_searches(self, text):
        """Ways of finding: list of ``(title, model, domains, function of a record that tells more about it)``.

        The last leaf of a domain says how it is meant: what it finds by ``=`` or ``ends`` ends the search.
        """
        ways = [
            (
                self.env._("Meters"),
                "pwik.meter",
                self._get_number_ways("serial", text),
                lambda meter: meter.service_point_id.display_name,
            ),
            (
                self.env._("Service points"),
                "pwik.service.point",
                [*self._get_number_ways("number", text), [("street", "ilike", text)]],
                lambda point: ", ".join(point.meter_ids.mapped("serial")),
            ),
        ]
        if self.env.user.has_group(OFFICE):
            customer = ("pwik_customer_number", "!=", False)
            by_customer = [("partner_id.pwik_customer_number", "=", text)]
            ways[:0] = [
                (
                    self.env._("Customers"),
                    "res.partner",
                    [[("pwik_customer_number", "=", text)], [customer, ("name", "ilike", text)]],
                    lambda partner: " · ".join(filter(None, (partner.pwik_customer_number, partner.street))),
                ),
                (
                    self.env._("Contracts"),
                    "pwik.contract",
                    [by_customer, *self._get_number_ways("number", text)],
                    lambda contract: contract.partner_id.name,
                ),
            ]
        return ways
