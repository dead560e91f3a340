from odoo import fields, models


class PwikCaseTeam(models.Model):
    _name = "pwik.case.team"
    _description = "Team that works on cases"
    _order = "name"
    _check_company_auto = True

    name = fields.Char("Team", required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        "Leader",
        domain="[('share', '=', False)]",
        help="Cases that are late come to the leader.",
    )
    member_ids = fields.Many2many("res.users", string="Members", domain="[('share', '=', False)]")
