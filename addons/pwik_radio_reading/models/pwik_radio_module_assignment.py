from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.copying import to_array
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_datetime

DATES = ("date_from", "date_to")


class PwikRadioModuleAssignment(models.Model):
    """Which overlay sat on which meter from when to when.

    Moments and not days: on the day of an exchange, telegrams before it belong to the old meter and those after it to the new.
    """

    _name = "pwik.radio.module.assignment"
    _description = "Radio overlay on a meter"
    _order = "date_from desc, id desc"
    _inherit = "pwik.told.mixin"
    _check_company_auto = True
    _told_on = "module_id"

    module_id = fields.Many2one(
        "pwik.radio.module",
        "Overlay",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    meter_id = fields.Many2one(
        "pwik.meter",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(related="module_id.company_id", store=True)
    date_from = fields.Datetime("From", required=True, default=fields.Datetime.now)
    date_to = fields.Datetime("To", help="Moment at which the overlay was taken off.")

    _dates_ordered = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "An overlay cannot be taken off before it was put on.",
    )
    # “+ 0”: else the planner takes this index for a plain search, which it answers ten times slower than the field's own
    _module_once = models.Constraint(
        "EXCLUDE USING gist ((module_id + 0) WITH =, tsrange(date_from, date_to, '[)') WITH &&)",
        "This overlay already sits on a meter in that time.",
    )
    _meter_once = models.Constraint(
        "EXCLUDE USING gist ((meter_id + 0) WITH =, tsrange(date_from, date_to, '[)') WITH &&)",
        "This meter already has an overlay in that time.",
    )

    @api.depends("module_id", "meter_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.module_id.display_name} · {line.meter_id.display_name}"

    @api.model_create_multi
    def create(self, vals_list):
        # An assignment that was ended just now must be ended in the database before the next one begins
        self.flush_model(["date_from", "date_to"])
        # not told one by one: overlays come by the thousand, each with the meter it sits on
        quiet = super(PwikRadioModuleAssignment, self.with_context(tracking_disable=True))
        return quiet.create(vals_list).with_env(self.env)

    def write(self, vals):
        """Change stays, by hand too: never so that a reading loses its reason, and noted with the overlay.

        :raises UserError: a reading came of a time that the stay would no longer cover
        """
        vals = {
            **vals,
            **{name: fields.Datetime.to_datetime(vals[name]) for name in DATES if vals.get(name)},
        }
        for stay in self:
            stay._check_change(vals)
        left = {stay: (stay.module_id, stay._describe()) for stay in self._get_told() if "module_id" in vals}
        result = super().write(vals)
        what = self.env["ir.model"]._get(self._name).name
        for stay, (module, old) in left.items():
            if module != stay.module_id:
                module._message_log(body=stay._put_in_words(what, old, stay._describe()))
        if vals.get("date_to"):
            now = fields.Datetime.now()
            self.filtered(lambda stay: stay.date_to and stay.date_to <= now)._end_alarms()
        return result

    def _end_alarms(self):
        """Close what the overlay reported of the meter: no telegram of this stay will come to deny it."""
        # sudo: it follows from the end of the stay, which the user was let change; readers write no alarm
        alarms = self.env["pwik.radio.alarm"].sudo()
        for stay in self:
            pair = [("module_id", "=", stay.module_id.id), ("meter_id", "=", stay.meter_id.id)]
            alarms.search([*pair, ("state", "=", "open")])._end()

    def _check_change(self, vals):
        """Refuse ``vals`` (``write``'s, moments as datetime) where a reading came of a time that falls out of the stay."""
        self.ensure_one()
        if any(name in vals and (vals[name] or False) != self[name].id for name in ("module_id", "meter_id")):
            self._check_no_reading(self.date_from, self.date_to)
            return
        start, end = vals.get("date_from") or self.date_from, vals.get("date_to", self.date_to)
        if start > self.date_from:
            self._check_no_reading(self.date_from, min(filter(None, (start, self.date_to))))
        if end and (not self.date_to or end < self.date_to):
            self._check_no_reading(max(end, self.date_from), self.date_to)

    def _describe(self):
        self.ensure_one()
        return self.env._(
            "%(module)s on meter %(meter)s, %(start)s – %(end)s",
            module=self.module_id.display_name,
            meter=self.meter_id.display_name,
            start=format_datetime(self.env, self.date_from),
            end=format_datetime(self.env, self.date_to) if self.date_to else "…",
        )

    @api.model
    def _take_off(self, module, meter, moment):
        """End the overlay's stay on the meter that covers the moment; its history stays.

        :raises UserError: it did not sit there then, or gave a reading after it that was not rejected
        """
        stays = self.search(
            [
                *(("module_id", "=", module.id), ("meter_id", "=", meter.id)),
                *("|", ("date_to", "=", False), ("date_to", ">", moment)),
            ],
            order="date_from, id",
        )
        stay = stays[:1]
        if not stay:
            raise UserError(
                self.env._(
                    "Overlay %(module)s did not sit on meter %(meter)s at %(moment)s.",
                    module=module.display_name,
                    meter=meter.display_name,
                    moment=format_datetime(self.env, moment),
                )
            )
        if stay.date_from > moment:
            raise UserError(
                self.env._(
                    "Overlay %(module)s sits on meter %(meter)s since %(moment)s only.",
                    module=module.display_name,
                    meter=meter.display_name,
                    moment=format_datetime(self.env, stay.date_from),
                )
            )
        stay.date_to = moment

    @api.model
    def _put_on(self, module, meter, moment):
        """Begin a stay of the overlay on the meter. The database refuses two at once.

        :return: the stay
        """
        stay = self.create({"module_id": module.id, "meter_id": meter.id, "date_from": moment})
        stay._tell({one: (None, one._describe()) for one in stay._get_told()})
        return stay

    def action_take_back(self):
        """Undo the last step of an assignment.

        One that was ended goes on. One that lasts never was, and what it had ended at that moment goes on.

        :raises UserError: readings came from it, or another one followed
        """
        for stay in self:
            others = self.search(
                [
                    ("id", "!=", stay.id),
                    *("|", ("module_id", "=", stay.module_id.id), ("meter_id", "=", stay.meter_id.id)),
                ]
            )
            if any(other.date_from > stay.date_from for other in others):
                raise UserError(self.env._("Another assignment followed: take back the newest one first."))
            if stay.date_to:
                stay.with_context(tracking_disable=True).date_to = False
                stay.module_id._message_log(
                    body=self.env._(
                        "Overlay stays on meter %s: its end was taken back.", stay.meter_id.display_name
                    )
                )
                continue
            stay._check_no_reading(stay.date_from)
            # one that lasted no time at all has nothing to go on with
            before = others.filtered(
                lambda other, moment=stay.date_from: other.date_to == moment and other.date_from < moment
            )
            text = self.env._(
                "Assignment taken back: overlay %(module)s on meter %(meter)s from %(moment)s.",
                module=stay.module_id.display_name,
                meter=stay.meter_id.display_name,
                moment=format_datetime(self.env, stay.date_from),
            )
            for module in stay.module_id | before.module_id:
                module._message_log(body=text)
            stay.with_context(tracking_disable=True).unlink()
            before.with_context(tracking_disable=True).write({"date_to": False})
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_only_without_readings(self):
        for stay in self:
            stay._check_no_reading(stay.date_from, stay.date_to)
            stay._end_alarms()

    def _check_no_reading(self, start, end=None):
        """Refuse to take a time out of a stay of which a reading came: the reading would lose its reason.

        :param start: first moment of that time
        :param end: the first one after it; None: there is none
        :raises UserError: a reading that is not rejected came from a telegram or a register of that time
        """
        self.ensure_one()
        lines = self.env["pwik.radio.dump.line"].search(
            self._get_reading_domain(start, end), order="value_moment desc, id desc", limit=1
        )
        if lines:
            raise UserError(
                self.env._(
                    "Overlay %(module)s gave meter %(meter)s a reading on %(moment)s already: reject that reading first.",
                    module=self.module_id.display_name,
                    meter=self.meter_id.display_name,
                    moment=format_datetime(self.env, lines.received or lines.value_moment),
                )
            )

    def _get_reading_domain(self, start, end):
        """Lines of this overlay and meter whose readings rest on a time from ``start`` to before ``end`` (None: for ever).

        They rest on when the telegram was heard, and on the moment of the value: at a month's end the overlay has to have
        sat there as well. A file that gave no time has the moment of the value only.
        """

        def within(name):
            return Domain(name, ">=", start) & (Domain(name, "<", end) if end else Domain.TRUE)

        alive = Domain("state", "!=", "rejected")
        heard = within("received") | within("value_moment")
        return (
            Domain("module_id", "=", self.module_id.id)
            & Domain("meter_id", "=", self.meter_id.id)
            & (
                (Domain("reading_id", "any", alive) & heard)
                | (Domain("filled_reading_ids", "any", alive) & heard)
                | Domain("filled_reading_ids", "any", alive & within("moment"))
            )
        )

    @api.model
    def _get_by_module(self, module_ids):
        """Assignments of overlays, for matching many telegrams without a query for each.

        :return: ``{module_id: [(date_from, date_to or None, meter_id), …]}``, newest first
        """
        self.flush_model(["module_id", "meter_id", "date_from", "date_to"])
        self.env.cr.execute(
            SQL(
                "SELECT module_id, date_from, date_to, meter_id FROM pwik_radio_module_assignment"
                " WHERE module_id = ANY(%s::int[]) ORDER BY date_from DESC, id DESC",
                to_array(module_ids),
            )
        )
        found = {}
        for module_id, *stay in self.env.cr.fetchall():
            found.setdefault(module_id, []).append(tuple(stay))
        return found
