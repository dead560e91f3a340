import base64
import re

from odoo import api, models
from odoo.addons.pwik_meters.domain.migration import CellError, Problem
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

# Documents that are held in memory together.
DOCUMENTS_AT_ONCE = 10


class PwikMigration(models.Model):
    """What was paid and invoiced before the change of systems."""

    _inherit = "pwik.migration"

    @api.model
    def _get_more_messages(self):
        return {
            **super()._get_more_messages(),
            "sum": self.env._("net %(net)s and VAT %(vat)s do not make gross %(gross)s."),
            "no_archive": self.env._("“%(value)s” is named, but no ZIP with documents was uploaded."),
            "file_path": self.env._("“%(value)s” is a path out of the ZIP. Write the bare name of the file."),
            "file_missing": self.env._("the ZIP holds no file “%(value)s”."),
            "file_ambiguous": self.env._("the ZIP holds several files “%(value)s”. Write the folder too."),
            "file_encrypted": self.env._("the file “%(value)s” is encrypted. Pack it without a password."),
            "file_damaged": self.env._("the file “%(value)s” is damaged in the ZIP. Pack it again."),
            "file_big": self.env._("the file “%(value)s” is larger than %(most)s MB."),
            "file_no_pdf": self.env._("the file “%(value)s” is no PDF, whatever its name says."),
        }

    # ------------------------------------------------------------------ payments

    def _check_payments(self, candidates):
        self._check_open_items(candidates)

    def _create_payments(self, items):
        """History, and an entry for each payment that the opening balance does not hold yet."""
        payments = self.env["pwik.past.payment"].create([self._prepare_payment(item) for item in items])
        later = payments.filtered(lambda payment: not payment.included)
        if later:
            self._book_payments(later)
        return payments

    def _prepare_payment(self, item):
        return {
            "reference": item["key"],
            "partner_id": item["customer"],
            "contract_id": item.get("contract"),
            "date": item["date"],
            "amount": float(item["amount"]),
            "number": item.get("number"),
            "title": item.get("title"),
            "included": item["included"],
            "company_id": self.company_id.id,
        }

    def _book_payments(self, payments):
        journal = self.env["account.journal"].search(
            [
                ("type", "=", "bank"),
                ("company_id", "=", self.company_id.id),
                ("default_account_id", "!=", False),
            ],
            limit=1,
        )
        if not journal:
            raise UserError(self.env._("The company has no bank journal with an account."))
        moves = self.env["account.move"].create(
            [self._prepare_payment_entry(payment, journal) for payment in payments]
        )
        moves.action_post()
        for payment, move in zip(payments, moves, strict=True):
            # the archive is written by nobody; this is the second half of its making
            payment.sudo().move_id = move
            self._settle_payment(payment)

    def _prepare_payment_entry(self, payment, journal):
        partner = payment.partner_id.commercial_partner_id
        label = payment.title or self.env._("Payment: %s", payment.number or payment.reference)
        accounts = (
            (journal.default_account_id, payment.amount, 0.0),
            (partner.property_account_receivable_id, 0.0, payment.amount),
        )
        return {
            "move_type": "entry",
            "journal_id": journal.id,
            "company_id": self.company_id.id,
            "date": payment.date,
            "ref": payment.reference,
            "partner_id": payment.partner_id.id,
            "pwik_contract_id": payment.contract_id.id,
            "line_ids": [
                Command.create(
                    {
                        "account_id": account.id,
                        "debit": debit,
                        "credit": credit,
                        "partner_id": partner.id,
                        "name": label,
                        "date_maturity": payment.date,
                    }
                )
                for account, debit, credit in accounts
            ],
        }

    def _settle_payment(self, payment):
        """The document that the payer named first, then the oldest (Civil Code, art. 451)."""
        line = payment.move_id.line_ids.filtered(lambda one: one.credit)
        open_lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", line.account_id.id),
                ("partner_id", "=", line.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual", ">", 0),
            ],
            order="date_maturity, id",
        )
        named = open_lines.filtered(lambda one: payment.number and one.move_id.ref == payment.number)
        for claims in (named, open_lines - named):
            if claims and not line.reconciled:
                (line | claims).reconcile()

    # ------------------------------------------------------------------ past invoices

    def _check_past_invoices(self, candidates):
        """The buyer belongs to the contract, and the document that a row names is a PDF in the ZIP."""
        self._check_open_items(candidates)
        archive = self._open_archive()
        for candidate in candidates:
            name = candidate.values.get("file")
            if not name:
                continue
            if not archive:
                candidate.refuse("no_archive", "file", value=name)
                continue
            try:
                archive.read_pdf(name)
            except CellError as error:
                candidate.refuse(error.code, "file", **error.params)

    def _check_whole_past_invoices(self):
        """One document for two invoices would show a customer somebody else's."""
        self.env.cr.execute(
            SQL(
                """
            SELECT id, first FROM (
                SELECT id, number, min(number) OVER (PARTITION BY lower(parsed->>'file')) AS first
                  FROM pwik_migration_row
                 WHERE migration_id = %s AND state IN ('ok', 'done', 'known', 'different') AND parsed->>'file' IS NOT NULL
                 ) AS line
             WHERE number > first
            """,
                self.id,
            )
        )
        doubles = dict(self.env.cr.fetchall())
        rows = self.env["pwik.migration.row"].browse(doubles).filtered(lambda row: row.state == "ok")
        self._refuse_rows(
            {row.id: [Problem("twice", None, {"columns": ["file"], "row": doubles[row.id]})] for row in rows}
        )

    def _create_past_invoices(self, items):
        archive = self._open_archive() if any(item.get("file") for item in items) else None
        invoices = self.env["pwik.past.invoice"]
        for start in range(0, len(items), DOCUMENTS_AT_ONCE):
            part = items[start : start + DOCUMENTS_AT_ONCE]
            invoices += invoices.create([self._prepare_past_invoice(item, archive) for item in part])
            invoices.flush_recordset()
            invoices.invalidate_recordset(["pdf"])
        return invoices

    def _prepare_past_invoice(self, item, archive):
        values = {
            "number": item["number"],
            "document_kind": item.get("document_kind", "invoice"),
            "partner_id": item["customer"],
            "contract_id": item["contract"],
            **{
                name: item.get(name)
                for name in ("date", "due_date", "period_from", "period_to", "ksef_number")
            },
            **{name: float(item[name]) for name in ("net", "vat", "gross")},
            "company_id": self.company_id.id,
        }
        if item.get("file"):
            values["pdf"] = base64.b64encode(self._read_document(archive, item["file"]))
            values["pdf_name"] = re.sub(r"[^\w.-]+", "_", item["number"]) + ".pdf"
        return values

    def _read_document(self, archive, name):
        try:
            if not archive:
                raise CellError("no_archive", value=name)
            return archive.read_pdf(name)
        except CellError as error:
            raise UserError(self._get_more_messages()[error.code] % error.params) from None
