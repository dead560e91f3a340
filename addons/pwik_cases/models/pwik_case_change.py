from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..domain.changes import FIELDS, normalise_value
from ..domain.errors import InputRefused

DECISIONS = [("undecided", "Undecided"), ("yes", "Accepted"), ("no", "Not accepted")]
IMMUTABLE = frozenset({"case_id", "field_name", "old_value", "new_value"})


class PwikCaseChange(models.Model):
    """One datum that a customer wants changed: old and new side by side, decided one by one."""

    _name = "pwik.case.change"
    _description = "Requested change of data"
    _order = "case_id, id"
    _rec_name = "field_name"

    case_id = fields.Many2one("pwik.case", "Case", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id", store=True)
    field_name = fields.Selection("_selection_field_name", "Datum", required=True)
    label = fields.Char(compute="_compute_label")
    old_value = fields.Char("Value then", compute="_compute_old_value", store=True, precompute=True)
    new_value = fields.Char("New value")
    current_value = fields.Char("Value now", compute="_compute_current_value")
    is_stale = fields.Boolean(
        compute="_compute_current_value", help="The value was changed after the request."
    )
    accepted = fields.Selection(DECISIONS, "Decision", required=True, default="undecided")
    reason = fields.Char("Reason", help="Why it is not accepted. The customer sees this text.")

    _once_per_case = models.Constraint("UNIQUE(case_id, field_name)", "A case asks for each datum once.")

    @api.model
    def _selection_field_name(self):
        labels = self._get_field_labels()
        return [(name, labels[name]) for name in FIELDS]

    @api.model
    def _get_field_labels(self):
        """Words for the data that a request may name, in the user's language: ``{name: label}``."""
        return {
            "phone": self.env._("Telephone"),
            "email": self.env._("E-mail"),
            "street": self.env._("Street and number"),
            "street2": self.env._("Address, second line"),
            "zip": self.env._("Postal code"),
            "city": self.env._("Town"),
            "correspondence_street": self.env._("Correspondence: street and number"),
            "correspondence_street2": self.env._("Correspondence: second line"),
            "correspondence_zip": self.env._("Correspondence: postal code"),
            "correspondence_city": self.env._("Correspondence: town"),
            "name": self.env._("Name"),
        }

    @api.depends("field_name")
    @api.depends_context("lang")
    def _compute_label(self):
        labels = self._get_field_labels()
        for change in self:
            change.label = labels.get(change.field_name)

    @api.depends("case_id", "field_name")
    def _compute_old_value(self):
        for change in self:
            change.old_value = change.old_value or change._get_current_value()

    @api.depends("case_id.partner_id", "field_name", "old_value", "case_id.is_closed")
    def _compute_current_value(self):
        for change in self:
            change.current_value = change._get_current_value()
            change.is_stale = not change.case_id.is_closed and (change.current_value or "") != (
                change.old_value or ""
            )

    def _get_current_value(self):
        self.ensure_one()
        return self.case_id.partner_id._pwik_get_change_values().get(self.field_name) or False

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["new_value"] = self._normalise(vals.get("field_name"), vals.get("new_value"))
        changes = super().create(vals_list)
        if not self.env.su and any(change.case_id.is_closed for change in changes):
            raise UserError(self.env._("A closed case takes no more changes."))
        return changes

    @api.model
    def _normalise(self, name, value):
        try:
            return normalise_value(name or "", value, by_office=True) or False
        except InputRefused as error:
            messages = self.env["pwik.case"]._get_problem_messages(error.problems)
            raise ValidationError("\n".join(messages.values())) from error

    def write(self, vals):
        if not self.env.su:
            if IMMUTABLE & vals.keys():
                raise UserError(
                    self.env._("A requested change stays as it was asked for. Decide on it, or add another.")
                )
            if any(change.case_id.is_closed or change.case_id.decision for change in self):
                raise UserError(self.env._("The case is decided already."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_own(self):
        if any(change.case_id.channel == "portal" or change.case_id.is_closed for change in self):
            raise UserError(
                self.env._("What the customer asked for is kept: decide on it instead of deleting it.")
            )

    def action_accept(self):
        self.write({"accepted": "yes", "reason": False})

    def action_refuse(self):
        self.write({"accepted": "no"})
