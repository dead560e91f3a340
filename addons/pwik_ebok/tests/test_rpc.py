"""What a customer gets past the pages, by RPC: every model that customers may read, with the id of somebody else's record."""

from datetime import timedelta

from odoo import fields, http
from odoo.addons.pwik_ebok.models.ebok_fields import READABLE
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PASSWORD, EbokCommon

#: Lists that are nobody's own: every customer reads the same.
SHARED = {"pwik.case.type", "pwik.case.stage", "pwik.tariff.group"}
#: Methods that a browser may call, with what they get besides the ids.
READERS = {
    "read": [["display_name"]],
    "web_read": [{"display_name": {}}],
    "export_data": [["id", "display_name"]],
    "check_access": ["read"],
}


class RpcCommon(EbokCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settlement = cls._make_settlement(cls.contract, cls.invoice)
        cls.other_settlement = cls._make_settlement(cls.other_contract, cls.other_invoice)
        cls.seal = cls._make_seal(cls.meter, "P-1")
        cls.other_seal = cls._make_seal(cls.other_meter, "P-2")
        cls.change = cls._make_change(cls.customer)
        cls.other_change = cls._make_change(cls.other_customer)
        cls.outage = cls._make_outage(cls.point)
        cls.other_outage = cls._make_outage(cls.other_contract.contract_point_ids.service_point_id)

    @classmethod
    def _make_settlement(cls, contract, move):
        return cls.env["pwik.settlement"].create(
            {
                "contract_id": contract.id,
                "company_id": cls.company.id,
                "partner_id": contract.partner_id.id,
                "payer_id": contract.partner_id.id,
                "period_from": "2025-07-01",
                "period_to": "2025-09-30",
                "net": 100,
                "vat": 8,
                "gross": 108,
                "document": {"secret": "engine"},
                "move_id": move.id,
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "company_id": cls.company.id,
                            "component": "water",
                            "quantity": 20,
                            "price": 5,
                            "net": 100,
                        },
                    )
                ],
            }
        )

    @classmethod
    def _make_seal(cls, meter, number):
        return cls.env["pwik.meter.seal"].create({"meter_id": meter.id, "number": number})

    @classmethod
    def _make_change(cls, customer):
        case = cls.env["pwik.case"].create(
            {
                "type_id": cls.env["pwik.case.type"]._get_by_code("data_change", cls.company).id,
                "partner_id": customer.id,
                "change_ids": [(0, 0, {"field_name": "phone", "new_value": "+48 601 000 111"})],
            }
        )
        return case.change_ids

    @classmethod
    def _make_outage(cls, point):
        now = fields.Datetime.now()
        outage = cls.env["pwik.outage"].create(
            {
                "name": "Brak wody",
                "date_from": now + timedelta(days=1),
                "date_to": now + timedelta(days=2),
                "extra_point_ids": point.ids,
            }
        )
        outage.action_publish()
        return outage

    def foreign(self):
        """Records of another customer, one model each."""
        return {
            "res.partner": self.other_customer,
            "pwik.contract": self.other_contract,
            "pwik.contract.point": self.other_contract.contract_point_ids,
            "pwik.service.point": self.other_contract.contract_point_ids.service_point_id,
            "pwik.meter": self.other_meter,
            "pwik.meter.installation": self.other_meter.installation_ids,
            "pwik.meter.seal": self.other_seal,
            "pwik.reading": self.other_reading,
            "pwik.case": self.other_case,
            "pwik.case.change": self.other_change,
            "pwik.settlement": self.other_settlement,
            "pwik.settlement.line": self.other_settlement.line_ids,
            "account.move": self.other_invoice,
            "pwik.past.invoice": self.other_past_invoice,
            "pwik.outage": self.other_outage,
            "pwik.interest.note": self.other_note,
            "pwik.dunning.notice": self.other_reminder,
            "account.move.line": self.other_invoice.line_ids[:1],
        }

    def own(self):
        return {
            "res.partner": self.customer,
            "pwik.contract": self.contract,
            "pwik.contract.point": self.contract.contract_point_ids,
            "pwik.service.point": self.point,
            "pwik.meter": self.meter,
            "pwik.meter.installation": self.installation,
            "pwik.meter.seal": self.seal,
            "pwik.reading": self.reading,
            "pwik.case": self.case,
            "pwik.case.change": self.change,
            "pwik.settlement": self.settlement,
            "pwik.settlement.line": self.settlement.line_ids,
            "account.move": self.invoice,
            "pwik.past.invoice": self.past_invoice,
            "pwik.outage": self.outage,
            "pwik.interest.note": self.note,
            "pwik.dunning.notice": self.reminder,
        }

    def creation(self):
        """Values without which a model refuses before it asks for rights."""
        return {
            "pwik.case.change": {
                "case_id": self.case.id,
                "field_name": "phone",
                "new_value": "+48 601 000 222",
            },
            "account.move.line": {"move_id": self.invoice.id},
        }

    def call(self, user, model, method, *args, **kwargs):
        self.env.invalidate_all()
        return call_kw(self.env[model].with_user(user), method, list(args), kwargs)


