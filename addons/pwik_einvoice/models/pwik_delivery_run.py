from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .pwik_delivery import OPEN_STATES
from .res_partner import CHANNELS


class PwikDeliveryRun(models.Model):
    """Delivers many issued invoices, each in its channel. The work is done in packets by :class:`PwikDelivery`."""

    _name = "pwik.delivery.run"
    _description = "Delivery run"
    _inherit = ["mail.thread"]
    _order = "id desc"

    name = fields.Char(compute="_compute_name", store=True, readonly=False, required=True, precompute=True)
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    billing_run_id = fields.Many2one(
        "pwik.billing.run", "Billing run", check_company=True, ondelete="restrict", index="btree_not_null"
    )
    date_from = fields.Date("Invoices from", help="Empty: all that were not delivered yet.")
    date_to = fields.Date("Invoices to", required=True, default=fields.Date.context_today)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        required=True,
        default="draft",
        tracking=True,
        copy=False,
        index=True,
    )
    started_by_id = fields.Many2one("res.users", "Started by", readonly=True, copy=False)
    delivery_ids = fields.One2many("pwik.delivery", "run_id", "Deliveries")
    batch_ids = fields.One2many("pwik.delivery.batch", "run_id", "Print batches")
    warning = fields.Text("To know before the start", compute="_compute_warning")
    delivery_count = fields.Integer("Invoices", compute="_compute_figures")
    open_count = fields.Integer("Under way", compute="_compute_figures")
    blocked_count = fields.Integer("On hold", compute="_compute_figures")
    unposted_count = fields.Integer("Letters to be posted", compute="_compute_figures")
    late_count = fields.Integer("Late for KSeF", compute="_compute_figures")
    error_count = fields.Integer("Failed", compute="_compute_figures")
    mail_error_count = fields.Integer("E-mails that failed", compute="_compute_figures")
    progress = fields.Float("Progress [%]", compute="_compute_figures")
    ksef_count = fields.Integer("KSeF", compute="_compute_figures")
    electronic_count = fields.Integer("By e-mail and eBOK", compute="_compute_figures")
    paper_count = fields.Integer("On paper", compute="_compute_figures")

    @api.depends("billing_run_id", "date_from", "date_to")
    def _compute_name(self):
        for run in self:
            if run.billing_run_id:
                run.name = self.env._("Delivery of %s", run.billing_run_id.name)
            else:
                run.name = self.env._("Delivery until %s", format_date(self.env, run.date_to))

    @api.depends("delivery_ids.state", "delivery_ids.channel", "delivery_ids.mail_state", "state")
    def _compute_figures(self):
        rows = self.env["pwik.delivery"]._read_group(
            [("run_id", "in", self.ids), ("state", "!=", "cancelled")],
            ["run_id", "state", "channel"],
            ["__count"],
        )
        bounced = dict(
            self.env["pwik.delivery"]._read_group(
                [("run_id", "in", self.ids), ("mail_state", "=", "exception")], ["run_id"], ["__count"]
            )
        )
        late = dict(
            self.env["pwik.delivery"]._read_group(
                [("run_id", "in", self.ids), ("late", "=", True)], ["run_id"], ["__count"]
            )
        )
        for run in self:
            own = [(state, channel, count) for owner, state, channel, count in rows if owner == run]
            planned = run._count_planned() if run.state == "draft" and run.id else {}
            for channel, _name in CHANNELS:
                run[f"{channel}_count"] = planned.get(channel, 0) + sum(n for _, c, n in own if c == channel)
            run.delivery_count = sum(count for _, _, count in own) + sum(planned.values())
            run.open_count = sum(count for state, _, count in own if state in OPEN_STATES)
            run.blocked_count = sum(count for state, _, count in own if state == "blocked")
            run.error_count = sum(count for state, _, count in own if state == "error")
            run.unposted_count = sum(count for state, _, count in own if state == "printed")
            run.late_count = late.get(run, 0)
            run.mail_error_count = bounced.get(run, 0)
            total = sum(count for _, _, count in own)
            run.progress = 100.0 * (total - run.open_count) / total if total else 0.0

    @api.depends("company_id", "state", "delivery_ids.state")
    def _compute_warning(self):
        for run in self:
            texts = []
            if run.state in ("draft", "running", "paused") and run.electronic_count:
                texts.append(run.company_id._pwik_get_seal_fault())
            if run.state in ("draft", "running", "paused") and run.ksef_count:
                texts.append(run.company_id._pwik_get_ksef_fault() or run.company_id._pwik_get_ksef_down())
            run.warning = "\n".join(text for text in texts if text)

    # ------------------------------------------------------------------ what belongs to a run

    def _get_move_domain(self):
        """Issued water invoices of the time or of the billing run which no delivery has taken up."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("state", "=", "posted"),
            ("pwik_settlement_id", "!=", False),
            ("pwik_delivery_channel", "!=", False),
            ("pwik_delivery_ids", "not any", [("state", "!=", "cancelled")]),
        ]
        if self.billing_run_id:
            return [*domain, ("pwik_settlement_id.run_id", "=", self.billing_run_id.id)]
        if self.date_from:
            domain.append(("invoice_date", ">=", self.date_from))
        return [*domain, ("invoice_date", "<=", self.date_to)]

    def _count_planned(self):
        return dict(
            self.env["account.move"]._read_group(
                self._get_move_domain(), ["pwik_delivery_channel"], ["__count"]
            )
        )

    # ------------------------------------------------------------------ buttons

    def action_start(self):
        """Take up the invoices and let the background deliver them."""
        for run in self:
            if run.state != "draft":
                raise UserError(self.env._("This run was started already."))
            moves = self.env["account.move"].search(run._get_move_domain(), order="id")
            if not moves:
                raise UserError(
                    self.env._("There is no invoice to deliver: all of them are under way or delivered.")
                )
            Delivery = self.env["pwik.delivery"].sudo()  # rows are made by runs only, never by hand
            Delivery.create(Delivery._prepare_deliveries(moves, run))
            run.write({"state": "running", "started_by_id": self.env.user.id})
        self.env["pwik.delivery"]._trigger_crons()

    def action_pause(self):
        self._change_state(("running",), "paused")

    def action_resume(self):
        self._change_state(("paused",), "running")
        self.env["pwik.delivery"]._trigger_crons()

    def action_cancel(self):
        """Stop for good: what is delivered stays, what was not begun is left for another run."""
        self._change_state(("draft", "running", "paused"), "cancelled")
        waiting = self.delivery_ids.filtered(
            lambda delivery: delivery.state in ("pending", "blocked", "error")
        )
        waiting.unlink()

    def action_retry(self):
        self.delivery_ids.filtered(lambda delivery: delivery.state in ("error", "blocked")).action_retry()

    def action_process_now(self):
        """Do not wait for the background."""
        self._process_all()

    def _change_state(self, allowed, state):
        if any(run.state not in allowed for run in self):
            raise UserError(self.env._("The run is not in a state in which this can be done."))
        self.write({"state": state})

    def _process_all(self):
        """Do all documents and notices of these runs in this transaction (the demo, tests, small runs)."""
        Delivery = self.env["pwik.delivery"].sudo()
        while packet := Delivery._claim_next(runs=self):
            packet._run_packet()
        self._close_if_finished()

    def _close_if_finished(self):
        """Letters that are all made become print batches; a run of which nothing is left under way is done."""
        for run in self.filtered(lambda run: run.state == "running"):
            left = [("run_id", "=", run.id), ("state", "in", OPEN_STATES)]
            paper = [*left, ("channel", "=", "paper"), ("state", "in", ("pending", "blocked"))]
            if not self.env["pwik.delivery"].search_count(paper, limit=1):
                self.env["pwik.delivery.batch"]._make_batches(run)
            if not self.env["pwik.delivery"].search_count(left, limit=1):
                run.state = "done"

    def _open_deliveries(self, domain=()):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_einvoice.pwik_delivery_action")
        return {**action, "domain": [("run_id", "=", self.id), *domain], "context": {}}

    def action_open_deliveries(self):
        return self._open_deliveries()

    def action_open_errors(self):
        return self._open_deliveries(
            ["|", ("state", "in", ("error", "blocked")), ("mail_state", "=", "exception")]
        )

    def action_open_unposted(self):
        return self._open_deliveries([("state", "=", "printed")])

    def action_open_late(self):
        return self._open_deliveries([("late", "=", True)])

    def action_open_batches(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_einvoice.pwik_delivery_batch_action")
        return {**action, "domain": [("run_id", "=", self.id)], "context": {}}

    @api.ondelete(at_uninstall=False)
    def _unlink_undelivered(self):
        if any(run.delivery_ids for run in self):
            raise UserError(self.env._("A run that has delivered is kept."))
