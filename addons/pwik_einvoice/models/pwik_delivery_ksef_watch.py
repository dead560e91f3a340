"""By which day an invoice must be in KSeF, and who is told when the queue does not manage it by itself."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.pwik_billing.domain.terms import moves_term
from odoo.tools import format_date, format_datetime

from ..domain import ksef_rules

UNSENT = ("pending", "blocked", "sending", "error")
NAMED = 20


class PwikDelivery(models.Model):
    _inherit = "pwik.delivery"

    send_by = fields.Date(
        "To be in KSeF by",
        compute="_compute_send_by",
        store=True,
        help="The next working day after the day of issue (VAT act art. 106nda); announced outages of KSeF move it. Empty "
        "while such an outage goes on.",
    )
    late = fields.Boolean("Late for KSeF", compute="_compute_late", search="_search_late")
    told = fields.Selection(
        [("refused", "It was refused"), ("due", "It is due"), ("late", "It is late")],
        "Managers were told that",
        readonly=True,
        copy=False,
    )

    @api.depends("move_id.invoice_date", "channel")
    def _compute_send_by(self):
        outages = self.env["pwik.ksef.outage"]._get_all()
        for row in self:
            issued = row.channel == "ksef" and row.move_id.invoice_date
            row.send_by = bool(issued) and ksef_rules.send_by(issued, outages, moves_term)

    @api.depends("send_by", "state")
    def _compute_late(self):
        today = fields.Date.context_today(self)
        for row in self:
            row.late = row.state in UNSENT and bool(row.send_by) and row.send_by < today

    @api.model
    def _search_late(self, operator, value):
        if operator not in ("in", "="):
            return NotImplemented
        today = fields.Date.context_today(self)
        return [("channel", "=", "ksef"), ("state", "in", UNSENT), ("send_by", "<", today)]

    # ------------------------------------------------------------------ telling a person

    @api.model
    def _ksef_watch(self):
        """Tell the billing managers, once each, what KSeF refused, what is due today, what is late, and a queue that stands."""
        # sudo: a scheduled action that looks after all companies
        companies = self.env["res.company"].sudo()
        unsent = self.sudo().search([("channel", "=", "ksef"), ("state", "in", UNSENT)])
        for company, rows in unsent.grouped("company_id").items():
            rows._ksef_watch_rows()
            companies |= company
        for company in companies:
            company._pwik_ksef_watch(len(unsent.filtered(lambda row, own=company: row.company_id == own)))
        self._ksef_commit()

    def _ksef_watch_rows(self):
        today = fields.Date.context_today(self)
        late = self.filtered(lambda row: row.late and row.told != "late")
        refused = (self - late).filtered(lambda row: row.state == "error" and not row.told)
        due = (self - late - refused).filtered(lambda row: row.send_by == today and not row.told)
        for rows, kind in ((refused, "refused"), (due, "due"), (late, "late")):
            if rows:
                rows.told = kind
                rows.company_id._pwik_tell_managers(
                    lambda env, rows=rows, kind=kind: rows._ksef_get_note(env, kind)
                )

    def _ksef_get_note(self, env, kind):
        """:return: ``(subject, paragraphs)`` in the language of ``env``"""
        count = len(self)
        if kind == "refused":
            subject = env._("KSeF: %s invoices were refused", count)
            text = env._("Put right what KSeF names and press “Try again”; the others go on by themselves.")
        elif kind == "due":
            subject = env._("KSeF: %s invoices must be sent today", count)
            text = env._(
                "They have waited since their day of issue. The queue goes on by itself; look whether KSeF answers."
            )
        else:
            subject = env._("KSeF: %s invoices are late", count)
            text = env._(
                "They were to be in KSeF by the next working day after their day of issue. If the Ministry announced an "
                "outage, enter it in Configuration › Billing › Outages of KSeF: it moves the term."
            )
        lines = [self._ksef_get_line(env, row) for row in self[:NAMED]]
        if count > NAMED:
            lines.append(env._("… and %s more.", count - NAMED))
        return subject, [text, *lines]

    @staticmethod
    def _ksef_get_line(env, row):
        parts = [row.move_id.name or ""]
        if row.send_by:
            parts.append(env._("to be sent by %s", format_date(env, row.send_by)))
        if row.reason:
            parts.append(row.reason)
        return ", ".join(parts)


class ResCompany(models.Model):
    _inherit = "res.company"

    def _pwik_ksef_watch(self, count):
        """Tell, once, that the queue stands: at once where waiting does not help, else after hours.

        :param count: how many invoices wait
        """
        company = self.sudo()
        since = company.pwik_ksef_down_since
        if not since or company.pwik_ksef_down_told or not count:
            return
        if not company.pwik_ksef_down_urgent and fields.Datetime.now() - since < ksef_rules.PATIENCE:
            return
        company.pwik_ksef_down_told = True
        company._pwik_tell_managers(
            lambda env: (
                env._("KSeF: the queue stands, %s invoices wait", count),
                [
                    env._(
                        "KSeF does not take invoices since %(since)s: %(reason)s",
                        since=format_datetime(env, since, dt_format="short"),
                        reason=company.pwik_ksef_down_reason or "",
                    ),
                    env._(
                        "The queue tries again by itself. Who needs an invoice at once gets it offline: “Issue offline” in the "
                        "list of deliveries."
                    ),
                ],
            )
        )

    def _pwik_get_ksef_down(self):
        """Since when KSeF does not answer, for a person; empty where it does."""
        self.ensure_one()
        company = self.sudo()  # for who sees the run; there is nothing secret in it
        if not company.pwik_ksef_down_since:
            return ""
        return self.env._(
            "KSeF does not take invoices since %(since)s: %(reason)s",
            since=format_datetime(self.env, company.pwik_ksef_down_since, dt_format="short"),
            reason=company.pwik_ksef_down_reason or "",
        )

    def _pwik_tell_managers(self, get_note):
        """A notice to the billing managers of this company, each in his language.

        :param get_note: ``env`` in a language → ``(subject, paragraphs)``
        """
        self.ensure_one()
        managers = (
            self.env.ref("pwik_billing.pwik_billing_group_manager")
            .sudo()
            .all_user_ids.filtered(lambda user: user.active and not user.share and self in user.company_ids)
        )
        for lang, users in managers.grouped("lang").items():
            thread = self.env["mail.thread"].with_context(lang=lang)
            subject, paragraphs = get_note(thread.env)
            body = Markup("").join(Markup("<p>%s</p>") % text for text in paragraphs)
            thread.message_notify(partner_ids=users.partner_id.ids, subject=subject, body=body)
