from odoo import fields, models


class PwikCase(models.Model):
    """A complaint about an invoice: upholding it opens the correction, and waits until that is issued."""

    _inherit = "pwik.case"

    disputed_move_id = fields.Many2one(
        "account.move",
        "Disputed invoice",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain="[('pwik_contract_id', '!=', False), ('pwik_contract_id', '=?', contract_id), ('state', '=', 'posted')]",
        help="The invoice which the complaint is about. It is corrected from the readings that are accepted then.",
    )

    def _is_about_the_same(self, other):
        return super()._is_about_the_same(other) and self.disputed_move_id == other.disputed_move_id

    def _open_correction(self):
        """Where the readings behind the disputed invoice were corrected, the difference is issued.

        Who may not bill leaves the case to those who may: it waits, and the correction closes it.
        """
        outcome = super()._open_correction()
        settlement = self.disputed_move_id.sudo().pwik_settlement_id
        settlement = settlement.corrects_id or settlement
        if not settlement.needs_correction:
            return outcome
        if not self.env.su and not self.env.user.has_group("pwik_billing.pwik_billing_group_user"):
            self._post_note(
                [self.env._("Settlement %s has to be corrected by billing.", settlement.display_name)]
            )
            return False
        made = settlement.with_env(self.env)._correct(fields.Date.context_today(self))
        self._note_correction(made)
        return outcome

    def _note_correction(self, settlements):
        self._post_note([self.env._("Corrected by %s.", ", ".join(settlements.move_id.mapped("name")))])

    def _close_waiting_for_correction(self, settlements):
        """Cases that waited for these corrections are done."""
        for case in self:
            own = settlements.filtered(
                lambda s, case=case: s.contract_id == case.disputed_move_id.pwik_contract_id
            )
            case._note_correction(own)
            case._close("done", decision="approved")
