from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...domain.errors import InputRefused
from ...domain.plausibility import KnownReading, Limits, assess
from ...domain.submission import ReadingLimits, parse_reading

HISTORY_LENGTH = 14
TEN_YEARS = 3653


class PwikCase(models.Model):
    """Reading submissions: approving makes a reading, which passes validation like any other."""

    _inherit = "pwik.case"

    reading_warning = fields.Char("Doubt", compute="_compute_reading_warning")

    @api.depends("meter_id", "reading_value", "reading_date", "state", "handler")
    def _compute_reading_warning(self):
        """The same question that the customer was asked, for those who decide."""
        for case in self:
            asked = case.handler == "reading" and not case.is_closed and case.meter_id and case.reading_date
            case.reading_warning = asked and case._get_submission_warning(
                case.meter_id,
                case.reading_value,
                case.reading_date,
            )

    @api.model
    def _prepare_portal_reading(self, case_type, values, partner, contract, meter):
        if not meter:
            return {}
        limits = self._get_reading_limits(case_type, contract, meter)
        reading = parse_reading(values.get("reading_value"), values.get("reading_date"), limits)
        return {"reading_value": float(reading.value), "reading_date": reading.day}

    @api.model
    def _get_reading_limits(self, case_type, contract, meter):
        """What a reading of this customer from this meter must fit."""
        installation = meter.installation_ids.filtered(lambda i: i.service_point_id in contract.point_ids)[:1]
        stays = contract.contract_point_ids.filtered(
            lambda p: p.service_point_id == installation.service_point_id
        )
        stay = stays.sorted("date_from")[-1:]
        today = self._today()
        earlier = self.sudo().search(
            [
                ("meter_id", "=", meter.id),
                ("handler", "=", "reading"),
                ("state", "not in", ("rejected", "cancelled")),
                (
                    "reading_date",
                    ">",
                    today - timedelta(case_type.reading_window_days + case_type.reading_interval_days),
                ),
            ]
        )
        return ReadingLimits(
            register_digits=meter.register_digits,
            today=today,
            window_days=case_type.reading_window_days,
            first_day=max(filter(None, (installation.date_from, stay.date_from)), default=None),
            last_day=min(filter(None, (installation.date_to, stay.date_to)), default=None),
            billed_until=meter._get_billed_until() or None,
            submitted_days=tuple(earlier.mapped("reading_date")),
            interval_days=case_type.reading_interval_days,
        )

    def _after_portal_reading(self):
        """Rules may accept what raises no doubt; what they cannot decide is left to staff."""
        self.ensure_one()
        if not self.type_id.auto_approve:
            return
        if self._get_submission_warning(self.meter_id, self.reading_value, self.reading_date):
            return
        try:
            with self.env.cr.savepoint():
                self.action_approve()
        except UserError as error:
            self._post_note([self.env._("The rules could not accept this reading: %s", error)])

    @api.model
    def _get_submission_warning(self, meter, value, date):
        """Ask whether this is really the value, before a doubtful reading is sent.

        The caller has proven that the customer may see the meter. Values of others' readings are not told.

        :param value: as typed or number; a value or day that would be refused anyway gets no warning
        :param date: ISO text or date
        :return: a question in the user's language, or False
        """
        meter = meter.sudo()
        case_type = self.env["pwik.case.type"].sudo()._get_by_code("reading", meter.company_id)
        try:
            number = int(value) if isinstance(value, float) else value
            reading = parse_reading(
                number, date, ReadingLimits(meter.register_digits, self._today(), TEN_YEARS)
            )
        except InputRefused:
            return False
        doubt = assess(
            reading.value,
            reading.day,
            self._get_known_readings(meter, reading.day),
            Limits(
                register_digits=meter.register_digits,
                q3=Decimal(str(meter.q3)),
                factor=Decimal(str(case_type.plausible_factor)),
                minimum=Decimal(str(case_type.plausible_minimum)),
            ),
        )
        return self._get_doubt_message(reading.value, doubt) if doubt else False

    @api.model
    def _get_known_readings(self, meter, day):
        """Start value and latest accepted readings of the installation on that day, as domain values."""
        installation = meter.installation_ids.filtered(
            lambda i: i.date_from <= day and (not i.date_to or day <= i.date_to)
        )[:1]
        if not installation:
            return ()
        contract = (
            self.env["pwik.reading"]._get_places([(meter.id, day)]).get((meter.id, day), (0, 0, False))[2]
        )
        readings = (
            self.env["pwik.reading"]
            .sudo()
            .search(
                [
                    ("installation_id", "=", installation.id),
                    ("register", "=", "main"),
                    ("state", "=", "accepted"),
                    ("superseded", "!=", True),
                    ("date", "<=", day),
                ],
                limit=HISTORY_LENGTH,
            )
        )
        start = KnownReading(installation.date_from, Decimal(str(installation.start_value)), own=False)
        return (
            start,
            *(
                KnownReading(
                    r.date, Decimal(str(r.value)), own=bool(contract) and r.contract_id.id == contract
                )
                for r in readings
            ),
        )

    @api.model
    def _get_doubt_message(self, value, doubt):
        params = {
            "value": f"{value:.0f}",
            "last": f"{doubt.last.value:.0f}",
            "day": format_date(self.env, doubt.last.day),
            "consumption": f"{doubt.consumption:.0f}",
            "expected": f"{doubt.expected or 0:.0f}",
        }
        if doubt.code == "below_last" and doubt.last.own:
            text = self.env._(
                "Is it really %(value)s m³? On %(day)s the meter showed %(last)s m³, and it does not run backwards."
            )
        elif doubt.code == "below_last":
            text = self.env._(
                "Is it really %(value)s m³? The meter showed more before, and it does not run backwards."
            )
        elif doubt.code == "impossible":
            text = self.env._(
                "Is it really %(value)s m³? So much water cannot have run through this meter since %(day)s."
            )
        else:
            text = self.env._(
                "Is it really %(value)s m³? That would be %(consumption)s m³ since %(day)s; usually it is about "
                "%(expected)s m³ in that time."
            )
        return text % params

    def _check_reading(self):
        """The values fit the meter; who typed them, the customer or staff from a letter, makes no difference."""
        self.ensure_one()
        if self.reading_id.state in ("draft", "to_review"):
            raise UserError(
                self.env._(
                    "The reading of case %s waits in the review of readings. Decide on it there.",
                    self.number,
                )
            )
        if self.reading_id.state == "accepted":
            return
        limits = ReadingLimits(self.meter_id.register_digits, self._today(), window_days=TEN_YEARS)
        try:
            parse_reading(f"{self.reading_value:.0f}", self.reading_date or None, limits)
        except InputRefused as error:
            raise UserError("\n".join(self._get_problem_messages(error.problems).values())) from error

    def _approve_reading(self):
        """Make the reading and validate it.

        :return: False while the reading waits for review or was refused by the rules
        """
        self.ensure_one()
        if self.reading_id.state != "accepted":
            vals = self._prepare_reading()
            self._check_moment_is_free(vals)
            reading = self.env["pwik.reading"].create(vals)
            self.sudo().reading_id = reading
            reading.action_validate()
        return self._tell_reading_outcome()

    def _reject_reading(self):
        """A reading that still waits in the review is rejected with its case."""
        self.ensure_one()
        if self.reading_id.state in ("draft", "to_review"):
            # sudo: a guarded field; without it the review would hand the case back
            self.sudo().decision = False
            self.reading_id.action_reject(self.number)

    def _prepare_reading(self):
        self.ensure_one()
        return {
            "meter_id": self.meter_id.id,
            "moment": self._get_reading_moment(),
            "value": self.reading_value,
            "source": "customer",
            "note": self.number,
            "photo": self._get_reading_photo(),
        }

    def _get_reading_photo(self):
        """The customer's picture of the meter for the reading; HEIC, which Odoo cannot draw, stays with the case."""
        self.ensure_one()
        # sudo: who decides on a case sees its files there
        picture = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("res_field", "=", False),
                    ("create_uid.share", "=", True),
                    ("mimetype", "in", ("image/jpeg", "image/png")),
                ],
                order="id",
                limit=1,
            )
        )
        return picture.datas

    def _check_moment_is_free(self, vals):
        """Two submissions for one moment contradict or repeat each other: one of them is decided on first."""
        taken = self.env["pwik.reading"].search(
            [
                ("meter_id", "=", vals["meter_id"]),
                ("moment", "=", vals["moment"]),
                ("source", "=", "customer"),
                ("state", "!=", "rejected"),
                ("superseded", "!=", True),
            ],
            limit=1,
        )
        if taken:
            raise UserError(
                self.env._(
                    "The customer's reading of this day is there already: %(value)s m³. "
                    "Reject this case, or that reading first.",
                    value=f"{taken.value:.0f}",
                )
            )

    def _get_reading_moment(self):
        """Noon of the day in the utility's time zone; not later than the case itself, which was there after the reading."""
        self.ensure_one()
        zone = ZoneInfo(self.env["pwik.reading"]._get_timezone())
        noon = datetime.combine(self.reading_date, time(12), tzinfo=zone)
        noon = noon.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        return min(noon, (self.create_date or fields.Datetime.now()).replace(microsecond=0))

    def _tell_reading_outcome(self):
        """Note on the case what validation said; True when the reading is accepted."""
        self.ensure_one()
        reading = self.reading_id
        if reading.state == "accepted":
            self._post_note(
                [
                    self.env._(
                        "Reading accepted: %(value)s m³ on %(day)s.",
                        value=f"{reading.value:.0f}",
                        day=format_date(self.env, reading.date),
                    )
                ]
            )
            return True
        reasons = [f"{finding.code}: {finding.message}" for finding in reading.finding_ids]
        if reading.state == "rejected":
            raise UserError(
                "\n".join((self.env._("The rules of the register refuse this reading:"), *reasons))
            )
        self._post_note(
            [
                self.env._(
                    "The reading was made, but its validation wants a look. The case waits until it is decided on:"
                ),
                *reasons,
            ]
        )
        return False

    def _on_reading_decided(self):
        """The review has decided on the reading for which these cases wait."""
        for case in self:
            if case.reading_id.state == "accepted":
                case._tell_reading_outcome()
                case._close("done", decision="approved")
            elif case.reading_id.state == "rejected":
                case._give_back(
                    case.env._(
                        "The reading was rejected in the review. Reject the case, or approve it anew."
                    ),
                    case.env._("The submitted reading was rejected"),
                )

    def _on_reading_estimated(self):
        """The review has put an estimate in the place of the reading for which these cases wait."""
        for case in self:
            case.sudo().reading_id = False
            case._give_back(
                case.env._(
                    "An estimate took the place of the reading in the review. Reject the case, or approve it anew."
                ),
                case.env._("The submitted reading was replaced by an estimate"),
            )

    def _give_back(self, note, summary):
        """Let somebody decide on the case anew: a note why, and an activity."""
        self.ensure_one()
        # sudo: the decision is written by the program only
        self.sudo().write({"decision": False, "stage_id": self._get_working_stage().id})
        self._post_note([note])
        self.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self._get_responsible().id, summary=summary
        )
