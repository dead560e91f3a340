from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    pwik_bank_from = fields.Date(
        "Bank files from",
        help="Day of the change of systems. Payments before it came in by the migration: from a bank's file they are held "
        "back and not booked, so that none counts twice.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pwik_bank_from = fields.Date(related="company_id.pwik_bank_from", readonly=False)


class ResPartner(models.Model):
    _inherit = "res.partner"

    pwik_bank_transaction_count = fields.Integer(
        "Number of payments",
        compute="_compute_pwik_bank_transaction_count",
        groups="pwik_billing.pwik_billing_group_user",
    )

    def _compute_pwik_bank_transaction_count(self):
        rows = self.env["pwik.bank.transaction"]._read_group(
            [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
        )
        counts = dict(rows)
        for partner in self:
            partner.pwik_bank_transaction_count = counts.get(partner, 0)

    def action_pwik_open_bank_transactions(self):
        """Payments that bank files brought from this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "pwik_einvoice.pwik_bank_transaction_action_all"
        )
        return {**action, "domain": [("partner_id", "=", self.id)], "context": {}}
