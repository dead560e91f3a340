"""An issued water invoice stays as it was sent: what is wrong is corrected by a settlement, never edited."""

from odoo import models
from odoo.exceptions import UserError

#: What the customer was told, on the invoice and on its lines.
FROZEN = frozenset(
    {"name", "partner_id", "invoice_date", "invoice_date_due", "journal_id", "currency_id", "move_type"}
    | {"pwik_settlement_id", "pwik_contract_id", "pwik_period_from", "pwik_period_to"}
)
FROZEN_LINE = frozenset(
    {
        "name",
        "quantity",
        "price_unit",
        "discount",
        "tax_ids",
        "account_id",
        "debit",
        "credit",
        "amount_currency",
    }
)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _pwik_get_issued(self):
        """Those of these moves that were issued from a settlement."""
        return self.filtered(lambda move: move.state == "posted" and move.pwik_settlement_id)

    def _pwik_refuse_if_issued(self):
        issued = self._pwik_get_issued()
        if issued:
            raise UserError(
                self.env._(
                    "%s was issued from a settlement and stays as it is. Correct the reading or the settlement: "
                    "the program then issues the correction.",
                    ", ".join(issued.mapped("name")),
                )
            )

    def button_draft(self):
        self._pwik_refuse_if_issued()
        return super().button_draft()

    def button_cancel(self):
        self._pwik_refuse_if_issued()
        return super().button_cancel()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A plain credit note would be one that billing knows nothing of."""
        self._pwik_refuse_if_issued()
        return super()._reverse_moves(default_values_list=default_values_list, cancel=cancel)

    def write(self, vals):
        if FROZEN & vals.keys():
            self._pwik_refuse_changes(FROZEN, vals)
        return super().write(vals)

    def _pwik_refuse_changes(self, names, vals):
        """Refuse only what really changes: Odoo writes some values anew as they are."""
        for move in self._pwik_get_issued():
            for name in names & vals.keys():
                if str(move._fields[name].convert_to_write(move[name], move) or "") != str(vals[name] or ""):
                    move._pwik_refuse_if_issued()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        if FROZEN_LINE & vals.keys():
            self.filtered(
                lambda line: line.display_type == "product" and line._pwik_changes(vals)
            ).move_id._pwik_refuse_if_issued()
        return super().write(vals)

    def _pwik_changes(self, vals):
        """Whether a value that the customer was told would become another one."""
        self.ensure_one()
        for name in FROZEN_LINE & vals.keys():
            field = self._fields[name]
            if field.type in ("float", "monetary"):
                if abs(self[name] - (vals[name] or 0.0)) > 1e-6:
                    return True
            elif field.type == "many2many" or field.convert_to_write(self[name], self) != (
                vals[name] or False
            ):
                return True
        return False
