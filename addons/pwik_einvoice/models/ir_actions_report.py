from odoo import models
from odoo.addons.pwik_meters.tools.pdf import Attachment


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pwik_prepare_pdf_attachments(self, report, record):
        """The invoice as data inside its picture (PDF/A-3): who has the PDF has the signed XML too."""
        files = super()._pwik_prepare_pdf_attachments(report, record)
        if record is not None and record._name == "account.move" and len(record) == 1:
            xml = record.sudo().pwik_signed_xml_id  # who may read the document may read what it is made of
            if xml:
                files.append(
                    Attachment(xml.name, xml.raw, record.env._("The invoice as data, signed"), "Alternative")
                )
        return files
