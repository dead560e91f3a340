import base64
import io
from collections import OrderedDict

from odoo import api, fields, models
from odoo.tools.image import image_data_uri

from ..tools.typeset import typeset


class IrActionsReport(models.Model):
    """Reports made by our own print engine, wherever Odoo asks for them: Print, Send, portal, mail templates.

    A report with ``pwik_template`` is typeset from that template and from what its record's ``_pwik_prepare_print()`` gives;
    each record is a PDF of its own, so that nothing has to be cut apart afterwards.
    """

    _inherit = "ir.actions.report"

    pwik_template = fields.Char(
        "Template of our own",
        help="Make this document from this file (addon/report/name.typ) as a tagged PDF/A with page numbers.",
    )

    def _get_readable_fields(self):
        return super()._get_readable_fields() | {"pwik_template"}

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        report = self._get_report(report_ref)
        if not report.pwik_template:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        streams = OrderedDict()
        keep = report.attachment and not self.env.context.get("report_pdf_no_attachment")
        for record in self.env[report.model].browse(dict.fromkeys(res_ids or ())):
            attachment = report.retrieve_attachment(record) if keep else None
            if attachment and report.attachment_use:
                stream = io.BytesIO(attachment.raw)
            else:
                stream = io.BytesIO(self._pwik_make_document(report, record, data))
            streams[record.id] = {"stream": stream, "attachment": attachment}
        return streams

    @api.model
    def _render_qweb_html(self, report_ref, docids, data=None):
        """Where Odoo asks for HTML (a preview, its tests) it gets the pages of the document as pictures."""
        report = self._get_report(report_ref)
        if not report.pwik_template:
            return super()._render_qweb_html(report_ref, docids, data=data)
        documents = []
        for record in self.env[report.model].browse(docids):
            document = self._pwik_prepare_document(report, record, data)
            pages = typeset(report.pwik_template, document, form="svg")
            documents.append({**document, "pages": self._pwik_prepare_pages(document, pages)})
        values = {"documents": documents}
        return self.env["ir.qweb"]._render("pwik_meters.document_pages", values).encode(), "html"

    @api.model
    def _pwik_prepare_pages(self, document, pages):
        words = document["page_words"]
        return [
            {
                "address": image_data_uri(base64.b64encode(page)),
                "alt": f"{document['title']}, {words['page']} {number} {words['of']} {len(pages)}",
            }
            for number, page in enumerate(pages, 1)
        ]

    def _pwik_make_document(self, report, record, data=None):
        """:return: bytes of the PDF of one record"""
        return typeset(
            report.pwik_template,
            self._pwik_prepare_document(report, record, data),
            self._pwik_prepare_pdf_attachments(report, record),
        )

    @api.model
    def _pwik_prepare_document(self, report, record, data=None):
        """Values of the whole document: what the record gives, and the frame in which it stands.

        Of the record's ``_pwik_prepare_print(report, data)``: ``title``; ``lang`` (default: the user's), a language of Odoo;
        ``company`` (default: the record's); and what its template wants.
        """
        values = record._pwik_prepare_print(report, data or {})
        lang = values.pop("lang", None) or self.env.lang or "en_US"
        company = values.pop("company", None) or record.company_id
        return {
            # sudo: a customer who reads his document reads what the head of each letter says
            **company.sudo().with_context(lang=lang)._pwik_prepare_letterhead(),
            "lang": lang.split("_")[0],
            **values,
        }

    def _pwik_prepare_pdf_attachments(self, report, record):
        """Files to embed in the PDF of ``record``: a list of ``tools.typeset.Attachment``. Hook for later addons."""
        return []
