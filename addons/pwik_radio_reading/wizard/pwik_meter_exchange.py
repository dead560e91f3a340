from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikMeterExchange(models.TransientModel):
    """What becomes of the radio overlay when the meter under it is exchanged or taken out.

    Without it the overlay would go on speaking for a meter that lies in the store, with the register of another one.
    """

    _inherit = "pwik.meter.exchange"

    old_module_id = fields.Many2one(related="old_meter_id.radio_module_id", string="Radio overlay")
    overlay_step = fields.Selection(
        [("move", "Move it to the new meter"), ("off", "Take it off")],
        "The overlay on the old meter",
        compute="_compute_overlay_step",
        store=True,
        readonly=False,
    )
    new_module_id = fields.Many2one(
        "pwik.radio.module",
        "Overlay put on the new meter",
        compute="_compute_new_module_id",
        store=True,
        readonly=False,
        domain="[('meter_id', '=', False)]",
        help="Empty, where the new meter gets none.",
    )
    overlay_moment = fields.Datetime(
        "Telegrams of the new meter from",
        compute="_compute_overlay_moment",
        store=True,
        readonly=False,
        help="What an overlay sent before belongs to the old meter, what it sends from then on to the new one.",
    )

    @api.depends("operation", "old_module_id")
    def _compute_overlay_step(self):
        for wizard in self:
            wizard.overlay_step = wizard.old_module_id and (
                "move" if wizard.operation == "exchange" else "off"
            )

    @api.depends("operation", "overlay_step")
    def _compute_new_module_id(self):
        for wizard in self:
            if wizard.operation == "remove" or wizard.overlay_step == "move":
                wizard.new_module_id = False

    @api.depends("date", "old_meter_id", "new_meter_id")
    def _compute_overlay_moment(self):
        """The moment of the two values of the exchange."""
        for wizard in self:
            wizard.overlay_moment = wizard.date and self.env["pwik.meter"]._get_moment(wizard.date)

    def action_apply(self):
        self.ensure_one()
        step, old, module = self.overlay_step, self.old_meter_id, self.old_module_id
        day, moment = self.date, self.overlay_moment or self.env["pwik.meter"]._get_moment(self.date)
        if self.old_module_id or self.new_module_id:
            self._check_overlay_moment(day, moment)
        action = super().action_apply()
        assignments = self.env["pwik.radio.module.assignment"]
        if self.operation != "install" and module:
            assignments._take_off(module, old, moment)
        put_on = module if step == "move" and self.operation == "exchange" else self.new_module_id
        if put_on and self.operation != "remove":
            assignments._put_on(put_on, self.new_meter_id, moment)
            put_on._get_kept_lines(since=moment).action_run_again()
        return action

    def _check_overlay_moment(self, day, moment):
        readings = self.env["pwik.reading"]
        if (
            fields.Datetime.context_timestamp(self.with_context(tz=readings._get_timezone()), moment).date()
            != day
        ):
            raise UserError(
                self.env._(
                    "The moment from which telegrams belong to the new meter lies on the day of the exchange."
                )
            )
