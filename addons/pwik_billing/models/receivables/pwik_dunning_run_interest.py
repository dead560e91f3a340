"""Runs that make interest notes."""

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...domain import DomainError
from ..numbers import MONEY, to_decimal
from .interest_source import debts_of, late_partners, open_credits

REACH_BACK = 3  # years: periodic claims lapse after them (Civil Code art. 118)


class PwikDunningRun(models.Model):
    _inherit = "pwik.dunning.run"

    due_from = fields.Date(
        "Debts due since",
        compute="_compute_due_from",
        store=True,
        readonly=False,
        help="Older debts bear no interest in this run: claims lapse.",
    )

    @api.depends("date")
    def _compute_due_from(self):
        for run in self:
            run.due_from = run.date and run.date - relativedelta(years=REACH_BACK)

    def _get_partners_interest(self):
        partners = late_partners(self.company_id.with_env(self.env), self.due_from, self.date)
        return self._limit_partners(partners)

    def _get_warnings(self):
        if self.kind != "interest":
            return super()._get_warnings()
        unchecked = self.env["pwik.interest.rate"]._get_unchecked(self.date)
        texts = [
            self.env._("To be checked with its announcement: %s.", rate.display_name) for rate in unchecked
        ]
        kinds = {partner._pwik_get_interest_kind() for partner in self.item_ids.partner_id}
        texts += [
            self.env._(
                "No later rate is known than %s: look whether one was announced since, and enter it.",
                rate.display_name,
            )
            for rate in self.env["pwik.interest.rate"]._get_maybe_outdated(kinds, self.date)
        ]
        return "\n".join(texts) or False


class PwikDunningItem(models.Model):
    _inherit = "pwik.dunning.item"

    def _preview_interest(self):
        """What each would be charged. Who owes no new interest is no part of the run."""
        nothing = self.browse()
        for item, charges, reason in self._charge_interest():
            amount = sum(interest.amount for _debt, interest in charges)
            if not amount and not reason:
                nothing |= item
                continue
            item.write(
                {
                    "state": "left_out" if reason else "pending",
                    "reason": reason,
                    "amount": amount,
                    "document_count": len(charges),
                    "oldest_due": min((debt.due for debt, _interest in charges), default=False),
                }
            )
        nothing.unlink()

    def _make_interest(self):
        """Issue the notes, counted anew: what was paid since the preview counts."""
        wanted = {}
        for item, charges, reason in self._charge_interest():
            if reason or not charges:
                item.write(
                    {"state": "left_out", "reason": reason or self.env._("No interest is due any more.")}
                )
            else:
                wanted[item] = charges
        notes = self.env["pwik.interest.note"]._issue(wanted)
        for item, note in zip(wanted, notes, strict=True):
            item.write({"state": "made", "amount": note.amount, "reason": False})

    def _charge_interest(self):
        """:return: list of ``(item, [(debt, Interest)], reason to leave it out or False)``"""
        run, company = self.run_id, self.run_id.company_id.with_env(self.env)
        partners = self.partner_id
        debts = debts_of(company, partners, run.due_from, run.date)
        credits = open_credits(company, partners)
        Rate = self.env["pwik.interest.rate"]
        tables = {kind: Rate._get_table(kind) for kind in {p._pwik_get_interest_kind() for p in partners}}
        stops = self.env["pwik.dunning.stop"]._get_in_force(partners, company, run.date, stop_interest=True)
        result = []
        for item in self:
            own = stops.filtered(
                lambda stop, item=item: stop.partner_id.commercial_partner_id == item.partner_id
            )
            table = tables[item.partner_id._pwik_get_interest_kind()]
            charges, reason = item._charge_one(debts.get(item.partner_id, ()), table, own)
            if charges and not reason:
                reason = item._get_reason_not_to_charge(charges, credits.get(item.partner_id, 0))
            result.append((item, charges, reason))
        return result

    def _charge_one(self, debts, table, stops):
        """:return: ``([(debt, Interest)], reason or False)``; stopped documents are not charged"""
        stopped = stops.move_ids
        whole = stops.filtered(lambda stop: not stop.move_ids)[:1]
        charges = []
        for debt in debts:
            if debt.line.move_id in stopped:
                continue
            try:
                interest = debt.interest(self.run_id.date, table)
            except DomainError as error:
                return [], self._explain_interest_error(error, debt)
            if interest.amount:
                charges.append((debt, interest))
        return charges, whole._get_reason() if whole and charges else False

    def _explain_interest_error(self, error, debt):
        if error.code == "missing_rate":
            return self.env._(
                "%(document)s: no interest rate is known for %(date)s. Add it to the table of rates.",
                document=debt.line.move_id.name,
                date=format_date(self.env, error.params["day"]),
            )
        return f"{debt.line.move_id.name}: {error.message}"

    def _get_reason_not_to_charge(self, charges, credit):
        """Why this customer gets no note now, or False."""
        if credit:
            return self.env._(
                "A payment of %s zł is not matched with an invoice: match it first.",
                formatLang(self.env, float(credit), digits=2),
            )
        amount = sum(interest.amount for _debt, interest in charges)
        minimum = self.company_id.pwik_interest_minimum
        if amount < to_decimal(minimum, MONEY):
            return self.env._(
                "Below the smallest note of %s zł: waits for the next one.",
                formatLang(self.env, minimum, digits=2),
            )
        return False
