from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...domain import end_of_term


class PwikDunningNotice(models.Model):
    """A reminder that one customer gets: the step, the overdue documents, the words, the way it goes."""

    _name = "pwik.dunning.notice"
    _description = "Reminder"
    _inherit = ["pwik.claim.document"]
    _order = "date desc, id desc"

    level_id = fields.Many2one(
        "pwik.dunning.level", "Step", required=True, readonly=True, index=True, ondelete="restrict"
    )
    what_next = fields.Selection(related="level_id.what_next")
    date_due = fields.Date("To pay by", required=True, readonly=True)
    amount = fields.Monetary("Overdue", required=True, readonly=True)
    fee = fields.Monetary(readonly=True)
    total = fields.Monetary("To pay", compute="_compute_total")
    title = fields.Char(required=True)
    text = fields.Text(required=True)
    line_ids = fields.One2many("pwik.dunning.notice.line", "notice_id", "Documents", readonly=True)
    fee_move_id = fields.Many2one(
        "account.move", "Entry of the fee", readonly=True, copy=False, ondelete="restrict"
    )
    still_open = fields.Monetary("Still open", compute="_compute_still_open", compute_sudo=True)

    _number_once = models.Constraint("UNIQUE(company_id, number)", "This number is taken.")

    @api.depends("amount", "fee")
    def _compute_total(self):
        for notice in self:
            notice.total = notice.amount + notice.fee

    @api.depends("line_ids.move_line_id.amount_residual")
    def _compute_still_open(self):
        for notice in self:
            notice.still_open = sum(notice.line_ids.move_line_id.mapped("amount_residual"))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("number"):
                vals["number"] = self.env["ir.sequence"].next_by_code("pwik.dunning.notice")
        return super().create(vals_list)

    def write(self, vals):
        if {"title", "text"} & vals.keys() and any(notice.state != "ready" for notice in self):
            raise UserError(self.env._("What was sent stays as it is."))
        return super().write(vals)

    # ------------------------------------------------------------------ making

    @api.model
    def _make(self, wanted):
        """Make reminders: ``{item: domain Reminder}``, all of one run. :return: the notices, in that order"""
        notices = self.browse()
        for item, reminder in wanted.items():
            level = self.env["pwik.dunning.level"].browse(reminder.level.key)
            partner, lang = item.partner_id, self._get_lang_of(item.partner_id)
            notice = self.with_context(lang=lang).create(self._prepare_notice(item, reminder, level, partner))
            notice._write_text(level.with_context(lang=lang))
            notices |= notice
        return notices.with_env(self.env)

    @api.model
    def _get_lang_of(self, partner):
        return self.new({"partner_id": partner.id})._get_claim_lang()

    @api.model
    def _prepare_notice(self, item, reminder, level, partner):
        run = item.run_id
        channel, email = self._choose_channel(partner, level.channel)
        if channel == "letter" and not (partner.street and partner.city):
            raise UserError(
                self.env._(
                    "%s has no postal address: complete it, or enter an e-mail address.", partner.display_name
                )
            )
        return {
            "company_id": run.company_id.id,
            "partner_id": partner.id,
            "item_id": item.id,
            "level_id": level.id,
            "date": run.issue_date,
            "date_due": fields.Date.add(run.issue_date, days=level.pay_days),
            "amount": reminder.amount,
            "fee": level.fee,
            "channel": channel,
            "email": email,
            "title": "–",
            "text": "–",
            "line_ids": [Command.create(self._prepare_line(line, run.date)) for line in reminder.listed],
        }

    @api.model
    def _prepare_line(self, listed, today):
        line = self.env["account.move.line"].browse(listed.item.key)
        move = line.move_id
        return {
            "move_line_id": line.id,
            "document": move.ref if move.move_type == "entry" and move.ref else move.name,
            "date": move.invoice_date or move.date,
            "due": listed.item.due,
            "days": (today - end_of_term(listed.item.due)).days,
            "total": line.balance,
            "amount": listed.amount,
            "level_id": listed.level.key if listed.level else False,
        }

    def _write_text(self, level):
        values = self._prepare_text_values()
        self.write({"title": level._fill(level.title, values), "text": level._fill(level.text, values)})

    def _prepare_text_values(self):
        """What stands in the braces of a step's text, by name (``PLACEHOLDERS``)."""
        return {
            "customer": self.partner_id.name,
            "number": self.number,
            "amount": f"{self._format_money(self.amount)} zł",
            "fee": f"{self._format_money(self.fee)} zł",
            "total": f"{self._format_money(self.total)} zł",
            "pay_by": format_date(self.env, self.date_due),
            "date": format_date(self.env, self.date),
            "documents": ", ".join(self.line_ids.mapped("document")),
            "account": self._get_claim_account(),
            "company": self.company_id.name,
        }

    # ------------------------------------------------------------------ sending, taking back

    def _send(self):
        """Also charges the fee and writes the step into the customer's history."""
        for notice in self.filtered("fee"):
            notice._post_fee()
        result = super()._send()
        for notice in self:
            # sudo: a note in the history of the customer whom the notice, which the user may send, belongs to
            notice.partner_id.sudo()._message_log(
                body=self.env._(
                    "%(title)s %(number)s sent: %(amount)s zł overdue.",
                    title=notice.title,
                    number=notice.number,
                    amount=notice._format_money(notice.amount),
                )
            )
        return result

    def _post_fee(self):
        company, partner = self.company_id, self.partner_id.with_company(self.company_id)
        company._pwik_check_fee_setup()
        label = self.env._("Fee for reminder %s", self.number)
        claim = {
            "account_id": partner.property_account_receivable_id.id,
            "date_maturity": self.date_due,
            "debit": self.fee,
        }
        income = {"account_id": company.pwik_fee_account_id.id, "credit": self.fee}
        # sudo: the fee follows from the notice, which the user may send
        move = (
            self.env["account.move"]
            .sudo()
            .create(
                {
                    "move_type": "entry",
                    "journal_id": company.pwik_fee_journal_id.id,
                    "company_id": company.id,
                    "date": self.date,
                    "partner_id": partner.id,
                    "ref": label,
                    "line_ids": [
                        Command.create({**line, "partner_id": partner.id, "name": label, "tax_ids": False})
                        for line in (claim, income)
                    ],
                }
            )
        )
        move._post(soft=False)
        self.fee_move_id = move

    def _cancel(self):
        """The documents give the step back: they may take it again."""
        self.line_ids.write({"cancelled": True})

    def action_open_cutoff(self):
        """The cut-off orders of the contracts on this reminder, or a new one where there is none."""
        self.ensure_one()
        contracts = self.sudo().line_ids.move_line_id.move_id.pwik_contract_id
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_cutoff_order_action")
        action.update(domain=[("contract_id", "in", contracts.ids)], context={})
        if not contracts.cutoff_order_ids:
            action.update(
                view_mode="form",
                views=[(False, "form")],
                context={
                    "default_contract_id": contracts[:1].id,
                    "default_reminder_id": self.id if self.delivered_on else False,
                },
            )
        return action

    # ------------------------------------------------------------------ the document

    def _get_claim_report(self):
        return "pwik_billing.report_dunning_notice_action"

    def _get_claim_title(self):
        return f"{self.title} {self.number}"

    def _get_claim_message(self):
        return self.text

    def _get_paragraphs(self):
        """The text cut at its empty lines."""
        return [part.strip() for part in self.text.split("\n\n") if part.strip()]

    def _prepare_document(self):
        values = super()._prepare_document()
        values["addressee"]["note"] = self._prepare_customer_number()
        money = self._format_money
        return {
            **values,
            "heading": self.title,
            "paragraphs": self._get_paragraphs(),
            "payment": self._prepare_print_payment(self.total, self.date_due),
            "heads": [
                self.env._("No."),
                self.env._("Document"),
                self.env._("Issued on"),
                self.env._("Due date"),
                self.env._("Days overdue"),
                self.env._("Document total [zł]"),
                self.env._("Overdue [zł]"),
            ],
            "rows": [
                {
                    "number": str(number),
                    "document": line.document,
                    "date": format_date(self.env, line.date),
                    "due": format_date(self.env, line.due),
                    "days": str(line.days),
                    "total": money(line.total),
                    "amount": money(line.amount),
                }
                for number, line in enumerate(self.line_ids, 1)
            ],
            "fee": {"label": self.env._("Fee for this letter"), "amount": money(self.fee)}
            if self.fee
            else None,
            "total": {"label": self.env._("Together"), "amount": money(self.total)},
        }
