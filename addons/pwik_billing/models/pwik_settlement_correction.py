from odoo import fields, models
from odoo.exceptions import UserError

from ..domain import DomainError, settle
from .billing_source import BillingSource
from .engine_errors import explain
from .settlement_issue import measures_of


class PwikSettlement(models.Model):
    """Corrections: what today's readings and prices give, against what was billed, as signed differences."""

    _inherit = "pwik.settlement"

    def action_correct(self):
        """Correct these settlements from the readings that are accepted now. Button.

        :return: action that shows what was issued
        """
        self.check_access("write")
        made = self._correct(fields.Date.context_today(self))
        if not made:
            raise UserError(
                self.env._("The readings accepted now give the same amounts: there is nothing to correct.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_settlement_action")
        return {**action, "domain": [("id", "in", made.ids)], "context": {}}

    def _correct(self, invoice_date):
        """Issue the corrections that these settlements need, and those of later periods that begin with a value which
        changes.

        :return: the new settlements, in the order of their periods
        :raise UserError: the contract cannot be settled (names the reason)
        """
        made = self.browse()
        for settlement in self.sorted("period_from"):
            root = settlement.corrects_id or settlement
            new = root._correct_one(invoice_date)
            made |= new
            if new:
                made |= root._get_next_affected()._correct(invoice_date)
        return made

    def _correct_one(self, invoice_date):
        self.ensure_one()
        contract = self.contract_id
        source = BillingSource(contract, self.period_from, self.period_to, estimate=self.method == "estimate")
        try:
            documents = settle(source.prepare_request(contract, correct=self)).documents
            whole = settle(source.prepare_request_afresh(contract)).documents if documents else ()
        except DomainError as error:
            raise UserError(explain(self.env, error, contract, source)) from error
        if not documents:
            return self.browse()
        lines = whole[-1].lines if whole else ()
        (self | self.correction_ids).measure_ids.current = False
        return self._issue(
            {contract: documents},
            source,
            invoice_date,
            measures=measures_of(source, contract, lines),
        )

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
        """The readings by which the period stands billed: those of the last correction, else its own."""
        return (self | self.correction_ids).measure_ids.filtered("current").sorted("date_to")

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
