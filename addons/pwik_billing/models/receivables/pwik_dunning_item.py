import logging

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.packets import pass_on, work_off
from odoo.exceptions import UserError
from odoo.tools import SQL

from .pwik_dunning_run import PACKET, WORKING

_logger = logging.getLogger(__name__)


class PwikDunningItem(models.Model):
    """One customer in a run: what the preview says, what was made, and if nothing, why.

    What is left to do is what the states say: a process that is killed loses its open packet and nothing else.
    """

    _name = "pwik.dunning.item"
    _description = "Customer in a run of reminders or interest notes"
    _order = "run_id, state desc, partner_id"
    _rec_name = "partner_id"

    run_id = fields.Many2one("pwik.dunning.run", "Run", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", "Company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="restrict")
    state = fields.Selection(
        [
            ("new", "To be computed"),
            ("pending", "To be made"),
            ("made", "Made"),
            ("sent", "Sent"),
            ("left_out", "Left out"),
            ("error", "Error"),
        ],
        "Status",
        required=True,
        default="new",
    )
    reason = fields.Char()
    amount = fields.Monetary()
    document_count = fields.Integer("Documents")
    oldest_due = fields.Date("Oldest due date")
    interest_note_ids = fields.One2many("pwik.interest.note", "item_id", "Interest notes")

    _once = models.Constraint("UNIQUE(run_id, partner_id)", "The customer is already in this run.")
    _by_state = models.Index("(run_id, state)")

    def _get_document(self):
        """What was made for these customers and not taken back."""
        return self.interest_note_ids.filtered(lambda note: note.state != "cancelled")

    def action_leave_out(self):
        """A person decides that these customers get nothing this time."""
        for item in self:
            if item.state != "pending" or item.run_id.state != "ready":
                raise UserError(self.env._("Only who waits for approval can be left out."))
        self.write({"state": "left_out", "reason": self.env._("Left out by %s.", self.env.user.name)})

    def action_open_document(self):
        self.ensure_one()
        document = self._get_document()
        if len(document) != 1:
            raise UserError(self.env._("Nothing was made for this customer."))
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "view_mode": "form",
        }

    def action_open_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------------ packets

    @api.model
    def _claim_packet(self, runs=None):
        """Lock the next items of one run that may be worked on; items which others hold are passed over.

        :return: up to ``PACKET`` items of one run, locked until the end of the transaction
        """
        self.flush_model()
        self.env["pwik.dunning.run"].flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                """
            SELECT i.run_id, i.id FROM pwik_dunning_item i JOIN pwik_dunning_run r ON r.id = i.run_id
             WHERE ((r.state = 'preview' AND i.state = 'new') OR (r.state = 'running' AND i.state = 'pending')
                 OR (r.state = 'sending' AND i.state = 'made')) %s
          ORDER BY i.run_id, i.id LIMIT %s FOR UPDATE OF i SKIP LOCKED
            """,
                SQL("AND r.id = ANY(%s)", list(runs.ids)) if runs is not None else SQL(),
                PACKET,
            )
        )
        return self.browse(item for run, item in rows if run == rows[0][0])

    @api.model
    def _cron_process(self):
        """Work on packets until none is left or the time is up; then ask to be called again."""
        if not work_off(
            self.env, self._claim_packet, lambda items: items._process_packet(), self._count_open
        ):
            self.env["pwik.dunning.run"]._trigger_cron()
        self.env["pwik.dunning.run"].search([("state", "in", WORKING)])._close_if_finished()

    @api.model
    def _count_open(self):
        waiting = {"preview": "new", "running": "pending", "sending": "made"}
        return sum(
            self.search_count([("run_id.state", "=", run), ("state", "=", item)])
            for run, item in waiting.items()
        )

    def _process_packet(self):
        """What the run's state asks for these items (of one run): all at once, when that fails one by one."""
        run = self.run_id
        phase = {"preview": "preview", "running": "make", "sending": "send"}[run.state]
        method = "_send_documents" if phase == "send" else f"_{phase}_{run.kind}"
        items = self.with_company(run.company_id).with_context(lang=self._get_lang())
        try:
            with self.env.cr.savepoint():
                getattr(items, method)()
        except Exception as error:  # whatever it is, it lands below on the customer who causes it
            pass_on(error)
            _logger.info("A packet of run %s goes on one by one: %s", run.id, error)
            for item in items:
                item._process_alone(method)

    def _process_alone(self, method):
        try:
            with self.env.cr.savepoint():
                getattr(self, method)()
        except UserError as error:
            self.write({"state": "error", "reason": str(error)})
        except Exception as error:
            pass_on(error)
            _logger.exception("Customer %s in run %s", self.partner_id.id, self.run_id.id)
            self.write({"state": "error", "reason": f"{type(error).__name__}: {error}"[:500]})

    def _get_lang(self):
        return "pl_PL" if self.env["res.lang"]._get_data(code="pl_PL") else self.env.lang

    def _send_documents(self):
        """Send what was made for these items. What somebody sent or took back meanwhile is passed over."""
        self._get_document().filtered(lambda document: document.state == "ready")._send()
        self.filtered(lambda item: item._get_document()).state = "sent"
        self.filtered(lambda item: not item._get_document()).write(
            {"state": "left_out", "reason": self.env._("Taken back before it was sent.")}
        )