@tagged("post_install", "-at_install")
class TestRpc(RpcCommon):
    def test_every_model_with_portal_rights_is_tried(self):
        portal = self.env.ref("base.group_portal")
        readable = self.env["ir.model.access"].search(
            [("group_id", "=", portal.id), ("model_id.model", "=like", "pwik.%")]
        )
        self.assertEqual(
            set(readable.model_id.mapped("model")) - SHARED - set(self.foreign()),
            set(),
            "a model that customers may read and this test does not know",
        )
        self.assertFalse(readable.filtered(lambda one: one.perm_write or one.perm_create or one.perm_unlink))

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_foreign_records_are_not_read(self):
        for model, records in self.foreign().items():
            for user in (self.owner, self.nobody):
                for method, args in READERS.items():
                    with self.subTest(model=model, method=method, user=user.login):
                        with self.assertRaises(UserError):  # customers export nothing at all
                            self.call(user, model, method, records.ids, *args)
                domain = [("id", "in", records.ids)]
                with self.subTest(model=model, method="search", user=user.login):
                    self.assertEqual(self.call(user, model, "search", domain), [])
                    self.assertEqual(self.call(user, model, "search_count", domain), 0)
                    self.assertEqual(self.call(user, model, "search_read", domain, ["display_name"]), [])
                    found = self.call(user, model, "web_search_read", domain, {"display_name": {}})
                    self.assertEqual(found["records"], [])
                    self.assertEqual(self.call(user, model, "name_search", "", domain), [])

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_nothing_is_written_neither_foreign_nor_own(self):
        for model, records in [*self.foreign().items(), *self.own().items()]:
            with self.subTest(model=model, method="write"), self.assertRaises(AccessError):
                self.call(self.owner, model, "write", records.ids, {"display_name": "x"})
            with self.subTest(model=model, method="web_save"), self.assertRaises(AccessError):
                self.call(
                    self.owner,
                    model,
                    "web_save",
                    records.ids,
                    {"company_id": self.company.id},
                    specification={"display_name": {}},
                )
            with self.subTest(model=model, method="create"), self.assertRaises(AccessError):
                self.call(self.owner, model, "create", [self.creation().get(model, {})])
            with self.subTest(model=model, method="unlink"), self.assertRaises(AccessError):
                self.call(self.owner, model, "unlink", records.ids)
            with self.subTest(model=model, method="copy"), self.assertRaises(AccessError):
                self.call(self.owner, model, "copy", records.ids)

    def test_own_records_give_the_named_fields_and_no_other(self):
        for model, records in self.own().items():
            allowed = READABLE[model]
            with self.subTest(model=model):
                self.assertFalse(allowed - set(self.env[model]._fields), "a field that is not there")
                seen = self.call(self.owner, model, "read", records.ids)
                self.assertEqual(set(seen[0]) - allowed, set())
                self.assertEqual(set(self.call(self.owner, model, "fields_get")) - allowed, set())
                self.assertTrue(self.call(self.owner, model, "search", [("id", "in", records.ids)]))

    @mute_logger("odoo.models")
    def test_what_the_office_keeps_for_itself(self):
        """One by one, as a reminder of what the list is for; also as an order, and as a filter where it filters at all."""
        kept = {
            "res.partner": (
                "comment",
                "credit",
                "credit_limit",
                "bank_ids",
                "pwik_consent_ids",
                "message_ids",
            ),
            "pwik.service.point": ("note", "route_id", "message_ids"),
            "pwik.outage": ("note", "point_ids", "extra_point_ids", "street_ids", "message_ids"),
            "pwik.meter.installation": ("start_value", "end_value"),
            "pwik.reading": ("note", "consumption", "decided_by_id", "decision_reason", "finding_ids"),
            "pwik.case": ("tracking_code", "resolution", "user_id", "team_id", "access_token", "message_ids"),
            "pwik.case.change": ("accepted", "reason"),
            "pwik.settlement": ("document", "measure_ids", "run_id"),
            "account.move": ("narration", "access_token", "line_ids", "journal_id", "pwik_signed_xml_id"),
        }
        for model, names in kept.items():
            own = self.own()[model]
            for name in names:
                with self.subTest(model=model, field=name):
                    with self.assertRaises(AccessError):
                        self.call(self.owner, model, "read", own.ids, [name])
                    field = self.env[model]._fields[name]
                    if field.store and field.type not in ("one2many", "many2many"):
                        with self.assertRaises(AccessError):
                            self.call(self.owner, model, "search", [], order=name)
                        if not field.required:
                            with self.assertRaises(AccessError):
                                self.call(self.owner, model, "search", [(name, "!=", False)])

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.models")
    def test_models_without_portal_rights(self):
        for model in (
            "pwik.ebok.link",
            "pwik.einvoice.consent",
            "pwik.settlement.measure",
            "pwik.tariff",
            "pwik.tariff.rate",
            "pwik.reading.finding",
            "pwik.radio.module",
            "pwik.radio.dump.line",
            "pwik.outage.street",
            "pwik.notice",
            "pwik.notice.kind",
            "pwik.notice.preference",
            "account.payment",
            "res.partner.bank",
            "mail.followers",
        ):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.call(self.owner, model, "search_read", [], ["display_name"])

    def test_files_are_not_read_past_the_pages(self):
        file = self.env["ir.attachment"].create(
            {"name": "n.txt", "raw": b"TAJNE", "res_model": "pwik.case", "res_id": self.case.id}
        )
        for domain in ([("res_model", "=", "pwik.case")], [("id", "=", file.id)]):
            try:
                self.assertEqual(self.call(self.owner, "ir.attachment", "search_read", domain, ["name"]), [])
            except AccessError:
                continue
        with self.assertRaises(AccessError):
            self.call(self.owner, "ir.attachment", "read", file.ids, ["raw"])

    def test_a_way_round_by_a_related_record(self):
        """A dotted path in a filter asks for the rights of what it passes."""
        for domain in (
            [("contract_id.partner_id.comment", "ilike", "a")],
            [("meter_id.reading_ids.note", "ilike", "a")],
        ):
            with self.subTest(domain=domain), self.assertRaises(AccessError), mute_logger("odoo.models"):
                self.call(self.owner, "pwik.reading", "search", domain)

    def test_the_answer_is_told_when_it_is_given(self):
        self.case.write({"resolution": "Jeszcze nad tym pracujemy", "email_from": "anna@example.pl"})
        seen = self.call(self.owner, "pwik.case", "read", self.case.ids, ["ebok_answer"])[0]
        self.assertFalse(seen["ebok_answer"])
        self.case.action_done()
        seen = self.call(self.owner, "pwik.case", "read", self.case.ids, ["ebok_answer"])[0]
        self.assertEqual(seen["ebok_answer"], "Jeszcze nad tym pracujemy")
        self.change.write({"accepted": "no", "reason": "Brak dokumentu"})
        seen = self.call(
            self.owner, "pwik.case.change", "read", self.change.ids, ["ebok_decision", "ebok_reason"]
        )[0]
        self.assertEqual((seen["ebok_decision"], seen["ebok_reason"]), ("undecided", False))

    def test_a_draft_after_the_first_answer_stays_inside(self):
        def seen():
            return self.call(self.owner, "pwik.case", "read", self.case.ids, ["ebok_answer"])[0][
                "ebok_answer"
            ]

        self.case.write({"resolution": "Sprawdzamy", "email_from": "anna@example.pl"})
        self.case.action_answer()
        self.case.resolution = "Odmawiamy, bo nikt nie sprawdził"
        self.assertEqual(seen(), "Sprawdzamy")
        self.case.resolution = "Naprawione"
        self.case.action_done()
        self.assertEqual(seen(), "Naprawione")
        self.case.action_reopen()
        self.case.resolution = "Szkic po ponownym otwarciu"
        self.assertEqual(seen(), "Naprawione")


