from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ...domain.changes import FIELDS, parse_changes


class PwikCase(models.Model):
    """Changes of data: approving writes exactly the accepted values on the customer and logs old and new."""

    _inherit = "pwik.case"

    has_stale_change = fields.Boolean(compute="_compute_has_stale_change")

    @api.depends("change_ids.is_stale")
    def _compute_has_stale_change(self):
        for case in self:
            case.has_stale_change = any(change.is_stale for change in case.change_ids)

    @api.model
    def _prepare_portal_data_change(self, case_type, values, partner, contract, meter):
        changes = parse_changes(values.get("changes") or {}, partner._pwik_get_change_values())
        return {
            "change_ids": [
                (0, 0, {"field_name": change.name, "old_value": change.old or False, "new_value": change.new})
                for change in changes
            ]
        }

    def _check_data_change(self):
        self.ensure_one()
        changes = self.change_ids
        if not self.partner_id:
            raise UserError(self.env._("Choose the customer whose data change."))
        undecided = changes.filtered(lambda change: change.accepted == "undecided")
        if undecided:
            raise UserError(
                self.env._("Decide on each requested change first: %s.", ", ".join(undecided.mapped("label")))
            )
        if not changes.filtered(lambda change: change.accepted == "yes"):
            raise UserError(self.env._("None of the requested changes is accepted. Reject the case instead."))
        unexplained = changes.filtered(lambda change: change.accepted == "no" and not change.reason)
        if unexplained:
            raise UserError(
                self.env._(
                    "Say why it is not accepted, the customer gets to read it: %s.",
                    ", ".join(unexplained.mapped("label")),
                )
            )
        self._check_change_document()

    def _check_change_document(self):
        """A new name wants a document: marriage, succession, a court's decision."""
        named = self.change_ids.filtered(lambda c: c.accepted == "yes" and FIELDS[c.field_name].office_only)
        if named and not self.message_attachment_count:
            raise UserError(
                self.env._(
                    "Attach the document that proves the change first: %s.",
                    ", ".join(named.mapped("label")),
                )
            )

    def _approve_data_change(self):
        self.ensure_one()
        accepted = self.change_ids.filtered(lambda change: change.accepted == "yes")
        lines = [
            f"{change.label}: {change.current_value or '–'} → {change.new_value or '–'}"
            for change in accepted
        ]
        # sudo: customer service has no right to edit partners freely; these are the accepted values of an allow-list
        partner = self.partner_id.sudo()
        partner._pwik_write_changes({change.field_name: change.new_value for change in accepted})
        self._post_note([self.env._("Data of the customer changed:"), *lines])
        log = "\n".join((self.env._("Changed by case %s:", self.number), *lines))
        partner._message_log(body=plaintext2html(log))
        if not self.resolution:
            self.resolution = self._get_change_answer()

    def _get_change_answer(self):
        """What was accepted and what not and why, in the customer's language; no values, since it goes out by e-mail."""
        self.ensure_one()
        case = self.with_context(lang=self._get_customer_language())
        lines = []
        accepted = case.change_ids.filtered(lambda change: change.accepted == "yes")
        if accepted:
            lines.append(case.env._("Changed: %s.", ", ".join(accepted.mapped("label"))))
        for change in case.change_ids - accepted:
            lines.append(
                case.env._("Not changed: %(datum)s. %(reason)s", datum=change.label, reason=change.reason)
            )
        return "\n".join(lines)
