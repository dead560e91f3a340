from odoo import api, fields, models

from .pwik_case_stage import OPEN_STATES

OFFICE = "pwik_meters.pwik_meters_group_user"


class PwikDashboard(models.AbstractModel):
    """What customers wait for, on the start page."""

    _inherit = "pwik.dashboard"

    @api.model
    def _get_tiles(self):
        groups = super()._get_tiles()
        if not self.env.user.has_group(OFFICE):
            return groups
        return [{"title": self.env._("Cases"), "tiles": self._get_case_tiles()}, *groups]

    def _get_case_tiles(self):
        opened = [("state", "in", OPEN_STATES)]
        today = self.env["pwik.case"]._today()
        late = [*opened, ("date_deadline", "<", today)]
        soon = [
            *opened,
            ("date_deadline", ">=", today),
            ("date_deadline", "<=", fields.Date.add(today, days=3)),
        ]
        nobody = [*opened, ("user_id", "=", False)]
        mine = [*opened, ("user_id", "=", self.env.uid)]
        count, action = self.env["pwik.case"].search_count, "pwik_cases.pwik_case_action"
        return [
            self._make_tile(
                self.env._("Cases past their deadline"), count(late), action, late, tone="danger"
            ),
            self._make_tile(
                self.env._("Cases to be answered within 3 days"), count(soon), action, soon, tone="warning"
            ),
            self._make_tile(
                self.env._("Cases that nobody has taken"), count(nobody), action, nobody, tone="warning"
            ),
            self._make_tile(self.env._("My open cases"), count(mine), action, mine, tone="info"),
        ]
