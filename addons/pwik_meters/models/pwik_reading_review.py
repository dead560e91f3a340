from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .pwik_work_order import OPEN_STATES

REVIEWERS = "pwik_meters.pwik_meters_group_user"


class PwikReading(models.Model):
    """What people decide on readings: accept, reject, correct. Who, when and why is kept."""

    _inherit = "pwik.reading"

    def action_accept(self, reason=None):
        """Accept readings of the review queue in spite of what the rules found.

        :param str reason: kept on the reading
        :raise UserError: not in the queue, or a finding that only a correction can resolve
        """
        self._check_may_decide()
        for reading in self:
            if reading.state != "to_review" or reading.superseded:
                raise UserError(self.env._("Reading %s does not wait for a decision.", reading.display_name))
            final = reading.finding_ids.filtered("final")
            if final:
                raise UserError(
                    self.env._(
                        "Reading %(reading)s cannot be accepted as it is: %(message)s Correct or reject it.",
                        reading=reading.display_name,
                        message=final[0].message,
                    )
                )
        self._supersede_others(reason)
        self._decide({"state": "accepted", "blocks_billing": False}, reason)
        return True

    def _supersede_others(self, reason):
        """Of two values of one register at one moment (V03) one is true: those that are accepted now replace the others.

        :raise UserError: two of these contradict each other
        """
        moments = [(reading.meter_id, reading.register, reading.moment) for reading in self]
        values = dict(zip(moments, self.mapped("value"), strict=True))
        if any(values[key] != reading.value for key, reading in zip(moments, self, strict=True)):
            raise UserError(
                self.env._("Two of these readings contradict each other: accept one, reject the other.")
            )
        conflicting = self.filtered(lambda reading: "V03" in (reading.finding_codes or "").split()).sudo()
        for reading in conflicting:
            others = conflicting.search(
                [
                    ("id", "not in", self.ids),
                    ("meter_id", "=", reading.meter_id.id),
                    ("register", "=", reading.register),
                    ("moment", "=", reading.moment),
                    ("state", "=", "accepted"),
                    ("superseded", "=", False),
                ]
            ).filtered(lambda other, value=reading.value: other.value != value)
            if others:
                others.with_env(self.env)._decide(
                    {"superseded": True, "blocks_billing": False}, reason, follow=False
                )
                others._get_book_lines()._follow(reading)
                reading.correction_of_id = reading.correction_of_id or others[0]

    def action_reject(self, reason=None):
        """Take readings out of the reckoning; the record stays.

        :raise UserError: an accepted reading that was invoiced (only a correction can replace it)
        """
        self._check_may_decide()
        for reading in self.filtered(lambda r: r.state == "accepted"):
            billed_until = reading.sudo().meter_id._get_billed_until()
            if billed_until and reading.date <= billed_until:
                raise UserError(
                    self.env._(
                        "Reading %s was invoiced. Correct it, so that the invoice can be corrected with it.",
                        reading.display_name,
                    )
                )
        self._decide({"state": "rejected", "blocks_billing": False}, reason)
        self._get_book_lines()._follow(self.browse())
        return True

    def action_correct(self, value, reason=None):
        """Replace the reading by a new record with another value, which is validated at once.

        :param value: right register value, m³
        :return: the new reading; the old one keeps its raw value and counts no more
        """
        self.ensure_one()
        self._check_may_decide()
        if self.superseded:
            raise UserError(self.env._("Reading %s was corrected already.", self.display_name))
        old = self.sudo()
        old._decide({"superseded": True, "blocks_billing": False}, reason, follow=False)
        old.flush_recordset()
        old._correct_installation(value)
        new = old.create(
            {
                "meter_id": old.meter_id.id,
                "register": old.register,
                "moment": old.moment,
                "value": value,
                "source": "exchange" if old.source == "exchange" else "manual",
                "note": reason or old.note,
                "correction_of_id": old.id,
            }
        )
        new._validate_batch()
        new._validate_following()
        old._get_book_lines()._follow(new)
        return new.sudo(False)

    def _correct_installation(self, value):
        """An exchange's value stands on the installation too, and is corrected there with its reading."""
        if self.source != "exchange":
            return
        for stay in self.meter_id.installation_ids:
            for day, name in ((stay.date_from, "start_value"), (stay.date_to, "end_value")):
                if day == self.date and stay[name] == self.value:
                    stay[name] = value

    def action_order_inspection(self, reason=None, user=None, date_due=None):
        """Send somebody to look at the meters of waiting readings; the readings keep waiting.

        :param reason: what the worker has to know; default: what the rules said
        :return: the inspection orders, one a meter, new or open before
        :raise UserError: not in the queue
        """
        self._check_may_decide()
        if any(reading.state != "to_review" or reading.superseded for reading in self):
            raise UserError(self.env._("An inspection is ordered for readings that wait for a decision."))
        reasons = {
            reading.meter_id.id: " ".join(filter(None, (reason, reading.finding_summary))) for reading in self
        }
        orders = self.env["pwik.work.order"]
        orders._order_for_meters(
            self.meter_id, "inspection", reasons, user_id=user and user.id, date_due=date_due
        )
        orders = orders.search(
            [("meter_id", "in", self.meter_id.ids), ("kind", "=", "inspection"), ("state", "in", OPEN_STATES)]
        )
        by_meter = {order.meter_id: order for order in orders}
        for reading in self.sudo():
            reading.work_order_id = by_meter[reading.meter_id]
        return orders

    def _get_book_lines(self):
        """Where these readings stand in reading books."""
        # sudo: who decides on a reading decides for the book too
        return self.env["pwik.reading.book.line"].sudo().search([("reading_id", "in", self.ids)])

    def _check_may_decide(self):
        if not (self.env.su or self.env.user.has_group(REVIEWERS)):
            raise AccessError(self.env._("Readings are decided on by the office."))
        self.check_access("write")

    def _decide(self, vals, reason, follow=True):
        """Write a person's decision and judge again what waited for it."""
        self.sudo().write(
            {
                **vals,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                "decision_reason": reason or False,
            }
        )
        self.sudo()._refresh_consumption()
        if follow:
            self.sudo()._validate_following()

    def _validate_following(self):
        """Judge again what waits of these meters from then on: what was found of it may have followed from these.

        Because an earlier one waited (V21), or because an earlier one was wrong: all others look wrong beside it.
        """
        waiting = self.search(
            [
                ("id", "not in", self.ids),
                ("meter_id", "in", self.meter_id.ids),
                ("state", "=", "to_review"),
                ("superseded", "=", False),
                ("moment", ">=", min(self.mapped("moment"))),
            ]
        )._filter_judged_again()
        if waiting:
            waiting.with_context(tracking_disable=True).write({"state": "draft"})
            waiting._validate_batch()

    def _filter_judged_again(self):
        """Those of these waiting readings which the rules can judge by themselves; addons drop what needs another one."""
        return self
