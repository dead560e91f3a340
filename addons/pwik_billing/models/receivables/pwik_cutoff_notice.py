from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.typeset import strong
from odoo.tools import format_date

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

    # ------------------------------------------------------------------ the document

    def _prepare_document(self):
        values = super()._prepare_document()
        if self.who == "customer":
            values["addressee"]["note"] = self._prepare_customer_number()
        for side in ("issuer", "addressee"):
            values[side]["lines"] = [line for line in values[side]["lines"] if not line.startswith("NIP ")]
        return {
            **values,
            "heading": self._get_cutoff_heading(),
            "paragraphs": [self._prepare_intention(), self._prepare_ground()],
            "debts": self._prepare_debts() if self.who == "customer" else None,
            "substitute": {
                "label": self.env._("Substitute water point (art. 8 sec. 2)"),
                "name": self.substitute_point_id.name,
                "directions": self.substitute_point_id.directions or None,
                "note": self.env._("Available from the moment of the cut-off."),
            },
            "closing": self._prepare_closing() if self.who == "customer" else None,
            "copies": self._prepare_copies(),
        }

    def _get_cutoff_heading(self):
        headings = {
            "water": self.env._("Notice of the planned cut-off of the water supply"),
            "sewer": self.env._("Notice of the planned closing of the sewer connection"),
        }
        return headings.get(
            self.order_id.scope,
            self.env._(
                "Notice of the planned cut-off of the water supply and closing of the sewer connection"
            ),
        )

    def _prepare_intention(self):
        point = self.order_id.service_point_id
        return self.env._(
            "Under art. 8 sec. 3 of the act of 7 June 2001 on collective water supply and collective sewage discharge we give "
            "notice that we intend to cut off the supply on %(day)s at the address %(address)s (service recipient: "
            "%(recipient)s, contract %(contract)s).",
            day=strong(format_date(self.env, self.planned_date)),
            address=strong(f"{point.street}, {' '.join(filter(None, (point.zip, point.city)))}"),
            recipient=self.order_id.partner_id.name,
            contract=self.order_id.contract_id.number,
        )

    def _prepare_ground(self):
        order = self.order_id
        day = format_date(self.env, order.reminded_on)
        if order.reminder_id:
            return self.env._(
                "Ground: art. 8 sec. 1 point 2 of the act. After the reminder no. %(number)s, received on %(day)s, the charges "
                "for at least two full settlement periods have not been paid.",
                number=order.reminder_id.number,
                day=day,
            )
        return self.env._(
            "Ground: art. 8 sec. 1 point 2 of the act. After the reminder received on %s, the charges for at least two full "
            "settlement periods have not been paid.",
            day,
        )

    def _prepare_debts(self):
        debts = self.order_id._get_printed_debts()
        return {
            "heads": [
                self.env._("Invoice"),
                self.env._("Settlement period"),
                self.env._("Due date"),
                self.env._("Overdue [zł]"),
            ],
            "rows": [
                {
                    "document": line.move_id.name,
                    "period": "–".join(
                        format_date(self.env, day)
                        for day in (line.move_id.pwik_period_from, line.move_id.pwik_period_to)
                    ),
                    "due": format_date(self.env, line.date_maturity),
                    "amount": self._format_money(line.amount_residual),
                }
                for line in debts
            ],
            "total": {
                "label": self.env._("Together"),
                "amount": self._format_money(sum(debts.mapped("amount_residual"))),
            },
        }

    def _prepare_closing(self):
        return self.env._(
            "The supply will not be cut off if the overdue sum is paid to the account %s before that day. After the cut-off it "
            "is taken up again when the cause is gone.",
            strong(self._get_claim_account()),
        )

    def _prepare_copies(self):
        municipality = self.order_id.municipality_id
        return self.env._(
            "Copies to: service recipient; %(inspector)s; %(mayor)s.",
            inspector=municipality.inspector_id.name or self.env._("district sanitary inspector"),
            mayor=municipality.mayor_id.name or self.env._("head of the municipality"),
        )
