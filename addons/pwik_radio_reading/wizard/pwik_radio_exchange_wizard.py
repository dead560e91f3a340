from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikRadioExchangeWizard(models.TransientModel):
    """Exchange of the overlay on a meter: the old one comes off and the new one goes on at the same moment."""

    _name = "pwik.radio.exchange.wizard"
    _description = "Exchange of an overlay"

    meter_id = fields.Many2one("pwik.meter", required=True, domain="[('state', '=', 'installed')]")
    service_point_id = fields.Many2one(related="meter_id.service_point_id")
    # What the form showed is stored with it: the meter may have got another one meanwhile
    old_module_id = fields.Many2one(
        "pwik.radio.module",
        "Overlay to take off",
        compute="_compute_old_module_id",
        store=True,
        readonly=False,
    )
    last_seen = fields.Datetime(related="old_module_id.last_seen")
    new_module_id = fields.Many2one(
        "pwik.radio.module",
        "New overlay",
        domain="[('meter_id', '=', False)]",
        help="Empty: the meter is without an overlay from then on.",
    )
    moment = fields.Datetime("Exchanged at", required=True, default=fields.Datetime.now)
    reason = fields.Char(help="Kept with both overlays.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        model, record_id = self.env.context.get("active_model"), self.env.context.get("active_id")
        if model == "pwik.meter" and record_id:
            values["meter_id"] = record_id
        elif model == "pwik.radio.module" and record_id:
            module = self.env[model].browse(record_id)
            if module.meter_id:
                values["meter_id"] = module.meter_id.id
            else:
                values["new_module_id"] = record_id
        return values

    @api.depends("meter_id")
    def _compute_old_module_id(self):
        for wizard in self:
            wizard.old_module_id = wizard.meter_id.radio_module_id

    def _check(self):
        old, new = self.old_module_id, self.new_module_id
        if not (old or new):
            raise UserError(self.env._("Choose the overlay that is put on the meter."))
        if self.moment > fields.Datetime.now():
            raise UserError(self.env._("The exchange lies in the future."))
        if self.meter_id.radio_module_id != old:
            raise UserError(
                self.env._(
                    "The overlay of meter %s was changed meanwhile: open the form anew.",
                    self.meter_id.display_name,
                )
            )
        if old == new:
            raise UserError(
                self.env._("Overlay %s sits on this meter already: choose another one.", new.display_name)
            )

    def action_apply(self):
        """Take the old overlay off, put the new one on, and run what is kept of the new one again.

        :raises UserError: nothing to do; a moment to come; the meter's overlay is not the one that the form showed; see
            ``pwik.radio.module.assignment._take_off`` and ``_put_on``
        """
        self.ensure_one()
        self._check()
        old, new = self.old_module_id, self.new_module_id
        # the overlays are told below, with the reason
        assignments = self.env["pwik.radio.module.assignment"].with_context(tracking_disable=True)
        if old:
            assignments._take_off(old, self.meter_id, self.moment)
        if new:
            assignments._put_on(new, self.meter_id, self.moment)
        for module in old | new:
            module._message_log(body=self._describe(old, new))
        if new:
            new._get_kept_lines(since=self.moment).action_run_again()
        return {"type": "ir.actions.act_window_close"}

    def _describe(self, old, new):
        values = {
            "meter": self.meter_id.display_name,
            "old": old.display_name,
            "new": new.display_name,
            "reason": f" ({self.reason})" if self.reason else "",
        }
        if not new:
            return self.env._("Overlay %(old)s taken off meter %(meter)s.%(reason)s", **values)
        if not old:
            return self.env._("Overlay %(new)s put on meter %(meter)s.%(reason)s", **values)
        return self.env._("Overlay %(old)s on meter %(meter)s exchanged for %(new)s.%(reason)s", **values)
