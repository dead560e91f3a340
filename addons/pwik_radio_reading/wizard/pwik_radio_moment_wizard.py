from odoo import fields, models


class PwikRadioMomentWizard(models.TransientModel):
    """When a dump was recorded whose telegrams do not say it; they run again with that moment."""

    _name = "pwik.radio.moment.wizard"
    _description = "Time of a dump"

    dump_id = fields.Many2one(
        "pwik.radio.dump",
        "File",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    recorded_at = fields.Datetime("Recorded at", required=True)

    def action_tell(self):
        self.ensure_one()
        self.dump_id.tell_time(self.recorded_at)
        return {"type": "ir.actions.act_window_close"}
