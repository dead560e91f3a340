"""The routing map makes the test: every route of ours, of the portal, of invoices, payments, files and mail is asked with the
owner's records by another customer, a former owner, a login without any customer and a guest.

A new route is tried by itself. If it wants something whose name is not known here, the test says so: name it in ``_values``.
"""

import os
import re

from odoo import http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PASSWORD
from .probes import fill, heard_writes
from .test_rpc import RpcCommon

PREFIXES = (
    *("/my", "/ebok", "/portal", "/payment", "/invoice", "/account", "/mail", "/report"),
    *("/web/content", "/web/image", "/web/binary"),
)
STRANGERS = ("other", "former", "nobody", None)
#: What a stranger may write though he is one: his own, or nobody's. Anything else is a finding.
MAY_WRITE = {
    "/ebok/signup": {"pwik_ebok_signup", "mail_mail", "mail_message"},
    "/mail/set_manual_im_status": {"res_users"},
    "/mail/guest/update_name": {"mail_guest"},
    "/my/notices": {"pwik_notice_preference"},  # what he himself is told of
    "/web/reset_password": {"pwik_ebok_reset"},  # takes down what was typed, whoever it is
    "/portal/chatter_init": {"res_users_settings"},  # his own
}
#: Fields of our forms that are read by name and are no parameter of a function.
NAMED_IN_FORMS = (
    *("phone", "street", "zip", "city", "correspondence_street", "correspondence_zip", "correspondence_city"),
    *(
        "date_to",
        "agreed",
        "confirmed",
        "photo",
        "files",
        "file",
        "invoice",
        "sure",
        "filterby",
        "done",
        "new",
    ),
)
#: Values that are no numbers, no texts or nothing that can be stored, and how many of them each route is sent: the next ones in
#: turn, so that each meets pages and forms of all kinds; PWIK_HOSTILE=8 sends all of them everywhere.
HOSTILE = ("²", "9" * 30, "-1", "a\0b", "\ud800", "%", "' OR 1=1", "x" * 20_000)
HOSTILE_A_ROUTE = int(os.environ.get("PWIK_HOSTILE", "3"))
#: Pictures of letters, the same for everybody.
NOBODYS = "/mail/font_to_img/"


