"""What the bill would be: the settlement engine on the customer's own contract."""

from decimal import Decimal

from odoo.tests import HttpCase, tagged

from .common import PASSWORD
from .test_consumption import PriceCommon


@tagged("post_install", "-at_install")
class TestSimulation(PriceCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate("owner", PASSWORD)

    def _page(self, **query):
        arguments = "&".join(f"{name}={value}" for name, value in query.items())
        return self.url_open(f"/my/simulation?{arguments}")

    def test_the_same_as_by_hand(self):
        bill = self.contract.with_user(self.owner)._get_ebok_simulation(Decimal(12))
        shares = [(share.m3, share.net) for share in bill["shares"]]
        # 12 × 6.10, 12 × 8.25, one quarter's subscription; VAT 8 % of the sum
        self.assertEqual(shares, [(12.0, 73.2), (12.0, 99.0), (None, 24.12)])
        self.assertEqual((bill["net"], bill["vat"], bill["gross"]), (196.32, 15.71, 212.03))

    def test_the_page_counts_a_use(self):
        page = self._page(way="m3", amount="12")
        self.assertEqual(page.status_code, 200)
        self.assertIn("212,03", page.text)

    def test_the_page_counts_from_the_last_reading(self):
        base = self.contract.with_user(self.owner)._get_ebok_base_reading()
        self.assertEqual(base, self.reading, "without an invoice, the first reading of the contract")
        page = self._page(way="meter", amount="213,5")
        self.assertIn("212,03", page.text)
        page = self._page(way="meter", amount="100")
        self.assertEqual(page.status_code, 422)
        self.assertIn('href="#field_amount"', page.text)

    def test_mistakes_stay_in_the_form(self):
        for amount in ("", "abc", "-5", "1e9", "12345678901", "999999"):
            with self.subTest(amount=amount):
                page = self._page(way="m3", amount=amount)
                self.assertEqual(page.status_code, 422)
                self.assertIn('id="error_summary"', page.text)

    def test_a_foreign_contract_is_not_simulated(self):
        page = self._page(contract=self.other_contract.id, way="m3", amount="12")
        self.assertNotIn(self.other_contract.number, page.text)
        for login in ("former", "nobody"):
            self.authenticate(login, PASSWORD)
            page = self._page(contract=self.contract.id, way="m3", amount="12")
            self.assertEqual(page.status_code, 200, login)
            self.assertNotIn(self.contract.number, page.text)

    def test_without_a_tariff_the_page_says_so(self):
        self.env.cr.execute("UPDATE pwik_tariff SET state = 'draft'")
        self.env["pwik.tariff"].invalidate_model()
        page = self._page(way="m3", amount="12")
        self.assertEqual(page.status_code, 200)
        self.assertNotIn('id="simulation_result"', page.text)
        self.assertIsNone(self.contract._get_ebok_simulation(Decimal(12)))
