import logging

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.packets import pass_on
from odoo.tools import format_amount, format_date, format_datetime

PACKET = 100
_logger = logging.getLogger(__name__)


class PwikNotice(models.Model):
    """One thing told to one person, once: the occasion is ``key``, and the database refuses a second row for it.

    ``pwik_notice_occasions.py`` finds the occasions; here they become e-mails in Odoo's queue, a packet at a time.
    """

    _name = "pwik.notice"
    _description = "Notice to a customer"
    _order = "id desc"
    _rec_name = "kind_id"

    kind_id = fields.Many2one("pwik.notice.kind", "Kind", required=True, ondelete="restrict", readonly=True)
    code = fields.Selection(related="kind_id.code")
    recipient_id = fields.Many2one(
        "res.partner", "Person", required=True, index=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one("res.partner", "Customer", index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", "Company", required=True, readonly=True)
    key = fields.Char("Occasion", required=True, readonly=True)
    res_model = fields.Char("Kind of record", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True, index=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("queued", "Handed to the mail queue"),
            ("failed", "Failed"),
            ("dropped", "Not sent"),
        ],
        "Status",
        required=True,
        default="waiting",
        readonly=True,
        index=True,
    )
    email = fields.Char("E-mail address", readonly=True)
    date_queued = fields.Datetime("Handed over on", readonly=True)
    error = fields.Char("Reason", readonly=True)

    _once = models.UniqueIndex("(recipient_id, key)", "This person was told of this already.")

    @api.model
    def _queue(self, kind, occasions):
        """Take down who is to be told of what; nobody is told twice of one occasion.

        :param kind: record of ``pwik.notice.kind``
        :param occasions: list of ``(customer, key, record)``
        :return: the new notices
        """
        recipients = self._get_recipients(kind, {customer.id for customer, _key, _record in occasions})
        keys = [key for _customer, key, _record in occasions]
        told = {
            (notice.recipient_id.id, notice.key)
            for notice in self.search_fetch([("key", "in", keys)], ["recipient_id", "key"])
        }
        values = []
        for customer, key, record in occasions:
            for recipient in recipients.get(customer.id, ()):
                if (recipient.id, key) in told:
                    continue
                told.add((recipient.id, key))
                values.append(
                    {
                        "kind_id": kind.id,
                        "recipient_id": recipient.id,
                        "partner_id": customer.id,
                        "company_id": record.company_id.id,
                        "key": key,
                        "res_model": record._name,
                        "res_id": record.id,
                    }
                )
        return self.create(values)

    @api.model
    def _get_recipients(self, kind, customer_ids):
        """Who hears of these customers' things, whether he wants it or not: ``{customer id: list of partners}``."""
        people = self._get_linked_people(customer_ids)
        if kind.without_login:
            for customer in self.env["res.partner"].browse(customer_ids - people.keys()):
                people[customer.id] = [customer]
        return people

    @api.model
    def _get_linked_people(self, customer_ids):
        """Those whose logins are linked to these customers today: ``{customer id: list of partners}``."""
        links = self.env["pwik.ebok.link"]
        today = fields.Date.context_today(self)
        active = links.search(
            [
                ("partner_id", "in", list(customer_ids)),
                ("state", "=", "active"),
                ("user_id.active", "=", True),
                ("date_from", "<=", today),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", today),
            ]
        )
        people = {}
        for link in active:
            people.setdefault(link.partner_id.id, []).append(link.user_id.partner_id)
        return people

    @api.model
    def _cron_notices(self):
        """Scheduled action: find the occasions, then hand the waiting notices to the mail queue, a packet at a time.

        Killed at any point, it goes on at the next run: what is done is what the rows say.
        """
        cron = self.env["ir.cron"]
        self._collect_outages()
        for step in self._get_occasion_steps():
            try:
                with self.env.cr.savepoint():
                    step()
            except Exception as error:
                pass_on(error)
                # One kind that cannot be collected must not silence the others.
                _logger.exception("Notices: %s failed", step.__name__)
            if not cron._commit_progress():
                break
        while notices := self._get_next_packet():
            notices._hand_over()
            remaining = self.search_count([("state", "=", "waiting")])
            if not cron._commit_progress(len(notices), remaining=remaining):
                self.env.ref("pwik_ebok.ir_cron_notice")._trigger()
                break

    @api.model
    def _get_next_packet(self):
        """Who is told next: of outages first, also of those published since, for a run's invoices may be thousands."""
        self._collect_outages()
        waiting = [("state", "=", "waiting")]
        return self.search([*waiting, ("code", "=", "outage")], order="id", limit=PACKET) or self.search(
            waiting, order="id", limit=PACKET
        )

    def _hand_over(self):
        """Render these notices into the mail queue; one that fails keeps its reason and holds up nobody."""
        for notice in self:
            if reason := notice._get_obstacle():
                notice.write({"state": "dropped", "error": reason})
                continue
            try:
                with self.env.cr.savepoint():
                    notice._send_email()
            except Exception as error:
                pass_on(error)
                _logger.warning("Notice %s failed: %s", notice.id, error)
                notice.write({"state": "failed", "error": str(error)[:250]})

    def _get_obstacle(self):
        """Why this person is not told after all, or None."""
        self.ensure_one()
        if not self.recipient_id.email:
            return self.env._("no e-mail address")
        if self.recipient_id in self.kind_id._get_refusing(self.recipient_id):
            return self.env._("not wanted by e-mail")
        if not self._get_record():
            return self.env._("what it was about is gone")
        return None

    def _send_email(self):
        self.ensure_one()
        self.kind_id.template_id.send_mail(
            self.id,
            email_values={
                "email_to": self.recipient_id.email,
                "recipient_ids": [],
                "email_from": self.company_id.email_formatted or self.env.user.email_formatted,
                "auto_delete": True,
            },
        )
        self.write(
            {
                "state": "queued",
                "email": self.recipient_id.email,
                "date_queued": fields.Datetime.now(),
                "error": False,
            }
        )

    def action_retry(self):
        """Try notices that failed once more; those who see them may ask for it, and write nothing else."""
        self.check_access("read")
        self.filtered(lambda one: one.state == "failed").sudo().write({"state": "waiting"})
        self.env.ref("pwik_ebok.ir_cron_notice").sudo()._trigger()

    def _get_record(self):
        """What the notice is about."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id).exists()

    def _get_language(self):
        """Language of the reader, for the template."""
        self.ensure_one()
        return self.recipient_id.lang or self.company_id.partner_id.lang or "pl_PL"

    def _get_outage_subject(self):
        """Subject of the e-mail about an outage: announced, changed or called off."""
        outage, notice = self._get_record(), self.with_context(lang=self._get_language())
        if outage.state == "cancelled":
            return notice.env._("Water outage called off: %s", outage.name)
        if outage.revision > 1:
            return notice.env._("Water outage, changed: %s", outage.name)
        return notice.env._("Water outage: %s", outage.name)

    def _format_day(self, day):
        return format_date(self.env, day, lang_code=self._get_language())

    def _format_moment(self, moment):
        zone = self.company_id.partner_id.tz or "Europe/Warsaw"
        return format_datetime(
            self.env, moment, tz=zone, dt_format="dd.MM.yyyy HH:mm", lang_code=self._get_language()
        )

    def _format_money(self, amount):
        return format_amount(
            self.env, amount, self.company_id.currency_id, lang_code=self._get_language()
        ).replace("\N{NO-BREAK SPACE}", " ")
