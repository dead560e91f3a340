"""A property manager with many contracts finds one."""

from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon

MANY = 45


@tagged("post_install", "-at_install")
class TestMany(EbokCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contracts = cls.env["pwik.contract"]
        for number in range(MANY):
            point = cls.make_point(f"ul. Długa {number + 100}")
            cls.contracts += cls.make_contract(cls.customer, point)
            cls.install(cls.make_meter(f"DUZO-{number:04}"), point, start_value=1)
        cls.foreign = cls.make_contract(cls.other_customer, cls.make_point("ul. Długa 900"))

    def setUp(self):
        super().setUp()
        self.authenticate("owner", PASSWORD)

    def count(self, path, part):
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, 200)
        return answer.text.count(part)

    def test_contracts_by_pages(self):
        card = '<section class="o_ebok_card h-100">'
        total = self.contracts.with_user(self.owner).search_count([])
        self.assertEqual(total, MANY + 1)
        pages = [self.count(f"/my/contracts/page/{page}", card) for page in (1, 2, 3)]
        self.assertEqual(pages, [20, 20, total - 40])

    def test_a_contract_is_found(self):
        wanted = self.contracts[7]
        for words in (wanted.number, "długa 107", wanted.number[-4:]):
            page = self.url_open(f"/my/contracts?search={words}").text
            self.assertIn(f"/my/contracts/{wanted.id}", page)
        page = self.url_open("/my/contracts?search=Długa 900").text
        self.assertNotIn(self.foreign.number, page)
        self.assertIn("Żadna umowa nie pasuje do tych słów.", page)
        self.assertNotIn(f"/my/contracts/{wanted.id}", self.url_open("/my/contracts?search=%25%25").text)

    def test_a_meter_is_found(self):
        for url, target in (("/my/readings", "readings"), ("/my/reading", "submit")):
            self.assertEqual(self.count(url, "list-group-item-action"), 20)
            self.assertEqual(self.count(f"{url}/page/3", "list-group-item-action"), MANY + 1 - 40)
            for words in ("DUZO-0031", "długa 131"):
                page = self.url_open(f"{url}?search={words}").text
                meter = self.env["pwik.meter"].search([("serial", "=", "DUZO-0031")])
                self.assertIn(f"/my/meters/{meter.id}/{target}", page)
                self.assertEqual(page.count("list-group-item-action"), 1)
            page = self.url_open(f"{url}?search=nie ma takiego").text
            self.assertIn("Żaden wodomierz nie pasuje do tych słów.", page)

    def test_few_need_no_box(self):
        self.authenticate("other", PASSWORD)
        self.assertNotIn('name="search"', self.url_open("/my/contracts").text)
