import io
from collections import OrderedDict

from odoo import fields, models

from ..tools.pdf import html_to_pdf


class IrActionsReport(models.Model):
    """Reports made by our own print engine, wherever Odoo asks for them: Print, Send, portal, mail templates.

    A report with ``pwik_weasyprint`` uses the layout ``pwik_meters.document_layout``; each record is a PDF of its own,
    so that nothing has to be cut apart afterwards.
    """

    _inherit = "ir.actions.report"

    pwik_weasyprint = fields.Boolean(
        "Own print engine",
        help="Make this document by WeasyPrint as a tagged PDF/A with page numbers.",
    )

    def _get_readable_fields(self):
        return super()._get_readable_fields() | {"pwik_weasyprint"}

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        report = self._get_report(report_ref)
        if not report.pwik_weasyprint:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        if not res_ids:
            return {False: {"stream": self._pwik_make_document(report, None, data), "attachment": None}}
        streams = OrderedDict()
        keep = report.attachment and not self.env.context.get("report_pdf_no_attachment")
        for record in self.env[report.model].browse(dict.fromkeys(res_ids)):
            attachment = report.retrieve_attachment(record) if keep else None
            if attachment and report.attachment_use:
                stream = io.BytesIO(attachment.raw)
            else:
                stream = self._pwik_make_document(report, record, data)
            streams[record.id] = {"stream": stream, "attachment": attachment}
        return streams

    def _pwik_make_document(self, report, record, data):
        """PDF of one record (or of a report without records) as a stream."""
        html = self.with_context(debug=False)._render_qweb_html(
            report,
            record.ids if record is not None else [],
            data=dict(data or {}, report_type="pdf"),
        )[0]
        return io.BytesIO(html_to_pdf(html.decode(), self._pwik_prepare_pdf_attachments(report, record)))

    def _pwik_prepare_pdf_attachments(self, report, record):
        """Files to embed in the PDF of ``record``: a list of ``tools.pdf.Attachment``. Hook for later addons."""
        return []
