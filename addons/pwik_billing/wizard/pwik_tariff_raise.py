from decimal import ROUND_HALF_UP, Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.numbers import MONEY, to_decimal


class PwikTariffRaise(models.TransientModel):
    """Makes the next tariff from one that is there: same rates, raised by a percentage, to be checked and put in force."""

    _name = "pwik.tariff.raise"
    _description = "Next tariff"

    tariff_id = fields.Many2one("pwik.tariff", "From tariff", required=True, ondelete="cascade")
    name = fields.Char("Short name", required=True)
    decision_number = fields.Char("Decision", required=True)
    date_from = fields.Date("In force from", required=True)
    date_to = fields.Date("Approved until", required=True)
    percent = fields.Float("Raise [%]", digits=(6, 2), help="Below zero: the prices go down.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        tariff = self.env["pwik.tariff"].browse(values.get("tariff_id"))
        if tariff:
            start = fields.Date.add(tariff.effective_to, days=1)
            values.update(
                decision_number=tariff.decision_number,
                date_from=start,
                date_to=fields.Date.add(start, years=1, days=-1),
            )
        return values

    def action_make(self):
        """:return: action that opens the new draft"""
        self.ensure_one()
        if self.percent <= -100:
            raise UserError(self.env._("A price stays above zero."))
        tariff = self.tariff_id.copy(
            {
                "name": self.name,
                "decision_number": self.decision_number,
                "date_from": self.date_from,
                "date_to": self.date_to,
                "prolonged_until": False,
            }
        )
        factor = 1 + to_decimal(self.percent, MONEY) / 100
        for rate in tariff.rate_ids:
            rate.price = self._round(to_decimal(rate.price, MONEY) * factor)
        return {
            "type": "ir.actions.act_window",
            "res_model": "pwik.tariff",
            "res_id": tariff.id,
            "view_mode": "form",
        }

    @staticmethod
    def _round(price):
        return float(price.quantize(Decimal("0.01"), ROUND_HALF_UP))
