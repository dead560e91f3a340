from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: What is told, in the order of the filter; the second figure is for how many months it is kept.
KINDS = {
    "sign_in": 12,
    "sign_in_failed": 12,
    "password": 24,
    "session_ended": 12,
    "sign_up": 24,
    "link_claimed": 60,
    "link_failed": 12,
    "link_approved": 60,
    "link_changed": 60,
    "link_ended": 60,
    "invited": 24,
    "code_issued": 24,
    "consent": 72,
    "data_change": 72,
    "download": 12,
    "export": 72,
    "erasure": 120,
}
#: Ways of signing in, in the reader's words; other details are names of fields or of kinds of files.
WAYS = {
    "password": _lt("by password"),
    "totp": _lt("second factor"),
    "totp_mail": _lt("second factor by e-mail"),
    "webauthn": _lt("by passkey"),
}
_PACKET = 10_000


class PwikAuditEvent(models.Model):
    """Who did what in eBOK: written once, never changed, deleted when its time is over (ASVS 16.3).

    Login and customer are numbers without a foreign key: an event outlives what it speaks of, and the database's own trigger
    would refuse the change that a deleted login leaves behind. Names, addresses, keys and passwords are never written here.
    """

    _name = "pwik.audit.event"
    _description = "Audit event of eBOK"
    _order = "moment desc, id desc"
    _log_access = False
    _rec_name = "kind"

    moment = fields.Datetime(required=True, readonly=True, index=True)
    kind = fields.Selection(
        [
            ("sign_in", "Sign-in"),
            ("sign_in_failed", "Failed sign-in"),
            ("password", "Password changed"),
            ("session_ended", "Session ended"),
            ("sign_up", "Login opened"),
            ("link_claimed", "Customer linked"),
            ("link_failed", "Failed linking"),
            ("link_approved", "Access approved"),
            ("link_changed", "Access changed"),
            ("link_ended", "Access ended"),
            ("invited", "Person invited"),
            ("code_issued", "Activation code issued"),
            ("consent", "Consent"),
            ("data_change", "Data changed"),
            ("download", "File downloaded"),
            ("export", "Data exported"),
            ("erasure", "Data erased"),
        ],
        required=True,
        readonly=True,
    )
    user_ref = fields.Integer("Login's number", readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Login", compute="_compute_names", search="_search_user_id", compute_sudo=True
    )
    customer_ref = fields.Integer("Customer's key", readonly=True, index=True)
    customer_id = fields.Many2one(
        "res.partner", "Customer", compute="_compute_names", search="_search_customer_id", compute_sudo=True
    )
    company_id = fields.Many2one("res.company", "Company", readonly=True, index=True)
    model = fields.Char("Kind of record", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="model", readonly=True)
    detail = fields.Char("Details", readonly=True)
    detail_shown = fields.Char("Details in words", compute="_compute_detail_shown")
    address = fields.Char("Network address", readonly=True)
    keep_until = fields.Datetime(required=True, readonly=True, index=True)

    @api.depends("user_ref", "customer_ref")
    def _compute_names(self):
        users = self.env["res.users"].with_context(active_test=False)
        users = users.search([("id", "in", [ref for ref in self.mapped("user_ref") if ref])])
        customers = self.env["res.partner"].with_context(active_test=False)
        customers = customers.search([("id", "in", [ref for ref in self.mapped("customer_ref") if ref])])
        for event in self:
            event.user_id = users.filtered(lambda one, event=event: one.id == event.user_ref)
            event.customer_id = customers.filtered(lambda one, event=event: one.id == event.customer_ref)

    @api.depends("detail", "kind")
    @api.depends_context("lang")
    def _compute_detail_shown(self):
        translate = self.env._
        for event in self:
            way = event.kind in ("sign_in", "sign_in_failed") and WAYS.get(event.detail)
            event.detail_shown = translate(way) if way else event.detail

    @api.model
    def _search_user_id(self, operator, value):
        return self._search_ref("user_ref", "res.users", operator, value)

    @api.model
    def _search_customer_id(self, operator, value):
        return self._search_ref("customer_ref", "res.partner", operator, value)

    @api.model
    def _search_ref(self, ref, model, operator, value):
        if operator == "in":
            return [(ref, "in", list(value))]
        if operator == "any":
            return [(ref, "in", self.env[model].with_context(active_test=False)._search(value))]
        return NotImplemented

    def init(self):
        """The database itself refuses what is no addition; it lets go only what its time has run out for."""
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION pwik_audit_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' AND OLD.keep_until < (now() AT TIME ZONE 'utc') THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION 'pwik_audit_event is append-only' USING ERRCODE = 'insufficient_privilege';
            END $$;
            CREATE OR REPLACE TRIGGER pwik_audit_event_rows BEFORE UPDATE OR DELETE ON pwik_audit_event
                FOR EACH ROW EXECUTE FUNCTION pwik_audit_event_append_only();
            CREATE OR REPLACE TRIGGER pwik_audit_event_table BEFORE TRUNCATE ON pwik_audit_event
                FOR EACH STATEMENT EXECUTE FUNCTION pwik_audit_event_append_only();
            """
        )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Events are written by the program itself."))
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("An event is kept as it was written."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An event is deleted by the schedule alone, when its time is over."))

    @api.model
    def _record(self, kind, user=None, customer=None, record=None, detail=None, apart=False):
        """Write an event.

        :param kind: one of :data:`KINDS`
        :param user: the login that acted; by default the one of the environment
        :param customer: partner whose data it concerns
        :param record: the record it concerns, if there is one
        :param detail: names of fields, a kind of file, a way: never what the fields hold
        :param apart: keep the event even if the transaction is taken back (a failed sign-in)
        """
        if apart:
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr, su=True))._record(kind, user, customer, record, detail)
            return
        now = fields.Datetime.now()
        user = self.env.user if user is None else user
        company = customer and customer.sudo().company_id or self.env.company
        # sudo: nobody has the right to write here, whoever acts
        self.sudo().create(
            {
                "moment": now,
                "keep_until": now + timedelta(days=31 * self._get_months(kind)),
                "kind": kind,
                "user_ref": user.id if user else False,
                "customer_ref": customer.id if customer else False,
                "company_id": company.id,
                "model": record._name if record else False,
                "res_id": record.id if record else False,
                "detail": detail and detail[:200],
                "address": request.httprequest.remote_addr if request else False,
            }
        )

    @api.model
    def _get_months(self, kind):
        """For how many months an event of this kind is kept: the utility's own figure, or the default."""
        own = self.env["ir.config_parameter"].sudo().get_param(f"pwik_ebok.audit_months.{kind}")
        return int(own) if (own or "").isdigit() and int(own) > 0 else KINDS[kind]

    @api.model
    def _gc_expired(self):
        """Scheduled action: let go what has been kept long enough, a packet at a time."""
        deleted = self._delete_packet()
        while deleted:
            remaining = deleted if deleted == _PACKET else 0
            self.env["ir.cron"]._commit_progress(deleted, remaining=remaining)
            deleted = self._delete_packet() if remaining else 0

    @api.model
    def _delete_packet(self):
        """Delete at most one packet of events whose time is over: how many."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM pwik_audit_event WHERE id IN (
                       SELECT id FROM pwik_audit_event WHERE keep_until < %s ORDER BY keep_until LIMIT %s
                   )""",
                fields.Datetime.now(),
                _PACKET,
            )
        )
        return self.env.cr.rowcount
