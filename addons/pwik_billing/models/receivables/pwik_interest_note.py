from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.typeset import strong
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from .pwik_interest_rate import RATE_KINDS


class PwikInterestNote(models.Model):
    """Nota odsetkowa: interest on what a customer paid late or still owes. Outside VAT, posted when it is issued."""

    _name = "pwik.interest.note"
    _description = "Interest note"
    _inherit = ["pwik.claim.document"]
    _order = "date desc, id desc"

    date_due = fields.Date("To pay by", required=True, readonly=True)
    date_to = fields.Date("Interest up to", required=True, readonly=True)
    kind = fields.Selection(
        RATE_KINDS,
        "Kind of interest",
        required=True,
        readonly=True,
    )
    amount = fields.Monetary(required=True, readonly=True)
    residual = fields.Monetary("Still to pay", compute="_compute_residual", store=True, compute_sudo=True)
    payment_state = fields.Selection(
        [("open", "To pay"), ("partial", "Partly paid"), ("paid", "Paid"), ("none", "Nothing to pay")],
        "Payment",
        compute="_compute_residual",
        store=True,
        compute_sudo=True,
    )
    line_ids = fields.One2many("pwik.interest.note.line", "note_id", "Lines", readonly=True)
    move_id = fields.Many2one(
        "account.move",
        "Journal entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    reversal_id = fields.Many2one("account.move", "Reversal", readonly=True, copy=False, ondelete="restrict")

    _number_once = models.Constraint("UNIQUE(company_id, number)", "This number is taken.")

    @api.depends("state", "move_id.line_ids.amount_residual")
    def _compute_residual(self):
        for note in self:
            left = sum(note._get_claim_lines().mapped("amount_residual"))
            note.residual = 0.0 if note.state == "cancelled" else left
            if note.state == "cancelled":
                note.payment_state = "none"
            elif note.currency_id.is_zero(left):
                note.payment_state = "paid"
            else:
                note.payment_state = (
                    "open" if note.currency_id.compare_amounts(left, note.amount) >= 0 else "partial"
                )

    def _get_claim_lines(self):
        return self.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    # ------------------------------------------------------------------ making

    @api.model
    def _issue(self, wanted):
        """Issue and post notes, in as few batches as it takes.

        :param wanted: ``{item: [(debt, Interest)]}``, all of one run
        :return: the notes, in that order
        """
        notes = self.create([self._prepare_note(item, charges) for item, charges in wanted.items()])
        # sudo: the note was made with the user's own rights, its entry follows from it
        Move = self.env["account.move"].sudo().with_context(tracking_disable=True)
        moves = Move.create([note._prepare_entry() for note in notes])
        for note, move in zip(notes, moves, strict=True):
            note.move_id = move
        moves._post(soft=False)
        for note in notes:
            note.number = note.move_id.name
        return notes

    @api.model
    def _prepare_note(self, item, charges):
        run, partner = item.run_id, item.partner_id
        company = run.company_id
        company._pwik_check_interest_setup()
        channel, email = self._choose_channel(partner)
        return {
            "company_id": company.id,
            "partner_id": partner.id,
            "item_id": item.id,
            "kind": partner._pwik_get_interest_kind(),
            "date": run.issue_date,
            "date_due": fields.Date.add(run.issue_date, days=company.pwik_note_due_days),
            "date_to": run.date,
            "amount": sum(interest.amount for _debt, interest in charges),
            "channel": channel,
            "email": email,
            "line_ids": [
                Command.create(values)
                for debt, interest in charges
                for values in self._prepare_lines(debt, interest)
            ],
        }

    @api.model
    def _prepare_lines(self, debt, interest):
        move = debt.line.move_id
        return [
            {
                "move_line_id": debt.line.id,
                "document": move.ref if move.move_type == "entry" and move.ref else move.name,
                "due": debt.due,
                "principal": part.principal,
                "date_from": part.period.date_from,
                "date_to": part.period.date_to,
                "days": part.period.days,
                "percent": part.percent,
                "amount": share,
            }
            for part, share in zip(interest.parts, interest.shares(), strict=True)
        ]

    def _prepare_entry(self):
        """Debit the customer, credit interest received. No VAT: interest for delay is damages."""
        self.ensure_one()
        company, partner = self.company_id, self.partner_id.with_company(self.company_id)
        label = self.env._("Interest for delay up to %s", format_date(self.env, self.date_to))
        claim = {
            "account_id": partner.property_account_receivable_id.id,
            "date_maturity": self.date_due,
            "debit": self.amount,
        }
        income = {"account_id": company.pwik_interest_account_id.id, "credit": self.amount}
        return {
            "move_type": "entry",
            "journal_id": company.pwik_interest_journal_id.id,
            "company_id": company.id,
            "date": self.date,
            "partner_id": partner.id,
            "ref": label,
            "line_ids": [
                Command.create({**line, "partner_id": partner.id, "name": label, "tax_ids": False})
                for line in (claim, income)
            ],
        }

    # ------------------------------------------------------------------ taking back

    def _check_cancel(self):
        """A note may be cancelled after it was sent, but not while a payment is matched with it."""
        if self.payment_state in ("partial", "paid"):
            raise UserError(
                self.env._("%s is paid, wholly or in part: take its payment back first.", self.number)
            )

    def _cancel(self):
        """Reverse the entry and give the days back: they may be charged again."""
        self.ensure_one()
        # sudo: whoever may cancel the note cancels its entry; the user's right to write the note is checked here
        self.check_access("write")
        move = self.move_id.sudo().with_context(pwik_claim_cancel=True)
        reversal = move._reverse_moves(
            [{"date": fields.Date.context_today(self), "ref": self.env._("Cancels %s", self.number)}],
            cancel=True,
        )
        self.write({"reversal_id": reversal.id})
        self.line_ids.write({"cancelled": True})

    def write(self, vals):
        frozen = {"partner_id", "amount", "date", "date_due", "date_to", "number", "line_ids", "move_id"}
        if frozen & vals.keys() and any(note.move_id.state == "posted" and note.number for note in self):
            raise UserError(
                self.env._("An issued interest note stays as it is. Cancel it and issue another.")
            )
        return super().write(vals)

    # ------------------------------------------------------------------ the document

    def _get_claim_report(self):
        return "pwik_billing.report_interest_note_action"

    def _get_claim_title(self):
        return self.env._("Interest note %s", self.number)

    def _get_claim_message(self):
        return self.env._(
            "Dear customer,\n\nplease find interest note %(number)s of %(date)s for %(amount)s zł attached, to be paid by "
            "%(due)s.\n\n%(company)s",
            number=self.number,
            date=format_date(self.env, self.date),
            amount=self._format_money(self.amount),
            due=format_date(self.env, self.date_due),
            company=self.company_id.name,
        )

    def _format_percent(self, percent):
        return formatLang(self.env, percent, digits=2)

    def _get_printed_documents(self):
        """Lines by document: list of ``(document, due, lines, sum)``, the oldest first."""
        self.ensure_one()
        return [
            (lines[0].document, lines[0].due, lines, sum(lines.mapped("amount")))
            for lines in self.line_ids.grouped("move_line_id").values()
        ]

    def _prepare_document(self):
        values = super()._prepare_document()
        values["addressee"]["note"] = self._prepare_customer_number()
        return {
            **values,
            "issued": self._prepare_issued(),
            "payment": self._prepare_print_payment(self.amount, self.date_due),
            "how": {
                "heading": self.env._("How the interest was computed"),
                "heads": [
                    self.env._("Document"),
                    self.env._("Overdue amount [zł]"),
                    self.env._("From"),
                    self.env._("To"),
                    self.env._("Days"),
                    self.env._("Rate [% a year]"),
                    self.env._("Interest [zł]"),
                ],
                "documents": [
                    self._prepare_print_document(*printed) for printed in self._get_printed_documents()
                ],
            },
            "total": {"label": self.env._("Together"), "amount": self._format_money(self.amount)},
            "basis": self._prepare_basis(),
        }

    def _prepare_issued(self):
        parts = [
            self.env._("Issued %s", strong(format_date(self.env, self.date))),
            self.env._("interest up to %s", strong(format_date(self.env, self.date_to))),
        ]
        if self.state == "cancelled":
            parts.append(strong(self.env._("cancelled")))
        return " · ".join(parts)

    def _prepare_print_document(self, name, due, lines, total):
        return {
            "title": self.env._("%(document)s, due %(day)s", document=name, day=format_date(self.env, due)),
            "amount": self._format_money(total),
            "lines": [
                {
                    "principal": self._format_money(line.principal),
                    "from": format_date(self.env, line.date_from),
                    "to": format_date(self.env, line.date_to),
                    "days": str(line.days),
                    "percent": self._format_percent(line.percent),
                    "amount": self._format_money(line.amount),
                }
                for line in lines
            ],
        }

    def _prepare_basis(self):
        law = (
            self.env._("Legal basis: Civil Code, art. 481.")
            if self.kind == "delay"
            else self.env._(
                "Legal basis: act of 8 March 2013 on counteracting excessive delays in commercial transactions."
            )
        )
        how = self.env._(
            "Interest = overdue amount × rate × days / 365, counted from the day after the due date to the day of payment, "
            "rounded once for each document. A term that ends on a Saturday or a day off ends on the next working day (Civil "
            "Code, art. 115)."
        )
        return " ".join((how, law, self.env._("Interest for delay is outside VAT.")))

    def action_open_move(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }
