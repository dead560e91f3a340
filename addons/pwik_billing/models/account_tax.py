from odoo import models


class AccountTax(models.Model):
    _inherit = "account.tax"

    def _add_tax_details_in_base_line(self, base_line, company, rounding_method=None):
        """Nets of settlement lines are rounded one by one where quantities have three decimals.

        Odoo's global rounding would move groszes between the lines, and the printed net of a line would no longer be
        its quantity × price (rule: line net = quantity × net price rounded to 0.01). The tax of the sum is put right
        on the tax line, see ``LineCompleter``.
        """
        if (
            not rounding_method
            and company.pwik_quantity_policy == "decimal3"
            and self._pwik_is_of_settlement(base_line)
        ):
            rounding_method = "round_per_line"
        return super()._add_tax_details_in_base_line(base_line, company, rounding_method=rounding_method)

    def _pwik_is_of_settlement(self, base_line):
        """Whether a base line stands for a line of a settlement, stored or still to be stored."""
        record = base_line.get("record")
        stored = getattr(record, "_name", "") == "account.move.line" and record.move_id.pwik_settlement_id
        return base_line.get("pwik_settlement_line") or bool(stored)
