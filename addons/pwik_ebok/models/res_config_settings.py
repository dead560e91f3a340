from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pwik_session_idle_minutes = fields.Integer(
        "Minutes without use", config_parameter="pwik_ebok.session_idle_minutes"
    )
    pwik_session_hours = fields.Integer("Hours since the sign-in", config_parameter="pwik_ebok.session_hours")
    pwik_a11y_published = fields.Date(related="company_id.pwik_a11y_published", readonly=False)
    pwik_a11y_updated = fields.Date(related="company_id.pwik_a11y_updated", readonly=False)
    pwik_a11y_made = fields.Date(related="company_id.pwik_a11y_made", readonly=False)
    pwik_a11y_status = fields.Selection(related="company_id.pwik_a11y_status", readonly=False)
    pwik_a11y_gaps = fields.Text(related="company_id.pwik_a11y_gaps", readonly=False)
    pwik_a11y_assessor = fields.Char(related="company_id.pwik_a11y_assessor", readonly=False)
    pwik_a11y_person = fields.Char(related="company_id.pwik_a11y_person", readonly=False)
    pwik_a11y_email = fields.Char(related="company_id.pwik_a11y_email", readonly=False)
    pwik_a11y_phone = fields.Char(related="company_id.pwik_a11y_phone", readonly=False)
    pwik_a11y_building = fields.Text(related="company_id.pwik_a11y_building", readonly=False)
