from odoo import fields, models

from .pwik_interest_rate import RATE_KINDS
from .res_company import OVERPAYMENT


class ResPartner(models.Model):
    _inherit = "res.partner"

    pwik_interest_kind = fields.Selection(
        RATE_KINDS,
        "Interest for delay",
        help="Empty: commercial transactions for companies with a tax number, statutory interest for everybody else. "
        "Housing communities and public offices outside business are to be set to the statutory one.",
    )
    pwik_interest_note_count = fields.Integer(
        "Number of interest notes", compute="_compute_pwik_claim_counts", compute_sudo=True
    )

    pwik_overpayment = fields.Selection(
        OVERPAYMENT,
        "Overpayments",
        tracking=True,
        help="What becomes of what he paid too much. Empty: as the company's settings say.",
    )
    pwik_notice_ids = fields.One2many(
        "pwik.dunning.notice", "partner_id", "Reminders", groups="pwik_meters.pwik_meters_group_user"
    )
    pwik_notice_count = fields.Integer(
        "Number of reminders", compute="_compute_pwik_claim_counts", compute_sudo=True
    )
    pwik_cutoff_count = fields.Integer(
        "Number of cut-off orders", compute="_compute_pwik_claim_counts", compute_sudo=True
    )

    def _pwik_carries_overpayment(self, company):
        """Whether this customer's overpayments are set against his next invoice."""
        self.ensure_one()
        return (self.pwik_overpayment or company.pwik_overpayment) == "carry"

    def _pwik_get_interest_kind(self):
        """Which table of rates holds for this customer."""
        self.ensure_one()
        owner = self.commercial_partner_id
        return owner.pwik_interest_kind or ("commercial" if owner.is_company and owner.vat else "delay")

    def _pwik_count_documents(self, model):
        owners = self.commercial_partner_id
        counts = dict(
            self.env[model]._read_group([("partner_id", "in", owners.ids)], ["partner_id"], ["__count"])
        )
        return {partner: counts.get(partner.commercial_partner_id, 0) for partner in self}

    def _compute_pwik_claim_counts(self):
        notes = self._pwik_count_documents("pwik.interest.note")
        notices = self._pwik_count_documents("pwik.dunning.notice")
        cutoffs = self._pwik_count_documents("pwik.cutoff.order")
        for partner in self:
            partner.pwik_notice_count = notices[partner]
            partner.pwik_cutoff_count = cutoffs[partner]
            partner.pwik_interest_note_count = notes[partner]

    def action_pwik_open_interest_notes(self):
        return self._pwik_open_documents("pwik_billing.pwik_interest_note_action")

    def action_pwik_open_notices(self):
        return self._pwik_open_documents("pwik_billing.pwik_dunning_notice_action")

    def action_pwik_open_cutoffs(self):
        return self._pwik_open_documents("pwik_billing.pwik_cutoff_order_action")

    def action_pwik_remind(self):
        """A run for these customers alone, at its preview."""
        run = self.env["pwik.dunning.run"].create(
            {"kind": "reminder", "partner_ids": [fields.Command.set(self.commercial_partner_id.ids)]}
        )
        run.action_preview()
        return {
            "type": "ir.actions.act_window",
            "res_model": "pwik.dunning.run",
            "res_id": run.id,
            "view_mode": "form",
        }

    def action_pwik_stop(self):
        """A new stop of reminders for this customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Stop of reminders"),
            "res_model": "pwik.dunning.stop",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }

    def _pwik_open_documents(self, xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {
            **action,
            "domain": [("partner_id", "in", self.commercial_partner_id.ids)],
            "context": {"default_partner_id": self.commercial_partner_id[:1].id},
        }
