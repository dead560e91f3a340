from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.copying import to_array
from odoo.tools import SQL


class PwikRadioModuleAssignment(models.Model):
    """Which overlay sat on which meter from when to when.

    Moments and not days: on the day of an exchange, telegrams before it belong to the old meter and those after it to the new.
    """

    _name = "pwik.radio.module.assignment"
    _description = "Radio overlay on a meter"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    module_id = fields.Many2one(
        "pwik.radio.module",
        "Overlay",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    meter_id = fields.Many2one(
        "pwik.meter",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(related="module_id.company_id", store=True)
    date_from = fields.Datetime("From", required=True, default=fields.Datetime.now)
    date_to = fields.Datetime("To", help="Moment at which the overlay was taken off.")

    _dates_ordered = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "An overlay cannot be taken off before it was put on.",
    )
    # “+ 0”: else the planner takes this index for a plain search, which it answers ten times slower than the field's own
    _module_once = models.Constraint(
        "EXCLUDE USING gist ((module_id + 0) WITH =, tsrange(date_from, date_to, '[)') WITH &&)",
        "This overlay already sits on a meter in that time.",
    )
    _meter_once = models.Constraint(
        "EXCLUDE USING gist ((meter_id + 0) WITH =, tsrange(date_from, date_to, '[)') WITH &&)",
        "This meter already has an overlay in that time.",
    )

    @api.depends("module_id", "meter_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.module_id.display_name} · {line.meter_id.display_name}"

    @api.model_create_multi
    def create(self, vals_list):
        # An assignment that was ended just now must be ended in the database before the next one begins
        self.flush_model(["date_from", "date_to"])
        return super().create(vals_list)

    @api.model
    def _get_by_module(self, module_ids):
        """Assignments of overlays, for matching many telegrams without a query for each.

        :return: ``{module_id: [(date_from, date_to or None, meter_id), …]}``, newest first
        """
        self.flush_model(["module_id", "meter_id", "date_from", "date_to"])
        self.env.cr.execute(
            SQL(
                "SELECT module_id, date_from, date_to, meter_id FROM pwik_radio_module_assignment"
                " WHERE module_id = ANY(%s::int[]) ORDER BY date_from DESC, id DESC",
                to_array(module_ids),
            )
        )
        found = {}
        for module_id, *stay in self.env.cr.fetchall():
            found.setdefault(module_id, []).append(tuple(stay))
        return found
