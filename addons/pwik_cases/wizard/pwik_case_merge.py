from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikCaseMerge(models.TransientModel):
    """Bring several cases about one thing together: one stays, the others point to it."""

    _name = "pwik.case.merge"
    _description = "Merge cases"

    case_ids = fields.Many2many("pwik.case", string="Cases", required=True)
    target_id = fields.Many2one(
        "pwik.case",
        "Stays open",
        required=True,
        compute="_compute_target_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', case_ids)]",
    )

    @api.depends("case_ids")
    def _compute_target_id(self):
        for wizard in self:
            wizard.target_id = wizard.case_ids.sorted("id")[:1]

    def action_merge(self):
        self.ensure_one()
        others = self.case_ids - self.target_id
        self._check_mergeable(others)
        for case in others:
            self._move_conversation(case)
            case._close_merged(self.target_id)
        return self.target_id._get_records_action()

    def _check_mergeable(self, others):
        if not others:
            raise UserError(self.env._("Choose at least two cases."))
        self.case_ids._check_transition(("open", "waiting"))
        if len(self.case_ids.partner_id) > 1 or not all(case.partner_id for case in self.case_ids):
            raise UserError(self.env._("Only cases of one and the same customer can be merged."))
        if len(self.case_ids.company_id) > 1:
            raise UserError(self.env._("Only cases of one company can be merged."))
        unseen = others.filtered(lambda case: case.portal_visible and not self.target_id.portal_visible)
        if unseen:
            raise UserError(
                self.env._(
                    "Customers do not see case %(target)s: these cases of theirs cannot go on there: %(cases)s.",
                    target=self.target_id.number,
                    cases=", ".join(unseen.mapped("number")),
                )
            )
        decided = others.filtered(lambda case: not case._may_go_on_in(self.target_id))
        if decided:
            raise UserError(
                self.env._(
                    "These cases must be decided on by themselves: %s.",
                    ", ".join(decided.mapped("number")),
                )
            )

    def _move_conversation(self, case):
        target = self.target_id
        if case.description:
            target._post_note([self.env._("From case %s:", case.number), case.description])
        case.message_change_thread(target)
        # sudo: files of messages move with them
        self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", case._name),
                ("res_id", "=", case.id),
                ("res_field", "=", False),
            ]
        ).write({"res_id": target.id})
        target.message_subscribe(case.message_partner_ids.ids)
