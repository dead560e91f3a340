from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .pwik_erasure import CLOSED_CONTRACT_STATES


class PwikRetention(models.Model):
    """Kind by kind: ``_due_<code>`` says what is past its time and not kept by law, ``_let_go_<code>`` deletes or masks it."""

    _inherit = "pwik.retention"

    def _get_debtors(self):
        """Query of the customers with open items: while there is one, nothing of theirs goes."""
        lines = self.env["account.move.line"].sudo()
        return lines._search(
            [
                ("parent_state", "=", "posted"),
                ("account_type", "=", "asset_receivable"),
                ("reconciled", "=", False),
                ("partner_id", "!=", False),
            ]
        ).subselect("partner_id")

    def _get_closed_cases(self):
        """Domain of cases closed before the limit whose customer has no open items."""
        return (
            Domain("is_closed", "=", True)
            & Domain("date_closed", "<", self._get_limit_moment())
            & Domain("partner_id", "not in", self._get_debtors())
        )

    def _due_case(self):
        return "pwik.case", self._get_closed_cases() & Domain("pwik_erased_on", "=", False)

    def _let_go_case(self, cases):
        cases.sudo()._pwik_erase()

    def _due_case_file(self):
        cases = self.env["pwik.case"].sudo().with_context(active_test=False)
        return "ir.attachment", [
            ("res_model", "=", "pwik.case"),
            ("res_id", "in", cases._search(self._get_closed_cases())),
        ]

    def _let_go_case_file(self, files):
        files.sudo().unlink()

    def _due_notice(self):
        return "pwik.notice", [("create_date", "<", self._get_limit_moment()), ("state", "!=", "waiting")]

    def _let_go_notice(self, notices):
        notices.sudo().unlink()

    def _due_reading_photo(self):
        return "pwik.reading", [
            ("photo", "!=", False),
            ("date", "<", self._get_limit()),
            ("state", "in", ("accepted", "rejected")),
        ]

    def _let_go_reading_photo(self, readings):
        readings.sudo().with_context(tracking_disable=True).write({"photo": False})

    def _due_dump_line(self):
        return "pwik.radio.dump.line", [
            ("dump_id.state", "=", "done"),
            ("dump_id.date_done", "<", self._get_limit_moment()),
            ("state", "in", ("done", "seen", "quarantine", "error")),
            ("raw", "!=", False),
        ]

    def _let_go_dump_line(self, lines):
        """The row stays, with what became of it; what was received goes."""
        lines.sudo().write({"raw": False, "telegram": False, "decoded": False})

    def _due_dump_file(self):
        return "pwik.radio.dump", [
            ("state", "=", "done"),
            ("date_done", "<", self._get_limit_moment()),
            ("attachment_id", "!=", False),
        ]

    def _let_go_dump_file(self, dumps):
        files = dumps.sudo().attachment_id
        dumps.sudo().write({"attachment_id": False})
        files.unlink()

    def _due_past_invoice(self):
        limit = self._get_limit()
        return "pwik.past.invoice", [
            ("date", "<", limit),
            "|",
            ("due_date", "=", False),
            ("due_date", "<", limit),
            ("partner_id", "not in", self._get_debtors()),
        ]

    def _let_go_past_invoice(self, invoices):
        invoices.sudo().unlink()

    def _due_invoice_file(self):
        """The entry in the ledger stays; its PDF and XML, which bear the buyer's name, go."""
        limit = self._get_limit()
        moves = self.env["account.move"].sudo()
        old = moves._search(
            [
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "=", "posted"),
                ("date", "<", limit),
                "|",
                ("invoice_date_due", "=", False),
                ("invoice_date_due", "<", limit),
                ("amount_residual", "=", 0),
                ("commercial_partner_id", "not in", self._get_debtors()),
            ]
        )
        # `id`: files that belong to a field are found as well
        return "ir.attachment", [("id", ">", 0), ("res_model", "=", "account.move"), ("res_id", "in", old)]

    def _let_go_invoice_file(self, files):
        files.sudo().unlink()

    def _due_customer(self):
        """Customers whose last contract ended before the limit; what else keeps each is asked one by one."""
        contracts = self.env["pwik.contract"].sudo().with_context(active_test=False)
        in_force = contracts._search(
            Domain("state", "not in", CLOSED_CONTRACT_STATES)
            | Domain("date_end", "=", False)
            | Domain("date_end", ">=", self._get_limit())
        )
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        candidates = partners.search(
            [
                ("pwik_customer_number", "!=", False),
                ("pwik_erased_on", "=", False),
                ("pwik_contract_ids", "!=", False),
                ("id", "not in", in_force.subselect("partner_id")),
                ("id", "not in", self._get_debtors()),
            ]
        )
        free = candidates.filtered(lambda partner: not partner._pwik_get_erasure_blocks())
        return "res.partner", [("id", "in", free.ids)]

    def _let_go_customer(self, partners):
        for partner in partners.sudo():
            partner._pwik_erase()

    def _due_audit(self):
        return "pwik.audit.event", [("keep_until", "<", fields.Datetime.now())]

    def _let_go_audit(self, events):
        """The model refuses; the database lets go what its own day has passed for."""
        events.env.cr.execute(SQL("DELETE FROM pwik_audit_event WHERE id = ANY(%s)", events.ids))
        events.invalidate_model()

    def _due_attempt(self):
        return "pwik.ebok.attempt", [("moment", "<", self._get_limit_moment())]

    def _let_go_attempt(self, attempts):
        attempts.sudo().unlink()

    def _due_signup(self):
        return "pwik.ebok.signup", [("valid_until", "<", self._get_limit_moment())]

    def _let_go_signup(self, signups):
        signups.sudo().unlink()

    def _due_invitation(self):
        return "pwik.ebok.invitation", [("valid_until", "<", self._get_limit_moment())]

    def _let_go_invitation(self, invitations):
        invitations.sudo().unlink()
