"""A request for erasure: what keeps the data is told with its day; when nothing does, the customer is masked for good."""

import re

from dateutil.relativedelta import relativedelta
from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common import PASSWORD
from .test_retention import RetentionCommon


class ErasureCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.make_user("boss", "pwik_meters.pwik_meters_group_manager")
        cls.office = cls.make_user("office", "pwik_meters.pwik_meters_group_user")
        # Somebody whom nothing keeps: a contract that ended long ago, no invoice, no case.
        cls.gone = cls._make_customer(
            "Ewa Odeszła",
            street="ul. Tajna 7",
            phone="600 100 200",
            email="ewa@example.com",
            vat=False,
            comment="Uwaga o niej",
        )
        cls.gone_point = cls.make_point("ul. Tajna 7")
        cls.gone_contract = cls.make_contract(
            cls.gone, cls.gone_point, date_start="2010-01-01", date_end="2015-12-31"
        )
        cls.gone_contract.sudo().write({"state": "terminated"})
        cls.gone_login = cls.make_login("ewa@example.com", cls.gone)
        cls.gone.message_post(body="Rozmowa z Ewą", subtype_xmlid="mail.mt_note")

    def request(self, partner, submitter=None):
        return self.env["pwik.case"].create(
            {
                "type_id": self.env["pwik.case.type"]._get_by_code("erasure", self.company).id,
                "partner_id": partner.id,
                "submitter_id": submitter and submitter.partner_id.id,
                "description": "Proszę usunąć moje dane",
            }
        )

    def confirm(self, case, user=None, number=None):
        wizard = (
            self.env["pwik.erasure"]
            .with_user(user or self.boss)
            .create({"case_ids": [(6, 0, case.ids)], "typed_number": number})
        )
        wizard.action_erase()


