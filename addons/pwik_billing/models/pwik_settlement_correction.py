from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..domain import DomainError, settle
from .billing_source import BillingSource
from .engine_errors import explain
from .settlement_issue import measures_of


class PwikSettlement(models.Model):
    """Corrections: what today's readings and prices give, against what was billed, as signed differences."""

    _inherit = "pwik.settlement"

    needs_correction = fields.Boolean(
        "Readings changed since",
        compute="_compute_needs_correction",
        search="_search_needs_correction",
        help="A reading by which this period stands billed was corrected or withdrawn.",
    )

    @api.depends(
        *(
            f"{place}measure_ids.{name}"
            for place in ("", "correction_ids.", "settled_ids.")
            for name in (
                *("current", "reading_from_id.superseded", "reading_from_id.state"),
                *("reading_to_id.superseded", "reading_to_id.state"),
            )
        ),
        "correction_ids.settles_id",
    )
    def _compute_needs_correction(self):
        for settlement in self:
            settlement.needs_correction = settlement.kind != "correction" and any(
                reading.superseded or reading.state != "accepted"
                for measure in settlement._get_current_measures()
                for reading in measure.reading_from_id | measure.reading_to_id
            )

    def _search_needs_correction(self, operator, value):
        if operator != "in":
            return NotImplemented
        changed = Domain("superseded", "=", True) | Domain("state", "!=", "accepted")
        measures = Domain("current", "=", True) & (
            Domain("reading_to_id", "any", changed) | Domain("reading_from_id", "any", changed)
        )
        own = Domain("settles_id", "=", False) & Domain("measure_ids", "any", measures)
        domain = Domain("kind", "!=", "correction") & (
            Domain("measure_ids", "any", measures)
            | Domain("correction_ids", "any", own)
            | Domain("settled_ids.measure_ids", "any", measures)
        )
        return domain if True in value else ~domain

    def action_correct(self):
        """Correct these settlements from the readings that are accepted now. Button.

        :return: action that shows what was issued
        """
        self.check_access("write")
        changed = self.filtered("needs_correction")
        made = self._correct(fields.Date.context_today(self))
        self._tell_waiting_cases(made)
        if not made and not changed:
            raise UserError(
                self.env._("The readings accepted now give the same amounts: there is nothing to correct.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_settlement_action")
        return {**action, "domain": [("id", "in", (made or changed).ids)], "context": {}}

    def _tell_waiting_cases(self, made):
        """Close the complaints that were upheld and waited for the corrections ``made``."""
        waiting = (
            self.env["pwik.case"]
            .sudo()
            .search(
                [
                    ("disputed_move_id.pwik_settlement_id", "in", (self | made.corrects_id).ids),
                    ("state", "=", "waiting"),
                    ("decision", "=", "approved"),
                ]
            )
        )
        waiting._close_waiting_for_correction(made)

    def _correct(self, invoice_date, run=None):
        """Issue the corrections that these settlements need, and those of later periods that begin with a value which
        changes. Those of one period go together, the earliest period first.

        :return: the new settlements, in the order of their periods
        :raise UserError: a contract cannot be settled (names the reason)
        """
        made = self.browse()
        waiting = self.browse().union(*(settlement.corrects_id or settlement for settlement in self))
        while waiting:
            batch = min(
                waiting.grouped(lambda s: s._get_batch_key()).values(),
                key=lambda s: s[0]._get_batch_key()[1:3],
            )
            new = batch._correct_period(invoice_date, run)
            made |= new
            waiting -= batch
            for settlement in batch & new.corrects_id:
                waiting |= settlement._get_next_affected()
        return made

    def _get_batch_key(self):
        """What settlements that are corrected together have in common."""
        return self.company_id.id, self.period_from, self.period_to, self._is_estimated()

    def _is_estimated(self):
        """Whether a quantity of it, perhaps 0 m³ and so without a line, rests on an estimate."""
        return self.method == "estimate" or bool(self.sudo().document.get("estimated"))

    def _correct_period(self, invoice_date, run=None):
        """Correct settlements of one period, see :meth:`_get_batch_key`. :return: the new ones"""
        first = self[0]
        source = BillingSource(
            self.contract_id, first.period_from, first.period_to, estimate=first._is_estimated()
        )
        documents, measures, changed = {}, {}, self.browse()
        for settlement in self:
            contract = settlement.contract_id
            found, whole = settlement._settle_anew(source)
            if not found:
                settlement._adopt_readings(source)
                continue
            changed |= settlement
            documents[contract] = found
            measures[contract] = settlement, measures_of(source, contract, whole)
        if not documents:
            return self.browse()
        changed._get_current_measures().current = False
        return self._issue(documents, source, invoice_date, run, measures)

    def _settle_anew(self, source):
        """What today's readings and prices change in this settlement.

        :return: the engine's corrections, and the document of the period as it is right (None: nothing to bill, or to correct)
        :raise UserError: the contract cannot be settled
        """
        self.ensure_one()
        contract = self.contract_id
        try:
            documents = settle(source.prepare_request(contract, correct=self)).documents
            whole = settle(source.prepare_request_afresh(contract, self)).documents if documents else ()
        except DomainError as error:
            raise UserError(explain(self.env, error, contract, source)) from error
        return documents, whole[-1] if whole else None

    def _adopt_readings(self, source):
        """Corrected readings that change no whole m³ stand behind the period from now on; what was billed stays."""
        meters = {
            meter.id: meter for terms in source.points.values() for term in terms for meter in term.meters
        }
        for measure in self._get_current_measures():
            readings = (
                meters[measure.installation_id.id].readings if measure.installation_id.id in meters else {}
            )
            for name, day in (("reading_from_id", measure.date_from), ("reading_to_id", measure.date_to)):
                _value, _source, reading_id = readings.get(day, (None, None, None))
                if reading_id and measure[name].id != reading_id:
                    measure[name] = reading_id

    def _get_next_affected(self):
        """The settlement after this one, where it begins with values that this one no longer ends with."""
        self.ensure_one()
        following = self.search(
            [
                ("contract_id", "=", self.contract_id.id),
                ("kind", "!=", "correction"),
                ("state", "!=", "draft"),
                ("period_from", ">", self.period_to),
            ],
            order="period_from",
            limit=1,
        )
        ends = {m.installation_id: (m.date_to, m.value_to) for m in self._get_current_measures()}
        starts = {m.installation_id: (m.date_from, m.value_from) for m in following._get_current_measures()}
        changed = any(place in starts and starts[place] != end for place, end in ends.items())
        return following if changed else self.browse()

    def _get_current_measures(self):
        """The readings by which the period stands billed: those of the last correction, else its own.

        Not those by which another period settled the estimates of this one: they belong to that one.
        """
        corrections = self.correction_ids.filtered(lambda one: not one.settles_id)
        return (self | corrections | self.settled_ids).measure_ids.filtered("current").sorted("date_to")

    def _get_differences(self):
        """Lines of a correction with what was billed and what is right, for print.

        :return: list of ``{"line", "before", "after"}``, the volumes as text
        """
        self.ensure_one()
        return [
            {
                "line": line,
                **{
                    key: self._format_m3(float(raw[key])) if raw.get(key) is not None else ""
                    for key in ("before", "after")
                },
            }
            for line, raw in zip(self.line_ids, self.sudo().document["lines"], strict=True)
        ]
