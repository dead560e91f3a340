from lxml import html
from odoo import fields, http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestSubmissions(EbokCommon, HttpCase):
    """The forms as the customer fills them in."""

    def setUp(self):
        super().setUp()
        self.authenticate("owner", PASSWORD)
        self.today = fields.Date.context_today(self.env.user)
        self.cases = self.env["pwik.case"].search([])

    def _post(self, path, **data):
        return self.url_open(path, data={"csrf_token": http.Request.csrf_token(self), **data})

    def _new_case(self):
        return self.env["pwik.case"].search([]) - self.cases

    def _submit_reading(self, value, **data):
        return self._post(
            f"/my/meters/{self.meter.id}/submit", reading_value=value, reading_date=str(self.today), **data
        )

    def test_reading_becomes_a_case(self):
        page = self._submit_reading("245")
        case = self._new_case()
        self.assertEqual(page.status_code, 200)
        self.assertIn(case.number, page.text)
        self.assertEqual(
            (case.type_id.code, case.reading_value, case.meter_id), ("reading", 245.0, self.meter)
        )
        self.assertEqual((case.partner_id, case.submitter_id), (self.customer, self.owner.partner_id))

    def test_mistakes_stay_in_the_form(self):
        for value in ("", "abc", "12,5", "-3", "1234567"):
            with self.subTest(value=value):
                page = self._submit_reading(value)
                self.assertEqual(page.status_code, 422)
                self.assertIn('id="error_summary"', page.text)
                self.assertIn('href="#field_reading_value"', page.text)
        self.assertFalse(self._new_case())

    def test_doubtful_value_is_asked_about_and_taken_when_confirmed(self):
        page = self._submit_reading("9215")
        self.assertEqual(page.status_code, 422)
        self.assertIn('id="reading_warning"', page.text)
        self.assertFalse(self._new_case())
        other = self._submit_reading("9999", confirmed="9215")
        self.assertEqual(other.status_code, 422, "a yes to one value is not a yes to another")
        self._submit_reading("9215", confirmed="9215")
        self.assertEqual(self._new_case().reading_value, 9215.0)

    def test_data_change_is_a_request(self):
        phone = self.customer.phone
        page = self._post(
            "/my/customer/request",
            customer=self.customer.id,
            phone="+48 601 222 333",
            street=self.customer.street,
            zip=self.customer.zip,
            city=self.customer.city,
            vat="PL1111111111",
            email=self.customer.email or "",
            name="Nie to pole",
        )
        case = self._new_case()
        self.assertIn(case.number, page.text)
        self.assertEqual(case.change_ids.mapped("field_name"), ["phone"])
        self.assertEqual(self.customer.phone, phone, "nothing is written before the office accepts it")
        case.change_ids.accepted = "yes"
        case.action_approve()
        self.assertEqual(self.customer.phone, "+48 601 222 333")
        self.assertIn("601 222 333", self.url_open("/my/customer").text)

    def test_remark_with_a_file(self):
        page = self.url_open(
            "/my/cases/new",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "kind": "complaint",
                "contract_id": self.contract.id,
                "name": "Zawyżony rachunek",
                "description": "Proszę o sprawdzenie.",
            },
            files={"files": ("uwaga.txt", b"Tekst uwagi", "text/plain")},
        )
        case = self._new_case()
        self.assertIn(case.number, page.text)
        self.assertEqual(case.type_id.code, "complaint")
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "pwik.case"), ("res_id", "=", case.id)]
        )
        self.assertEqual(attachment.raw, b"Tekst uwagi")

    def test_a_page_of_html_is_no_file(self):
        page = self.url_open(
            "/my/cases/new",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "kind": "remark",
                "contract_id": self.contract.id,
                "description": "Strona",
            },
            files={"files": ("strona.html", b"<html><script>alert(1)</script></html>", "text/html")},
        )
        self.assertEqual(page.status_code, 422)
        self.assertFalse(self._new_case())

    def test_kind_is_one_of_the_form(self):
        self._post("/my/cases/new", kind="alarm", contract_id=self.contract.id, description="Próba")
        self.assertEqual(self._new_case().type_id.code, "remark")

    def test_kinds_are_those_that_the_office_offers(self):
        instalments = self.env["pwik.case.type"]._get_by_code("instalments", self.company)
        page = self.url_open("/my/cases/new").text
        for code in (
            "remark",
            "complaint",
            "failure",
            "meter_exchange",
            "submeter",
            "instalments",
            "contract",
        ):
            self.assertIn(f'id="kind_{code}"', page)
        for code in ("reading", "data_change", "erasure", "alarm", "einvoice_consent"):
            self.assertNotIn(f'id="kind_{code}"', page)
        values = {"contract_id": self.contract.id, "name": "Raty", "description": "Proszę o trzy raty."}
        self._post("/my/cases/new", kind="instalments", **values)
        self.assertEqual(self._new_case().type_id, instalments)
        instalments.portal_create = False
        self.assertNotIn('id="kind_instalments"', self.url_open("/my/cases/new").text)
        self._post("/my/cases/new", kind="instalments", **values)
        self.assertEqual(sorted(self._new_case().mapped("type_id.code")), ["instalments", "remark"])

    def test_an_exchange_names_its_meter(self):
        values = {"kind": "meter_exchange", "contract_id": self.contract.id, "description": "Nie kręci się."}
        page = self._post("/my/cases/new", **values)
        self.assertEqual(page.status_code, 422)
        self.assertIn('href="#field_meter_id"', page.text)
        self.assertIn("Nie kręci się.", page.text, "what was written stays")
        second = self.make_contract(self.customer, self.make_point("ul. Druga 2"))
        page = self._post("/my/cases/new", **{**values, "contract_id": second.id}, meter_id=self.meter.id)
        self.assertEqual(page.status_code, 422, "the meter of another contract")
        self.assertFalse(self._new_case())
        page = self._post("/my/cases/new", **values, meter_id=self.other_meter.id)
        self.assertEqual(page.status_code, 404, "another customer's meter")
        self.assertFalse(self._new_case())
        self._post("/my/cases/new", **values, meter_id=self.meter.id)
        case = self._new_case()
        self.assertEqual((case.type_id.code, case.meter_id), ("meter_exchange", self.meter))

    def test_no_contract_is_chosen_for_the_customer(self):
        page = html.fromstring(self.url_open("/my/cases/new").text)
        self.assertEqual(
            page.xpath("//select[@id='field_contract_id']/option/@value"),
            [str(self.contract.id)],
            "the only one",
        )
        ended = self.make_contract(
            self.customer, self.make_point("ul. Dawna 1"), date_start="2020-01-01", date_end="2024-12-31"
        )
        ended.number = "U/0000/000001"  # before the present one by its number
        page = html.fromstring(self.url_open("/my/cases/new").text)
        options = page.xpath("//select[@id='field_contract_id']/option")
        self.assertEqual([one.get("value") for one in options], ["", str(self.contract.id), str(ended.id)])
        self.assertFalse(page.xpath("//select[@id='field_contract_id']/option[@selected]"))
        self.assertIn("31.12.2024", options[2].text_content())
        self.assertNotIn(self.customer.name, options[1].text_content())

        answer = self._post(
            "/my/cases/new", kind="failure", name="Wyciek", description="Cieknie przed domem."
        )
        self.assertEqual(answer.status_code, 422)
        self.assertIn('id="error_contract_id"', answer.text)
        self.assertIn("Cieknie przed domem.", answer.text, "what was written stays")
        self.assertFalse(self._new_case())

        second = self._make_customer("Zenobia Druga")
        theirs = self.make_contract(second, self.make_point("ul. Trzecia 3"))
        self.env["pwik.ebok.link"].create(
            {"user_id": self.owner.id, "partner_id": second.id, "state": "active", "date_from": "2025-01-01"}
        )
        page = html.fromstring(self.url_open("/my/cases/new").text)
        option = page.xpath(f"//select[@id='field_contract_id']/option[@value='{theirs.id}']")[0]
        self.assertIn("Zenobia Druga", option.text_content())
        self._post("/my/cases/new", kind="failure", contract_id=theirs.id, description="Brak wody.")
        self.assertEqual(self._new_case().partner_id, second)

    def test_complaint_from_an_invoice_names_its_contract(self):
        self.make_contract(self.customer, self.make_point("ul. Druga 2"))
        for path, marker in (
            (f"/my/invoices/{self.invoice.id}", "kind=complaint"),
            (f"/my/contracts/{self.contract.id}", "contract="),
        ):
            with self.subTest(path=path):
                page = html.fromstring(self.url_open(path).text)
                link = page.xpath(
                    f"//a[contains(@href, '/my/cases/new') and contains(@href, '{marker}')]/@href"
                )[0]
                form = html.fromstring(self.url_open(link).text)
                chosen = form.xpath("//select[@id='field_contract_id']/option[@selected]/@value")
                self.assertEqual(chosen, [str(self.contract.id)])
        foreign = html.fromstring(self.url_open(f"/my/cases/new?contract={self.other_contract.id}").text)
        self.assertFalse(foreign.xpath("//select[@id='field_contract_id']/option[@selected]"))

    def test_the_thirty_first_case_of_a_day_waits(self):
        values = {"kind": "remark", "contract_id": self.contract.id, "name": "Uwaga"}
        for number in range(30):
            answer = self._post("/my/cases/new", **values, description=f"Treść {number}")
            self.assertEqual(answer.status_code, 200)
        self.assertEqual(self._post("/my/cases/new", **values).status_code, 422, "a mistake is no case")
        for path, form in (
            ("/my/cases/new", {**values, "description": "Treść trzydziesta pierwsza"}),
            (f"/my/meters/{self.meter.id}/submit", {"reading_value": "245", "reading_date": str(self.today)}),
            ("/my/privacy/erasure", {"customer": self.customer.id, "sure": "1", "description": "Proszę."}),
        ):
            with self.subTest(path=path):
                answer = self._post(path, **form)
                self.assertEqual(answer.status_code, 429)
        self.assertEqual(len(self._new_case()), 30)
        answer = self._post("/my/cases/new", **values, description="Treść trzydziesta pierwsza")
        self.assertIn("Treść trzydziesta pierwsza", answer.text, "what was written stays")
        self.env["ir.config_parameter"].set_param("pwik_ebok.limit_case_login", "31")
        self.assertEqual(self._post("/my/cases/new", **values, description="Jednak").status_code, 200)

    def test_messages_of_a_day_are_counted(self):
        self.env["ir.config_parameter"].set_param("pwik_ebok.limit_message_login", "2")

        def send():
            params = {
                "thread_model": "pwik.case",
                "thread_id": self.case.id,
                "post_data": {"body": "Halo?", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
            }
            return self.opener.post(
                self.base_url() + "/mail/message/post",
                json={"jsonrpc": "2.0", "method": "call", "params": params},
            ).json()

        self.assertTrue(send()["result"]["message_id"])
        self.assertTrue(send()["result"]["message_id"])
        with mute_logger("odoo.http"):
            self.assertIn("error", send())

    def test_csv_of_readings(self):
        answer = self.url_open(f"/my/meters/{self.meter.id}/readings.csv")
        self.assertIn("text/csv", answer.headers["Content-Type"])
        self.assertIn("2025-09-30;201,500", answer.content.decode("utf-8-sig"))
        self.assertNotIn("150,000", answer.text, "the former owner's reading")