@tagged("post_install", "-at_install", "pwik_long")
class TestGeneratedRoutes(RpcCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.link = cls.env["pwik.ebok.link"].search([("partner_id", "=", cls.customer.id)], limit=1)
        cls.invitation = cls.env["pwik.ebok.invitation"].create(
            {
                "partner_id": cls.customer.id,
                "email": "TAJNY.GOSC@example.com",
                "role": "proxy",
                "inviter_id": cls.owner.id,
                "token_digest": "0" * 64,
                "valid_until": "2099-01-01",
            }
        )
        cls.signed = cls.env["ir.attachment"].create(
            {
                "name": "FV.xml",
                "raw": b"<Faktura>TAJNE</Faktura>",
                "res_model": "account.move",
                "res_id": cls.invoice.id,
            }
        )
        cls.invoice.pwik_signed_xml_id = cls.signed
        cls.device = cls.env["res.device.log"].create(
            {
                "session_identifier": "d" * 42,
                "platform": "TAJNY",
                "browser": "telefon",
                "user_id": cls.owner.id,
                "first_activity": "2026-01-01",
                "last_activity": "2026-01-02",
            }
        )
        cls.provider = cls.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        cls.message = cls.case.message_post(
            body="TAJNA odpowiedź", subtype_xmlid="mail.mt_comment", message_type="comment"
        )

    def _values(self):
        """Value by name of a parameter, of whatever route: the owner's records."""
        return {
            **{name: self.contract.id for name in ("contract_id",)},
            "meter_id": self.meter.id,
            "case_id": self.case.id,
            "file_id": self.file.id,
            "past_id": self.past_invoice.id,
            "invoice_id": self.invoice.id,
            "link_id": self.link.id,
            "invitation_id": self.invitation.id,
            "message_id": self.message.id,
            "attachment_id": self.signed.id,
            "attachments": self.signed.id,
            "invoices": self.invoice.id,
            "moves": self.invoice.id,
            "partner_id": self.customer.id,
            "customer": self.customer.id,
            "id": self.signed.id,
            "res_id": self.case.id,
            "thread_id": self.case.id,
            "docids": self.invoice.id,
            "journal_id": self.invoice.journal_id.id,
            "country": self.env.ref("base.pl").id,
            "model": "pwik.past.invoice",
            "thread_model": "pwik.case",
            "res_model": "pwik.case",
            "field": "pdf",
            "converter": "html",
            "reportname": "pwik_billing.report_invoice",
            "filetype": "pdf",
            "xmlid": "pwik_ebok.signup_form",
            "filename": "plik.pdf",
            "barcode_type": "QR",
            "value": "x",
            "token": "a" * 43,
            "token_id": 1,
            "page": 1,
            "width": 10,
            "height": 10,
            "size": 10,
            "alpha": 1,
            "color": "red",
            "bg": "red",
            "icon": "0xf000",
            "unique": "abc",
            "counters": ["invoice_count", "case_count", "contract_count"],
            "file_ids": str(self.signed.id),
            "zip_name": "x.zip",
            "emails": ["tajny@example.com"],
            "partner_ids": [self.customer.id],
            "fields": ["name"],
            "is_internal": False,
            "body": "obcy dopisek",
            "update_data": {"body": "obcy dopisek"},
            "post_data": {"body": "obcy dopisek", "message_type": "comment"},
            "content": "👍",
            "action": "add",
            "reaction": "👍",
            "fetch_params": ["res.partner"],
            "store_data": {},
            "follower_id": 1,
            "guest_id": 1,
            "name": "Obcy",
            "email": "obcy@example.com",
            "status": "away",
            "target_lang": "en",
            "link_preview_id": 1,
            "message_link_preview_ids": [1],
            "channel_id": 1,
            "session_id": 1,
            "peer_notifications": [],
            "values": {},
            "data": f'["/report/pdf/pwik_billing.report_invoice/{self.invoice.id}", "qweb-pdf"]',
            "context": "{}",
            "ufile": "",
            "access_token": "x" * 36,
            "amount": 1,
            "currency_id": self.company.currency_id.id,
            "reference": self.invoice.name,
            "validation": "other",
            "password": "zgaduję",
            "kind": "remark",
            "reading_value": "245",
            "reading_date": "2025-10-01",
            "description": "obce",
            "customer_number": "1",
            "invoice_number": "1",
            "role": "owner",
            "code": "AAAA",
            "field_parents": {},
            "limit": 30,
            "results": {},
            "pid": 1,
            "payment_reference": "x",
            "tx_id": 1,
            "customer_id": self.customer.id,
            "what": str(self.invoice.id),
            "provider_id": self.provider.id,
            "payment_method_id": self.provider.payment_method_ids[:1].id,
            "flow": "direct",
            "note_id": self.note.id,
            "reminder_id": self.reminder.id,
            "address_type": "billing",
            "sure": "1",
            "session": self.device.id,
            "search": self.case.number,
            "login": "owner",
            "old": "zgaduję",
            "new1": "x",
            "new2": "y",
        }

    def _secrets(self):
        return [
            self.customer.name,
            self.contract.number,
            self.invoice.name,
            self.past_invoice.number,
            "Tekst dawnej faktury",
            self.case.number,
            self.case.name,
            "201,5",
            "201.5",
            "Tekst pliku",
            "TAJN",
        ]

    def _rules(self):
        for rule in self.env["ir.http"].routing_map().iter_rules():
            ours = self._is_ours(rule) or re.match(rf"({'|'.join(PREFIXES)})(/|$)", rule.rule)
            if ours and not rule.rule.startswith(NOBODYS):
                yield rule

    def _is_ours(self, rule):
        return "pwik" in rule.endpoint.func.__module__

    def _fill_path(self, rule):
        values = self._values()
        missing = sorted(set(rule.arguments) - set(values))
        path = rule.rule
        for name in rule.arguments:
            path = re.sub(rf"<(?:[^<>]*:)?{name}>", str(values.get(name, 1)), path)
        return path, missing

    def test_every_parameter_is_known(self):
        values, unknown = self._values(), []
        for rule in self._rules():
            _path, missing = self._fill_path(rule)
            function = rule.endpoint.func
            required = fill(getattr(function, "original_endpoint", function), values, rule.arguments)[1]
            unknown += [f"{rule.rule}: {name}" for name in [*missing, *required]]
        self.assertFalse(
            unknown, "routes whose parameters this test does not know: name a value in _values()"
        )

    def _ask(self, rule, method):
        path, _missing = self._fill_path(rule)
        values = {name: value for name, value in self._values().items() if name not in rule.arguments}
        if rule.endpoint.routing["type"] == "jsonrpc":
            return self.opener.post(
                self.base_url() + path,
                json={"jsonrpc": "2.0", "method": "call", "params": values},
                timeout=60,
            )
        if method == "POST":
            form = {name: value for name, value in values.items() if isinstance(value, (str, int))}
            form["csrf_token"] = http.Request.csrf_token(self)
            return self.url_open(path, data=form, allow_redirects=False, timeout=60)
        form = {name: value for name, value in values.items() if name in ("filterby", "customer", "token")}
        return self.opener.get(self.base_url() + path, params=form, allow_redirects=False, timeout=60)

    def _methods(self, rule):
        if rule.endpoint.routing["type"] == "jsonrpc":
            return ["POST"]
        return sorted((rule.methods or {"GET", "POST"}) & {"GET", "POST"})

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_http", "odoo.sql_db", "werkzeug")
    def test_strangers_learn_and_write_nothing(self):
        probes, findings = 0, []
        for login in STRANGERS:
            self.authenticate(login, login and PASSWORD)
            secrets = self._secrets()
            for rule in self._rules():
                for method in self._methods(rule):
                    with heard_writes() as tables:
                        answer = self._ask(rule, method)
                    probes += 1
                    where = f"{login or 'guest'} {method} {rule.rule}: "
                    if answer.status_code >= 500 and self._is_ours(rule):
                        findings.append(f"{where}status {answer.status_code}")
                    findings += [f"{where}tells {secret!r}" for secret in secrets if secret in answer.text]
                    wrong = set(tables) - MAY_WRITE.get(rule.rule, set())
                    if wrong:
                        findings.append(f"{where}writes {sorted(wrong)}")
                    if rule.rule in ("/my/security", "/my/deactivate_account"):
                        self.authenticate(login, login and PASSWORD)
        self.assertFalse(findings, "\n".join(findings))
        self.assertGreater(probes, 500)

    @mute_logger("odoo.http", "werkzeug")
    def test_posts_of_ours_need_a_token(self):
        """Each of our routes that writes refuses a form without the session's token, the owner's too."""
        self.authenticate("owner", PASSWORD)
        for rule in self._rules():
            if not self._is_ours(rule) or rule.endpoint.routing["type"] != "http":
                continue
            if "POST" not in self._methods(rule):
                continue
            path, _missing = self._fill_path(rule)
            with self.subTest(path=path), heard_writes() as tables:
                answer = self.url_open(
                    path, data={"name": "x", "customer": self.customer.id}, allow_redirects=False
                )
                self.assertIn(answer.status_code, (400, 403, 404), "without a token")
                self.assertFalse(tables)

    @mute_logger("odoo.http", "werkzeug")
    def test_no_get_of_ours_writes(self):
        self.authenticate("owner", PASSWORD)
        for rule in self._rules():
            if not self._is_ours(rule) or "GET" not in self._methods(rule):
                continue
            if not rule.rule.startswith(("/my", "/ebok")):
                continue
            self._ask(rule, "GET")  # what is made once: bundles, previews
            with self.subTest(path=rule.rule), heard_writes() as tables:
                answer = self._ask(rule, "GET")
                self.assertLess(answer.status_code, 500)
                self.assertFalse(tables)

    @mute_logger("odoo.http", "werkzeug")
    def test_no_parameter_breaks_a_page_of_ours(self):
        """Values that are no numbers, no texts or nothing that can be stored are the sender's fault: no error of the server."""
        self.authenticate("owner", PASSWORD)
        findings, probes = [], 0
        for number, rule in enumerate(self._rules()):
            if not self._is_ours(rule) or rule.endpoint.routing["type"] != "http":
                continue
            if rule.rule.startswith("/web/"):  # Odoo's own files, which we only narrow
                continue
            path, _missing = self._fill_path(rule)
            names = [*NAMED_IN_FORMS, *(name for name in self._values() if name not in rule.arguments)]
            for method in self._methods(rule):
                for turn in range(HOSTILE_A_ROUTE):
                    value = HOSTILE[(number + turn) % len(HOSTILE)]
                    probes += 1
                    status = self._send_hostile(path, method, dict.fromkeys(names, value)).status_code
                    if status >= 500:
                        findings.append(f"{method} {rule.rule} with {value[:9]!r}: {status}")
            if "POST" in self._methods(rule):
                files = {name: ("plik.txt", b"x", "text/plain") for name in names}
                status = self._send_hostile(path, "POST", {}, files=files).status_code
                if status >= 500:
                    findings.append(f"POST {rule.rule} with files for texts: {status}")
            if re.search("<int:", rule.rule):
                huge = re.sub(r"<int:\w+>", "9" * 20, rule.rule)
                status = self._send_hostile(huge, self._methods(rule)[0], {}).status_code
                if status >= 500:
                    findings.append(f"{huge}: {status}")
        self.assertFalse(findings, "\n".join(findings))
        self.assertGreater(probes, 25 * HOSTILE_A_ROUTE)

    def _send_hostile(self, path, method, values, files=None):
        values = {
            name: value.encode("utf-8", "surrogatepass")
            for name, value in values.items()
            if name != "csrf_token"
        }
        if method == "GET":
            few = dict(list(values.items())[:40])
            few = {name: value[:50] for name, value in few.items()}  # an address has a limit of its own
            return self.opener.get(self.base_url() + path, params=few, allow_redirects=False, timeout=60)
        values["csrf_token"] = http.Request.csrf_token(self)
        return self.opener.post(
            self.base_url() + path, data=values, files=files, allow_redirects=False, timeout=60
        )
