import logging

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.packets import CONCURRENCY_RETRIES, pass_on
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class PwikBillingRunTask(models.Model):
    """A packet of contracts: one transaction, done by whoever takes it first.

    What is left to do is what the states say: a process that is killed loses its open transaction and nothing else, and
    the packet is taken again.
    """

    _name = "pwik.billing.run.task"
    _description = "Packet of a billing run"
    _order = "run_id, id"

    run_id = fields.Many2one("pwik.billing.run", "Run", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    phase = fields.Selection([("preview", "Preview"), ("bill", "Billing")], required=True)
    state = fields.Selection(
        [("pending", "Waiting"), ("done", "Done"), ("cancelled", "Cancelled")],
        "Status",
        required=True,
        default="pending",
    )
    item_ids = fields.One2many("pwik.billing.run.item", "task_id", "Contracts")
    date_done = fields.Datetime("Done at")

    _open = models.Index("(id) WHERE state = 'pending'")

    # ------------------------------------------------------------------ taking packets

    @api.model
    def _claim_next(self, runs=None):
        """Lock the next packet that may be worked on; packets which others hold are passed over.

        :return: one task, locked until the end of the transaction, or an empty recordset
        """
        self.flush_model()
        self.env["pwik.billing.run"].flush_model(["state"])
        self.env.cr.execute(
            SQL(
                """
            SELECT t.id FROM pwik_billing_run_task t JOIN pwik_billing_run r ON r.id = t.run_id
             WHERE t.state = 'pending' %s
               AND ((t.phase = 'preview' AND r.state = 'preview') OR (t.phase = 'bill' AND r.state = 'running'))
          ORDER BY t.id LIMIT 1 FOR UPDATE OF t SKIP LOCKED
            """,
                SQL("AND t.run_id = ANY(%s)", list(runs.ids)) if runs is not None else SQL(),
            )
        )
        row = self.env.cr.fetchone()
        return self.browse(row[0] if row else ())

    @api.model
    def _cron_process(self):
        """Work on packets until none is left or the time is up; then ask to be called again.

        Several identical cron records call this: each takes packets of its own.
        """
        while self._process_next():
            if not self.env["ir.cron"]._commit_progress(1, remaining=self._count_open()):
                self.env["pwik.billing.run"]._trigger_crons()
                break

    @api.model
    def _process_next(self, runs=None):
        """Do the next open packet and commit it, anew where another process was in the way. Callable from anywhere.

        :param runs: only packets of these runs
        :return: True when a packet was done; False when none is open (runs that are finished are closed then)
        """
        for left in reversed(range(CONCURRENCY_RETRIES + 1)):
            try:
                task = self._claim_next(runs)
                if task:
                    task._run_task()
                else:
                    self._close_finished(runs)
                # A packet is whole by itself; without a commit here a killed process would lose all that it did.
                self.env.cr.commit()  # pylint: disable=invalid-commit
                # Else the next packet would go by what this one read, and memory would hold all that was made.
                self.env.invalidate_all()
                return bool(task)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
                self.env.cr.rollback()
                if not left:
                    raise
                _logger.info("A packet of billing starts anew: %s", error)

    @api.model
    def _close_finished(self, runs):
        if runs is None:
            runs = self.env["pwik.billing.run"].search([("state", "in", ("preview", "running"))])
        runs._close_if_finished()

    @api.model
    def _count_open(self):
        return self.search_count([("state", "=", "pending"), ("run_id.state", "in", ("preview", "running"))])

    # ------------------------------------------------------------------ doing one packet

    def _run_task(self):
        """Do this packet in the current transaction. Safe to call again and from anywhere.

        :return: True if it was done here, False if another process holds it or did it
        """
        self.ensure_one()
        if not self.try_lock_for_update() or self.state != "pending":
            return False
        items = self.item_ids.filtered(lambda item: item.state in ("pending", "error"))
        task = self.with_company(self.company_id).with_context(
            lang="pl_PL" if self._has_polish() else self.env.lang
        )
        if self.phase == "preview":
            task._preview(items.with_env(task.env))
        else:
            task._bill(items.with_env(task.env))
        self.write({"state": "done", "date_done": fields.Datetime.now()})
        return True

    def _has_polish(self):
        return bool(self.env["res.lang"]._get_data(code="pl_PL"))

    def _settle(self, items):
        run = self.run_id
        contracts = items.contract_id.with_env(self.env)
        return contracts._settle_period(run.period_from, run.period_to, run.estimate_missing)

    def _preview(self, items):
        billed = self._get_settled(items)
        _source, outcomes = self._settle(items)
        for item in items:
            outcome = outcomes[item.contract_id]
            if item.contract_id in billed:
                item._set_figures((), state="skipped", reason=self.env._("Already billed for this period."))
            elif outcome.error:
                item._set_figures((), state="error", reason=outcome.error)
            elif not outcome.documents:
                item._set_figures((), state="skipped", reason=self.env._("Nothing to bill."))
            else:
                item._set_figures(outcome.documents, state="pending", reason=False)

    def _bill(self, items):
        """All at once; when that fails, one by one, so that one bad contract does not stop the others."""
        try:
            with self.env.cr.savepoint():
                self._bill_items(items)
        except (
            Exception
        ) as error:  # whatever it is, it is retried below and lands on the contract that causes it
            pass_on(error)
            _logger.info("Packet %s of billing run %s goes on one by one: %s", self.id, self.run_id.id, error)
            for item in items:
                self._bill_alone(item)

    def _bill_alone(self, item):
        try:
            with self.env.cr.savepoint():
                self._bill_items(item)
        except UserError as error:
            item._set_figures((), state="error", reason=str(error))
        except Exception as error:
            pass_on(error)
            _logger.exception("Contract %s cannot be billed", item.contract_id.number)
            item._set_figures((), state="error", reason=self._explain_exception(error))

    def _explain_exception(self, error):
        diagnostics = getattr(error, "diag", None)
        if diagnostics and (diagnostics.constraint_name or "").startswith("pwik_settlement_"):
            return self.env._("Already billed for this period.")
        return f"{type(error).__name__}: {error}"[:500]

    def _bill_items(self, items):
        """Settle and invoice these items; their state tells how it went."""
        billed = self._get_settled(items)
        for item in items.filtered(lambda i: i.contract_id in billed):
            item.write(
                {
                    "state": "done",
                    "settlement_id": billed[item.contract_id].id,
                    "reason": self.env._("Already billed for this period."),
                }
            )
        items = items.filtered(lambda i: i.contract_id not in billed)
        source, outcomes = self._settle(items)
        wanted = {contract: o.documents for contract, o in outcomes.items() if o.documents}
        settlements = self.env["pwik.settlement"]._issue(
            wanted, source, self.run_id.invoice_date, self.run_id
        )
        by_contract = {settlement.contract_id: settlement for settlement in settlements}
        for item in items:
            outcome = outcomes[item.contract_id]
            if outcome.error:
                item._set_figures((), state="error", reason=outcome.error)
            elif item.contract_id in by_contract:
                item._set_figures(
                    outcome.documents,
                    state="done",
                    reason=False,
                    settlement_id=by_contract[item.contract_id].id,
                )
            else:
                item._set_figures((), state="skipped", reason=self.env._("Nothing to bill."))

    def _get_settled(self, items):
        """``{contract: settlement}`` of those contracts that have a settlement within the run's period already."""
        run = self.run_id
        settlements = self.env["pwik.settlement"].search(
            [
                ("contract_id", "in", items.contract_id.ids),
                ("kind", "!=", "correction"),
                ("period_from", ">=", run.period_from),
                ("period_to", "<=", run.period_to),
            ]
        )
        return {settlement.contract_id: settlement for settlement in settlements}
