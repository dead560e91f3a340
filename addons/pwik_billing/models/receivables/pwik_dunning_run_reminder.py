"""Runs that make reminders."""

from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...domain import LeftOut, OpenItem, late_before, next_step
from ..numbers import MONEY, to_decimal
from .dunning_blocks import DunningBlocks
from .interest_source import open_credits


class PwikDunningRun(models.Model):
    _inherit = "pwik.dunning.run"

    kind = fields.Selection(
        selection_add=[("reminder", "Reminders"), ("interest",)], ondelete={"reminder": "cascade"}
    )
    level_ids = fields.Many2many(
        "pwik.dunning.level", string="Only these steps", help="Empty: whichever step is due."
    )

    def _check_setup(self):
        if self.kind == "reminder" and not self._get_levels():
            raise UserError(self.env._("There are no steps of reminders. Enter them in the configuration."))
        return super()._check_setup()

    def _get_levels(self):
        return self.env["pwik.dunning.level"]._get_levels(self.company_id)

    def _get_partners_reminder(self):
        """Customers with an open document that is overdue on the run's day."""
        rows = self.env["account.move.line"]._read_group(self._get_overdue_domain(), ["partner_id"])
        partners = self.env["res.partner"].browse(partner.id for (partner,) in rows)
        return self._limit_partners(partners)

    def _get_overdue_domain(self):
        return [
            ("company_id", "=", self.company_id.id),
            ("parent_state", "=", "posted"),
            ("account_type", "=", "asset_receivable"),
            ("partner_id", "!=", False),
            ("reconciled", "=", False),
            ("amount_residual", ">", 0),
            ("date_maturity", "<", late_before(self.date)),
        ]


class PwikDunningItem(models.Model):
    _inherit = "pwik.dunning.item"

    level_id = fields.Many2one("pwik.dunning.level", "Step", ondelete="set null")
    notice_ids = fields.One2many("pwik.dunning.notice", "item_id", "Reminders")

    def _get_document(self):
        if self.run_id[:1].kind == "reminder":
            return self.notice_ids.filtered(lambda notice: notice.state != "cancelled")
        return super()._get_document()

    def _preview_reminder(self):
        for item, found in self._find_steps():
            if isinstance(found, LeftOut):
                item.write({"state": "left_out", "reason": item._explain_left_out(found)})
                continue
            item.write(
                {
                    "state": "pending",
                    "reason": False,
                    "level_id": found.level.key,
                    "amount": found.amount,
                    "document_count": len(found.listed),
                    "oldest_due": found.listed[0].item.due,
                }
            )

    def _make_reminder(self):
        """Make the reminders, looked at anew: who paid or complained since the preview gets none."""
        wanted = {}
        for item, found in self._find_steps():
            if isinstance(found, LeftOut):
                item.write({"state": "left_out", "reason": item._explain_left_out(found)})
            else:
                wanted[item] = found
        notices = self.env["pwik.dunning.notice"]._make(wanted)
        for item, notice in zip(wanted, notices, strict=True):
            item.write(
                {"state": "made", "reason": False, "level_id": notice.level_id.id, "amount": notice.amount}
            )

    def _find_steps(self):
        """:return: list of ``(item, Reminder or LeftOut)``; the number of queries does not grow with the items"""
        run, partners = self.run_id, self.partner_id
        levels = run._get_levels()
        lines = self.env["account.move.line"].search(
            [*run._get_overdue_domain(), ("partner_id", "in", partners.ids)], order="date_maturity, id"
        )
        blocked = DunningBlocks(self.env, run.company_id, run.date, partners, lines)
        taken = self._get_last_steps(lines, levels)
        credits = open_credits(run.company_id.with_env(self.env), partners)
        owed = defaultdict(list)
        for line in lines:
            amount = to_decimal(line.amount_residual, MONEY)
            owed[line.partner_id].append(
                OpenItem(line.id, line.date_maturity, amount, taken.get(line), blocked.reason(line))
            )
        steps = levels._prepare_levels()
        result = []
        for item in self:
            credit = credits.get(item.partner_id, to_decimal(0, MONEY))
            found = next_step(owed[item.partner_id], steps, credit, run.date)
            if run.level_ids and not isinstance(found, LeftOut) and found.level.key not in run.level_ids.ids:
                found = LeftOut("other_step", reason=levels.browse(found.level.key).name)
            result.append((item, found))
        return result

    def _get_last_steps(self, lines, levels):
        """``{line: (level id, day)}`` of the highest step that each open item has taken and that was not taken back."""
        order = {level.id: rank for rank, level in enumerate(levels)}
        rows = self.env["pwik.dunning.notice.line"].search(
            [("move_line_id", "in", lines.ids), ("level_id", "!=", False), ("cancelled", "=", False)]
        )
        last = {}
        for row in rows.sorted(lambda one: order.get(one.level_id.id, -1)):
            last[row.move_line_id] = (row.level_id.id, row.notice_id.sent_on or row.notice_id.date)
        return last

    def _explain_left_out(self, found):
        texts = {
            "not_overdue": lambda: self.env._("Nothing is overdue any more."),
            "blocked": lambda: found.reason,
            "covered": lambda: self.env._("Open payments cover what is overdue: match them."),
            "waiting": lambda: self.env._("The next step is due on %s.", format_date(self.env, found.day)),
            "finished": lambda: self.env._("All steps were taken: a person decides."),
            "other_step": lambda: self.env._("Another step is due: %s.", found.reason),
            "minimum": lambda: self.env._(
                "%(amount)s zł overdue: less than the %(least)s zł of this step.",
                amount=formatLang(self.env, float(found.amount), digits=2),
                least=formatLang(self.env, float(found.least), digits=2),
            ),
        }
        return texts[found.code]()
