"""The lists of cases: search, and what one does there; the start page's day of the next reading."""

import re

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..domain.periods import period_end
from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestCaseList(EbokCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.second = self.make_case(self.customer, self.contract, "Rachunek za ogród")
        self.authenticate("owner", PASSWORD)

    def _numbers(self, query):
        page = self.url_open(f"/my/cases?{query}").text
        cases = self.case | self.second | self.other_case
        return cases.filtered(lambda one: f'href="/my/cases/{one.id}"' in page)

    def test_a_case_is_found_by_number_and_by_words(self):
        self.assertEqual(self._numbers("search=ogr%C3%B3d"), self.second)
        self.assertEqual(self._numbers(f"search={self.case.number}"), self.case)
        self.assertEqual(self._numbers("search="), self.case | self.second)
        self.assertFalse(self._numbers("search=ogr%C3%B3d&filterby=closed"))

    def test_nothing_foreign_is_found(self):
        self.assertFalse(self._numbers("search=obca"))
        self.assertFalse(self._numbers(f"search={self.other_case.number}"))

    def test_signs_of_a_pattern_are_signs(self):
        self.assertFalse(self._numbers("search=%25%25"))
        self.assertFalse(self._numbers("search=__"))

    def test_each_list_leads_on(self):
        for path, target in (
            ("/my/cases", "/my/cases/new"),
            ("/my/cases/readings", "/my/reading"),
            ("/my/cases/changes", "/my/customer/request"),
        ):
            page = self.url_open(f"{path}?search=nic-takiego").text
            self.assertRegex(page, rf'<a class="btn btn-sm btn-primary ms-auto" href="{target}"')
            self.assertRegex(page, rf'<a class="btn btn-primary" href="{path}"')

    def test_the_subject_stands_on_the_page_of_the_case(self):
        self.assertIn("Rachunek za ogród</dd>", self.url_open(f"/my/cases/{self.second.id}").text)

    def test_thousands_are_set_apart(self):
        invoice = self.make_invoice(self.contract)
        invoice.button_draft()
        invoice.invoice_line_ids.quantity = 2310
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 10995.6)
        self.env.ref("base.lang_pl").thousands_sep = False
        self.owner.lang = "pl_PL"
        page = self.url_open("/my/balance").text
        self.assertIn("10\N{NO-BREAK SPACE}995,60", page)
        self.assertNotIn("10995,60", page)


@tagged("post_install", "-at_install")
class TestNextReading(EbokCommon, HttpCase):
    def _told(self, login):
        self.authenticate(login, PASSWORD)
        found = re.search(r'mt-2 mb-0">[^<]*<strong>([\d./-]+)</strong>', self.url_open("/my").text)
        return found and found.group(1)

    def test_the_start_page_tells_the_day_of_the_next_reading(self):
        self.owner.lang = "pl_PL"
        today = fields.Date.context_today(self.env.user)
        for cycle in ("month", "half_year"):
            self.contract.billing_cycle = cycle
            self.assertEqual(self._told("owner"), f"{period_end(today, cycle):%d.%m.%Y}", cycle)
        self.contract.billing_method = "lump_sum"
        self.assertFalse(self._told("owner"), "nothing is read")
        self.assertFalse(self._told("former"), "no contract is in force")
