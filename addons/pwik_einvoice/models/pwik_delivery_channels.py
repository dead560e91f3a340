"""What one delivery does in the two channels that are not KSeF: a notice by e-mail, a letter for the print batch."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from .pwik_delivery import DeliveryWaits


class PwikDelivery(models.Model):
    _inherit = "pwik.delivery"

    def _deliver_electronic(self):
        """Signed XML and PDF into eBOK, a notice into Odoo's mail queue: all in this transaction."""
        email = email_normalize(self.partner_id.pwik_einvoice_email or "")
        if not email:
            raise UserError(
                self.env._(
                    "There is no valid e-mail address for invoices. Record a consent with one, or deliver on paper."
                )
            )
        missing = self.company_id._pwik_get_seal_fault()
        if missing:
            raise DeliveryWaits(missing)
        self.move_id._pwik_store_documents()
        self._done(**self._send_notice("pwik_einvoice.mail_template_delivery", email))

    def _send_notice(self, template, email):
        """Put the notice of this document into Odoo's mail queue.

        :param str template: external id of a ``mail.template`` of this model
        :return: values of the row that say who was told
        """
        mail = (
            self.env.ref(template)
            .sudo()
            .send_mail_batch(
                self.ids,
                email_values={"email_to": email, "recipient_ids": [], "auto_delete": False},
                email_layout_xmlid="mail.mail_notification_light",
            )
        )
        return {"email": email, "mail_id": mail.id}

    def _deliver_paper(self):
        """The PDF, ready for the print batch. It is signed too where there is a certificate: eBOK has it for everybody."""
        self.move_id._pwik_store_documents(sign=not self.company_id._pwik_get_seal_fault())
        self.write({"state": "ready", "reason": False, "next_try": False})
