from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain.bank.statement import identities
from ..models.pwik_bank_import import FORMATS
from ..models.pwik_bank_lookup import BankLookup
from ..models.pwik_bank_transaction import HOW, REASONS

# Payments that the preview lists one by one; the counts are of all.
LISTED = 80


class PwikBankImportWizard(models.TransientModel):
    """Import of bank files by a clerk: choose files, see what would happen (nothing is written), import."""

    _name = "pwik.bank.import.wizard"
    _description = "Import of bank files"

    attachment_ids = fields.Many2many("ir.attachment", string="Choose files", bypass_search_access=True)
    journal_id = fields.Many2one(
        "account.journal",
        "Bank",
        domain="[('type', '=', 'bank'), ('company_id', '=', allowed_company_ids[0])]",
        help="Empty: the journal whose account number stands in the file.",
    )
    file_ids = fields.One2many("pwik.bank.import.wizard.file", "wizard_id", "Files")
    line_ids = fields.One2many("pwik.bank.import.wizard.line", "wizard_id", "What would happen")

    @api.onchange("attachment_ids", "journal_id")
    def _onchange_attachment_ids(self):
        """The dry run: everything is read and matched, nothing is written."""
        files, lines, keys = [], [], set()
        for attachment in self.attachment_ids:
            file, rows = self._look_into(attachment._origin.raw or b"", attachment.name, keys)
            files.append(fields.Command.create(file))
            lines += [fields.Command.create(row) for row in rows]
        self.file_ids = [fields.Command.clear(), *files]
        self.line_ids = [fields.Command.clear(), *lines[:LISTED]]

    def _look_into(self, data, name, keys):
        """:param keys: identities of payments in the files before this one: those would be known by then"""
        imports = self.env["pwik.bank.import"]
        imports._check_may_import()
        values = {"name": name}
        known = imports._find_known(data)
        if known:
            return {**values, "error": self.env._("Imported already on %s.", known.create_date.date())}, []
        try:
            kind, statements, journal = imports._read_file(data, self.journal_id)
        except UserError as error:
            return {**values, "error": str(error)}, []
        keyed = [
            pair
            for statement in statements
            for pair in zip(statement.transactions, identities(statement), strict=True)
        ]
        draft = imports.new({"journal_id": journal.id, "company_id": journal.company_id.id, "format": kind})
        old = keys | draft._get_known_keys([key for _one, key in keyed])
        fresh = [one for one, key in keyed if key not in old]
        keys.update(key for _one, key in keyed)
        alike = draft._get_alike(fresh)
        lookup = BankLookup(self.env, journal.company_id, fresh)
        rows = [self._prepare_line(one, draft, alike, lookup) for one in fresh]
        return {
            **values,
            "format": kind,
            "journal_id": journal.id,
            "count": len(keyed),
            "known_count": len(keyed) - len(fresh),
            "matched_count": sum(bool(row["partner_id"]) for row in rows),
            "unmatched_count": sum(not row["partner_id"] for row in rows),
            "amount_in": float(sum(one.amount for one in fresh if one.amount > 0)),
        }, rows

    @staticmethod
    def _prepare_line(one, draft, alike, lookup):
        held = draft._get_hold_reason(one, alike)
        match = lookup.match(one)
        customer = False if held else match.customer
        return {
            "date": one.day,
            "amount": float(one.amount),
            "title": one.title or one.payer,
            "payer": one.payer,
            "partner_id": customer or False,
            "how": match.how if customer else False,
            "reason": held or match.reason or False,
        }

    def action_import(self):
        """Import the files that can be read; say of the others what is wrong with them."""
        self.ensure_one()
        imports = self.env["pwik.bank.import"]
        imports._check_may_import()
        if not self.attachment_ids:
            raise UserError(self.env._("Choose at least one file."))
        taken, refused = imports, []
        for attachment in self.attachment_ids:
            try:
                one, _known = imports._take_in(attachment.raw or b"", attachment.name, self.journal_id)
                taken |= one
            except UserError as error:
                refused.append(f"{attachment.name}: {error}")
        if not taken:
            raise UserError("\n".join(refused))
        taken._book_now()
        return self._show(taken, refused)

    def _show(self, taken, refused):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_einvoice.pwik_bank_import_action")
        if len(taken) == 1:
            action.update(views=[(False, "form")], res_id=taken.id)
        else:
            action["domain"] = [("id", "in", taken.ids)]
        if not refused:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Not imported"),
                "message": "\n".join(refused),
                "next": action,
            },
        }


class PwikBankImportWizardFile(models.TransientModel):
    _name = "pwik.bank.import.wizard.file"
    _description = "File of an import of bank files"

    wizard_id = fields.Many2one("pwik.bank.import.wizard", required=True, ondelete="cascade")
    name = fields.Char("File", readonly=True)
    format = fields.Selection(FORMATS, readonly=True)
    journal_id = fields.Many2one("account.journal", "Bank", readonly=True)
    currency_id = fields.Many2one("res.currency", default=lambda self: self.env.company.currency_id)
    count = fields.Integer("Payments", readonly=True)
    known_count = fields.Integer("Known already", readonly=True)
    matched_count = fields.Integer("Would be assigned", readonly=True)
    unmatched_count = fields.Integer("For a person", readonly=True)
    amount_in = fields.Monetary("Comes in", readonly=True)
    error = fields.Char("Remark", readonly=True)


class PwikBankImportWizardLine(models.TransientModel):
    _name = "pwik.bank.import.wizard.line"
    _description = "Payment in the preview of bank files"

    wizard_id = fields.Many2one("pwik.bank.import.wizard", required=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", default=lambda self: self.env.company.currency_id)
    date = fields.Date("Day", readonly=True)
    amount = fields.Monetary(readonly=True)
    title = fields.Char(readonly=True)
    payer = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    how = fields.Selection(HOW, "Recognised by", readonly=True)
    reason = fields.Selection(REASONS, "Remark", readonly=True)
