from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.pwik_billing.domain import late_before
from odoo.tools import SQL

from ..domain.periods import period_end
from .pwik_meter_use import LEAKS

#: Occasions older than this are not told any more: a mail server that was away for long, or a kind that was switched on.
LOOK_BACK = timedelta(days=7)
MOST = 2_000
CUSTOMERS = 500


class PwikNotice(models.Model):
    """What customers are told of. Each step asks the database what is new, so that a run that was killed loses nothing."""

    _inherit = "pwik.notice"

    @api.model
    def _get_occasion_steps(self):
        """Methods that find occasions, each on its own."""
        return [
            self._collect_invoices,
            self._collect_due,
            self._collect_overdue,
            self._collect_window,
            self._collect_leaks,
        ]

    @api.model
    def _collect_outages(self):
        """Everybody at the points of a published outage, once for each of its revisions, a packet of customers at a time."""
        kind = self.env["pwik.notice.kind"]._get_by_code("outage")
        outages = self.env["pwik.outage"].search([("revision", ">", 0), ("is_over", "=", False)])
        for outage in outages.filtered(lambda one: one.told_revision < one.revision):
            revision, last = outage.revision, 0
            while kind and (customers := self._get_outage_customers(outage, last)):
                key = f"outage:{outage.id}:{revision}"
                self._queue(kind, [(customer, key, outage) for customer in customers])
                last = customers[-1].id
                self.env["ir.cron"]._commit_progress()
            outage.told_revision = revision
            self.env["ir.cron"]._commit_progress()

    @api.model
    def _get_outage_customers(self, outage, after):
        """The next customers, by id, with a contract in force at one of the outage's points, or told of it before."""
        for model in ("pwik.contract", "pwik.contract.point", "pwik.outage"):
            self.env[model].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM (
                    SELECT c.partner_id AS id
                      FROM pwik_outage_point_rel o
                      JOIN pwik_contract_point cp ON cp.service_point_id = o.point_id
                      JOIN pwik_contract c ON c.id = cp.contract_id
                     WHERE o.outage_id = %(outage)s AND c.state = 'active'
                       AND cp.date_from <= %(day)s AND (cp.date_to IS NULL OR cp.date_to >= %(day)s)
                     UNION
                    SELECT partner_id FROM pwik_notice
                     WHERE res_model = 'pwik.outage' AND res_id = %(outage)s
                ) concerned
                 WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
                """,
                outage=outage.id,
                day=outage.date_from.date(),
                after=after,
                limit=CUSTOMERS,
            )
        )
        return self.env["res.partner"].browse([row[0] for row in rows])

    @api.model
    def _collect_invoices(self):
        since = fields.Date.context_today(self) - LOOK_BACK
        self._collect_moves("invoice", lambda kind: SQL("x.invoice_date >= %s", since))

    @api.model
    def _collect_due(self):
        today = fields.Date.context_today(self)
        self._collect_moves(
            "due",
            lambda kind: SQL(
                "x.payment_state IN ('not_paid', 'partial') AND x.invoice_date_due BETWEEN %s AND %s",
                today,
                today + timedelta(days=kind.days),
            ),
        )

    @api.model
    def _collect_overdue(self):
        """So many days after the day that the invoice names, and not before its term has ended (Civil Code art. 115)."""
        today = fields.Date.context_today(self)
        last = late_before(today) - timedelta(days=1)
        self._collect_moves(
            "overdue",
            lambda kind: SQL(
                "x.payment_state IN ('not_paid', 'partial') AND x.invoice_date_due BETWEEN %s AND %s",
                today - timedelta(days=max(kind.days, 1)) - LOOK_BACK,
                min(today - timedelta(days=max(kind.days, 1)), last),
            ),
        )

    @api.model
    def _collect_moves(self, code, condition):
        """Posted invoices for which `condition` (by the kind) holds and of which nobody was told; told is who has to pay.

        That is the buyer, and the company where the buyer is a contact of one; of the two, whoever has a login.
        """
        kind = self.env["pwik.notice.kind"]._get_by_code(code)
        if not kind:
            return
        self.env["account.move"].flush_model()
        ids = self._find_new(
            code,
            SQL("account_move x JOIN pwik_contract c ON c.id = x.pwik_contract_id"),
            SQL("x.state = 'posted' AND x.move_type = 'out_invoice' AND %s", condition(kind)),
            customers=SQL("x.partner_id, x.commercial_partner_id"),
        )
        moves = self.env["account.move"].browse(ids)
        linked = self._get_linked_people({*moves.partner_id.ids, *moves.commercial_partner_id.ids})
        self._queue(
            kind,
            [
                (payer, f"{code}:{move.id}", move)
                for move in moves
                for payer in move.partner_id | move.commercial_partner_id
                if payer.id in linked
            ],
        )

    @api.model
    def _collect_window(self):
        """Customers who read their meter themselves, some days before the period of settlement ends."""
        kind = self.env["pwik.notice.kind"]._get_by_code("window")
        if not kind:
            return
        today = fields.Date.context_today(self)
        ends = {
            cycle: period_end(today, cycle)
            for cycle, _label in self.env["pwik.contract"]._fields["billing_cycle"].selection
        }
        for cycle, end in ends.items():
            if today < end - timedelta(days=kind.days):
                continue
            contracts = self.env["pwik.contract"].browse(
                self._find_new(
                    "window",
                    SQL("pwik_contract x JOIN pwik_contract c ON c.id = x.id"),
                    SQL(
                        """c.state = 'active' AND c.billing_cycle = %s AND EXISTS (
                            SELECT 1 FROM pwik_contract_point cp
                              JOIN pwik_meter_installation i ON i.service_point_id = cp.service_point_id
                               AND i.date_to IS NULL AND i.meter_kind IN ('main', 'unit')
                         LEFT JOIN pwik_radio_module_assignment r ON r.meter_id = i.meter_id AND r.date_to IS NULL
                             WHERE cp.contract_id = c.id AND r.id IS NULL
                               AND (cp.date_to IS NULL OR cp.date_to >= %s))""",
                        cycle,
                        today,
                    ),
                    suffix=f":{end}",
                )
            )
            self._queue(kind, [(one.partner_id, f"window:{one.id}:{end}", one) for one in contracts])

    @api.model
    def _collect_leaks(self):
        """Alarms of overlays that say water runs away, to who has the contract now and had it then."""
        kind = self.env["pwik.notice.kind"]._get_by_code("leak")
        if not kind:
            return
        self.env["pwik.radio.alarm"].flush_model()
        alarms = self.env["pwik.radio.alarm"].browse(
            self._find_new(
                "leak",
                SQL(
                    """pwik_radio_alarm x
                       JOIN pwik_meter_installation i ON i.meter_id = x.meter_id AND i.date_to IS NULL
                       JOIN pwik_contract_point cp ON cp.service_point_id = i.service_point_id
                        AND cp.date_from <= x.date_first AND (cp.date_to IS NULL OR cp.date_to >= %s)
                       JOIN pwik_contract c ON c.id = cp.contract_id AND c.state = 'active'""",
                    fields.Date.context_today(self),
                ),
                SQL(
                    "x.state = 'open' AND x.kind = ANY(%s) AND x.date_first >= %s",
                    list(LEAKS),
                    fields.Datetime.now() - LOOK_BACK,
                ),
            )
        )
        for alarm in alarms:
            contract = alarm.meter_id.service_point_id.contract_id
            self._queue(kind, [(contract.partner_id, f"leak:{alarm.id}", alarm)])

    @api.model
    def _find_new(self, code, source, condition, suffix="", customers=None):
        """Ids of `x` in the join `source`, whose customer has a login, and whose occasion is not told yet.

        :param customers: columns of who is told; that of contract `c` where they are not given
        """
        self.env["pwik.contract"].flush_model()
        self.env["pwik.ebok.link"].flush_model()
        self.flush_model()
        today = fields.Date.context_today(self)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT x.id FROM %(source)s
                  JOIN pwik_ebok_link l ON l.partner_id = ANY(ARRAY[%(customers)s]) AND l.state = 'active'
                   AND l.date_from <= %(today)s AND (l.date_to IS NULL OR l.date_to >= %(today)s)
                  JOIN res_users u ON u.id = l.user_id AND u.active
                 WHERE %(condition)s AND NOT EXISTS (
                    SELECT 1 FROM pwik_notice n
                     WHERE n.recipient_id = u.partner_id AND n.key = %(prefix)s || x.id || %(suffix)s)
              ORDER BY x.id LIMIT %(limit)s
                """,
                source=source,
                condition=condition,
                customers=customers or SQL("c.partner_id"),
                today=today,
                prefix=f"{code}:",
                suffix=suffix,
                limit=MOST,
            )
        )
        return [row[0] for row in rows]
