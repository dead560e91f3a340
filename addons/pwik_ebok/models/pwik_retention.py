from contextlib import suppress
from datetime import datetime, time

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.packets import work_off
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..domain.retention import TAX_YEARS, back, tax_cutoff

PACKET = 100
#: Kinds whose period the tax law fixes from below (years).
BY_TAX_LAW = ("past_invoice", "invoice_file")
#: Limits on tries look back that far (days).
SHORTEST_ATTEMPT = 2


class PwikRetention(models.Model):
    """How long a kind of record is kept and by which law; what is past its time goes by a scheduled action.

    The period is the utility's. What the law keeps is no figure: ``pwik_retention_kinds.py`` leaves it out of what is due,
    whatever period somebody enters.
    """

    _name = "pwik.retention"
    _description = "Retention period"
    _order = "sequence, id"

    name = fields.Char("Kind of record", required=True, translate=True)
    code = fields.Selection(
        [
            ("case", "Closed case"),
            ("case_file", "File of a closed case"),
            ("notice", "Notice"),
            ("reading_photo", "Photo of a reading"),
            ("dump_line", "Telegram as received"),
            ("dump_file", "File of telegrams"),
            ("past_invoice", "Invoice of the previous system"),
            ("invoice_file", "File of an invoice"),
            ("customer", "Former customer"),
            ("audit", "Audit event"),
            ("attempt", "Counted attempt"),
            ("signup", "Sign-up"),
            ("invitation", "Invitation"),
        ],
        required=True,
        readonly=True,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        "Applied", default=True, help="Otherwise nothing of this kind goes by the schedule."
    )
    period = fields.Integer(required=True)
    unit = fields.Selection(
        [("day", "days"), ("month", "months"), ("year", "years"), ("own", "as each record says")],
        required=True,
        default="year",
    )
    since = fields.Char("Counted from", translate=True)
    basis = fields.Char("Legal basis", translate=True)
    outcome = fields.Selection(
        [("erased", "Deleted"), ("masked", "Masked")], "What happens", required=True, readonly=True
    )
    due_count = fields.Integer("Past its time", compute="_compute_due")
    may_preview = fields.Boolean(compute="_compute_due")
    last_run = fields.Datetime(readonly=True, copy=False)
    last_count = fields.Integer("Went then", readonly=True, copy=False)

    _code_once = models.Constraint("UNIQUE(code)", "Each kind of record has one period.")
    _period_positive = models.Constraint("CHECK(period > 0 OR unit = 'own')", "A period is at least one day.")

    @api.constrains("code", "period", "unit")
    def _check_period(self):
        today = fields.Date.context_today(self)
        for retention in self:
            if (retention.code == "audit") != (retention.unit == "own"):
                raise ValidationError(
                    self.env._("Audit events alone bear the day until which they are kept.")
                )
            if retention.code in BY_TAX_LAW and (retention.unit != "year" or retention.period < TAX_YEARS):
                raise ValidationError(
                    self.env._(
                        "The tax law keeps such documents for %s years after the year in which the tax was due.",
                        TAX_YEARS,
                    )
                )
            if retention.code == "attempt" and (today - retention._get_limit()).days < SHORTEST_ATTEMPT:
                raise ValidationError(
                    self.env._("The limits count attempts of %s days: keep them that long.", SHORTEST_ATTEMPT)
                )

    def _compute_due(self):
        for retention in self:
            # sudo: who may see the periods may know how much is past them, and read the records only by his own rights
            model, domain = retention.sudo()._get_due()
            retention.due_count = model.search_count(domain)
            retention.may_preview = model.sudo(False).has_access("read")

    @api.model
    def _get_by_code(self, code):
        """The period of a kind, applied or not (with sudo: whoever asks, the period counts)."""
        return self.sudo().with_context(active_test=False).search([("code", "=", code)])

    def _get_limit(self):
        """What is older than this day is past its time."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.unit == "own":
            return today
        if self.code in BY_TAX_LAW:
            return tax_cutoff(today, self.period)
        return back(today, self.period, self.unit)

    def _get_limit_moment(self):
        return datetime.combine(self._get_limit(), time.min)

    def _get_due(self):
        """What is past its time and not kept by law: ``(model with archived records, domain)``.

        To find the domain may cost a look at each candidate: it is asked for once.
        """
        self.ensure_one()
        model, domain = getattr(self, f"_due_{self.code}")()
        return self.env[model].with_context(active_test=False), Domain(domain)

    def action_preview(self):
        """The list of what would go today, as the user may see it."""
        self.ensure_one()
        model, domain = self._get_due()
        model.check_access("read")
        due = model.sudo().search(domain, limit=1000)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Would go: %s", self.name),
            "res_model": model._name,
            "view_mode": "list,form",
            "domain": [("id", "in", due.ids)],
            "context": {"active_test": False, "create": False, "edit": False, "delete": False},
        }

    def write(self, vals):
        if vals.keys() & {"code", "outcome"} and not self.env.su:
            raise UserError(self.env._("What happens to a kind of record belongs to the program."))
        return super().write(vals)

    @api.model
    def _cron_let_go(self):
        """Scheduled action: delete or mask what is past its time, a packet at a time; killed, it goes on where it was."""
        for retention in self.search([("active", "=", True)]):
            if not retention._let_go():
                self.env.ref("pwik_ebok.ir_cron_retention")._trigger()
                return

    def _let_go(self):
        """Work off what is due of this kind; False when the time is up."""
        self.ensure_one()
        refused, gone = set(), [0]

        def claim():
            model, domain = self._get_due()
            waiting = model.search(domain & Domain("id", "not in", list(refused)), order="id", limit=PACKET)
            return waiting.try_lock_for_update()

        def work(packet):
            done = self._let_go_packet(packet, refused)
            gone[0] += done
            self.write({"last_run": fields.Datetime.now(), "last_count": gone[0]})
            if done and self.code not in ("audit", "attempt"):  # else each run would tell of itself
                self.env["pwik.audit.event"]._record("erasure", detail=f"{self.code}: {done}")

        def count_open():
            model, domain = self._get_due()
            return model.search_count(domain, limit=PACKET * 10)

        return work_off(self.env, claim, work, count_open)

    def _let_go_packet(self, packet, refused):
        """Let a packet go, one by one where another addon keeps one of them.

        :param refused: set of ids that stay for this run; it grows
        :return: how many went
        """
        let_go = getattr(self, f"_let_go_{self.code}")
        count = len(packet)
        with suppress(UserError):
            with self.env.cr.savepoint():
                let_go(packet)
            return count
        for record in packet:
            try:
                with self.env.cr.savepoint():
                    let_go(record)
            except UserError:
                refused.add(record.id)
                count -= 1
        return count
