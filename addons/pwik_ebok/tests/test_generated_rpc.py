"""The registry makes the test: every public method of our models is called by RPC, as another customer, as a login without any
customer and as a guest, with the owner's records.

A new method is tried by itself. If it wants an argument whose name is not known here, the test says so: name it in ``_values``.
"""

from odoo.exceptions import UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from .probes import fill, heard_writes
from .test_rpc import SHARED, RpcCommon

#: Models of Odoo's that hold a customer's data.
OTHERS = (
    "res.partner",
    "account.move",
    "account.move.line",
    "account.payment",
    "ir.attachment",
    "mail.message",
)
#: What anybody may know of a model.
OF_THE_MODEL = {
    "fields_get",
    "get_views",
    "get_view",
    "get_metadata",
    "get_external_id",
    "get_base_url",
    "user_has_groups",
}
#: What Odoo lets any login write: a message that hangs on nothing.
MAY_WRITE = {("mail.message", "load"): {"mail_message"}, ("mail.message", "create"): {"mail_message"}}


@tagged("post_install", "-at_install", "pwik_long")
class TestGeneratedRpc(RpcCommon):
    def _values(self):
        """Value by name of an argument, of whatever method."""
        return {
            "vals": {"name": "x"},
            "values": {"name": "x"},
            "vals_list": [{"name": "x"}],
            "data": [["x"]],
            "domain": [],
            "fields": ["id"],
            "field_names": ["id"],
            "fnames": ["id"],
            "fields_to_export": ["id", "display_name"],
            "fields_list": ["name"],
            "fields_spec": {"id": {}},
            "specification": {"display_name": {}},
            "field_name": "name",
            "field_onchange": {},
            "name": "x",
            "groupby": ["id"],
            "aggregates": ["__count"],
            "operation": "read",
            "field": "name",
            "ids": [1],
            "id": 1,
            "views": [(False, "form")],
            "view_id": False,
            "view_type": "form",
            "default": {},
            "translations": {},
            "lang": "pl_PL",
            "field_id": 1,
            "partner_ids": [],
            "message": "x",
            "body": "x",
            "subject": "x",
            "user_id": 1,
            "token": "x",
            "query": "a",
            "term": "a",
            "text": "a",
            "value": "1",
            "value_field": "name",
            "moment": "2026-01-01",
            "day": "2026-01-01",
            "date": "2026-01-01",
            "date_from": "2025-01-01",
            "date_to": "2025-12-31",
            "line_id": 1,
            "record": False,
            "records": [],
            "row": {},
            "rows": [],
            "file": "",
            "filename": "x.csv",
            "content": "",
            "order": "id",
            "limit": 5,
            "offset": 0,
            "key": "x",
            "kind": "x",
            "reason": "x",
            "code": "x",
            "mode": "x",
            "func": "id",
            "field_expr": "id",
            "filter_domain": [],
            "other": [],
            "method": "read",
            "msg_dict": {},
            "message_dict": {},
            "custom_values": {},
            "alias": "x",
            "activity_type_id": 1,
            "act_type_xmlids": [],
            "new_user_id": 1,
            "country_code": "PL",
            "states": {},
            "url": "x",
            "filters": {},
            "number": "1",
            "serial": "1",
            "new": 1,
            "help_message": "",
            "grouping_sets": [["id"]],
            "group_by": "id",
            "progress_bar": {"field": "id", "colors": {}},
            "full_name": "id.x",
            "source_ref": "x",
            "notification_type": "email",
            "new_thread": 1,
            "model": "res.partner",
            "template_id": 1,
            "search": "a",
            "search_term": "a",
            "country_id": 1,
            "values_list": [{}],
            "to_currency_id": 1,
            "company_id": 1,
            "partial_id": 1,
            "channel_id": 1,
            "email": "x@example.com",
            "vat": "5260001246",
        }

    def _models(self):
        return [
            name
            for name in sorted(self.env.registry)
            if (name.startswith("pwik.") or name in OTHERS) and not self.env[name]._abstract
        ]

    def _methods(self, model):
        """Public methods: those that this suite defines of every model, all of them where customers have rights."""
        portal = self.env.ref("base.group_portal")
        rights = self.env["ir.model.access"].search_count(
            [("model_id.model", "=", model), ("group_id", "in", [portal.id, False])]
        )
        for name in dir(type(self.env[model])):
            if name.startswith("_"):
                continue
            try:
                function = get_public_method(self.env[model], name)
            except (AttributeError, UserError):
                continue
            if not callable(function):
                continue
            if rights or "pwik" in function.__module__:
                yield name, function

    def _records(self, model):
        own = {**self.own(), "ir.attachment": self.file, "account.move.line": self.invoice.line_ids[:1]}
        if model in own:
            return own[model]
        return self.env[model].sudo().search([], limit=2)

    def _secrets(self):
        return (
            self.customer.name,
            self.invoice.name,
            self.past_invoice.number,
            self.case.name,
            "201.5",
            "Tekst pliku",
        )

    def test_every_argument_is_known(self):
        unknown = []
        for model in self._models():
            for name, function in self._methods(model):
                missing = fill(function, self._values())[1]
                if missing:
                    unknown.append(f"{model}.{name}: {', '.join(missing)}")
        self.assertFalse(
            unknown, "methods whose arguments this test does not know: name a value in _values()"
        )

    def _probe(self, user, model, name, function, records):
        """What is wrong with a call, in words, or None."""
        arguments = fill(function, self._values())[0]
        ids = [] if getattr(function, "_api_model", False) else [records.ids]
        answer = None
        with heard_writes() as tables:
            try:
                with self.cr.savepoint():
                    answer = call_kw(self.env[model].with_user(user), name, ids, dict(arguments))
                    self.env.flush_all()
            except Exception:  # noqa: BLE001 - a refusal, whatever its kind; what counts is what was told and written
                self.env.invalidate_all()
                return None
        wrong = set(tables) - MAY_WRITE.get((model, name), set())
        if wrong:
            return f"writes {sorted(wrong)}"
        if name not in OF_THE_MODEL and model not in SHARED:
            told = [secret for secret in self._secrets() if secret in repr(answer)]
            if told:
                return f"tells {told}"
        return None

    @mute_logger("odoo.models", "odoo.sql_db", "odoo.http")
    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_strangers_learn_and_write_nothing(self):
        probes, findings = 0, []
        users = (self.other, self.nobody, self.env.ref("base.public_user"))
        for model in self._models():
            records = self._records(model)
            for name, function in self._methods(model):
                for user in users:
                    self.env.invalidate_all()
                    probes += 1
                    wrong = self._probe(user, model, name, function, records)
                    if wrong:
                        findings.append(f"{user.login} {model}.{name}: {wrong}")
        self.assertFalse(findings, "\n".join(findings))
        self.assertGreater(probes, 2000)
