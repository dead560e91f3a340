from odoo import models

INVOICE_REPORT = "pwik_billing.report_invoice_action"


class IrActionsReport(models.Model):
    """Invoices of settlements are printed by our own document, whichever of Odoo's invoice reports is asked for."""

    _inherit = "ir.actions.report"

    def _pwik_split_invoices(self, report_ref, res_ids):
        """Which of ``res_ids`` are invoices of settlements that ``report_ref`` would print in Odoo's own layout."""
        if not res_ids or self._get_report(report_ref) == self.env.ref(INVOICE_REPORT):
            return []
        if not self._is_invoice_report(report_ref):
            return []
        return self.env["account.move"].browse(res_ids).filtered("pwik_settlement_id").ids

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        ours = self._pwik_split_invoices(report_ref, res_ids)
        if not ours:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        streams = super()._render_qweb_pdf_prepare_streams(INVOICE_REPORT, data, res_ids=ours)
        others = [id_ for id_ in res_ids if id_ not in set(ours)]
        if others:
            streams.update(super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=others))
        return {id_: streams[id_] for id_ in res_ids if id_ in streams}

    def _render_qweb_html(self, report_ref, docids, data=None):
        """The portal's preview shows the same document, never a "Proforma" of what is posted."""
        ours = self._pwik_split_invoices(report_ref, docids)
        if ours and len(ours) == len(docids):
            report_ref = INVOICE_REPORT
        return super()._render_qweb_html(report_ref, docids, data=data)
