from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

#: Documents that are asked for by law no longer once nothing keeps the customer: their files go, the rows keep number and sums.
CLAIMS = ("pwik.dunning.notice", "pwik.interest.note")
#: Past the models, which keep what was sent or paid as it was: the rows stay for the ledger, who it was goes.
MASKED = (
    "UPDATE pwik_einvoice_consent SET email = NULL, address = NULL WHERE partner_id = ANY(%(people)s)",
    """
    UPDATE payment_transaction
       SET partner_name = NULL, partner_email = NULL, partner_phone = NULL, partner_address = NULL,
           partner_zip = NULL, partner_city = NULL, partner_state_id = NULL, state_message = NULL
     WHERE partner_id = ANY(%(people)s)
    """,
    "UPDATE pwik_dunning_notice SET text = '', email = NULL WHERE partner_id = ANY(%(people)s)",
    "UPDATE pwik_interest_note SET email = NULL WHERE partner_id = ANY(%(people)s)",
    # Odoo archives accounts instead of deleting them, since entries may name them
    """
    UPDATE res_partner_bank
       SET acc_number = 'erased-' || id, sanitized_acc_number = 'ERASED' || id, acc_holder_name = NULL, active = FALSE
     WHERE partner_id = ANY(%(people)s)
    """,
    "UPDATE pwik_delivery SET email = NULL, reason = NULL WHERE partner_id = ANY(%(people)s)",
)


class ResPartner(models.Model):
    """What other records hold of a person whose data are erased (RODO art. 17). The caller runs with sudo."""

    _inherit = "res.partner"

    def _pwik_get_people(self):
        """The customer, his contacts at all levels, and his address for letters unless another customer has it, too."""
        self.ensure_one()
        people = self.search([("id", "child_of", self.id)])
        letters = self.pwik_correspondence_id
        used = self.search_count(
            [("pwik_correspondence_id", "=", letters.id), ("id", "not in", people.ids)], limit=1
        )
        if letters and not used and not letters.pwik_contract_ids:
            people |= letters
        return self | people

    def _pwik_erase_traces(self):
        """Notices, accesses, addresses, texts and files: what names him goes, what the ledger hangs on stays."""
        env = self.env
        for model in ("pwik.notice", "pwik.ebok.invitation", "pwik.ebok.code"):
            env[model].search([("partner_id", "in", self.ids)]).unlink()
        env["pwik.notice"].search([("recipient_id", "in", self.ids)]).unlink()
        env["pwik.notice.preference"].search([("recipient_id", "in", self.ids)]).unlink()
        env["res.partner.bank"].with_context(active_test=False).search(
            [("partner_id", "in", self.ids)]
        ).message_ids.unlink()
        self._pwik_erase_letters()
        for model in CLAIMS:
            claims = env[model].search([("partner_id", "in", self.ids)])
            claims.message_ids.unlink()
            env["ir.attachment"].search(
                [("id", ">", 0), ("res_model", "=", model), ("res_id", "in", claims.ids)]
            ).unlink()
        # what was said at his contracts and invoices: of documents the days and sums tell enough
        for model in ("pwik.contract", "account.move"):
            records = env[model].search([("partner_id", "in", self.ids)])
            records.message_ids.unlink()
            records.activity_ids.unlink()
        env.flush_all()
        for statement in MASKED:
            env.cr.execute(SQL(statement, people=self.ids))
        env.invalidate_all(flush=False)

    def _pwik_erase_letters(self):
        """E-mails to him that wait or were kept after sending, and sign-ups by his addresses."""
        addresses = [partner.email_normalized for partner in self if partner.email_normalized]
        mine = Domain("recipient_ids", "in", self.ids) | Domain("email_to", "in", addresses)
        self.env["mail.mail"].search(mine).unlink()
        self.env["pwik.ebok.signup"].search([("email", "in", addresses)]).unlink()
