from odoo import api, fields, models

RECIPIENTS = [
    ("customer", "Customer"),
    ("inspector", "District sanitary inspector"),
    ("mayor", "Head of the municipality"),
]


class PwikCutoffNotice(models.Model):
    """Notice of a planned cut-off to one of the three whom the law names, 20 days before."""

    _name = "pwik.cutoff.notice"
    _description = "Notice of cut-off"
    _inherit = ["pwik.claim.document"]
    _order = "order_id, id"

    order_id = fields.Many2one(
        "pwik.cutoff.order", "Cut-off order", required=True, readonly=True, index=True, ondelete="cascade"
    )
    who = fields.Selection(RECIPIENTS, "Recipient", required=True, readonly=True)
    planned_date = fields.Date("Planned cut-off", required=True, readonly=True)
    substitute_point_id = fields.Many2one(
        "pwik.substitute.point", "Substitute water point", required=True, readonly=True, ondelete="restrict"
    )

    _one_for_each = models.UniqueIndex(
        "(order_id, who) WHERE state <> 'cancelled'", "This recipient has a notice of the order already."
    )

    @api.onchange("delivered_on")
    def _onchange_delivered_on(self):
        """A receipt proves that it was sent."""
        if self.delivered_on and self.state == "ready":
            self.state = "sent"

    def _check_cancel(self):
        """Also a notice that was sent is taken back: when another day is announced, or the order is cancelled."""

    def _get_claim_report(self):
        return "pwik_billing.report_cutoff_notice_action"

    def _get_claim_title(self):
        return self.env._("Notice of planned cut-off %s", self.number)

    def _get_claim_message(self):
        return self.env._(
            "Dear Sir or Madam,\n\nplease find the notice %(number)s of a planned cut-off of water attached.\n\n%(company)s",
            number=self.number,
            company=self.company_id.name,
        )
