from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class PwikContractPoint(models.Model):
    """Which contract supplies which service point from when to when (both days included)."""

    _name = "pwik.contract.point"
    _description = "Service point of a contract"
    _inherit = ["pwik.told.mixin"]
    _order = "contract_id, date_from"
    _told_on = "contract_id"

    contract_id = fields.Many2one("pwik.contract", required=True, index=True, ondelete="cascade")
    service_point_id = fields.Many2one(
        "pwik.service.point",
        "Service point",
        required=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True)
    partner_id = fields.Many2one(related="contract_id.partner_id")
    meter_ids = fields.Many2many(related="service_point_id.meter_ids", string="Meters now")
    state = fields.Selection(related="contract_id.state", store=True)
    date_from = fields.Date(
        "From",
        required=True,
        compute="_compute_date_from",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_to = fields.Date(
        "To", compute="_compute_date_to", store=True, readonly=False, help="Last day, included."
    )

    _dates_ordered = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A point cannot leave a contract before it joined it.",
    )
    # “+ 0”: else the planner takes this index for a plain search, which it answers ten times slower than the field's own
    _one_contract = models.Constraint(
        "EXCLUDE USING gist ((service_point_id + 0) WITH =, daterange(date_from, date_to, '[]') WITH &&)"
        " WHERE (state <> 'draft')",
        "This service point already has a contract in force in that time.",
    )

    @api.depends("contract_id.date_start")
    def _compute_date_from(self):
        for line in self:
            line.date_from = line.date_from or line.contract_id.date_start

    @api.depends("contract_id.date_end")
    def _compute_date_to(self):
        for line in self:
            end = line.contract_id.date_end
            line.date_to = min(line.date_to, end) if line.date_to and end else line.date_to or end

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unread(self):
        """A row typed by mistake may go; one under which something was read is history."""
        # sudo: what the rule keeps does not depend on whether the one who deletes sees readings
        read = self.env["pwik.reading"].sudo()
        for line in self:
            domain = [
                ("contract_id", "=", line.contract_id.id),
                ("service_point_id", "=", line.service_point_id.id),
            ]
            if read.search_count(domain, limit=1):
                raise UserError(
                    self.env._(
                        "Point %(point)s has readings under contract %(contract)s: give its row an end instead of"
                        " deleting it.",
                        point=line.service_point_id.number,
                        contract=line.contract_id.number,
                    )
                )

    def _is_told(self):
        return self.contract_id.state != "draft"

    def _describe(self):
        days = [format_date(self.env, day) if day else "…" for day in (self.date_from, self.date_to)]
        return f"{self.service_point_id.display_name}, {days[0]} – {days[1]}"
