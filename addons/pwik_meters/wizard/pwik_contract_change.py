from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..domain.entry import EntryError, parse_value


class PwikContractChange(models.TransientModel):
    """Ends a contract with a reading of each meter; the next customer's contract begins with the same values."""

    _name = "pwik.contract.change"
    _description = "End of a contract, change of customer"

    operation = fields.Selection(
        [("change", "Change of customer"), ("terminate", "Termination")], required=True, default="change"
    )
    contract_id = fields.Many2one("pwik.contract", "Contract that ends", required=True)
    company_id = fields.Many2one(related="contract_id.company_id")
    current_partner_id = fields.Many2one(related="contract_id.partner_id", string="Customer who leaves")
    point_ids = fields.Many2many(
        "pwik.service.point",
        string="Service points",
        compute="_compute_point_ids",
        store=True,
        readonly=False,
        help="With its last point the contract ends.",
    )
    date = fields.Date("Last day", required=True, default=fields.Date.context_today)
    partner_id = fields.Many2one("res.partner", "New customer")
    invoice_partner_id = fields.Many2one("res.partner", "New payer", help="Empty: the customer.")
    reason = fields.Char()
    blockers = fields.Text("What stands in the way", compute="_compute_blockers")
    line_ids = fields.One2many(
        "pwik.contract.change.line",
        "change_id",
        "Readings",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.depends("contract_id")
    def _compute_point_ids(self):
        for change in self:
            lines = change.contract_id.contract_point_ids
            change.point_ids = (
                lines.filtered(lambda line: not line.date_to).service_point_id or lines.service_point_id
            )

    @api.depends("contract_id", "date")
    def _compute_blockers(self):
        for change in self:
            found = change.contract_id and change.date and change._get_blockers()
            change.blockers = "\n".join(found) if found else False

    def _get_blockers(self):
        self.ensure_one()
        contract = self.contract_id
        if contract.state != "active":
            return [self.env._("Contract %s is not in force.", contract.number)]
        return contract._get_termination_blockers(self.date)

    @api.depends("point_ids", "date")
    def _compute_line_ids(self):
        """The meters that stand at the points, with the value of that day where it was read already."""
        for change in self:
            typed = {line.meter_id.id: line.entered for line in change.line_ids}
            meters = change.point_ids._origin.meter_ids
            latest = self.env["pwik.reading"]._get_latest_accepted(meters.ids)
            known = change._get_readings_of_day(meters)
            change.line_ids = [Command.clear()] + [
                Command.create(
                    {
                        "meter_id": meter.id,
                        "last_date": latest.get(meter.id, (False, 0.0))[0],
                        "last_value": latest.get(meter.id, (False, 0.0))[1],
                        "reading_id": known.get(meter.id, self.env["pwik.reading"]).id,
                        "entered": typed.get(meter.id),
                    }
                )
                for meter in meters
            ]

    def _get_readings_of_day(self, meters):
        readings = self.env["pwik.reading"].search(
            [
                ("meter_id", "in", meters.ids),
                ("date", "=", self.date),
                ("state", "in", ("accepted", "to_review")),
                ("superseded", "=", False),
                ("source", "!=", "estimate"),
            ]
        )
        return {reading.meter_id.id: reading for reading in readings}

    def action_apply(self):
        """End the contract, and for a change of customer put the new one into force.

        :return: action that shows the contract which follows, or the one that ended
        :raise UserError: something stands in the way, a reading is missing
        """
        self.ensure_one()
        if blockers := self._get_blockers():
            raise UserError("\n".join(blockers))
        if self.operation == "change" and not self.partner_id:
            raise UserError(self.env._("Choose the new customer."))
        if not self.point_ids:
            raise UserError(self.env._("Choose the service points that change hands."))
        self._take_readings()
        for point in self.point_ids:
            self.contract_id._leave_point(point, self.date)
        if self.reason:
            self.contract_id.message_post(body=self.reason)
        contract = self._make_successor() if self.operation == "change" else self.contract_id
        return {
            "type": "ir.actions.act_window",
            "res_model": "pwik.contract",
            "res_id": contract.id,
            "view_mode": "form",
        }

    def _take_readings(self):
        missing = self.line_ids.filtered(
            lambda line: not line.reading_id and not (line.entered or "").strip()
        )
        if missing and self.contract_id.billing_method == "metered":
            raise UserError(
                self.env._(
                    "The contract ends with a reading of each meter. Missing: %s.",
                    ", ".join(missing.meter_id.mapped("serial")),
                )
            )
        note = self.env._("End of contract %s", self.contract_id.number)
        self.env["pwik.reading"]._import_values(
            [
                {
                    "meter_id": line.meter_id.id,
                    "moment": line.meter_id._get_moment(self.date),
                    "value": line._get_value(),
                    "source": "manual",
                    "note": note,
                }
                for line in (self.line_ids - missing).filtered(lambda line: not line.reading_id)
            ]
        )

    def _make_successor(self):
        start = fields.Date.add(self.date, days=1)
        first, *others = self.point_ids
        vals = self.contract_id._prepare_successor(self.partner_id, first, start)
        vals["contract_point_ids"] += [Command.create({"service_point_id": point.id}) for point in others]
        if self.invoice_partner_id:
            vals["invoice_partner_id"] = self.invoice_partner_id.id
        successor = self.env["pwik.contract"].create(vals)
        successor.action_activate()
        return successor


class PwikContractChangeLine(models.TransientModel):
    _name = "pwik.contract.change.line"
    _description = "Final reading of a meter"

    change_id = fields.Many2one("pwik.contract.change", required=True, ondelete="cascade")
    meter_id = fields.Many2one("pwik.meter", required=True)
    last_date = fields.Date("Last reading")
    last_value = fields.Float("Last value [m³]", digits=(16, 3))
    reading_id = fields.Many2one("pwik.reading", "Read on that day")
    entered = fields.Char("Value [m³]")

    def _get_value(self):
        try:
            return float(parse_value(self.entered))
        except EntryError as error:
            raise ValidationError(
                self.env._(
                    "Meter %(meter)s: “%(text)s” is not a register value.",
                    meter=self.meter_id.serial,
                    text=self.entered,
                )
            ) from error
