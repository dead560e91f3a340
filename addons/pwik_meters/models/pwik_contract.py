from odoo import api, fields, models
from odoo.exceptions import UserError

CYCLES = [
    ("month", "Monthly"),
    ("two_months", "Every two months"),
    ("quarter", "Quarterly"),
    ("half_year", "Half-yearly"),
]


class PwikContract(models.Model):
    """Water supply and sewage discharge contract: every customer-facing record hangs on it."""

    _name = "pwik.contract"
    _description = "Water and sewage contract"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "number desc, id desc"
    _rec_name = "number"
    _rec_names_search = ["number", "partner_id.name", "partner_id.pwik_customer_number"]
    _check_company_auto = True

    number = fields.Char(
        "Contract number",
        copy=False,
        readonly=True,
        index="trigram",
        default=lambda self: self.env._("New"),
        tracking=True,
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True, tracking=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Service recipient",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        help="Party to the contract (odbiorca, art. 2 pkt 3 of the act of 7 June 2001).",
    )
    invoice_partner_id = fields.Many2one(
        "res.partner",
        "Payer",
        compute="_compute_invoice_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
        help="Buyer on the invoice (nabywca).",
    )
    customer_number = fields.Char(related="partner_id.pwik_customer_number")
    date_start = fields.Date("Start", required=True, tracking=True, default=fields.Date.context_today)
    date_end = fields.Date("End", tracking=True, help="Last day of the contract.")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "In force"), ("terminated", "Terminated")],
        "Status",
        required=True,
        default="draft",
        tracking=True,
        copy=False,
        index=True,
    )
    service_water = fields.Boolean("Water supply", default=True, tracking=True)
    service_sewage = fields.Boolean("Sewage discharge", default=True, tracking=True)
    billing_cycle = fields.Selection(CYCLES, required=True, default="quarter", tracking=True)
    billing_method = fields.Selection(
        [("metered", "By meter"), ("lump_sum", "Lump sum by norms")],
        required=True,
        default="metered",
        tracking=True,
    )
    contract_point_ids = fields.One2many(
        "pwik.contract.point", "contract_id", "Service points with dates", copy=False
    )
    point_ids = fields.Many2many(
        "pwik.service.point",
        string="Service points",
        compute="_compute_point_ids",
        search="_search_point_ids",
    )
    predecessor_id = fields.Many2one(
        "pwik.contract",
        "Takes over from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Contract of the customer who was supplied here before.",
    )
    successor_ids = fields.One2many("pwik.contract", "predecessor_id", "Taken over by", readonly=True)
    supply_address = fields.Char("Address of supply", compute="_compute_supply_address")
    reading_ids = fields.One2many("pwik.reading", "contract_id", "Readings")

    point_count = fields.Integer("Number of points", compute="_compute_counts")
    meter_count = fields.Integer("Number of meters", compute="_compute_counts")
    reading_count = fields.Integer("Number of readings", compute="_compute_counts")

    _number_unique = models.UniqueIndex(
        "(number, company_id) WHERE state <> 'draft'",
        "A contract with this number exists already.",
    )
    _number_backwards = models.Index("(reverse(number) text_pattern_ops)")
    # A whole number: the trigrams of one that begins like all others lead through half of their index.
    _number_exact = models.Index("(number)")
    _dates_ordered = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "A contract cannot end before it starts.",
    )
    _some_service = models.Constraint(
        "CHECK(service_water OR service_sewage)",
        "A contract covers water, sewage or both.",
    )

    @api.depends("partner_id")
    def _compute_invoice_partner_id(self):
        for contract in self:
            contract.invoice_partner_id = contract.invoice_partner_id or contract.partner_id

    @api.depends("contract_point_ids.service_point_id")
    def _compute_point_ids(self):
        for contract in self:
            contract.point_ids = contract.contract_point_ids.service_point_id

    @api.depends("contract_point_ids.service_point_id.street", "contract_point_ids.service_point_id.city")
    def _compute_supply_address(self):
        """First point's address, and how many more there are."""
        # Fetched for all contracts at once: read contract by contract, each would ask for its own.
        self.contract_point_ids.service_point_id.fetch(["street", "city"])
        for contract in self:
            points = contract.contract_point_ids.service_point_id
            address = f"{points[0].street}, {points[0].city}" if points else ""
            contract.supply_address = f"{address} (+{len(points) - 1})" if len(points) > 1 else address

    def _search_point_ids(self, operator, value):
        return [("contract_point_ids.service_point_id", operator, value)]

    @api.model_create_multi
    def create(self, vals_list):
        nameless = [vals for vals in vals_list if not vals.get("number")]
        numbers = self.env["ir.sequence"]._pwik_next_by_code("pwik.contract", len(nameless))
        for vals, number in zip(nameless, numbers, strict=True):
            vals["number"] = number
        contracts = super().create(vals_list)
        (contracts.partner_id | contracts.invoice_partner_id)._pwik_assign_customer_number()
        return contracts

    def write(self, vals):
        ending = {}
        if "date_end" in vals:
            for contract in self.filtered("date_end"):
                lines = contract.contract_point_ids
                ending[contract] = lines.filtered(lambda line, end=contract.date_end: line.date_to == end)
        result = super().write(vals)
        if vals.get("invoice_partner_id"):
            self.invoice_partner_id._pwik_assign_customer_number()  # it stands on each of the payer's invoices
        for contract, lines in ending.items():
            contract._move_end(lines)
        return result

    def _move_end(self, lines):
        """Points that were to leave with the contract stay as long as it does now."""
        self.ensure_one()
        if lines := lines.filtered(lambda line: line.date_to != self.date_end):
            lines.date_to = self.date_end
            lines.flush_recordset()
            if self.state != "draft":
                self._assign_readings()

    def action_activate(self):
        """Put draft contracts into force; each needs at least one service point."""
        drafts = self.filtered(lambda c: c.state == "draft")
        if blockers := [
            sentence for found in drafts._get_activation_blockers().values() for sentence in found
        ]:
            raise UserError("\n".join(blockers))
        for contract in drafts:
            contract.state = "active"
            contract._assign_readings()

    def action_terminate(self, date_end=None):
        """End contracts in force.

        :param date_end: last day, date; default: the end that the contract names, else today
        :raise UserError: not in force, or invoiced beyond that day
        """
        for contract in self:
            if contract.state != "active":
                raise UserError(self.env._("Contract %s is not in force.", contract.number))
            day = fields.Date.to_date(date_end) or contract.date_end or fields.Date.context_today(contract)
            if blockers := contract._get_termination_blockers(day):
                raise UserError("\n".join(blockers))
            contract.write({"date_end": day, "state": "terminated"})
            # The next contract may take over the points at once: the constraint has to see that this one left them.
            contract.contract_point_ids.flush_recordset()
            contract._assign_readings()

    def _assign_readings(self):
        """Let the readings at the points of these contracts find their contract again.

        What was accepted before a contract was typed in belongs to it all the same; what comes after its end does not.
        """
        readings = (
            self.env["pwik.reading"]
            .sudo()
            .search([("service_point_id", "in", self.contract_point_ids.service_point_id.ids)])
        )
        self.env.add_to_compute(readings._fields["contract_id"], readings)

    def _get_billed_until(self):
        """Last day that was invoiced, or False. Answered by billing."""
        self.ensure_one()
        return False

    def _compute_counts(self):
        points = dict(
            self.env["pwik.contract.point"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        readings = dict(
            self.env["pwik.reading"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.point_count = points.get(contract, 0)
            contract.reading_count = readings.get(contract, 0)
            contract.meter_count = len(contract.contract_point_ids.service_point_id.meter_ids)

    def action_view_points(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_service_point_action")
        action["domain"] = [("id", "in", self.contract_point_ids.service_point_id.ids)]
        action["context"] = {}
        return action

    def action_view_meters(self):
        """Meters that stand at the points now."""
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_meter_action")
        action["domain"] = [("id", "in", self.contract_point_ids.service_point_id.meter_ids.ids)]
        action["context"] = {}
        return action

    def action_view_readings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_reading_action")
        action["domain"] = [("contract_id", "in", self.ids)]
        action["context"] = {}
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if any(contract.state != "draft" for contract in self):
            raise UserError(
                self.env._("A contract that was in force is kept: archive it instead of deleting it.")
            )
