from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...domain import cutoff, late_before
from .cutoff_facts import arrears_of
from .pwik_cutoff_notice import RECIPIENTS

OPEN = ("draft", "announced", "ordered", "cut", "reconnecting")


class PwikCutoffOrder(models.Model):
    """Cut-off of water for arrears, as the act of 7 June 2001 (art. 8) allows it: checked, announced, done, undone."""

    _name = "pwik.cutoff.order"
    _description = "Cut-off order"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "planned_date desc, id desc"
    _rec_name = "number"
    _check_company_auto = True

    number = fields.Char(readonly=True, copy=False, index="trigram")
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    contract_id = fields.Many2one(
        "pwik.contract", "Contract", required=True, index=True, check_company=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="contract_id.partner_id", store=True, index=True)
    service_point_id = fields.Many2one(
        "pwik.service.point",
        "Service point",
        compute="_compute_service_point_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        check_company=True,
        ondelete="restrict",
    )
    municipality_id = fields.Many2one(related="service_point_id.municipality_id", store=True)
    scope = fields.Selection(
        [
            ("water", "Water supply"),
            ("sewer", "Sewer connection"),
            ("both", "Water supply and sewer connection"),
        ],
        "What is closed",
        required=True,
        default="water",
        tracking=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("announced", "Announced"),
            ("ordered", "Ordered"),
            ("cut", "Cut off"),
            ("reconnecting", "To reconnect"),
            ("closed", "Reconnected"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    reminder_id = fields.Many2one(
        "pwik.dunning.notice",
        "Reminder",
        compute="_compute_reminder_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('partner_id', 'parent_of', partner_id), ('delivered_on', '!=', False)]",
        ondelete="restrict",
        help="The reminder of these arrears. Periods count that began after the customer received it.",
    )
    reminded_on = fields.Date(related="reminder_id.delivered_on", string="Reminder received on")
    planned_date = fields.Date("Planned cut-off", tracking=True, copy=False)
    earliest_date = fields.Date("Possible from", compute="_compute_law", compute_sudo=True)
    substitute_point_id = fields.Many2one(
        "pwik.substitute.point",
        "Substitute water point",
        check_company=True,
        tracking=True,
        ondelete="restrict",
        domain="['|', ('municipality_id', '=', False), ('municipality_id', '=', municipality_id)]",
    )
    notice_ids = fields.One2many("pwik.cutoff.notice", "order_id", "Notices")
    work_order_ids = fields.One2many("pwik.work.order", "cutoff_order_id", "Field work orders")
    cut_on = fields.Date("Cut off on", readonly=True, copy=False, tracking=True)
    reconnected_on = fields.Date("Reconnected on", readonly=True, copy=False, tracking=True)
    overdue = fields.Monetary(
        compute="_compute_law",
        compute_sudo=True,
        help="Of this contract, disputed documents too; less what the customer paid and nobody matched yet.",
    )
    is_held = fields.Boolean("Held by a dispute", readonly=True, copy=False, tracking=True)
    unpaid_count = fields.Integer("Full unpaid periods", compute="_compute_law", compute_sudo=True)
    obstacles = fields.Text("What stands against it", compute="_compute_law", compute_sudo=True)
    note = fields.Text()

    _one_open = models.UniqueIndex(
        "(contract_id, service_point_id) WHERE state NOT IN ('closed', 'cancelled')",
        "There is an open cut-off order for this contract and point already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("number"):
                vals["number"] = self.env["ir.sequence"].next_by_code("pwik.cutoff.order")
        return super().create(vals_list)

    @api.depends("contract_id")
    def _compute_service_point_id(self):
        for order in self:
            points = order.contract_id.point_ids
            if order.service_point_id not in points:
                order.service_point_id = points[:1]

    @api.depends("contract_id")
    def _compute_reminder_id(self):
        """The first reminder that was received and whose documents are still open."""
        for order in self:
            payer = order.contract_id.invoice_partner_id.commercial_partner_id
            notices = self.env["pwik.dunning.notice"].search(
                [
                    ("partner_id", "=", payer.id),
                    ("delivered_on", "!=", False),
                    ("state", "=", "sent"),
                    ("line_ids.move_line_id.reconciled", "=", False),
                    ("line_ids.move_line_id.move_id.pwik_contract_id", "=", order.contract_id.id),
                ],
                order="delivered_on",
                limit=1,
            )
            order.reminder_id = order.reminder_id or notices

    # ------------------------------------------------------------------ the law

    @api.depends(
        "contract_id", "reminder_id.delivered_on", "planned_date", "substitute_point_id", "state",
        "notice_ids.delivered_on", "notice_ids.state",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_law(self):
        today = fields.Date.context_today(self)
        for order in self:
            arrears = arrears_of(order, today)
            facts = order._get_facts(arrears)
            order.overdue = float(arrears.overdue)
            order.unpaid_count = (
                len(cutoff.unpaid_periods(facts.charges, facts.reminded, today)) if facts.reminded else 0
            )
            order.earliest_date = cutoff.earliest_day(facts.delivered)
            order.obstacles = (
                "\n".join(order._explain(o) for o in order._find_obstacles(facts, today)) or False
            )

    def _get_facts(self, arrears):
        notices = self.notice_ids.filtered(lambda notice: notice.state != "cancelled")
        return cutoff.Facts(
            charges=arrears.charges,
            reminded=self.reminder_id.delivered_on or None,
            planned=self.planned_date or None,
            delivered={notice.who: notice.delivered_on or None for notice in notices},
            substitute=bool(self.substitute_point_id),
            credit=arrears.credit,
        )

    def _find_obstacles(self, facts, today):
        """Conditions of the law that are not met for the step that comes next."""
        if self.state == "draft":
            return cutoff.obstacles_to_notice(facts, today)
        if self.state in ("announced", "ordered"):
            return cutoff.obstacles_to_cut(facts, today)
        return ()

    def _check_law(self, today, passing=()):
        """:raise UserError: what stands against the next step, but for the codes in ``passing``"""
        self.ensure_one()
        facts = self.sudo()._get_facts(arrears_of(self.sudo(), today))
        found = [o for o in self._find_obstacles(facts, today) if o.code not in passing]
        if found:
            raise UserError("\n".join(self._explain(obstacle) for obstacle in found))

    def _explain(self, obstacle):
        who = dict(self.env["pwik.cutoff.notice"]._fields["who"]._description_selection(self.env))
        day = format_date(self.env, obstacle.day) if obstacle.day else ""
        texts = {
            "no_reminder": lambda: self.env._(
                "No reminder is known to have been received: enter its day of receipt."
            ),
            "periods": lambda: self.env._(
                "%(number)s full unpaid periods since the reminder was received on %(day)s; the law wants 2.",
                number=obstacle.number,
                day=day,
            ),
            "disputed": lambda: self.env._(
                "Disputed or deferred: without those documents %(number)s full unpaid periods are left since the reminder was "
                "received on %(day)s; the law wants 2.",
                number=obstacle.number,
                day=day,
            ),
            "credit": lambda: self.env._(
                "%s zł that the customer paid or was credited are matched with no document: match them first.",
                formatLang(self.env, float(obstacle.amount), digits=2),
            ),
            "no_substitute": lambda: self.env._("No substitute water point is named."),
            "no_day": lambda: self.env._("No day is planned."),
            "not_notified": lambda: self.env._("No receipt of the notice: %s.", who[obstacle.who].lower()),
            "too_early": lambda: self.env._("20 days after the notices: not before %s.", day),
            "not_yet": lambda: self.env._("Planned for %s.", day),
        }
        return texts[obstacle.code]()

    # ------------------------------------------------------------------ steps

    def action_announce(self):
        """The three notices are made; from the receipt of the last one 20 days have to pass."""
        for order in self:
            order._check_state("draft")
            today = fields.Date.context_today(order)
            order._check_law(today)
            order._check_planned(today)
            order._make_notices(today)
            order.state = "announced"

    def _check_planned(self, today):
        earliest = fields.Date.add(today, days=cutoff.NOTICE_DAYS)
        if self.planned_date < earliest:
            raise UserError(
                self.env._(
                    "The notices take 20 days: plan no day before %s.", format_date(self.env, earliest)
                )
            )

    def _make_notices(self, today):
        Notice = self.env["pwik.cutoff.notice"]
        recipients = {
            "customer": self.partner_id,
            "inspector": self.municipality_id.inspector_id,
            "mayor": self.municipality_id.mayor_id,
        }
        missing = [
            label
            for who, label in Notice._fields["who"]._description_selection(self.env)
            if not recipients[who]
        ]
        if missing:
            raise UserError(
                self.env._(
                    "Municipality %(name)s has no address of: %(who)s. Enter it in the configuration.",
                    name=self.municipality_id.name or "–",
                    who=", ".join(missing).lower(),
                )
            )
        past = len(self.notice_ids)
        for index, (who, _label) in enumerate(RECIPIENTS, start=past + 1):
            partner = recipients[who]
            channel, email = Notice._choose_channel(partner, "letter" if who == "customer" else "auto")
            Notice.create(
                {
                    "number": f"{self.number}/{index}",
                    "company_id": self.company_id.id,
                    "order_id": self.id,
                    "who": who,
                    "partner_id": partner.id,
                    "date": today,
                    "planned_date": self.planned_date,
                    "substitute_point_id": self.substitute_point_id.id,
                    "channel": channel,
                    "email": email,
                }
            )

    def action_send_notices(self):
        """Send those notices which wait."""
        waiting = self.notice_ids.filtered(lambda notice: notice.state == "ready")
        if not waiting:
            raise UserError(self.env._("No notice waits to be sent."))
        waiting.action_send()

    def action_print_notices(self):
        notices = self.notice_ids.filtered(lambda notice: notice.state != "cancelled")
        return self.env.ref("pwik_billing.report_cutoff_notice_action").report_action(notices, config=False)

    def action_order(self):
        """Hand the cut-off to the field for the planned day."""
        for order in self:
            order._check_state("announced")
            order._check_law(fields.Date.context_today(order), passing=("not_yet",))
            order._make_work_order("cutoff", order.planned_date)
            order.state = "ordered"

    def action_reconnect(self):
        """Hand the reconnection to the field: the cause is gone, or the company decides so."""
        for order in self:
            order._check_state("cut")
            order._make_work_order("reconnection", fields.Date.context_today(order))
            order.state = "reconnecting"

    def action_back_to_draft(self):
        """Announce another day: the notices are void, new ones follow."""
        for order in self:
            order._check_state("announced", "ordered")
            order._withdraw()
            order.state = "draft"

    def action_cancel(self):
        for order in self:
            order._check_state("draft", "announced", "ordered")
            order._withdraw()
            order.state = "cancelled"

    def _withdraw(self):
        self.is_held = False
        self.notice_ids.filtered(lambda notice: notice.state != "cancelled").action_cancel()
        self.work_order_ids.filtered(lambda work: work.state in ("draft", "planned")).action_cancel()

    def _check_state(self, *allowed):
        if self.state not in allowed:
            raise UserError(self.env._("Order %s is not in a state in which this can be done.", self.number))

    def _make_work_order(self, kind, day):
        meters = self.service_point_id.installation_ids.filtered(
            lambda one: not one.date_to and one.meter_kind == "main"
        ).meter_id
        reasons = {
            "cutoff": self.env._(
                "Cut-off %(number)s: %(customer)s.", number=self.number, customer=self.partner_id.name
            ),
            "reconnection": self.env._(
                "Reconnection after cut-off %(number)s: %(customer)s.",
                number=self.number,
                customer=self.partner_id.name,
            ),
        }
        return self.env["pwik.work.order"].create(
            {
                "kind": kind,
                "company_id": self.company_id.id,
                "meter_id": meters[:1].id,
                "service_point_id": self.service_point_id.id,
                "reason": reasons[kind],
                "date_due": day,
                "state": "planned",
                "cutoff_order_id": self.id,
            }
        )

    def _work_done(self, kind, day):
        """The field reports: cut off, or reconnected. Called by the work order."""
        for order in self:
            if kind == "cutoff":
                order._check_state("ordered")
                order._check_law(day)
                order.write({"state": "cut", "cut_on": day})
            else:
                order._check_state("reconnecting")
                order.write({"state": "closed", "reconnected_on": day})

    # ------------------------------------------------------------------ payments

    @api.model
    def _cron_follow_payments(self):
        """Who paid is not cut off; who was cut off and paid is reconnected. A complaint is no payment."""
        self.search([("state", "in", ("draft", "announced", "ordered", "cut"))])._follow_payments()

    def _follow_payments(self):
        today = fields.Date.context_today(self)
        for order in self:
            arrears = arrears_of(order, today)
            if order.state == "cut":
                if not arrears.overdue:
                    order.action_reconnect()
                    order.message_post(
                        body=self.env._("Everything overdue is paid: the reconnection is ordered.")
                    )
            elif order._is_ground_gone(arrears, today):
                order.action_cancel()
                order.message_post(
                    body=self.env._("Paid: the ground for the cut-off is gone, the order is cancelled.")
                )
            elif order.state != "draft":
                order._follow_dispute(arrears, today)

    def _is_ground_gone(self, arrears, today):
        """Whether payments took the ground away. A draft may have been entered before there was one: it waits while he owes."""
        reminded = self.reminder_id.delivered_on
        if not reminded:
            return False
        if self.state == "draft":
            return not arrears.overdue
        return cutoff.is_ground_gone(arrears.charges, reminded, today)

    def _follow_dispute(self, arrears, today):
        """Say once, here and to the field, that a dispute holds the cut-off; nothing is withdrawn, since nothing was paid."""
        reminded = self.reminder_id.delivered_on
        held = bool(reminded) and cutoff.is_held(arrears.charges, reminded, today)
        if held == self.is_held:
            return
        self.is_held = held
        body = (
            self.env._(
                "Disputed or deferred: the cut-off is held. Nothing is cancelled, since nothing was paid."
            )
            if held
            else self.env._("The dispute no longer holds the cut-off.")
        )
        self.message_post(body=body)
        for work in self.work_order_ids.filtered(lambda work: work.state in ("draft", "planned")):
            work.message_post(body=body)

    def _get_printed_debts(self):
        """Open items of the contract that are overdue, as the notice lists them."""
        late = late_before(fields.Date.context_today(self))
        moves = self.sudo().contract_id.move_ids.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        return moves.line_ids.filtered(
            lambda line: (
                line.account_type == "asset_receivable"
                and line.amount_residual > 0
                and line.date_maturity < late
            )
        ).sorted("date_maturity")

    def action_open_work_orders(self):
        return self.work_order_ids._get_view_action()

    @api.ondelete(at_uninstall=False)
    def _unlink_draft(self):
        if any(order.state != "draft" or order.notice_ids for order in self):
            raise UserError(self.env._("An announced cut-off is cancelled, not deleted."))
