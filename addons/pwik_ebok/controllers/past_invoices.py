"""Module 2a: invoices which the previous system issued."""

import base64

from odoo.addons.portal.controllers.portal import pager
from odoo.http import request, route
from werkzeug.exceptions import NotFound

from .main import EbokPortal

PAGE = 40


class EbokPastInvoices(EbokPortal):
    @route(
        ["/my/invoices/past", "/my/invoices/past/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def past_invoices(self, page=1, **kw):
        invoices = request.env["pwik.past.invoice"]
        pages = pager(url="/my/invoices/past", total=invoices.search_count([]), page=page, step=PAGE)
        return self._ebok_render(
            "pwik_ebok.portal_past_invoices",
            "ebok_past_invoices",
            {
                "invoices": invoices.search([], limit=PAGE, offset=pages["offset"]),
                "pager": pages,
                "ebok_title": request.env._("Invoices of the previous system"),
            },
        )

    @route("/my/invoices/past/<int:past_id>/pdf", type="http", auth="user", methods=["GET"])
    def past_invoice_pdf(self, past_id, **kw):
        invoice = self._ebok_find("pwik.past.invoice", past_id)
        # The invoice was found with the user's own rights; attachments are read by nobody but the office.
        content = invoice.sudo().with_context(bin_size=False).pdf
        if not content:
            raise NotFound()
        return self._ebok_download(base64.b64decode(content), invoice.pdf_name, "application/pdf", invoice)