@tagged("post_install", "-at_install")
class TestRpcByHttp(RpcCommon, HttpCase):
    """The same doors from outside: mail threads, files, reports."""

    def rpc(self, path, params):
        answer = self.opener.post(
            self.base_url() + path, json={"jsonrpc": "2.0", "method": "call", "params": params}
        )
        return answer.json()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.internal_file = cls.env["ir.attachment"].create(
            {"name": "notatka.txt", "raw": b"TAJNE", "res_model": "pwik.case", "res_id": cls.case.id}
        )
        for record in (cls.case, cls.contract, cls.customer, cls.invoice, cls.meter):
            record.message_post(body="TAJNA notatka", subtype_xmlid="mail.mt_note")
        for record in (cls.contract, cls.customer, cls.meter, cls.invoice):
            record.message_post(body="TAJNY list", subtype_xmlid="mail.mt_comment", message_type="comment")
        cls.case.message_post(body="Odpowiedź biura", subtype_xmlid="mail.mt_comment", message_type="comment")
        cls.other_case.message_post(
            body="TAJNA odpowiedź", subtype_xmlid="mail.mt_comment", message_type="comment"
        )

    def test_threads(self):
        self.authenticate("owner", PASSWORD)
        seen = ""
        for record in (self.case, self.contract, self.customer, self.invoice, self.meter, self.other_case):
            for path in ("/mail/thread/messages", "/portal/chatter_init", "/mail/chatter_fetch"):
                params = {"thread_model": record._name, "thread_id": record.id}
                seen += str(self.rpc(path, params))
        self.assertIn("Odpowiedź biura", seen)
        self.assertNotIn("TAJN", seen)
        messages = self.rpc(
            "/web/dataset/call_kw",
            {
                "model": "mail.message",
                "method": "search_read",
                "args": [[("body", "ilike", "TAJN")], ["body"]],
                "kwargs": {},
            },
        )
        self.assertFalse(messages.get("result"))

    def test_a_token_is_no_login(self):
        token = self.case.sudo()._portal_ensure_token()
        params = {"thread_model": "pwik.case", "thread_id": self.case.id, "token": token}
        for login in ("other", None):
            self.authenticate(login, login and PASSWORD)
            self.assertNotIn("Odpowied", str(self.rpc("/mail/chatter_fetch", params)))
        invoice_token = self.invoice._portal_ensure_token()
        page = self.url_open(f"/my/invoices/{self.invoice.id}?access_token={invoice_token}")
        self.assertIn("/web/login", page.url)
        self.authenticate("other", PASSWORD)
        page = self.url_open(f"/my/invoices/{self.invoice.id}?access_token={invoice_token}")
        self.assertEqual(page.status_code, 404)

    def test_files(self):
        signed = self.env["ir.attachment"].create(
            {
                "name": "FV.xml",
                "raw": b"<TAJNE/>",
                "res_model": "account.move",
                "res_id": self.other_invoice.id,
            }
        )
        self.other_invoice.pwik_signed_xml_id = signed
        for login in ("owner", "nobody", None):
            self.authenticate(login, login and PASSWORD)
            for path in (
                f"/web/content/{self.internal_file.id}",
                f"/web/content/{signed.id}",
                f"/web/image/{signed.id}",
                f"/web/content/account.move/{self.other_invoice.id}/invoice_pdf_report_file",
                f"/web/image/res.partner/{self.other_customer.id}/image_1920",
                f"/my/cases/{self.case.id}/files/{self.internal_file.id}",
                f"/my/invoices/{self.other_invoice.id}/xml",
                f"/report/pdf/pwik_billing.report_invoice/{self.other_invoice.id}",
                f"/report/html/account.report_invoice/{self.other_invoice.id}",
            ):
                with self.subTest(path=path, login=login):
                    answer = self.url_open(path)
                    self.assertNotIn("TAJNE", answer.text)
                    self.assertNotIn(self.other_customer.name, answer.text)
                    self.assertNotIn(self.other_invoice.name, answer.text)

    def test_the_owner_gets_his_files_as_downloads(self):
        signed = self.env["ir.attachment"].create(
            {"name": "FV.xml", "raw": b"<Faktura/>", "res_model": "account.move", "res_id": self.invoice.id}
        )
        self.invoice.pwik_signed_xml_id = signed
        self.authenticate("owner", PASSWORD)
        for path, content in (
            (f"/my/invoices/{self.invoice.id}/xml", b"<Faktura/>"),
            (f"/my/cases/{self.case.id}/files/{self.file.id}", b"Tekst pliku"),
        ):
            answer = self.url_open(path)
            self.assertEqual((answer.status_code, answer.content), (200, content))
            self.assertTrue(answer.headers["Content-Disposition"].startswith("attachment"))
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")

    def test_nobody_signs_up_uninvited(self):
        self.authenticate(None, None)
        self.assertEqual(self.url_open("/web/signup").status_code, 404)
        self.assertEqual(self.env["res.users"]._get_signup_invitation_scope(), "b2b")
        page = self.url_open("/web/login").text
        self.assertNotIn("/web/signup", page)
        self.assertNotIn("odoo.com", page)
        self.assertNotIn("/web/database", page)
        self.assertIn("/web/reset_password", page)

    def test_customer_answers_in_his_case_only(self):
        self.authenticate("owner", PASSWORD)
        token = http.Request.csrf_token(self)
        for record, expected in ((self.case, True), (self.other_case, False), (self.contract, False)):
            before = record.message_ids
            self.rpc(
                "/mail/message/post",
                {
                    "thread_model": record._name,
                    "thread_id": record.id,
                    "post_data": {"body": "Dopisek", "message_type": "comment"},
                    "csrf_token": token,
                },
            )
            record.invalidate_recordset()
            with self.subTest(record=record):
                self.assertEqual(bool(record.message_ids - before), expected)