@tagged("post_install", "-at_install")
class TestErasure(ErasureCommon):
    def test_the_form_does_not_name_the_request_itself(self):
        """The dialogue works on a copy of the case that is not saved: it must not keep the data by being open."""
        case = self.request(self.gone)
        wizards = self.env["pwik.erasure"].with_user(self.boss).with_context(default_case_ids=case.ids)
        self.assertFalse(Form(wizards).blocks)
        kept = self.request(self.customer)
        other = self.env["pwik.erasure"].with_user(self.boss).with_context(default_case_ids=kept.ids)
        self.assertIn(self.contract.number, Form(other).blocks)
        self.assertNotIn(kept.number, Form(other).blocks)

    def test_what_keeps_a_customer_is_told_with_its_day(self):
        blocks = {block.what: block.until for block in self.customer._pwik_get_erasure_blocks()}
        text = "\n".join(blocks)
        self.assertIn(self.contract.number, text)
        self.assertIn(self.case.number, text)
        self.assertIn("open items", text)
        self.assertIn(fields.Date.to_date("2030-12-31"), blocks.values(), "the invoice of October 2025")
        case = self.request(self.customer)
        with self.assertRaises(UserError) as refused:
            self.confirm(case, number=self.customer.pwik_customer_number)
        self.assertIn(self.contract.number, str(refused.exception))
        self.assertEqual((self.customer.pwik_erased_on, case.state), (False, "open"))
        self.assertIn(self.contract.number, case.erasure_blocks)

    def test_nothing_keeps_who_left_long_ago(self):
        self.assertFalse(self.gone._pwik_get_erasure_blocks())
        case = self.request(self.gone, self.gone_login)
        self.confirm(case, number=self.gone.pwik_customer_number)
        gone = self.gone
        self.assertEqual(gone.name, f"Erased {gone.pwik_customer_number}")
        self.assertFalse(gone.street or gone.city or gone.phone or gone.email or gone.vat or gone.comment)
        self.assertFalse(gone.active or gone.message_ids or gone.bank_ids)
        login = self.gone_login
        self.assertFalse(login.active)
        self.assertEqual(login.login, f"erased-{login.id}")
        self.assertNotIn("Login", login.partner_id.name)
        self.assertEqual((case.state, case.decision, case.description), ("done", "approved", False))
        self.assertTrue(self.gone_contract.exists(), "the contract stays, under a number")
        self.assertEqual(self.gone_contract.partner_id, gone)
        event = self.env["pwik.audit.event"].search([("kind", "=", "erasure")], limit=1)
        self.assertEqual((event.customer_ref, event.user_id), (gone.id, self.boss))
        letters = self.env["mail.mail"].search([("email_to", "=", "ewa@example.com")])
        self.assertIn(case.number, letters[:1].body_html, "the last letter tells that it was done")

    def test_no_table_holds_the_name_any_more(self):
        """Every text of the database, except the ledger's own and letters under way."""
        case = self.request(self.gone, self.gone_login)
        self.confirm(case, number=self.gone.pwik_customer_number)
        self.env["mail.mail"].search([("email_to", "=", "ewa@example.com")]).unlink()
        self.env.flush_all()
        self.cr.execute(
            """SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = current_schema() AND data_type IN ('character varying', 'text', 'jsonb')
                  AND table_name IN (SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')"""
        )
        found = []
        for table, column in self.cr.fetchall():
            self.cr.execute(
                f"""SELECT count(*) FROM "{table}" WHERE "{column}"::text ~ 'Odeszła|ewa@example|600 100 200'"""
            )
            if self.cr.fetchone()[0]:
                found.append(f"{table}.{column}")
        self.assertFalse(found)

    def test_it_is_confirmed_by_the_number(self):
        case = self.request(self.gone)
        with self.assertRaises(UserError):
            self.confirm(case, number="1")
        with self.assertRaises(UserError):
            case.with_user(self.boss).action_approve()
        self.assertTrue(self.gone.active)

    def test_a_manager_decides(self):
        case = self.request(self.gone)
        with self.assertRaises(AccessError):
            self.confirm(case, user=self.office, number=self.gone.pwik_customer_number)
        sure = case.with_user(self.office).with_context(pwik_erasure_confirmed=self.gone.id)
        with self.assertRaises(AccessError):
            sure.action_approve()
        self.assertTrue(self.gone.active)

    def test_it_cannot_be_taken_back(self):
        case = self.request(self.gone)
        self.confirm(case, number=self.gone.pwik_customer_number)
        with self.assertRaises(UserError):
            case.with_user(self.boss).action_reopen()

    def test_a_login_that_sees_somebody_else_stays(self):
        self.env["pwik.ebok.link"].create(
            {"user_id": self.gone_login.id, "partner_id": self.other_customer.id, "state": "active"}
        )
        case = self.request(self.gone)
        self.confirm(case, number=self.gone.pwik_customer_number)
        self.assertTrue(self.gone_login.active)
        self.assertEqual(self.gone_login.login, "ewa@example.com")
        links = self.gone_login.env["pwik.ebok.link"].search([("user_id", "=", self.gone_login.id)])
        self.assertEqual(
            {link.partner_id: link.state for link in links},
            {self.gone: "revoked", self.other_customer: "active"},
        )

    def test_each_thing_that_keeps(self):
        """One by one: a contract that ended lately, a young case, a young invoice of the previous system."""
        self.gone_contract.sudo().date_end = fields.Date.today() - relativedelta(years=5)
        block = self.gone._pwik_get_erasure_blocks()
        self.assertEqual([one.until for one in block], [self.gone_contract.date_end + relativedelta(years=6)])
        self.gone_contract.sudo().date_end = "2015-12-31"
        case = self.make_case(self.gone, self.gone_contract, "Jego sprawa")
        self.close(case, years=5)
        self.assertEqual(len(self.gone._pwik_get_erasure_blocks()), 1)
        self.close_earlier(case)
        self.assertFalse(self.gone._pwik_get_erasure_blocks())
        self.make_past_invoice(self.gone_contract, "FV/GONE/1")
        self.assertEqual([one.until.year for one in self.gone._pwik_get_erasure_blocks()], [2030])

    def close_earlier(self, case):
        case.sudo().date_closed = fields.Datetime.now() - relativedelta(years=7)

    def test_the_schedule_masks_former_customers_once_it_may(self):
        retention = self.period("customer")
        self.assertFalse(retention.active, "the office switches it on")
        self.assertIn(self.gone, self.due("customer"))
        self.assertFalse(self.due("customer") & (self.customer | self.other_customer | self.former_customer))
        self.let_go("customer")
        self.assertTrue(self.gone.pwik_erased_on)
        self.assertNotIn(self.gone, self.due("customer"))
        self.assertFalse(self.customer.pwik_erased_on)


@tagged("post_install", "-at_install")
class TestErasurePage(ErasureCommon, HttpCase):
    def ask(self, login, partner, **form):
        self.authenticate(login, PASSWORD)
        data = {"customer": partner.id, "csrf_token": http.Request.csrf_token(self), **form}
        return self.url_open("/my/privacy/erasure", data=data, allow_redirects=False)

    def asked(self, partner):
        return self.env["pwik.case"].search([("type_code", "=", "erasure"), ("partner_id", "=", partner.id)])

    def test_the_customer_asks_and_nothing_is_erased(self):
        answer = self.ask("owner", self.customer, sure="1", description="Wyprowadzam się")
        case = self.asked(self.customer)
        self.assertRegex(answer.headers["Location"], rf"/my/cases/{case.id}\b")
        self.assertEqual((case.description, case.submitter_id), ("Wyprowadzam się", self.owner.partner_id))
        self.assertFalse(self.customer.pwik_erased_on)
        page = self.url_open("/my/privacy").text
        self.assertIn(case.number, page)
        self.assertFalse(re.search(r'action="/my/privacy/erasure"', page), "once")

    def test_the_box_is_ticked_first(self):
        answer = self.ask("owner", self.customer, description="x")
        self.assertEqual(answer.status_code, 422)
        self.assertIn('id="error_summary"', answer.text)
        self.assertFalse(self.asked(self.customer))

    @mute_logger("odoo.http")
    def test_nobody_asks_for_another(self):
        for login in ("other", "former", "nobody"):
            with self.subTest(login=login):
                self.assertEqual(self.ask(login, self.customer, sure="1").status_code, 404)
        self.assertFalse(self.asked(self.customer))
