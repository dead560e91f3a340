import re

from odoo import http
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, PDF, EbokCommon

#: Odoo's own pages below /my that answer the login about itself, or need parameters of their own.
NOT_OURS = ("/my/counters", "/my/journal", "/my/payment_method", "/my/projects", "/my/tasks")


@tagged("post_install", "-at_install")
class TestRoutes(EbokCommon, HttpCase):
    """Every route below /my, taken from the routing map, asked by the owner, by others and by a guest."""

    def _ids(self):
        return {
            "contract_id": self.contract.id,
            "meter_id": self.meter.id,
            "case_id": self.case.id,
            "invoice_id": self.invoice.id,
            "file_id": self.file.id,
            "past_id": self.past_invoice.id,
            "page": 1,
        }

    def _secrets(self):
        """Texts which only the owner may read."""
        return [
            self.customer.name,
            self.contract.number,
            self.meter.serial,
            self.invoice.name,
            self.past_invoice.number,
            "Tekst dawnej faktury",
            self.case.number,
            self.case.name,
            "201,5",
            "Tekst pliku",
        ]

    def _paths(self, method):
        """Paths of the routing map with the owner's records filled in."""
        paths, unknown = [], []
        for rule in self.env["ir.http"].routing_map().iter_rules():
            if not (rule.rule == "/my" or rule.rule.startswith("/my/")) or rule.rule.startswith(NOT_OURS):
                continue
            if rule.methods and method not in rule.methods or rule.endpoint.routing["type"] != "http":
                continue
            path = rule.rule
            for name in re.findall(r"<[^>]*?(\w+)>", path):
                if name not in self._ids():
                    unknown.append(rule.rule)
                path = re.sub(rf"<[^>]*?\b{name}>", str(self._ids().get(name, 1)), path)
            paths.append(path)
        self.assertFalse(
            [path for path in unknown if "country" not in path],
            "a route with an id that this test does not fill",
        )
        return sorted(set(paths))

    def test_the_map_holds_the_promised_pages(self):
        paths = self._paths("GET")
        for path in (
            "/my",
            "/my/customer",
            "/my/customer/requests",
            "/my/customer/request",
            "/my/customer/einvoice",
            "/my/notices",
            "/my/outages",
            "/my/simulation",
            "/my/security",
            "/my/invoices",
            "/my/invoices/past",
            f"/my/invoices/past/{self.past_invoice.id}/pdf",
            "/my/balance",
            "/my/contracts",
            "/my/readings",
            "/my/reading",
            "/my/cases",
            "/my/cases/readings",
            "/my/cases/changes",
            "/my/cases/new",
            f"/my/contracts/{self.contract.id}",
            f"/my/meters/{self.meter.id}/readings",
            f"/my/meters/{self.meter.id}/submit",
            f"/my/cases/{self.case.id}",
            f"/my/invoices/{self.invoice.id}",
        ):
            self.assertIn(path, paths)

    def test_owner_opens_each_page(self):
        self.authenticate("owner", PASSWORD)
        self.invoice.pwik_signed_xml_id = self.env["ir.attachment"].create(
            {"name": "FV.xml", "raw": b"<Faktura/>", "res_model": "account.move", "res_id": self.invoice.id}
        )
        for path in self._paths("GET"):
            if path.startswith("/my/address"):
                continue
            with self.subTest(path=path):
                self.assertEqual(self.url_open(path).status_code, 200)

    def test_others_learn_nothing(self):
        for login in ("other", "former", "nobody", None):
            if login:
                self.authenticate(login, PASSWORD)
            else:
                self.authenticate(None, None)
            secrets = [s for s in self._secrets() if not (login == "former" and s == self.meter.serial)]
            for path in self._paths("GET"):
                with self.subTest(path=path, login=login or "guest"):
                    page = self.url_open(path)
                    self.assertLess(page.status_code, 500)
                    for secret in secrets:
                        self.assertNotIn(secret, page.text)

    def test_a_foreign_and_a_missing_record_answer_alike(self):
        self.authenticate("other", PASSWORD)
        records = {
            "contracts": self.contract,
            "meters": self.meter,
            "cases": self.case,
            "invoices": self.invoice,
        }
        for path in (
            "/my/contracts/%s",
            "/my/meters/%s/readings",
            "/my/meters/%s/readings.csv",
            "/my/meters/%s/months.csv",
            "/my/meters/%s/submit",
            "/my/cases/%s",
            f"/my/cases/%s/files/{self.file.id}",
            "/my/invoices/%s",
            "/my/invoices/%s?report_type=pdf&download=true",
            "/my/invoices/%s/xml",
        ):
            record = records[path.split("/")[2]]
            foreign, missing = self.url_open(path % record.id), self.url_open(path % 999999999)
            self.assertEqual((foreign.status_code, missing.status_code), (404, 404), path)
            tokens = re.compile(r'csrf_token: "\w+"|nonce="[\w-]+"')
            self.assertEqual(tokens.sub("", foreign.text), tokens.sub("", missing.text))

    def test_foreign_posts_change_nothing(self):
        self.authenticate("other", PASSWORD)
        before = self.env["pwik.case"].search_count([])
        token = http.Request.csrf_token(self)
        answers = [
            self.url_open(
                f"/my/meters/{self.meter.id}/submit",
                data={"csrf_token": token, "reading_value": "245", "reading_date": "2025-10-01"},
            ),
            self.url_open(
                "/my/customer/request",
                data={"csrf_token": token, "customer": self.customer.id, "phone": "+48 600 000 000"},
            ),
            self.url_open(
                "/my/cases/new",
                data={
                    "csrf_token": token,
                    "kind": "remark",
                    "contract_id": self.contract.id,
                    "description": "obce",
                },
            ),
        ]
        self.assertEqual([answer.status_code for answer in answers], [404, 404, 404])
        self.assertEqual(self.env["pwik.case"].search_count([]), before)

    def test_posts_need_a_token(self):
        self.authenticate("owner", PASSWORD)
        before = self.env["pwik.case"].search_count([])
        for path in (f"/my/meters/{self.meter.id}/submit", "/my/customer/request", "/my/cases/new"):
            answer = self.url_open(path, data={"description": "bez znacznika", "customer": self.customer.id})
            self.assertEqual(answer.status_code, 400, path)
        self.assertEqual(self.env["pwik.case"].search_count([]), before)

    def test_personal_pages_are_not_stored(self):
        self.authenticate("owner", PASSWORD)
        for path in ("/my", "/my/customer", "/my/balance", f"/my/contracts/{self.contract.id}"):
            self.assertIn("no-store", self.url_open(path).headers["Cache-Control"], path)

    def test_past_invoice_is_the_owners(self):
        path = f"/my/invoices/past/{self.past_invoice.id}/pdf"
        self.authenticate("owner", PASSWORD)
        page = self.url_open("/my/invoices/past").text
        self.assertIn(self.past_invoice.number, page)
        self.assertNotIn(self.other_past_invoice.number, page)
        self.assertIn("/my/invoices/past", self.url_open("/my/invoices").text)
        mine = self.url_open(path)
        self.assertEqual((mine.status_code, mine.content), (200, PDF))
        self.assertEqual(mine.headers["Content-Type"], "application/pdf")
        self.assertTrue(mine.headers["Content-Disposition"].startswith("attachment"))
        self.assertIn("no-store", mine.headers["Cache-Control"])
        for login in ("other", "former", "nobody"):
            self.authenticate(login, PASSWORD)
            foreign, missing = self.url_open(path), self.url_open("/my/invoices/past/999999999/pdf")
            self.assertEqual((foreign.status_code, missing.status_code), (404, 404), login)
            content = f"/web/content/pwik.past.invoice/{self.past_invoice.id}/pdf"
            self.assertNotIn(PDF, self.url_open(content).content)

    def test_invoice_pdf_is_the_owners(self):
        path = f"/my/invoices/{self.invoice.id}?report_type=pdf&download=true"
        self.authenticate("owner", PASSWORD)
        mine = self.url_open(path)
        self.assertEqual(mine.headers["Content-Type"], "application/pdf")
        self.authenticate("other", PASSWORD)
        foreign = self.url_open(path)
        self.assertNotEqual(foreign.headers["Content-Type"].split(";")[0], "application/pdf")
        self.assertNotIn(self.invoice.name, foreign.text)
