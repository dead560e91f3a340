from odoo import api, fields, models

from ..domain.changes import FIELDS

CORRESPONDENCE = "correspondence_"


class ResPartner(models.Model):
    _inherit = "res.partner"

    pwik_correspondence_id = fields.Many2one(
        "res.partner",
        "Correspondence address",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        domain="[('parent_id', '=', id)]",
        help="Where letters go, if not to the customer's own address.",
    )
    pwik_case_ids = fields.One2many("pwik.case", "partner_id", "Cases")
    pwik_case_count = fields.Integer("Open cases", compute="_compute_pwik_case_count")

    @api.depends_context("uid")
    @api.depends("pwik_case_ids.state")
    def _compute_pwik_case_count(self):
        counts = self.env["pwik.case"]._get_open_counts("partner_id", self)
        for partner in self:
            partner.pwik_case_count = counts.get(partner, 0)

    def _pwik_get_correspondence_address(self):
        """The partner whose address letters to this customer bear."""
        self.ensure_one()
        return self.pwik_correspondence_id or self

    def _pwik_get_change_values(self):
        """Values in force of the data that a request may name: ``{name: text}``, empty text for none."""
        values = dict.fromkeys(FIELDS, "")
        if not self:
            return values
        self.ensure_one()
        for name in FIELDS:
            if name.startswith(CORRESPONDENCE):
                values[name] = self.pwik_correspondence_id[name.removeprefix(CORRESPONDENCE)] or ""
            else:
                values[name] = self[name] or ""
        return values

    def _pwik_write_changes(self, values):
        """Write accepted changes: ``{name: text}`` with names of :data:`FIELDS`; anything else is a KeyError."""
        self.ensure_one()
        own, correspondence = {}, {}
        for name, value in values.items():
            FIELDS[name]  # the allow-list holds here too, whatever the caller checked before
            if name.startswith(CORRESPONDENCE):
                correspondence[name.removeprefix(CORRESPONDENCE)] = value or False
            else:
                own[name] = value or False
        if own:
            self.write(own)
        if correspondence and self.pwik_correspondence_id:
            self.pwik_correspondence_id.write(correspondence)
            if not any(self.pwik_correspondence_id[name] for name in ("street", "zip", "city")):
                self.pwik_correspondence_id.active = False
                self.pwik_correspondence_id = False
        elif any(correspondence.values()):
            self.pwik_correspondence_id = self.create(
                {
                    "name": self.name,
                    "parent_id": self.id,
                    "type": "other",
                    "country_id": self.country_id.id,
                    "company_id": self.company_id.id,
                    "lang": self.lang,
                    **correspondence,
                }
            )

    def action_pwik_view_cases(self):
        return self.env["pwik.case"]._get_action_of("partner_id", self)
