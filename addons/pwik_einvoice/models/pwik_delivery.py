import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.packets import pass_on, work_off
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..domain.delivery import readable_place
from .res_partner import CHANNELS

_logger = logging.getLogger(__name__)

# Documents in one transaction: one or two seconds of work, which is all that a killed process loses.
PACKET = 20
OPEN_STATES = ("pending", "blocked", "sending", "sent", "ready")
#: Not on its way yet: may be taken back.
UNSENT = ("pending", "blocked", "error")
#: A letter that lies in a print batch holds no run open, and is not delivered before the post has it.
UNDELIVERED_STATES = (*OPEN_STATES, "printed")


class DeliveryWaits(UserError):
    """Nothing is wrong with this invoice: something that all of its kind need is missing. It is tried again later."""


class PwikDelivery(models.Model):
    """One invoice on its way to its buyer in one channel: the row that sees to it that he is told once.

    What is left to do is what the states say. A packet of rows is one transaction: the document, the e-mail and the state
    are there together or not at all, so that a killed process leaves nothing half done and nothing is done twice.
    """

    _name = "pwik.delivery"
    _description = "Delivery of an invoice"
    _order = "id desc"
    _rec_name = "move_id"
    _check_company_auto = True

    run_id = fields.Many2one("pwik.delivery.run", "Delivery run", index=True, ondelete="restrict")
    move_id = fields.Many2one("account.move", "Invoice", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "Company", required=True)
    partner_id = fields.Many2one("res.partner", "Buyer", required=True, index=True, ondelete="restrict")
    contract_id = fields.Many2one(related="move_id.pwik_contract_id", string="Contract")
    invoice_date = fields.Date(related="move_id.invoice_date")
    currency_id = fields.Many2one(related="move_id.currency_id")
    amount = fields.Monetary(related="move_id.amount_total_signed", string="Amount")
    channel = fields.Selection(CHANNELS, required=True)
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("blocked", "On hold"),
            ("sending", "Being sent"),
            ("sent", "Sent, no answer yet"),
            ("ready", "To print"),
            ("printed", "To be posted"),
            ("done", "Delivered"),
            ("error", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        required=True,
        default="pending",
        index=True,
    )
    reason = fields.Text("What happened", readonly=True)
    attempts = fields.Integer(readonly=True)
    next_try = fields.Datetime("Tried again at", readonly=True)
    date_done = fields.Datetime("Delivered at", readonly=True)
    email = fields.Char("Told at", readonly=True, help="Address to which the notice went.")
    mail_id = fields.Many2one(
        "mail.mail", "E-mail", readonly=True, ondelete="set null", index="btree_not_null"
    )
    mail_state = fields.Selection(related="mail_id.state", string="Status of the e-mail", store=True)
    route_order = fields.Char(readonly=True, help="Place in the order in which letters are carried out.")
    place = fields.Char("Place on the route", compute="_compute_place")
    batch_id = fields.Many2one(
        "pwik.delivery.batch", "Print batch", index="btree_not_null", ondelete="restrict"
    )

    _once_alive = models.UniqueIndex(
        "(move_id, channel) WHERE state <> 'cancelled'",
        "This invoice is already being delivered in this way.",
    )
    _open = models.Index("(id) WHERE state IN ('pending', 'blocked', 'sending', 'sent')")

    @api.depends("route_order")
    def _compute_place(self):
        for row in self:
            row.place = readable_place(row.route_order)

    # ------------------------------------------------------------------ making rows

    @api.model
    def _prepare_deliveries(self, moves, run=None):
        """Values of the rows for those of these invoices that are not under way or delivered yet."""
        known = self.search([("move_id", "in", moves.ids), ("state", "!=", "cancelled")]).move_id
        return [self._prepare_delivery(move, run) for move in moves - known if move.pwik_delivery_channel]

    @api.model
    def _prepare_delivery(self, move, run=None):
        return {
            "run_id": run.id if run else False,
            "move_id": move.id,
            "company_id": move.company_id.id,
            "partner_id": move.partner_id.id,
            "channel": move.pwik_delivery_channel,
            "route_order": move._pwik_get_route_order(),
        }

    # ------------------------------------------------------------------ taking packets

    @api.model
    def _claim_next(self, channels=("electronic", "paper"), runs=None, limit=None):
        """Lock the next rows that may be worked on; rows which others hold are passed over.

        :return: rows, locked until the end of the transaction
        """
        self.flush_model()
        self.env["pwik.delivery.run"].flush_model(["state"])
        self.env.cr.execute(
            SQL(
                """
            SELECT d.id FROM pwik_delivery d LEFT JOIN pwik_delivery_run r ON r.id = d.run_id
             WHERE d.state IN ('pending', 'blocked') AND d.channel = ANY(%s) %s
               AND (d.next_try IS NULL OR d.next_try <= %s) AND (r.id IS NULL OR r.state = 'running')
          ORDER BY d.id LIMIT %s FOR UPDATE OF d SKIP LOCKED
            """,
                list(channels),
                SQL("AND d.run_id = ANY(%s)", list(runs.ids)) if runs is not None else SQL(),
                fields.Datetime.now(),
                limit or PACKET,
            )
        )
        return self.browse([row[0] for row in self.env.cr.fetchall()])

    @api.model
    def _cron_process(self):
        """Make documents and notices until none is left or the time is up; then ask to be called again.

        Several identical cron records call this: each takes packets of its own.
        """
        # what hinders, and the names of batches, are read by the office, in its language
        queue = self.with_context(lang=self.env.company.partner_id.lang)
        if not work_off(queue.env, queue._claim_next, lambda packet: packet._run_packet(), queue._count_open):
            self._trigger_crons()
        queue._close_runs()

    @api.model
    def _close_runs(self):
        """Print batches and the end of runs, by whoever is there; another process at the same run does it alone."""
        self.env["ir.cron"]._commit_progress()  # what the others have done since is seen from here on
        try:
            for run in self.env["pwik.delivery.run"].search([("state", "=", "running")]):
                if run.try_lock_for_update():
                    run._close_if_finished()
                    self.env["ir.cron"]._commit_progress()
            self.env["pwik.delivery.batch"]._make_single_batches()
            self.env["ir.cron"]._commit_progress()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            self._trigger_crons()

    @api.model
    def _count_open(self):
        return self.search_count(
            [
                ("state", "=", "pending"),
                ("channel", "in", ("electronic", "paper")),
                "|",
                ("run_id", "=", False),
                ("run_id.state", "=", "running"),
            ]
        )

    def _run_packet(self):
        """Deliver these rows in the current transaction; what cannot be delivered keeps its reason."""
        self._prefetch_documents()
        made = self.filtered(lambda delivery: delivery._try(delivery._deliver))
        made.filtered(lambda delivery: delivery.channel == "electronic")._tell_all()

    def _try(self, step):
        """Do a step for this row; what hinders it becomes the row's state. :return: whether it was done"""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                step()
        except DeliveryWaits as error:
            self._put_on_hold(str(error))
        except UserError as error:
            self._fail(str(error))
        except Exception as error:  # one bad invoice must not stop the others
            pass_on(error)
            _logger.exception("Invoice %s cannot be delivered", self.move_id.name)
            self._fail(f"{type(error).__name__}: {error}"[:500])
        else:
            return True
        return False

    def _prefetch_documents(self):
        """Read what the documents of the packet need for all of them at once."""
        settlements = self.move_id.pwik_settlement_id
        settlements.line_ids.mapped("how")
        settlements.measure_ids.meter_id.mapped("serial")

    def _deliver(self):
        """Hand this row to the part of its channel: ``_deliver_electronic``, ``_deliver_paper``.

        KSeF has a queue of its own.
        """
        self.ensure_one()
        getattr(self, f"_deliver_{self.channel}")()

    # ------------------------------------------------------------------ outcomes

    def _done(self, **values):
        self.write(
            {
                "state": "done",
                "reason": False,
                "next_try": False,
                "date_done": fields.Datetime.now(),
                **values,
            }
        )
        self.move_id.filtered(lambda move: not move.is_move_sent)._pwik_note(is_move_sent=True)

    def _fail(self, reason):
        self.write({"state": "error", "reason": reason, "attempts": self.attempts + 1, "next_try": False})

    def _put_on_hold(self, reason, minutes=60):
        self.write(
            {
                "state": "blocked",
                "reason": reason,
                "attempts": self.attempts + 1,
                "next_try": fields.Datetime.now() + timedelta(minutes=minutes),
            }
        )

    # ------------------------------------------------------------------ buttons

    def action_retry(self):
        """Try again what failed or waits, now that its reason is mended."""
        rows = self.filtered(lambda delivery: delivery.state in ("error", "blocked"))
        if not rows:
            raise UserError(self.env._("Only what failed or waits can be tried again."))
        rows.write({"state": "pending", "reason": False, "next_try": False})
        rows._take_up_again()

    def action_resend(self):
        """Tell the buyer again: a new notice, or a new letter in the next print batch."""
        rows = self.filtered(
            lambda delivery: delivery.state in ("done", "printed") and delivery.channel != "ksef"
        )
        if not rows:
            raise UserError(
                self.env._(
                    "What was delivered by e-mail or on paper can be sent again; KSeF holds an invoice once."
                )
            )
        rows.write(
            {
                "state": "pending",
                "reason": False,
                "next_try": False,
                "date_done": False,
                "mail_id": False,
                "batch_id": False,
                "date_printed": False,
                "posted_on": False,
                "posting_number": False,
            }
        )
        for delivery in rows:
            delivery.move_id.message_post(body=self.env._("The invoice is delivered again, on request."))
        rows._take_up_again()

    def action_cancel(self):
        rows = self.filtered(lambda delivery: delivery.state in UNSENT)
        if not rows:
            raise UserError(self.env._("What is on its way or delivered cannot be taken back."))
        rows._cancel()

    def _cancel(self):
        self.write({"state": "cancelled", "next_try": False})

    def action_deliver_on_paper(self):
        """The e-mail does not reach the buyer: he gets a letter instead."""
        rows = self.filtered(
            lambda delivery: delivery.channel == "electronic" and delivery.state != "cancelled"
        )
        if not rows:
            raise UserError(
                self.env._("Only what was to be delivered electronically can be put on paper instead.")
            )
        rows.check_access("write")
        known = self.search(
            [("move_id", "in", rows.move_id.ids), ("channel", "=", "paper"), ("state", "!=", "cancelled")]
        ).move_id
        letters = self.sudo().create(
            [
                {
                    "run_id": row.run_id.id,
                    "move_id": row.move_id.id,
                    "company_id": row.company_id.id,
                    "partner_id": row.partner_id.id,
                    "channel": "paper",
                    "route_order": row.route_order,
                }
                for row in rows
                if row.move_id not in known
            ]
        )
        rows.filtered(lambda row: row.state != "done").state = "cancelled"
        letters._take_up_again()

    def _take_up_again(self):
        """Their runs go on; what belongs to one that was given up goes its own way, as if it had none."""
        self.filtered(lambda row: row.run_id.state == "cancelled").run_id = False
        self.run_id.filtered(lambda run: run.state == "done").state = "running"
        self._trigger_crons()

    @api.ondelete(at_uninstall=False)
    def _unlink_unbegun(self):
        if any(delivery.state not in ("pending", "blocked", "error", "cancelled") for delivery in self):
            raise UserError(self.env._("What was delivered, or is on its way, is kept as proof."))

    def action_open_invoice(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    @api.model
    def _trigger_crons(self):
        for number in (1, 2):
            self.env.ref(f"pwik_einvoice.ir_cron_delivery_{number}").sudo()._trigger()
        self.env.ref("pwik_einvoice.ir_cron_ksef").sudo()._trigger()

    @api.model
    def _release(self, company, channels=("electronic",)):
        """What these rows waited for is there: they go on."""
        rows = self.sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "blocked")
            & Domain("channel", "in", channels)
        )
        if rows:
            rows.write({"state": "pending", "reason": False, "next_try": False})
            self._trigger_crons()
