from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

PACKET = 50  # customers in one transaction
WORKING = ("preview", "running", "sending")


class PwikDunningRun(models.Model):
    """Looks through the debtors of a day and makes a document for each: preview, approval, packets, sending.

    What is made is the run's kind: a kind ``x`` answers ``_get_partners_x()`` here and ``_preview_x()``, ``_make_x()`` on the
    items (:class:`PwikDunningItem`), which hold one customer each.
    """

    _name = "pwik.dunning.run"
    _description = "Run of reminders or interest notes"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True, readonly=False, required=True, precompute=True)
    kind = fields.Selection([("interest", "Interest notes")], "What is made", required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        "As of",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
        help="What is overdue on this day; interest is counted up to it, that day included.",
    )
    issue_date = fields.Date("Issued on", required=True, tracking=True, default=fields.Date.context_today)
    partner_ids = fields.Many2many(
        "res.partner", string="Only these customers", domain="[('pwik_customer_number', '!=', False)]"
    )
    municipality_id = fields.Many2one(
        "pwik.municipality", "Municipality", check_company=True, ondelete="restrict"
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("preview", "Being computed"),
            ("ready", "To approve"),
            ("running", "Running"),
            ("made", "To send"),
            ("sending", "Being sent"),
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
    warning = fields.Text("To know before approval", readonly=True, copy=False)
    item_ids = fields.One2many("pwik.dunning.item", "run_id", "Customers")
    item_count = fields.Integer("Customers in the run", compute="_compute_figures")
    pending_count = fields.Integer("To be made", compute="_compute_figures")
    made_count = fields.Integer("Made", compute="_compute_figures")
    left_out_count = fields.Integer("Left out", compute="_compute_figures")
    error_count = fields.Integer("Errors", compute="_compute_figures")
    amount = fields.Monetary("Sum", compute="_compute_figures")
    progress = fields.Float("Progress [%]", compute="_compute_figures")

    @api.depends("kind", "date")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            if not run.name and run.kind and run.date:
                run.name = f"{kinds[run.kind]} {format_date(self.env, run.date)}"
            else:
                run.name = run.name or self.env._("New run")

    @api.depends("state", "item_ids.state", "item_ids.amount")
    def _compute_figures(self):
        rows = self.env["pwik.dunning.item"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count", "amount:sum"]
        )
        for run in self:
            own = {state: (count, amount) for owner, state, count, amount in rows if owner == run}
            count = {state: number for state, (number, _amount) in own.items()}
            run.item_count = sum(count.values())
            run.pending_count = count.get("new", 0) + count.get("pending", 0)
            run.made_count = count.get("made", 0) + count.get("sent", 0)
            run.left_out_count = count.get("left_out", 0)
            run.error_count = count.get("error", 0)
            run.amount = sum(own.get(state, (0, 0.0))[1] for state in ("pending", "made", "sent"))
            waiting = {"sending": "made", "preview": "new"}.get(run.state, "pending")
            left = count.get(waiting, 0)
            total = run.item_count - (count.get("left_out", 0) if run.state != "preview" else 0)
            run.progress = 100.0 * (total - left) / total if total and run.state != "ready" else 0.0

    # ------------------------------------------------------------------ buttons

    def action_preview(self):
        """Who gets what, who is left out and why. Small runs at once, large ones in the background."""
        for run in self:
            run._check_state("draft", "ready")
            run._check_setup()
            run.item_ids.unlink()
            partners = getattr(run, f"_get_partners_{run.kind}")()
            if not partners:
                raise UserError(self.env._("Nobody owes anything that falls into this run."))
            self.env["pwik.dunning.item"].create(
                [
                    {"run_id": run.id, "company_id": run.company_id.id, "partner_id": partner.id}
                    for partner in partners
                ]
            )
            run.write({"state": "preview", "warning": run._get_warnings()})
            run._process_small(len(partners))

    def action_approve(self):
        """From here on the documents are made, packet by packet."""
        for run in self:
            run._check_state("ready")
            if not run.pending_count:
                raise UserError(self.env._("Nobody is left in this run: there is nothing to approve."))
            run.write(
                {"state": "running", "approved_by_id": self.env.uid, "approved_on": fields.Datetime.now()}
            )
            run._process_small(run.pending_count)

    def action_send(self):
        """Send what was made: e-mails go into Odoo's queue, letters wait to be printed."""
        for run in self:
            run._check_state("made")
            run.state = "sending"
            run._process_small(run.made_count)

    def action_retry(self):
        """Try again those customers whose document could not be made, after the reasons were mended."""
        for run in self:
            run._check_state("made", "done")
            errors = run.item_ids.filtered(lambda item: item.state == "error")
            if not errors:
                raise UserError(self.env._("There is nothing to try again."))
            errors.filtered(lambda item: item._get_document()).state = "made"
            errors.filtered(lambda item: not item._get_document()).state = "pending"
            run.state = "running"
            run._process_small(len(errors))

    def action_cancel(self):
        """Stop for good. Documents that were made and not sent are taken back, what was sent stays."""
        for run in self:
            run._check_state("draft", "preview", "ready", "running", "made", "sending")
            run.state = "cancelled"
            run.item_ids._get_document().filtered(lambda doc: doc.state == "ready").action_cancel()

    def action_process_now(self):
        """Do not wait for the background."""
        self._process_all()

    def action_print_letters(self):
        """All documents of this run that go as letters, one file."""
        self.ensure_one()
        documents = self.item_ids._get_document()
        letters = documents.filtered(lambda doc: doc.channel == "letter" and doc.state != "cancelled")
        if not letters:
            raise UserError(self.env._("No document of this run goes as a letter."))
        return self.env.ref(letters._get_claim_report()).report_action(letters, config=False)

    def action_open_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_dunning_item_action")
        return {**action, "domain": [("run_id", "=", self.id)], "context": self._get_items_context()}

    def action_open_left_out(self):
        return {
            **self.action_open_items(),
            "domain": [("run_id", "=", self.id), ("state", "in", ("left_out", "error"))],
            "context": {"search_default_group_reason": 1},
        }

    def _get_items_context(self):
        return {}

    def _check_state(self, *allowed):
        if self.state not in allowed:
            raise UserError(self.env._("The run is not in a state in which this can be done."))

    def _check_setup(self):
        """What the kind needs from the settings. Hook."""
        if self.kind == "interest":
            self.company_id._pwik_check_interest_setup()

    def _get_warnings(self):
        """What a person should know before approving. Hook: text or False."""
        return False

    def _limit_partners(self, partners):
        """Those of ``partners`` that the run's filters let through."""
        if self.partner_ids:
            partners &= self.partner_ids.commercial_partner_id
        if self.municipality_id:
            contracts = self.env["pwik.contract"].search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("contract_point_ids.service_point_id.municipality_id", "=", self.municipality_id.id),
                ]
            )
            partners &= contracts.invoice_partner_id.commercial_partner_id
        return partners

    # ------------------------------------------------------------------ packets

    def _process_small(self, number):
        if number <= PACKET:
            self._process_all()
        else:
            self._trigger_cron()

    def _process_all(self):
        """All that is open of these runs, in this transaction (small runs, the demo, tests)."""
        Item = self.env["pwik.dunning.item"]
        while items := Item._claim_packet(self):
            items._process_packet()
        self._close_if_finished()

    def _close_if_finished(self):
        """A run with nothing left to do goes on to its next state."""
        following = {"preview": "ready", "running": "made", "sending": "done"}
        waiting = {"preview": "new", "running": "pending", "sending": "made"}
        for run in self.filtered(lambda one: one.state in WORKING):
            left = self.env["pwik.dunning.item"].search_count(
                [("run_id", "=", run.id), ("state", "=", waiting[run.state])], limit=1
            )
            if not left:
                run.state = following[run.state]

    @api.model
    def _trigger_cron(self):
        # sudo: whoever may run a run may have it worked on
        self.env.ref("pwik_billing.ir_cron_dunning_run").sudo()._trigger()

    @api.ondelete(at_uninstall=False)
    def _unlink_unmade(self):
        if self.item_ids._get_document():
            raise UserError(self.env._("A run that made documents is kept."))
