"""Module 2b: interest notes and reminders that were sent to the customer."""

from odoo.http import request, route
from werkzeug.exceptions import NotFound

from .invoices import EbokInvoices


class EbokClaims(EbokInvoices):
    @route()
    def balance(self, customer=None, **kw):
        response = super().balance(customer=customer, **kw)
        if hasattr(response, "qcontext"):
            partner = response.qcontext["partner"]
            domain = [("partner_id", "=", partner.commercial_partner_id.id)]
            response.qcontext.update(
                notes=request.env["pwik.interest.note"].search(domain),
                reminders=request.env["pwik.dunning.notice"].search(domain),
            )
        return response

    @route("/my/balance/notes/<int:note_id>/pdf", type="http", auth="user", methods=["GET"])
    def interest_note_pdf(self, note_id, **kw):
        return self._ebok_claim_pdf(self._ebok_find("pwik.interest.note", note_id))

    @route(
        "/my/balance/reminders/<int:reminder_id>/pdf",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def reminder_pdf(self, reminder_id, **kw):
        return self._ebok_claim_pdf(self._ebok_find("pwik.dunning.notice", reminder_id))

    def _ebok_claim_pdf(self, document):
        """The document as it was sent."""
        # The document was found with the user's own rights; attachments are read by nobody but the office.
        attachment = document.sudo().attachment_id
        if not attachment:
            raise NotFound()
        return self._ebok_download(attachment.raw, attachment.name, "application/pdf")
