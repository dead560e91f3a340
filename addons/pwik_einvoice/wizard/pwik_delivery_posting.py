from odoo import fields, models


class PwikDeliveryPosting(models.TransientModel):
    """Letters are handed to the post: when, and what the operator confirmed."""

    _name = "pwik.delivery.posting"
    _description = "Hand letters to the post"

    delivery_ids = fields.Many2many("pwik.delivery", string="Letters", readonly=True)
    letter_count = fields.Integer("How many letters", compute="_compute_letter_count")
    date = fields.Date("Handed over on", required=True, default=fields.Date.context_today)
    number = fields.Char(
        "Post's confirmation number", help="From the operator's stamped list; empty if there is none."
    )

    def _compute_letter_count(self):
        for posting in self:
            posting.letter_count = len(posting.delivery_ids)

    def action_post(self):
        self.ensure_one()
        self.delivery_ids._post(self.date, (self.number or "").strip())
        return {"type": "ir.actions.client", "tag": "soft_reload"}
