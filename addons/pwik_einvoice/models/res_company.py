import base64

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..domain import file_check


class ResCompany(models.Model):
    _inherit = "res.company"

    pwik_ksef_from = fields.Date(
        "KSeF from",
        help="Day from which invoices to businesses are structured invoices in KSeF; empty: not yet.",
    )
    pwik_ksef_for_consumers = fields.Boolean(
        "KSeF for consumers too",
        help="Consumers' invoices are outside KSeF by law; the company may send them there.",
    )
    pwik_seal_certificate_id = fields.Many2one(
        "certificate.certificate",
        "Certificate for signed XML",
        groups="base.group_system",
        help="Signs the XML of invoices that do not go through KSeF.",
    )
    pwik_used_seal_ids = fields.Many2many(
        "certificate.certificate",
        "pwik_company_seal_rel",
        string="Certificates that signed",
        readonly=True,
        groups="base.group_system",
        help="Every certificate that was ever chosen: what it signed is recognised after it was replaced.",
    )
    pwik_ksef_offline_certificate_id = fields.Many2one(
        "certificate.certificate",
        "KSeF certificate for offline invoices",
        groups="base.group_system",
        help="Of the kind “Offline”: it signs the second code of invoices that are handed over while KSeF is down.",
    )
    pwik_ksef_rest_until = fields.Datetime(
        "KSeF left alone until", readonly=True, copy=False, groups="base.group_system"
    )
    pwik_ksef_send_after = fields.Datetime(
        "Nothing sent to KSeF before", readonly=True, copy=False, groups="base.group_system"
    )
    pwik_ksef_down_since = fields.Datetime(
        "KSeF does not answer since", readonly=True, copy=False, groups="base.group_system"
    )
    pwik_ksef_down_reason = fields.Char(
        "Why KSeF does not answer", readonly=True, copy=False, groups="base.group_system"
    )
    pwik_ksef_down_urgent = fields.Boolean(
        "KSeF needs a person",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Waiting does not help: a person is told at once.",
    )
    pwik_ksef_down_told = fields.Boolean(
        "Managers were told of KSeF", readonly=True, copy=False, groups="base.group_system"
    )
    pwik_batch_letters = fields.Integer(
        "Letters in a print batch",
        default=200,
        help="One PDF for the printing house holds at most so many letters.",
    )
    pwik_transfer_name = fields.Char(
        "Short name for transfers",
        size=20,
        help="At most 20 characters: the receiver in the 2D code for a transfer.",
    )

    @api.constrains("pwik_transfer_name")
    def _check_pwik_transfer_name(self):
        for company in self:
            if len(company.pwik_transfer_name or "") > 20:
                raise ValidationError(self.env._("The short name for transfers has at most 20 characters."))

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._pwik_remember_seals()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if vals.get("l10n_pl_edi_access_token") and not self.env.context.get("pwik_ksef_renewed"):
            self.sudo().write({"pwik_ksef_rest_until": False, "pwik_ksef_send_after": False})
            for company in self.filtered(lambda company: not company._pwik_get_ksef_fault()):
                self.env["pwik.delivery"]._release(company, ("ksef",))
        if vals.get("pwik_seal_certificate_id"):
            self._pwik_remember_seals()
            for company in self.filtered(lambda company: not company._pwik_get_seal_fault()):
                self.env["pwik.delivery"]._release(company)
        return result

    def _pwik_get_seal_fault(self):
        """Why nothing can be signed now, for a person; empty where all is well."""
        self.ensure_one()
        certificate = self.sudo().pwik_seal_certificate_id  # the certificate is the administrator's
        if not certificate:
            return self.env._(
                "There is no certificate to sign with. Choose one in Settings › Accounting › E-invoice; "
                "the delivery waits until then."
            )
        if not certificate.is_valid:
            return self.env._(
                "The certificate “%(name)s” is not valid (it runs until %(end)s). Choose another one in Settings › "
                "Accounting › E-invoice; the delivery waits until then.",
                name=certificate.name,
                end=format_date(self.env, certificate.date_end),
            )
        if not certificate.private_key_id:
            return self.env._(
                "The certificate “%s” has no private key. Load the key with it.", certificate.name
            )
        return ""

    def _pwik_get_offline_fault(self):
        """Why no invoice can be issued offline now, for a person; empty where all is well."""
        self.ensure_one()
        certificate = self.sudo().pwik_ksef_offline_certificate_id  # the certificate is the administrator's
        if not certificate.private_key_id or not certificate.is_valid:
            return self.env._(
                "To issue invoices offline the company needs a valid KSeF certificate of the kind “Offline” with its key. "
                "Choose it in Settings › Accounting › E-invoice."
            )
        return ""

    def _pwik_get_ksef_fault(self):
        """Why nothing can be sent to KSeF now, for a person; empty where all is well."""
        self.ensure_one()
        company = self.sudo()  # certificate and tokens are the administrator's
        if not company.l10n_pl_edi_certificate or not company.l10n_pl_edi_access_token:
            return self.env._(
                "The company is not signed in to KSeF. Load its KSeF certificate in Settings › Accounting; the delivery "
                "waits until then."
            )
        return ""

    def _pwik_ksef_rests(self, sending=False):
        """Whether KSeF asked to be left alone, or to be sent nothing, until a moment that has not come yet."""
        until = self.sudo().pwik_ksef_send_after if sending else self.sudo().pwik_ksef_rest_until
        return bool(until and until > fields.Datetime.now())

    def _pwik_ksef_note_fault(self, error, sending=False):
        """Write down that KSeF did not answer, or that it does again.

        :param error: ``KsefUnavailable``, ``KsefSignedOut``, or None: all is well
        :param sending: it is a limit of what may be sent, and holds up nothing else
        """
        company = self.sudo()
        if error is None:
            if company.pwik_ksef_down_since:
                company.write(
                    {
                        "pwik_ksef_down_since": False,
                        "pwik_ksef_down_reason": False,
                        "pwik_ksef_down_urgent": False,
                        "pwik_ksef_down_told": False,
                    }
                )
            return
        now = fields.Datetime.now()
        urgent = not hasattr(error, "wish")
        values = {"pwik_ksef_down_reason": str(error), "pwik_ksef_down_urgent": urgent}
        if not company.pwik_ksef_down_since:
            values["pwik_ksef_down_since"] = now
        if wish := getattr(error, "wish", None):
            values["pwik_ksef_send_after" if sending else "pwik_ksef_rest_until"] = now + wish
        company.write(values)

    def _pwik_remember_seals(self):
        for company in self.sudo().filtered(
            "pwik_seal_certificate_id"
        ):  # who may write it was asked by write()
            company.pwik_used_seal_ids |= company.pwik_seal_certificate_id

    def _pwik_check_file(self, content):
        """Say whether a file is an invoice of this company, unchanged. Nothing of the file is kept.

        :param bytes content: an XML or PDF file from anybody
        :return: ``pwik_einvoice.domain.file_check.Verdict``; a PDF that is the very one we issued has the code ``ours``
        """
        self.ensure_one()
        company = self.sudo()  # answers with what the file itself says, and the public parts of certificates
        certificates = [
            base64.b64decode(certificate.pem_certificate)
            for certificate in company.pwik_used_seal_ids | company.pwik_seal_certificate_id
            if certificate.pem_certificate
        ]
        verdict = file_check.check_file(content, certificates)
        for cause in verdict.causes:
            pass_on(cause)
        if verdict.code == "ours_inside" and company._pwik_is_issued_file(content):
            return file_check.Verdict("ours", verdict.facts)
        return verdict

    def _pwik_is_issued_file(self, content):
        """Whether a PDF is byte for byte one that was stored with an invoice when it was issued."""
        attachments = self.env["ir.attachment"].sudo()
        stored = attachments.search(
            [
                ("checksum", "=", attachments._compute_checksum(content)),
                ("res_model", "=", "account.move"),
                ("res_field", "=", "invoice_pdf_report_file"),
                ("company_id", "in", (False, self.id)),
            ]
        )
        return any(attachment.raw == content for attachment in stored)
