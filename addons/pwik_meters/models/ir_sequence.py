from odoo import api, models


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    @api.model
    def _pwik_next_by_code(self, code, count):
        """``count`` next numbers of the sequence ``code``, in order; one query for all where gaps are allowed.

        :return: list of str
        """
        company = self.env.company.id
        sequence = self.sudo().search(
            [("code", "=", code), ("company_id", "in", [company, False])], order="company_id", limit=1
        )
        if not count or sequence.implementation != "standard" or sequence.use_date_range:
            return [self.next_by_code(code) for _ in range(count)]
        prefix, suffix = sequence._get_prefix_suffix()
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)", [f"ir_sequence_{sequence.id:03d}", count]
        )
        return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in self.env.cr.fetchall()]
