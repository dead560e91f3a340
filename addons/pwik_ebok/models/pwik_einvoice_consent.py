from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import hash_sign, verify_hash_signed

from . import ebok_mail

SCOPE = "pwik_ebok.einvoice_address"
VALID = timedelta(days=7)
#: Letters to unconfirmed addresses for one customer in a day.
MOST_CHANGES = 5


class PwikEinvoiceConsent(models.Model):
    _inherit = "pwik.einvoice.consent"

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(vals_list)
        for consent in consents:
            self.env["pwik.audit.event"]._record(
                "consent",
                customer=consent.partner_id,
                record=consent,
                detail=f"{consent.action}, {consent.channel}",
            )
            if consent.action == "change":
                consent._ebok_ask_to_confirm()
        return consents

    def _ebok_ask_to_confirm(self):
        """A letter to the new address: who reads it confirms it."""
        token = hash_sign(self.sudo().env, SCOPE, self.id, expiration=VALID)
        ebok_mail.send(
            self.env,
            "einvoice_address",
            self,
            self.email,
            lang=self.partner_id.lang or self.env.lang,
            ebok_path=f"/ebok/einvoice/confirm?token={token}",
        )

    @api.model
    def _ebok_find_change(self, token):
        """The change (sudo) that a link from a letter confirms; empty where it ran out, was confirmed or replaced."""
        try:
            number = verify_hash_signed(self.sudo().env, SCOPE, token)
        except (ValueError, TypeError, OverflowError):
            number = None
        change = self.sudo().browse(number if isinstance(number, int) else []).exists()
        if change and change.partner_id._pwik_get_address_change() != change:
            return change.browse()
        return change

    def _ebok_confirm_change(self, address):
        """The consent that holds goes to the confirmed address from now on.

        :param address: network address of the request, part of the proof
        """
        self.ensure_one()
        self.partner_id.lock_for_update()  # two clicks record one consent
        self.partner_id.invalidate_recordset(["pwik_consent_ids"])
        if self.partner_id._pwik_get_address_change() != self:
            return
        self.create(
            {
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "action": "given",
                "channel": self.channel,
                "date": fields.Date.context_today(self),
                "email": self.email,
                "address": address,
                "user_id": self.user_id.id,
            }
        )
        self.partner_id._message_log(
            body=self.partner_id._pwik_in_office().env._(
                "E-invoice: the new address %s was confirmed, invoices go there from now on.", self.email
            )
        )
