"""The queue to KSeF. Each step is written down before and after it is taken, so that nothing is sent twice.

``pending`` → ``sending`` (the XML and the session are kept, then it is sent) → ``sent`` (its reference is known) → ``done``
(numer KSeF and UPO are kept). A row found in ``sending`` was interrupted: the session is asked by the hash of the XML
whether it came in before it is sent again.
"""

import base64
import hashlib
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.ksef_service import KsefRefused, KsefService, KsefUnavailable
from .pwik_delivery import DeliveryWaits

_logger = logging.getLogger(__name__)
IN_PROCESS = (100, 150)
ACCEPTED, DUPLICATE = 200, 440
LONGEST_PAUSE = 60  # minutes
PACKET = 200


class PwikDelivery(models.Model):
    _inherit = "pwik.delivery"

    ksef_session = fields.Char("KSeF session", readonly=True)
    ksef_ref = fields.Char("Reference in KSeF", readonly=True)
    ksef_number = fields.Char(related="move_id.l10n_pl_edi_number", string="Numer KSeF")
    upo_id = fields.Many2one(related="move_id.l10n_pl_edi_upo_id", string="UPO")
    xml_hash = fields.Char("SHA-256 of the XML", readonly=True)
    offline = fields.Boolean(
        "Issued offline",
        readonly=True,
        help="Handed to the buyer with two codes before it was in KSeF; it is to be sent by the next working day.",
    )

    # ------------------------------------------------------------------ the scheduled action

    @api.model
    def _cron_ksef(self):
        """Send, ask and fetch for each company; a service that is down is left alone until the next try."""
        domain = [("channel", "=", "ksef"), ("state", "in", ("pending", "blocked", "sending", "sent"))]
        for company in self.search(domain).company_id:
            self.with_company(company)._ksef_work(company.sudo())

    @api.model
    def _ksef_due(self, company, *states):
        return self.search(
            [
                ("company_id", "=", company.id),
                ("channel", "=", "ksef"),
                ("state", "in", states),
                "|",
                ("next_try", "=", False),
                ("next_try", "<=", fields.Datetime.now()),
                "|",
                ("run_id", "=", False),
                ("run_id.state", "in", ("running", "done")),
            ],
            order="id",
            limit=PACKET,
        )

    @api.model
    def _ksef_work(self, company):
        waiting = self._ksef_due(company, "pending", "blocked")
        if not (waiting | self._ksef_due(company, "sending", "sent")):
            return
        fault = company._pwik_get_ksef_fault()
        service = None if fault else KsefService(company)
        try:
            if service:
                service.ensure_session()
        except UserError as error:
            fault = str(error)
        if fault:
            for row in waiting:
                row._put_on_hold(fault, row._get_pause())
            self._ksef_commit()
            return
        self._ksef_commit()
        for step, states in (
            ("_ksef_recover", ("sending",)),
            ("_ksef_send", ("pending", "blocked")),
            ("_ksef_ask", ("sent",)),
        ):
            try:
                for row in self._ksef_due(company, *states):
                    row._ksef_step(step, service)
            except KsefUnavailable as error:
                # a limit of what may be sent in an hour holds up no answer about what was sent before
                _logger.info("KSeF is left alone for now: %s", error)
        self.env["pwik.delivery.run"].search(
            [("state", "=", "running"), ("company_id", "=", company.id)]
        )._close_if_finished()
        self._ksef_commit()

    def _ksef_commit(self):
        self.env["ir.cron"]._commit_progress()

    def _ksef_step(self, step, service):
        """One step of one row, with what it comes to written down.

        :raises KsefUnavailable: the service is down; the row keeps its state and is tried again later
        """
        if not self.try_lock_for_update():
            return
        try:
            getattr(self, step)(service)
        except KsefUnavailable as error:
            self._ksef_later(str(error))
            self._ksef_commit()
            raise
        except DeliveryWaits as error:
            self._put_on_hold(str(error), self._get_pause())
        except UserError as error:
            self._fail(str(error))
        self._ksef_commit()

    def _get_pause(self):
        """Minutes until the next try: longer and longer, up to an hour."""
        return min(2**self.attempts, LONGEST_PAUSE)

    def _ksef_later(self, reason):
        self.write(
            {
                "reason": reason,
                "next_try": fields.Datetime.now() + timedelta(minutes=self._get_pause()),
                "attempts": self.attempts + 1,
            }
        )

    # ------------------------------------------------------------------ steps

    def _ksef_get_xml(self):
        """The XML, rendered once and kept: what is sent again is the same to the byte."""
        move = self.move_id
        if not move.l10n_pl_edi_attachment_id:
            self.env["ir.attachment"].sudo().create(
                {
                    "name": f"FA3-{move.name.replace('/', '_')}.xml",
                    "raw": move._l10n_pl_edi_render_xml().encode(),
                    "mimetype": "application/xml",
                    "res_model": "account.move",
                    "res_id": move.id,
                    "res_field": "l10n_pl_edi_attachment_file",
                }
            )
            move.invalidate_recordset(["l10n_pl_edi_attachment_id", "l10n_pl_edi_attachment_file"])
        return move.l10n_pl_edi_attachment_id.sudo().raw

    def _ksef_send(self, service):
        xml = self._ksef_get_xml()
        self.write(
            {
                "state": "sending",
                "ksef_session": service.company.l10n_pl_edi_session_id,
                "xml_hash": base64.b64encode(hashlib.sha256(xml).digest()).decode(),
                "reason": False,
                "next_try": False,
            }
        )
        self._ksef_commit()  # from here on an interruption is known as one
        self._ksef_sent(service.send(xml, self.offline))

    def _ksef_sent(self, reference):
        self.write({"state": "sent", "ksef_ref": reference, "reason": False, "next_try": False})
        self.move_id.write(
            {
                "l10n_pl_edi_status": "sent",
                "l10n_pl_edi_ref": reference,
                "l10n_pl_edi_session_id": self.ksef_session,
                "l10n_pl_edi_header": False,
            }
        )

    def _ksef_recover(self, service):
        """An interrupted sending: did it come in?"""
        try:
            reference = service.find_reference(self.ksef_session, self.xml_hash)
        except KsefRefused:
            reference = None  # a session that KSeF does not know has brought nothing in
        if reference:
            self._ksef_sent(reference)
        else:
            self.write({"state": "pending", "next_try": False})

    def _ksef_ask(self, service):
        move = self.move_id
        if not move.l10n_pl_edi_number:
            answer = service.get_invoice_status(self.ksef_ref, session_id=self.ksef_session)
            status = answer.get("status") or {}
            code, extensions = status.get("code"), status.get("extensions") or {}
            if code in IN_PROCESS:
                self._ksef_later(self.env._("KSeF is working on it."))
                return
            if code == ACCEPTED:
                self._ksef_accepted(answer.get("ksefNumber"))
            elif code == DUPLICATE and extensions.get("originalKsefNumber"):
                # Sent before by a process whose record was lost (a restored backup): KSeF has it, once.
                self.ksef_session = extensions.get("originalSessionReferenceNumber") or self.ksef_session
                self._ksef_accepted(extensions["originalKsefNumber"])
            else:
                self._ksef_rejected(code, status)
                return
            self._ksef_commit()  # the number is there, whatever becomes of the receipt
        if not move.l10n_pl_edi_upo_id:
            self._ksef_keep_upo(service.get_upo_by_number(self.ksef_session, move.l10n_pl_edi_number))
        self._done(**self._ksef_tell())

    def _ksef_tell(self):
        """A notice to who has an e-mail address for invoices; KSeF itself tells nobody. The invoice is delivered without."""
        if not self._get_notice_address():
            return {}
        return self._send_notices("pwik_einvoice.mail_template_ksef")[self]

    def _ksef_accepted(self, number):
        self.move_id.write(
            {"l10n_pl_edi_status": "accepted", "l10n_pl_edi_number": number, "l10n_pl_edi_header": False}
        )

    def _ksef_rejected(self, code, status):
        text = ". ".join([status.get("description") or "", *(status.get("details") or ())]).strip(". ")
        reason = self.env._("KSeF rejected the invoice (code %(code)s): %(text)s", code=code, text=text)
        self.move_id.write({"l10n_pl_edi_status": "rejected", "l10n_pl_edi_header": reason})
        self._fail(reason)

    def _ksef_keep_upo(self, content):
        move = self.move_id
        self.env["ir.attachment"].sudo().create(
            {
                "name": f"UPO-{move.name.replace('/', '_')}.xml",
                "raw": content,
                "mimetype": "application/xml",
                "res_model": "account.move",
                "res_id": move.id,
                "res_field": "l10n_pl_edi_upo_file",
            }
        )
        move.invalidate_recordset(["l10n_pl_edi_upo_id", "l10n_pl_edi_upo_file"])

    # ------------------------------------------------------------------ buttons

    def action_retry(self):
        """What KSeF rejected is rendered anew: its reason was mended in the data."""
        rejected = self.filtered(
            lambda row: (
                row.channel == "ksef"
                and row.state == "error"
                and row.move_id.l10n_pl_edi_status == "rejected"
            )
        )
        for row in rejected:
            row.move_id.l10n_pl_edi_attachment_id.sudo().unlink()
            row.move_id.write(
                dict.fromkeys(
                    ("l10n_pl_edi_status", "l10n_pl_edi_ref", "l10n_pl_edi_session_id", "l10n_pl_edi_header"),
                    False,
                )
            )
            row.write({"ksef_session": False, "ksef_ref": False, "xml_hash": False})
        return super().action_retry()

    def action_issue_offline(self):
        """KSeF is down: hand the buyer the invoice with two codes now, and send it when KSeF answers again."""
        rows = self.filtered(
            lambda row: row.channel == "ksef" and row.state in ("pending", "blocked") and not row.offline
        )
        if not rows:
            raise UserError(self.env._("Only what was not yet sent to KSeF can be issued offline."))
        for row in rows:
            fault = row.company_id._pwik_get_offline_fault()
            if fault:
                raise UserError(fault)
            row._ksef_get_xml()
            row.offline = True
            row.move_id._pwik_store_documents(sign=False)
