from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.typeset import strong
from odoo.exceptions import UserError
from odoo.tools import format_date, plaintext2html
from odoo.tools.misc import formatLang

from ..res_partner import group_account

CHANNELS = [("email", "E-mail"), ("letter", "Letter")]


class PwikClaimDocument(models.AbstractModel):
    """A document about what a customer owes: made, sent by e-mail or as a letter, taken back while nobody has it."""

    _name = "pwik.claim.document"
    _description = "Document about a claim"
    _inherit = ["mail.thread"]
    _check_company_auto = True
    _rec_name = "number"

    number = fields.Char(readonly=True, copy=False, index="trigram")
    company_id = fields.Many2one("res.company", "Company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date = fields.Date("Issued on", required=True, readonly=True)
    state = fields.Selection(
        [("ready", "To send"), ("sent", "Sent"), ("cancelled", "Cancelled")],
        "Status",
        required=True,
        default="ready",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    channel = fields.Selection(CHANNELS, "Sent by", required=True, default="letter", tracking=True)
    email = fields.Char("E-mail address", help="Where the document goes; the customer's address of that day.")
    mail_id = fields.Many2one("mail.mail", "E-mail", readonly=True, copy=False, ondelete="set null")
    mail_state = fields.Selection(
        related="mail_id.state", string="Status of the e-mail", related_sudo=True, readonly=True
    )
    sent_on = fields.Date("Sent on", readonly=True, copy=False, tracking=True)
    delivered_on = fields.Date(
        "Received on",
        copy=False,
        tracking=True,
        help="As the confirmation of receipt says. The law counts from this day.",
    )
    attachment_id = fields.Many2one("ir.attachment", "PDF", readonly=True, copy=False, ondelete="set null")
    item_id = fields.Many2one(
        "pwik.dunning.item", "Run", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )

    # ------------------------------------------------------------------ what each kind of document answers

    def _get_claim_report(self):
        """XML id of the document's report."""
        raise NotImplementedError

    def _get_claim_title(self):
        """Heading of the document, subject of its e-mail."""
        raise NotImplementedError

    def _get_claim_message(self):
        """Text of the e-mail that carries the document, plain."""
        raise NotImplementedError

    def _get_claim_lang(self):
        """Language of the document: the customer's, else Polish where it is installed."""
        return (
            self.partner_id.lang
            or (self.env["res.lang"]._get_data(code="pl_PL") and "pl_PL")
            or self.env.lang
        )

    def _get_claim_account(self):
        """Account to pay to: the customer's own, else the company's first."""
        number = self.partner_id.pwik_payment_account or self.company_id.partner_id.bank_ids[:1].acc_number
        return group_account(number or "")

    def _format_money(self, amount):
        return formatLang(self.env, amount, digits=2)

    def _get_report_base_filename(self):
        return self._get_claim_title().replace("/", "_").replace(" ", "_")

    # ------------------------------------------------------------------ the document on paper

    def _pwik_prepare_print(self, report, data):
        """Values of the document; see ``ir.actions.report._pwik_prepare_document``."""
        self.ensure_one()
        lang = self._get_claim_lang()
        return {"lang": lang, **self.with_context(lang=lang)._prepare_document()}

    def _prepare_document(self):
        """What the document prints, in the language of the context: here what all kinds have in common."""
        place = self.company_id.city or ""
        return {
            "title": self._get_claim_title(),
            "number": self.number,
            "place": ", ".join(filter(None, (place, format_date(self.env, self.date)))),
            "issuer": self._prepare_print_party(self.env._("Issued by"), self.company_id.partner_id),
            "addressee": self._prepare_print_party(self.env._("For"), self.partner_id),
            "payment": None,
            "signature": self.env._("signature on behalf of the company"),
        }

    @api.model
    def _prepare_print_party(self, label, partner):
        place = " ".join(filter(None, (partner.zip, partner.city)))
        nip = f"NIP {partner.vat.removeprefix('PL')}" if partner.vat else None
        return {
            "label": label,
            "name": partner.name,
            "lines": list(filter(None, (partner.street, place, nip))),
        }

    def _prepare_customer_number(self):
        return self.env._("Customer number %s", self.partner_id.pwik_customer_number or "–")

    def _prepare_print_payment(self, amount, due):
        """The box with what is to be paid, see ``report/parts.typ``."""
        return {
            "label": self.env._("To pay"),
            "amount": self._format_zloty(amount),
            "lines": [self.env._("by %s", strong(format_date(self.env, due)))] if due else [],
            "account": self._get_claim_account() or None,
            "account_label": self.env._("to the account"),
            "notes": [self.env._("Title: %s", self.number)],
            "code": None,
        }

    def _format_zloty(self, amount):
        return f"{self._format_money(amount)}\xa0zł"

    # ------------------------------------------------------------------ sending

    @api.model
    def _choose_channel(self, partner, wanted="auto"):
        """``(channel, address)``: by e-mail where the customer has an address, unless a letter is wanted."""
        address = partner.email_normalized
        if address and wanted != "letter":
            return "email", address
        return "letter", False

    def action_send(self):
        """Send these documents: e-mails into Odoo's queue, letters are marked as sent and wait to be printed."""
        self.check_access("write")
        wrong = self.filtered(lambda document: document.state != "ready")
        if wrong:
            raise UserError(self.env._("%s is not waiting to be sent.", ", ".join(wrong.mapped("number"))))
        self._send()

    def _send(self):
        today = fields.Date.context_today(self)
        for document in self:
            if document.channel == "email" and not document.email:
                raise UserError(
                    self.env._("%s: there is no e-mail address. Enter it or send a letter.", document.number)
                )
            document._keep_pdf()
            document.write({"state": "sent", "sent_on": today})
            if document.channel == "email":
                document._queue_mail()

    def _keep_pdf(self):
        """The document as it is now, kept: what was sent can be shown later as it was."""
        self.ensure_one()
        report = self.env.ref(self._get_claim_report())
        content, _kind = self.env["ir.actions.report"]._render_qweb_pdf(report, self.ids)
        localized = self.with_context(lang=self._get_claim_lang())
        # sudo: the attachment belongs to the document, which the user may write; who reads the document reads it
        self.attachment_id = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{localized._get_report_base_filename()}.pdf",
                    "raw": content,
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )

    def _queue_mail(self):
        """The e-mail of this document in Odoo's queue, which sends it, tries again and keeps failures."""
        self.ensure_one()
        localized = self.with_context(lang=self._get_claim_lang())
        # sudo: the queue is the system's; what is put in was checked above
        self.mail_id = (
            self.env["mail.mail"]
            .sudo()
            .create(
                {
                    "subject": f"{localized._get_claim_title()} – {self.company_id.name}",
                    "body_html": plaintext2html(localized._get_claim_message()),
                    "email_to": self.email,
                    "email_from": self.company_id.email_formatted or self.env.user.email_formatted,
                    "attachment_ids": [fields.Command.link(self.attachment_id.id)],
                    "model": self._name,
                    "res_id": self.id,
                    "auto_delete": False,
                }
            )
        )

    # ------------------------------------------------------------------ other buttons

    def action_print(self):
        return self.env.ref(self._get_claim_report()).report_action(self, config=False)

    def action_cancel(self):
        """Take back what nobody has yet; what was sent stands, unless its kind knows a way."""
        self.check_access("write")
        for document in self:
            if document.state == "cancelled":
                continue
            document._check_cancel()
            document._cancel()
            document.state = "cancelled"
        # What takes its place may be inserted next, and the unique indexes look at what the database holds.
        self.env.flush_all()

    def _check_cancel(self):
        if self.state == "sent":
            raise UserError(self.env._("%s was sent and cannot be taken back.", self.number))

    def _cancel(self):
        """What else goes with the document. Hook."""

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A numbered document is cancelled, not deleted."))
