from odoo import models
from odoo.addons.pwik_meters.tools.typeset import Attachment


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pwik_prepare_pdf_attachments(self, report, record):
        """The invoice as data inside its picture (PDF/A-3): who has the PDF has the signed XML too."""
        files = super()._pwik_prepare_pdf_attachments(report, record)
        if record._name == "account.move":
            xml = record.sudo().pwik_signed_xml_id  # who may read the document may read what it is made of
            if xml:
                files.append(
                    Attachment(
                        name=xml.name,
                        content=xml.raw,
                        description=record.env._("The invoice as data, signed"),
                        relationship="Alternative",
                        mimetype="application/xml",
                    )
                )
        return files
