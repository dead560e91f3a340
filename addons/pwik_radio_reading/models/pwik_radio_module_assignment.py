from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.copying import to_array
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_datetime


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
    def _take_off(self, module, meter, moment):
        """End the overlay's stay on the meter; its history stays.

        :raises UserError: it sits there since later than ``moment``, or gave an accepted reading after it
        """
        stay = self.search(
            [("module_id", "=", module.id), ("meter_id", "=", meter.id), ("date_to", "=", False)], limit=1
        )
        if not stay:
            return
        if stay.date_from > moment:
            raise UserError(
                self.env._(
                    "Overlay %(module)s sits on meter %(meter)s since %(moment)s only.",
                    module=module.display_name,
                    meter=meter.display_name,
                    moment=format_datetime(self.env, stay.date_from),
                )
            )
        stay._check_no_reading(moment)
        stay.date_to = moment

    @api.model
    def _put_on(self, module, meter, moment):
        """Begin a stay of the overlay on the meter. The database refuses two at once.

        :return: the stay
        """
        return self.create({"module_id": module.id, "meter_id": meter.id, "date_from": moment})

    def action_take_back(self):
        """Undo the last step of an assignment.

        One that was ended goes on. One that lasts never was, and what it had ended at that moment goes on.

        :raises UserError: readings came from it, or another one followed
        """
        for stay in self:
            others = self.search(
                [
                    ("id", "!=", stay.id),
                    *("|", ("module_id", "=", stay.module_id.id), ("meter_id", "=", stay.meter_id.id)),
                ]
            )
            if any(other.date_from > stay.date_from for other in others):
                raise UserError(self.env._("Another assignment followed: take back the newest one first."))
            if stay.date_to:
                stay.date_to = False
                stay.module_id._message_log(
                    body=self.env._(
                        "Overlay stays on meter %s: its end was taken back.", stay.meter_id.display_name
                    )
                )
                continue
            stay._check_no_reading(stay.date_from)
            before = others.filtered(lambda other, moment=stay.date_from: other.date_to == moment)
            text = self.env._(
                "Assignment taken back: overlay %(module)s on meter %(meter)s from %(moment)s.",
                module=stay.module_id.display_name,
                meter=stay.meter_id.display_name,
                moment=format_datetime(self.env, stay.date_from),
            )
            for module in stay.module_id | before.module_id:
                module._message_log(body=text)
            stay.unlink()
            before.write({"date_to": False})
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_only_without_readings(self):
        for stay in self:
            stay._check_no_reading(stay.date_from)

    def _check_no_reading(self, moment):
        """Refuse to end a stay before a reading that it gave: the reading would lose its reason."""
        self.ensure_one()
        line = self.env["pwik.radio.dump.line"].search(
            [
                ("module_id", "=", self.module_id.id),
                ("meter_id", "=", self.meter_id.id),
                ("received", ">=", moment),
                ("reading_id", "!=", False),
                ("reading_id.state", "!=", "rejected"),
            ],
            order="received desc",
            limit=1,
        )
        if line:
            raise UserError(
                self.env._(
                    "Overlay %(module)s gave meter %(meter)s a reading on %(moment)s already: reject that reading first.",
                    module=self.module_id.display_name,
                    meter=self.meter_id.display_name,
                    moment=format_datetime(self.env, line.received),
                )
            )

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
