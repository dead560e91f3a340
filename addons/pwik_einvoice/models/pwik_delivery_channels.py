"""What one delivery does in the two channels that are not KSeF: a notice by e-mail, a letter for the print batch."""

from odoo import models
from odoo.addons.pwik_meters.tools.packets import pass_on
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from .pwik_delivery import DeliveryWaits


class PwikDelivery(models.Model):
    _inherit = "pwik.delivery"

    def _deliver_electronic(self):
        """Signed XML and PDF into eBOK; the notice follows in this transaction, with those of the packet (``_tell_all``)."""
        if not self._get_notice_address():
            raise UserError(
                self.env._(
                    "There is no valid e-mail address for invoices. Record a consent with one, or deliver on paper."
                )
            )
        missing = self.company_id._pwik_get_seal_fault()
        if missing:
            raise DeliveryWaits(missing)
        self.move_id._pwik_store_documents()

    def _get_notice_address(self):
        return email_normalize(self.partner_id.pwik_einvoice_email or "")

    def _tell_all(self):
        """The notices of rows whose documents are there: together, for each reading of the template takes as long as ten
        texts by it; one by one where that fails, so that the row is found that cannot be told."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                self._tell()
        except Exception as error:
            pass_on(error)
            for delivery in self:
                delivery._try(delivery._tell)

    def _tell(self):
        notices = self._send_notices("pwik_einvoice.mail_template_delivery")
        for delivery in self:
            delivery._done(**notices[delivery])

    def _send_notices(self, template):
        """Put the notices of these documents into Odoo's mail queue.

        :param str template: external id of a ``mail.template`` of this model
        :return: ``{row: values of it that say who was told}``
        """
        mails = (
            self.env.ref(template)
            .sudo()
            .send_mail_batch(
                self.ids,
                email_values={"recipient_ids": [], "auto_delete": False},
                email_layout_xmlid="mail.mail_notification_light",
            )
        )
        notices = {}
        for mail in mails:
            delivery = self.browse(mail.res_id)
            mail.email_to = delivery._get_notice_address()
            notices[delivery] = {"email": mail.email_to, "mail_id": mail.id}
        return notices

    def _deliver_paper(self):
        """The PDF, ready for the print batch. It is signed too where there is a certificate: eBOK has it for everybody."""
        self.move_id._pwik_store_documents(sign=not self.company_id._pwik_get_seal_fault())
        self.write({"state": "ready", "reason": False, "next_try": False})
