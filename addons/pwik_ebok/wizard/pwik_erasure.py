from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikErasure(models.TransientModel):
    """The confirmation of an erasure: whoever decides types the customer's number."""

    _name = "pwik.erasure"
    _description = "Erase a customer's data"

    case_ids = fields.Many2many("pwik.case", string="Case", required=True)
    partner_id = fields.Many2one("res.partner", "Customer", compute="_compute_partner_id")
    blocks = fields.Text("What keeps the data", compute="_compute_partner_id")
    typed_number = fields.Char("Customer number, typed")

    @api.depends("case_ids")
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = wizard.case_ids.partner_id if len(wizard.case_ids) == 1 else False
            wizard.blocks = "\n".join(wizard.case_ids.mapped("erasure_blocks")).strip()

    def action_erase(self):
        """Approve the case: for good."""
        self.ensure_one()
        if len(self.case_ids) != 1:
            raise UserError(self.env._("Decide on one request at a time."))
        number = self.partner_id.pwik_customer_number or str(self.partner_id.id)
        if (self.typed_number or "").strip() != number:
            raise UserError(self.env._("The number is not that of the customer: %s.", number))
        self.case_ids.with_context(pwik_erasure_confirmed=self.partner_id.id).action_approve()
