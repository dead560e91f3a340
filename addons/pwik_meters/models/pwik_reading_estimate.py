from odoo import fields, models
from odoo.exceptions import UserError

from ..domain.errors import NoHistoryError
from ..domain.estimation import AVERAGE, NORM, SAME_PERIOD, estimate
from .reading_history import ReadingHistory


class PwikReading(models.Model):
    """Estimated readings: where nobody could read, from what the meter showed before. The method is kept."""

    _inherit = "pwik.reading"

    estimate_method = fields.Selection(
        [
            (SAME_PERIOD, "Same period of last year"),
            (AVERAGE, "Average of past periods"),
            (NORM, "Norm of consumption"),
        ],
        "Estimated by",
        readonly=True,
        copy=False,
    )

    def action_estimate(self, reason=None):
        """Replace waiting readings by estimates of the same moment; the old records keep their raw values.

        :param str reason: kept with both
        :return: the estimates, validated
        :raise UserError: not in the queue, an estimate already, or nothing to estimate from
        """
        self._check_may_decide()
        for reading in self:
            if reading.state != "to_review" or reading.superseded:
                raise UserError(self.env._("Reading %s does not wait for a decision.", reading.display_name))
            if reading.source == "estimate":
                raise UserError(self.env._("Reading %s is an estimate already.", reading.display_name))
        waiting = self.sudo()
        requests = [(reading.meter_id, reading.moment, reading.register) for reading in waiting]
        values = waiting._prepare_estimates(requests)
        waiting._decide({"superseded": True, "blocks_billing": False}, reason, follow=False)
        waiting.flush_recordset()
        for reading, vals in zip(waiting, values, strict=True):
            vals.update(correction_of_id=reading.id, note=reason or reading.note)
        estimates = waiting._create_estimates(values, reason)
        estimates._validate_following()
        for line in waiting._get_book_lines():
            line._follow(estimates.filtered(lambda new, old=line.reading_id: new.correction_of_id == old))
        return estimates.sudo(False)

    def _estimate_missing(self, requests, reason=None):
        """Estimate readings which nobody took.

        :param requests: list of ``(meter, moment (UTC), register)``
        :return: the estimates, validated, in the order of ``requests``
        :raise UserError: not of the office, or nothing to estimate from
        """
        self.browse()._check_may_decide()
        readings = self.sudo()
        values = readings._prepare_estimates(requests)
        for vals in values:
            vals["note"] = reason
        return readings._create_estimates(values, reason).sudo(False)

    def _create_estimates(self, values, reason):
        decided = {
            "decided_by_id": self.env.uid,
            "decided_on": fields.Datetime.now(),
            "decision_reason": reason or False,
        }
        estimates = self.create([{**vals, **decided} for vals in values])
        estimates._validate_batch()
        return estimates

    def _prepare_estimates(self, requests):
        """Values for ``create``: one estimate for each request.

        :raise UserError: names the meters of which too little is known
        """
        if not requests:
            return []
        drafts = self.browse()
        for meter, moment, register in requests:
            # Not stored: a question to the history of the meter.
            drafts += self.new(
                {
                    "meter_id": meter.id,
                    "moment": moment,
                    "register": register,
                    "value": 0.0,
                    "source": "estimate",
                }
            )
        book = ReadingHistory(drafts)
        norms = drafts.meter_id._get_norms_per_day()
        values, unknown = [], []
        for draft in drafts:
            past = book.get_history(book.drafts[draft.id]).previous
            meter = draft.meter_id
            try:
                found = estimate(past, draft.moment, meter.register_digits, norms.get(meter.id))
            except NoHistoryError:
                unknown.append(meter.serial)
                continue
            values.append(
                {
                    "meter_id": meter.id,
                    "register": draft.register,
                    "moment": draft.moment,
                    "value": float(found.value),
                    "source": "estimate",
                    "estimate_method": found.method,
                }
            )
        if unknown:
            raise UserError(
                self.env._(
                    "Too little is known to estimate these meters: %s. Have them read.",
                    ", ".join(sorted(unknown)),
                )
            )
        return values
