from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    pwik_customer_number = fields.Char(
        "Customer number",
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="Number of the buyer (kod klienta), printed on each invoice. Given by a sequence with the first contract.",
    )
    pwik_contract_ids = fields.One2many("pwik.contract", "partner_id", "Water contracts")
    pwik_contract_count = fields.Integer("Number of contracts", compute="_compute_pwik_contract_count")

    _pwik_customer_number_unique = models.UniqueIndex(
        "(pwik_customer_number) WHERE pwik_customer_number IS NOT NULL",
        "This customer number is already in use.",
    )

    _pwik_name_trigram = models.Index("USING gin (name gin_trgm_ops) WHERE pwik_customer_number IS NOT NULL")

    @api.depends("pwik_contract_ids")
    def _compute_pwik_contract_count(self):
        counts = dict(
            self.env["pwik.contract"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.pwik_contract_count = counts.get(partner, 0)

    def _pwik_assign_customer_number(self):
        """Give a customer number to each partner that has none yet."""
        # sudo: who may make contracts gives the number, whether he keeps contacts or not
        partners = self.sudo().filtered(lambda p: not p.pwik_customer_number)
        numbers = self.env["ir.sequence"]._pwik_next_by_code("pwik.customer", len(partners))
        for partner, number in zip(partners, numbers, strict=True):
            partner.pwik_customer_number = number

    def action_pwik_view_contracts(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_contract_action")
        action["domain"] = [("partner_id", "in", self.ids)]
        action["context"] = {"default_partner_id": self.id} if len(self) == 1 else {}
        return action
