from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.addons.pwik_meters.models.pwik_contract import CYCLES
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

MONTHS_IN_CYCLE = {"month": 1, "two_months": 2, "quarter": 3, "half_year": 6}

LONGEST_PERIOD = 6  # months, by the regulations of supply


class PwikBillingRun(models.Model):
    """Bills many contracts for a period: preview, approval, packets (:class:`PwikBillingRunTask`)."""

    _name = "pwik.billing.run"
    _description = "Billing run"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "period_to desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True, readonly=False, required=True, precompute=True)
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("regular", "Periodic billing"), ("correction", "Corrections")], required=True, default="regular"
    )
    period_from = fields.Date("Period from", required=True, tracking=True)
    period_to = fields.Date("Period to", required=True, tracking=True)
    billing_cycle = fields.Selection(CYCLES, required=True, default="quarter", tracking=True)
    municipality_id = fields.Many2one(
        "pwik.municipality", "Municipality", check_company=True, ondelete="restrict"
    )
    route_id = fields.Many2one("pwik.reading.route", "Reading route", check_company=True, ondelete="restrict")
    contract_ids = fields.Many2many("pwik.contract", string="Only these contracts", check_company=True)
    estimate_missing = fields.Boolean(
        "Estimate where a reading is missing",
        tracking=True,
        help="By the daily use of the last settled period. Without it such contracts cannot be billed.",
    )
    invoice_date = fields.Date(required=True, tracking=True, default=fields.Date.context_today)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("preview", "Being computed"),
            ("ready", "To approve"),
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
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True, copy=False, tracking=True)
    approved_on = fields.Datetime(readonly=True, copy=False)
    item_ids = fields.One2many("pwik.billing.run.item", "run_id", "Contracts")
    task_ids = fields.One2many("pwik.billing.run.task", "run_id", "Packets")
    settlement_ids = fields.One2many("pwik.settlement", "run_id", "Settlements")
    warning = fields.Text("To know before approval", readonly=True, copy=False)
    item_count = fields.Integer("Contracts in the run", compute="_compute_figures")
    pending_count = fields.Integer("Waiting", compute="_compute_figures")
    done_count = fields.Integer("Billed", compute="_compute_figures")
    error_count = fields.Integer("Cannot be billed", compute="_compute_figures")
    progress = fields.Float("Progress [%]", compute="_compute_figures")
    net = fields.Monetary(compute="_compute_figures")
    vat = fields.Monetary("VAT", compute="_compute_figures")
    gross = fields.Monetary(compute="_compute_figures")
    water_m3 = fields.Float("Water [m³]", compute="_compute_figures", digits=(16, 3))
    sewage_m3 = fields.Float("Sewage [m³]", compute="_compute_figures", digits=(16, 3))

    _period_ordered = models.Constraint(
        "CHECK(period_to >= period_from)", "A period cannot end before it begins."
    )

    @api.depends("period_from", "period_to", "billing_cycle", "kind")
    def _compute_name(self):
        cycles = dict(self._fields["billing_cycle"]._description_selection(self.env))
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            regular = run.kind == "regular"
            if run.name or not (run.period_from and run.period_to):
                run.name = run.name or self.env._("New run")
            else:
                run.name = self.env._(
                    "%(cycle)s %(start)s – %(end)s",
                    cycle=cycles.get(run.billing_cycle, "") if regular else kinds[run.kind],
                    start=format_date(self.env, run.period_from),
                    end=format_date(self.env, run.period_to),
                )

    @api.onchange("period_from", "billing_cycle")
    def _onchange_period_from(self):
        if self.period_from and self.billing_cycle:
            self.period_to = self.period_from + relativedelta(
                months=MONTHS_IN_CYCLE[self.billing_cycle], days=-1
            )

    @api.constrains("period_from", "period_to", "kind")
    def _check_period_length(self):
        for run in self.filtered(lambda run: run.kind == "regular"):
            if run.period_to >= run.period_from + relativedelta(months=LONGEST_PERIOD):
                raise UserError(self.env._("A settlement period lasts at most six months."))

    @api.depends("state", "item_ids.state", "item_ids.gross", "item_ids.water_m3", "item_ids.sewage_m3")
    def _compute_figures(self):
        sums = ["__count", "net:sum", "vat:sum", "gross:sum", "water_m3:sum", "sewage_m3:sum"]
        rows = self.env["pwik.billing.run.item"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], sums
        )
        for run in self:
            own = {state: values for owner, state, *values in rows if owner == run}
            count = {state: values[0] for state, values in own.items()}
            run.item_count = sum(count.values())
            run.pending_count = count.get("pending", 0)
            run.done_count = count.get("done", 0) + count.get("skipped", 0)
            run.error_count = count.get("error", 0)
            billing = run.state not in ("draft", "preview", "ready") and run.item_count
            run.progress = 100.0 * (run.item_count - run.pending_count) / run.item_count if billing else 0.0
            for index, name in enumerate(("net", "vat", "gross", "water_m3", "sewage_m3"), start=1):
                run[name] = sum(values[index] for values in own.values())

    # ------------------------------------------------------------------ what belongs to a run

    def _get_contracts(self):
        """Contracts that the run works on, in the order in which they are cut into packets."""
        self.ensure_one()
        return self.env["pwik.contract"].search(self._get_contract_domain(), order="id")

    def _get_contract_domain(self):
        """Contracts which the run bills: in force on some day of the period, of the cycle and place chosen."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("state", "in", ("active", "terminated")),
            ("billing_cycle", "=", self.billing_cycle),
            ("date_start", "<=", self.period_to),
            "|",
            ("date_end", "=", False),
            ("date_end", ">=", self.period_from),
        ]
        if self.contract_ids:
            domain.append(("id", "in", self.contract_ids.ids))
        place = [
            *(
                [("service_point_id.municipality_id", "=", self.municipality_id.id)]
                if self.municipality_id
                else []
            ),
            *([("service_point_id.route_id", "=", self.route_id.id)] if self.route_id else []),
        ]
        if place:
            domain.append(("contract_point_ids", "any", place))
        return domain

    def _get_warnings(self):
        """What a person should know before approving: days without a tariff, tariffs applied past their end, locks."""
        self.ensure_one()
        Tariff = self.env["pwik.tariff"]
        texts = [
            self.env._(
                "No tariff is in force from %(start)s to %(end)s.",
                start=format_date(self.env, start),
                end=format_date(self.env, end),
            )
            for start, end in Tariff._get_gaps(self.company_id, self.period_from, self.period_to)
        ]
        applied = Tariff._get_price_book(self.company_id, self.period_to).tariffs.filtered(
            lambda t: t.effective_to >= self.period_from and t.date_to < self.period_to
        )
        return "\n".join(texts + applied._get_prolonged_text() + self._get_lock_text())

    def _get_lock_text(self):
        """A sentence where the books are locked on the invoice date: Odoo enters the invoices on the first open day."""
        locks = self.company_id._get_violated_lock_dates(
            self.invoice_date, True, self.company_id.pwik_billing_journal_id
        )
        if not locks:
            return []
        return [
            self.env._(
                "The books are locked until %(lock)s: invoices of %(date)s will be entered in the first open period.",
                lock=format_date(self.env, locks[-1][0]),
                date=format_date(self.env, self.invoice_date),
            )
        ]

    # ------------------------------------------------------------------ buttons

    def action_preview(self):
        """Compute what the run would bill. Small runs at once, large ones in the background."""
        for run in self:
            if run.state not in ("draft", "ready"):
                raise UserError(self.env._("This run is under way."))
            run.company_id._pwik_check_billing_setup()
            run.item_ids.unlink()
            run.task_ids.unlink()
            contracts = run._get_contracts()
            if not contracts:
                raise UserError(self.env._("No contract falls into this run."))
            items = self.env["pwik.billing.run.item"].create(
                [
                    {"run_id": run.id, "company_id": run.company_id.id, "contract_id": contract.id}
                    for contract in contracts
                ]
            )
            run.write({"state": "preview", "warning": run._get_warnings()})
            run._cut_into_tasks(items, "preview")
            if len(items) <= run.company_id.pwik_packet_size:
                run._process_all()
            else:
                run._trigger_crons()

    def action_approve(self):
        """Let the run make its invoices: from here on the background works packet by packet."""
        for run in self:
            if run.state != "ready":
                raise UserError(self.env._("Compute the preview first, then approve it."))
            run.write(
                {
                    "state": "running",
                    "approved_by_id": self.env.user.id,
                    "approved_on": fields.Datetime.now(),
                }
            )
            run._cut_into_tasks(
                run.item_ids.filtered(lambda item: item.state in ("pending", "error")), "bill"
            )
            run._close_if_finished()
        self._trigger_crons()

    def action_pause(self):
        self._change_state(("running",), "paused")

    def action_resume(self):
        self._change_state(("paused",), "running")
        self._trigger_crons()

    def action_cancel(self):
        """Stop for good: what is posted stays, what was not yet billed is left."""
        self._change_state(("draft", "preview", "ready", "running", "paused"), "cancelled")
        self.task_ids.filtered(lambda task: task.state == "pending").write({"state": "cancelled"})

    def action_retry(self):
        """Try again those contracts which could not be billed, after the reasons were mended."""
        for run in self:
            if run.state != "done" or not run.error_count:
                raise UserError(self.env._("There is nothing to try again."))
            run.state = "running"
            run._cut_into_tasks(run.item_ids.filtered(lambda item: item.state == "error"), "bill")
        self._trigger_crons()

    def action_process_now(self):
        """Do not wait for the background."""
        self._process_all()

    def action_open_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_billing_run_item_action")
        return {**action, "domain": [("run_id", "=", self.id)]}

    def action_open_errors(self):
        self.ensure_one()
        return {**self.action_open_items(), "domain": [("run_id", "=", self.id), ("state", "=", "error")]}

    def action_open_settlements(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_settlement_action")
        return {**action, "domain": [("run_id", "=", self.id)], "context": {}}

    def _change_state(self, allowed, state):
        if any(run.state not in allowed for run in self):
            raise UserError(self.env._("The run is not in a state in which this can be done."))
        self.write({"state": state})

    # ------------------------------------------------------------------ packets

    def _cut_into_tasks(self, items, phase):
        self.ensure_one()
        size = self.company_id.pwik_packet_size
        self.env["pwik.billing.run.task"].create(
            [
                {
                    "run_id": self.id,
                    "phase": phase,
                    "item_ids": [Command.set(items[start : start + size].ids)],
                }
                for start in range(0, len(items), size)
            ]
        )

    def _process_all(self):
        """Do all packets of these runs that are open, in this transaction (the demo, tests, small runs)."""
        Task = self.env["pwik.billing.run.task"]
        while task := Task._claim_next(self):
            task._run_task()
        self._close_if_finished()

    def _close_if_finished(self):
        """A run whose packets are all done goes on to its next state. Whoever comes last does it."""
        for run in self:
            if run.state not in ("preview", "running"):
                continue
            left = self.env["pwik.billing.run.task"].search_count(
                [("run_id", "=", run.id), ("state", "=", "pending")], limit=1
            )
            if not left:
                run.state = "ready" if run.state == "preview" else "done"

    @api.model
    def _trigger_crons(self):
        for number in (1, 2):
            self.env.ref(f"pwik_billing.ir_cron_billing_run_{number}").sudo()._trigger()

    @api.ondelete(at_uninstall=False)
    def _unlink_unbilled(self):
        if self.settlement_ids:
            raise UserError(self.env._("A run that has billed is kept."))
