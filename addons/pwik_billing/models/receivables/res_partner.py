from odoo import fields, models

from .pwik_interest_rate import RATE_KINDS


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
        for partner in self:
            partner.pwik_interest_note_count = notes[partner]

    def action_pwik_open_interest_notes(self):
        return self._pwik_open_documents("pwik_billing.pwik_interest_note_action")

    def _pwik_open_documents(self, xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {
            **action,
            "domain": [("partner_id", "in", self.commercial_partner_id.ids)],
            "context": {"default_partner_id": self.commercial_partner_id[:1].id},
        }
