from odoo import fields, models
from odoo.exceptions import UserError


class PwikTariff(models.Model):
    """A tariff that was entered wrongly: it stays as it was, and one with the right rates takes its place."""

    _inherit = "pwik.tariff"

    replaces_id = fields.Many2one(
        "pwik.tariff",
        "Replaces",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The tariff that was entered wrongly. It is withdrawn when this one is put in force.",
    )
    replaced_by_ids = fields.One2many("pwik.tariff", "replaces_id", "Replaced by")

    def action_replace(self):
        """Open a draft with the same days and rates, to be put right and put in force instead of this one. Button."""
        self.ensure_one()
        if self.state in ("draft", "replaced"):
            raise UserError(self.env._("Only a tariff that was put in force is replaced; a draft is edited."))
        draft = self.replaced_by_ids.filtered(lambda tariff: tariff.state == "draft")[:1]
        if not draft:
            number = 2 + self.search_count(
                [("replaces_id", "!=", False), ("company_id", "=", self.company_id.id)]
            )
            draft = self.copy(
                {
                    "name": f"{self.name}/{number}",
                    "replaces_id": self.id,
                    "prolonged_until": self.prolonged_until,
                }
            )
        return draft._open_form()

    def _open_form(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _withdraw_replaced(self):
        """Before this one is put in force: what it replaces prices nothing any more."""
        self.ensure_one()
        old = self.replaces_id
        if not old or old.state == "replaced":
            return
        old.state = "replaced"
        old.flush_recordset()
        old.message_post(body=self.env._("Withdrawn as wrong, replaced by %s.", self.display_name))

    def action_correct_billed(self):
        """Open a run that corrects what was billed by the withdrawn tariff. Button on it and on what replaced it."""
        self.ensure_one()
        wrong = self if self.state == "replaced" else self.replaces_id
        if wrong.state != "replaced":
            raise UserError(self.env._("Put the corrected tariff in force first."))
        run = self.env["pwik.billing.run"].create(
            {
                "kind": "correction",
                "correct_what": "tariff",
                "tariff_id": wrong.id,
                "company_id": wrong.company_id.id,
                "period_from": wrong.date_from,
                "period_to": wrong.effective_to,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": run._name,
            "res_id": run.id,
            "view_mode": "form",
        }
