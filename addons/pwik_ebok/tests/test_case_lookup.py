"""The state of a case by number and code, without signing in."""

from odoo import http
from odoo.addons.pwik_ebok.controllers import case_lookup
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestCaseLookup(EbokCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate(None, None)
        # Tries are counted on a cursor of their own, which in a test is the test's: it takes no second snapshot.
        self.env.cr.execute("DELETE FROM pwik_ebok_attempt")

    def _ask(self, number, code):
        data = {"csrf_token": http.Request.csrf_token(self), "number": number, "code": code}
        return self.url_open("/sprawa", data=data)

    def test_state_and_nothing_else(self):
        page = self._ask(f" {self.case.number.lower()} ", self.case.tracking_code.lower())
        self.assertEqual(page.status_code, 200)
        self.assertIn('id="case_found"', page.text)
        self.assertIn(self.case.stage_id.with_context(lang="pl_PL").name, page.text)
        for secret in (self.customer.name, self.case.name, self.contract.number, self.case.tracking_code):
            self.assertNotIn(secret, page.text)
        self.assertIn("no-store", page.headers["Cache-Control"])

    def test_wrong_number_and_wrong_code_answer_alike(self):
        answers = [
            self._ask(self.case.number, "NIEDOBRYKOD"),
            self._ask(self.case.number, self.other_case.tracking_code),
            self._ask("BOK/1999/000001", self.case.tracking_code),
        ]
        for answer in answers:
            self.assertEqual(answer.status_code, 422)
            self.assertNotIn('id="case_found"', answer.text)
            self.assertIn('href="#field_code"', answer.text)

    def test_an_invisible_case_is_not_found(self):
        self.case.type_id.portal_visible = False
        self.assertEqual(self._ask(self.case.number, self.case.tracking_code).status_code, 422)

    def test_tries_are_limited_by_case_and_by_address(self):
        self.patch(case_lookup, "TRIES_A_CASE", 2)
        for _try in range(2):
            self._ask(self.case.number, "NIEDOBRYKOD")
        self.assertEqual(self._ask(self.case.number, self.case.tracking_code).status_code, 422, "the limit")
        self.assertEqual(self._ask(self.other_case.number, self.other_case.tracking_code).status_code, 200)
        self.patch(case_lookup, "TRIES_AN_ADDRESS", 3)
        self.assertEqual(self._ask(self.other_case.number, self.other_case.tracking_code).status_code, 422)

    def test_it_needs_a_token_and_both_fields(self):
        answer = self.url_open("/sprawa", data={"number": self.case.number, "code": self.case.tracking_code})
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self._ask("", "").status_code, 422)

    def test_the_customer_is_given_the_code(self):
        self.authenticate("owner", PASSWORD)
        self.assertIn(self.case.tracking_code, self.url_open(f"/my/cases/{self.case.id}?new=1").text)
        self.assertNotIn(self.case.tracking_code, self.url_open(f"/my/cases/{self.case.id}").text)
        self.authenticate("other", PASSWORD)
        page = self.url_open(f"/my/cases/{self.case.id}?new=1")
        self.assertEqual(page.status_code, 404)
        self.assertNotIn(self.case.tracking_code, page.text)
