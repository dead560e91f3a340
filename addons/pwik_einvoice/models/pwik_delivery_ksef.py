"""The queue to KSeF. Each step is written down before and after it is taken, so that nothing is sent twice.

``pending`` → ``sending`` (the XML and the session are kept, then it is sent) → ``sent`` (its reference is known) → ``done``
(numer KSeF and UPO are kept). A row found in ``sending`` was interrupted: the session is asked by the hash of the XML
whether it came in before it is sent again.
"""

import base64
import hashlib
import logging
from datetime import timedelta

import psycopg2
from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.packets import pass_on
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..domain import ksef_rules
from ..tools.ksef_service import (
    KsefNotYet,
    KsefRefused,
    KsefService,
    KsefSessionGone,
    KsefSignedOut,
    KsefUnavailable,
)
from .pwik_delivery import DeliveryWaits

_logger = logging.getLogger(__name__)
PACKET = 200
STEPS = (("_ksef_recover", ("sending",)), ("_ksef_send", ("pending", "blocked")), ("_ksef_ask", ("sent",)))


class PwikDelivery(models.Model):
    _inherit = "pwik.delivery"

    ksef_session = fields.Char("KSeF session", readonly=True)
    ksef_ref = fields.Char("Reference in KSeF", readonly=True)
    ksef_number = fields.Char(related="move_id.l10n_pl_edi_number", string="Numer KSeF")
    upo_id = fields.Many2one(related="move_id.l10n_pl_edi_upo_id", string="UPO")
    xml_hash = fields.Char("SHA-256 of the XML", readonly=True)
    corrected_hash = fields.Char(
        "SHA-256 of the XML handed out",
        readonly=True,
        help="Of an invoice issued offline that KSeF rejected: the codes that the buyer holds lead from it to what is sent "
        "instead (technical correction).",
    )
    sendings = fields.Integer("Sent to KSeF (times)", readonly=True)
    offline = fields.Boolean(
        "Issued offline",
        readonly=True,
        help="Handed to the buyer with two codes before it was in KSeF.",
    )

    # ------------------------------------------------------------------ the scheduled action

    @api.model
    def _cron_ksef(self):
        """Send, ask and fetch for each company; a service that is down is left alone until the next try."""
        domain = [("channel", "=", "ksef"), ("state", "in", ("pending", "blocked", "sending", "sent"))]
        for company in self.search(domain).company_id:
            # what hinders is read by the office, in its language
            queue = self.with_company(company).with_context(lang=company.partner_id.lang)
            queue._ksef_work(company.with_env(queue.env).sudo())
        self._ksef_watch()

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
        if not (waiting | self._ksef_due(company, "sending", "sent")) or company._pwik_ksef_rests():
            return
        fault = company._pwik_get_ksef_fault()
        service, wish = None if fault else KsefService(company), None
        try:
            if service:
                service.ensure_session()
        except (KsefUnavailable, KsefSignedOut) as error:
            fault, wish = str(error), getattr(error, "wish", None)
            company._pwik_ksef_note_fault(error)
        if fault:
            for row in waiting:
                row._put_on_hold(fault, row._get_pause(wish))
            self._ksef_commit()
            return
        self._ksef_commit()
        if self._ksef_take_steps(company, service):
            company._pwik_ksef_note_fault(None)
        self.env["pwik.delivery.run"].search(
            [("state", "=", "running"), ("company_id", "=", company.id)]
        )._close_if_finished()
        self._ksef_commit()

    @api.model
    def _ksef_take_steps(self, company, service):
        """:return: whether the service answered all the time"""
        well = True
        for step, states in STEPS:
            if step == "_ksef_send" and company._pwik_ksef_rests(sending=True):
                continue
            try:
                for row in self._ksef_due(company, *states):
                    row._ksef_step(step, service)
            except (KsefUnavailable, KsefSignedOut) as error:
                # a limit of what may be sent in an hour holds up no answer about what was sent before
                _logger.info("KSeF is left alone for now: %s", error)
                company._pwik_ksef_note_fault(error, sending=step == "_ksef_send")
                self._ksef_commit()
                well = False
        return well

    def _ksef_commit(self):
        self.env["ir.cron"]._commit_progress()

    def _ksef_step(self, step, service):
        """One step of one row, with what it comes to written down.

        :raises KsefUnavailable: the service is down; the row keeps its state and is tried again later
        :raises KsefSignedOut: it lets nobody in; likewise
        """
        if not self.try_lock_for_update():
            return
        try:
            getattr(self, step)(service)
        except (KsefUnavailable, KsefSignedOut) as error:
            self._ksef_later(str(error), getattr(error, "wish", None))
            self._ksef_commit()
            raise
        except KsefNotYet as error:
            self._ksef_later(str(error))
        except DeliveryWaits as error:
            self._put_on_hold(str(error), self._get_pause())
        except UserError as error:
            self._fail(str(error))
        except Exception as error:  # one bad invoice must not stop the others
            pass_on(error)
            if isinstance(error, psycopg2.Error):
                raise
            _logger.exception("Invoice %s cannot be sent to KSeF", self.move_id.name)
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            self._fail(f"{type(error).__name__}: {error}"[:500])
        self._ksef_commit()

    def _get_pause(self, wish=None):
        """Minutes until the next try: longer and longer, up to an hour; not shorter than the service wishes."""
        return ksef_rules.pause(self.attempts, wish).total_seconds() / 60

    def _ksef_later(self, reason, wish=None):
        self.write(
            {
                "reason": reason,
                "next_try": fields.Datetime.now() + timedelta(minutes=self._get_pause(wish)),
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
        self._ksef_begin(service)
        try:
            reference = self._ksef_post(service)
        except KsefSessionGone:
            # closed after twelve hours, full, or away: nothing is wrong with the invoice, and another session takes it
            service.open_new_session()
            self._ksef_begin(service)
            try:
                reference = self._ksef_post(service)
            except KsefSessionGone as error:
                raise KsefUnavailable(str(error)) from error
        self._ksef_sent(reference)

    def _ksef_begin(self, service):
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

    def _ksef_post(self, service):
        return service.send(self._ksef_get_xml(), self.offline, self.corrected_hash)

    def _ksef_sent(self, reference):
        self.write(
            {
                "state": "sent",
                "ksef_ref": reference,
                "reason": False,
                "next_try": False,
                "attempts": 0,
                "sendings": self.sendings + 1,
            }
        )
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
        except KsefSessionGone as error:
            if not error.unknown:
                raise KsefUnavailable(str(error)) from error
            reference = None
        if reference:
            self._ksef_sent(reference)
        else:
            self.write({"state": "pending", "next_try": False})

    def _ksef_ask(self, service):
        move = self.move_id
        if not move.l10n_pl_edi_number:
            answer = self._ksef_get_answer(service)
            status = answer.get("status") or {}
            verdict, extensions = ksef_rules.read_status(status.get("code")), status.get("extensions") or {}
            if verdict == "working":
                raise KsefNotYet(self.env._("KSeF is working on it."))
            if verdict == "accepted":
                self._ksef_accepted(answer.get("ksefNumber"))
            elif verdict == "duplicate" and extensions.get("originalKsefNumber"):
                # Sent before by a process whose record was lost (a restored backup): KSeF has it, once.
                self.ksef_session = extensions.get("originalSessionReferenceNumber") or self.ksef_session
                self._ksef_accepted(extensions["originalKsefNumber"])
            elif verdict == "again":
                self._ksef_send_again(status)
                return
            else:
                self._ksef_rejected(status)
                return
            if self.offline:
                self._ksef_replace_pdf()
            self._ksef_commit()  # the number is there, whatever becomes of the receipt
        if not move.l10n_pl_edi_upo_id:
            self._ksef_fetch_upo(service)
        self._done(**self._ksef_tell())

    def _ksef_fetch_upo(self, service):
        """The receipt; the invoice has its number and is delivered without one too."""
        try:
            upo = service.get_upo_by_number(self.ksef_session, self.move_id.l10n_pl_edi_number)
        except (KsefRefused, KsefSessionGone) as error:
            if self.attempts < ksef_rules.MOST_SENDINGS:
                raise KsefNotYet(str(error)) from error
            self.move_id.message_post(body=self.env._("KSeF does not hand out the UPO: %s", error))
            return
        self._ksef_keep_upo(upo)

    def _ksef_get_answer(self, service):
        """The status of this invoice. One that KSeF cannot find is asked about some more times: it may only be late."""
        try:
            return service.get_status(self.ksef_session, self.ksef_ref)
        except (KsefRefused, KsefSessionGone) as error:
            if self.attempts < ksef_rules.MOST_SENDINGS:
                raise KsefNotYet(str(error)) from error
            raise KsefRefused(str(error)) from error

    def _ksef_send_again(self, status):
        """KSeF dropped it for reasons of its own: it goes once more, and after many times a person is asked."""
        text = self._ksef_get_text(status)
        if self.sendings >= ksef_rules.MOST_SENDINGS:
            self._fail(
                self.env._(
                    "KSeF dropped the invoice %(count)s times for reasons of its own: %(text)s. Look at KSeF's notices, then "
                    "“Try again”, or issue it offline.",
                    count=self.sendings,
                    text=text,
                )
            )
            self.sendings = 0
            return
        self.move_id.l10n_pl_edi_status = False
        self.write({"state": "pending", "ksef_ref": False, "attempts": self.sendings - 1})
        self._ksef_later(self.env._("KSeF dropped it and wants it again: %s", text))

    @staticmethod
    def _ksef_get_text(status):
        parts = [status.get("description") or "", *(status.get("details") or ())]
        return f"{status.get('code')}, " + ". ".join(parts).strip(". ")

    def _ksef_tell(self):
        """A notice to who has an e-mail address for invoices; KSeF itself tells nobody. The invoice is delivered without."""
        if not self._get_notice_address():
            return {}
        return self._send_notices("pwik_einvoice.mail_template_ksef")[self]

    def _ksef_accepted(self, number):
        self.move_id.write(
            {"l10n_pl_edi_status": "accepted", "l10n_pl_edi_number": number, "l10n_pl_edi_header": False}
        )

    def _ksef_replace_pdf(self):
        """From here on the buyer is handed the document with the number; the one with the two codes is kept as proof."""
        self.move_id._pwik_put_pdf_aside(
            self.env._(
                "KSeF gave the number: the PDF in eBOK bears it from now on. This one was handed out before, with the codes "
                "OFFLINE and CERTYFIKAT."
            )
        )

    def _ksef_rejected(self, status):
        reason = self.env._(
            "KSeF rejected the invoice (code %s). Put right in the customer's or the company's data what it names, then “Try "
            "again”: the XML is made anew.",
            self._ksef_get_text(status),
        )
        if ksef_rules.read_status(status.get("code")) == "duplicate":
            reason = self.env._(
                "KSeF has another invoice with this number (code %s) and does not say which. Look it up in KSeF before you "
                "issue a new one.",
                self._ksef_get_text(status),
            )
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
            if row.offline:  # the buyer holds codes of the XML that was rejected
                row.corrected_hash = row.corrected_hash or row.xml_hash
            row.move_id.l10n_pl_edi_attachment_id.sudo().unlink()
            row.move_id.write(
                dict.fromkeys(
                    ("l10n_pl_edi_status", "l10n_pl_edi_ref", "l10n_pl_edi_session_id", "l10n_pl_edi_header"),
                    False,
                )
            )
            row.write({"ksef_session": False, "ksef_ref": False, "xml_hash": False})
        self.filtered(lambda row: row.channel == "ksef").write({"told": False, "attempts": 0})
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
            row.move_id.message_post(
                body=row.env._(
                    "Issued offline: the PDF with the codes OFFLINE and CERTYFIKAT is in eBOK and may be handed to the buyer. "
                    "KSeF gets the invoice by %s at the latest.",
                    format_date(row.env, row.send_by) if row.send_by else row.env._("the end of its outage"),
                )
            )
