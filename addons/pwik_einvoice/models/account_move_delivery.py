from odoo import fields, models

from .pwik_delivery import UNDELIVERED_STATES, UNSENT


class AccountMove(models.Model):
    """The documents of an invoice that are kept as they were delivered, and the way to its deliveries."""

    _inherit = "account.move"

    pwik_delivery_ids = fields.One2many("pwik.delivery", "move_id", "Deliveries")
    pwik_delivery_state = fields.Selection(
        [("none", "Not delivered"), ("open", "Under way"), ("error", "Failed"), ("done", "Delivered")],
        "Delivery status",
        compute="_compute_pwik_delivery_state",
    )

    def _compute_pwik_delivery_state(self):
        for move in self:
            states = set(move.sudo().pwik_delivery_ids.mapped("state"))
            if states & set(UNDELIVERED_STATES):
                move.pwik_delivery_state = "open"
            elif "error" in states:
                move.pwik_delivery_state = "error"
            else:
                move.pwik_delivery_state = "done" if "done" in states else "none"

    def action_pwik_open_deliveries(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_einvoice.pwik_delivery_action")
        return {**action, "domain": [("move_id", "in", self.ids)], "context": {}}

    def action_pwik_deliver(self):
        """Deliver these invoices now, outside a run."""
        Delivery = self.env["pwik.delivery"]
        issued = self.filtered(lambda move: move.state == "posted" and move.pwik_settlement_id)
        # sudo: rows are made for issued invoices only, which the user may read
        Delivery.sudo().create(Delivery.sudo()._prepare_deliveries(issued))
        Delivery._trigger_crons()
        return self.action_pwik_open_deliveries()

    def _pwik_get_route_order(self):
        """Key of the order in which letters are carried out: route, place on it, street; without a point last."""
        self.ensure_one()
        point = self.pwik_contract_id.contract_point_ids.service_point_id[:1]
        if not point:
            return "~"
        return f"{point.route_id.code or '~'} {point.route_sequence:06} {point.city}, {point.street}"

    def _pwik_get_stored_pdf(self):
        """Attachment of the document as it was delivered; empty where none was made yet."""
        self.ensure_one()
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "account.move"),
                    ("res_id", "=", self.id),
                    ("res_field", "=", "invoice_pdf_report_file"),
                ],
                limit=1,
            )
        )

    def _pwik_put_pdf_aside(self, reason):
        """The document as it was handed out is kept with the history; from here on another one is handed out.

        :param reason: text for the history
        :return: whether there was one
        """
        self.ensure_one()
        if pdf := self._pwik_get_stored_pdf():
            pdf.res_field = False
            self.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])
            self.message_post(body=reason, attachment_ids=pdf.ids)
        return bool(pdf)

    def _pwik_get_alive_deliveries(self):
        return self.pwik_delivery_ids.filtered(lambda row: row.state != "cancelled")

    def _pwik_change_channel(self, get_reason):
        """KSeF had a total failure on the day of these invoices, or had none after all: they are delivered as is chosen now.

        :param get_reason: ``env`` → text for the history
        """
        for move in self:
            rows, old = move._pwik_get_alive_deliveries(), move.pwik_delivery_channel
            move._pwik_note(pwik_delivery_channel=move._pwik_choose_channel())
            if move.pwik_delivery_channel == old:
                continue
            reason = get_reason(move.env)
            # a document that was made bears the codes of KSeF, or lacks them
            if not move._pwik_put_pdf_aside(reason):
                move.message_post(body=reason)
            move.l10n_pl_edi_attachment_id.unlink()
            if not rows:
                continue  # no delivery has taken it up yet
            run = rows.run_id[:1]
            rows.filtered(lambda row: row.state in UNSENT)._cancel()
            if move.pwik_delivery_channel not in move._pwik_get_alive_deliveries().mapped("channel"):
                rows.create(rows._prepare_delivery(move, run))._take_up_again()

    def _pwik_note(self, **values):
        """Write what has no part in the entry, so that Odoo need not look whether the entry still fits its lines."""
        self.with_context(skip_invoice_sync=True, check_move_validity=False).write(values)

    def _pwik_store_documents(self, sign=True):
        """Sign the XML and keep it and the PDF with the invoice; what is there already stays as it is.

        :param sign: False where there is nothing to sign with
        """
        self.ensure_one()
        if sign and not self.pwik_signed_xml_id:
            self._pwik_note(pwik_signed_xml_id=self._pwik_make_signed_xml().id)
        if not self._pwik_get_stored_pdf():
            reports = self.env["ir.actions.report"].sudo()
            report = self.env.ref("pwik_billing.report_invoice_action").sudo()
            # Odoo's own field for the document of an invoice: its portal and its wizards hand out this file from now on.
            self.env["ir.attachment"].sudo().create(
                {
                    "name": self._get_invoice_report_filename(),
                    "raw": reports._pwik_make_document(report, self),
                    "mimetype": "application/pdf",
                    "res_model": "account.move",
                    "res_id": self.id,
                    "res_field": "invoice_pdf_report_file",
                }
            )
            self.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])
