"""Filters of the invoices, numbers of KSeF, and corrections tied to what they correct."""

from odoo.tests import HttpCase, tagged

from .common import PASSWORD
from .test_rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestInvoiceList(RpcCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_contract = cls.make_contract(cls.customer, cls.make_point("ul. Druga 2"))
        cls.second = cls.make_invoice(cls.second_contract)
        cls.older = cls._make_move(cls.contract, "out_invoice", "2024-03-05")
        cls.correction = cls._make_move(cls.contract, "out_refund", "2025-11-05")
        cls.correcting = cls.env["pwik.settlement"].create(
            {
                "contract_id": cls.contract.id,
                "company_id": cls.company.id,
                "partner_id": cls.customer.id,
                "payer_id": cls.customer.id,
                "period_from": "2025-07-01",
                "period_to": "2025-09-30",
                "kind": "correction",
                "version": 2,
                "corrects_id": cls.settlement.id,
                "move_id": cls.correction.id,
                "document": {"kind": "correction"},
                "net": 0,
                "vat": 0,
                "gross": 0,
            }
        )
        for settlement in cls.settlement | cls.correcting:
            settlement.move_id.pwik_settlement_id = settlement

    @classmethod
    def _make_move(cls, contract, move_type, day):
        line = {"name": "Woda", "quantity": 1, "price_unit": 10, "tax_ids": False}
        move = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": contract.partner_id.id,
                "invoice_date": day,
                "invoice_date_due": day,
                "pwik_contract_id": contract.id,
                "invoice_line_ids": [(0, 0, line)],
            }
        )
        move.action_post()
        return move

    def setUp(self):
        super().setUp()
        self.authenticate("owner", PASSWORD)

    def _listed(self, query=""):
        """Names of the fixture's documents which the list shows as rows of their own."""
        page = self.url_open(f"/my/invoices{query}")
        self.assertEqual(page.status_code, 200, query)
        moves = self.invoice | self.second | self.older | self.correction | self.other_invoice
        return {move for move in moves if f'class="fw-bold" href="/my/invoices/{move.id}"' in page.text}

    def test_by_year_contract_and_state(self):
        every = {self.invoice, self.second, self.older, self.correction}
        today = self.env[
            "pwik.case"
        ]._today()  # the utility's day, which is another than UTC's for an hour or two
        late = {move for move in every - {self.correction} if move.invoice_date_due < today}
        self.assertIn(self.older, late)
        for query, expected in (
            ("", every),
            ("?year=2024", {self.older}),
            ("?year=2025", every - {self.older}),
            (f"?contract={self.second_contract.id}", {self.second}),
            (f"?year=2024&contract={self.second_contract.id}", set()),
            ("?filterby=unpaid", every - {self.correction}),
            ("?filterby=overdue_invoices", late),
            ("?filterby=paid", set()),
            ("?filterby=corrections", {self.correction}),
        ):
            with self.subTest(query=query):
                self.assertEqual(self._listed(query), expected)

    def test_what_an_address_makes_up_is_left_out(self):
        every = self._listed()
        for query in (
            "?year=abcd",
            "?year=2024'--",
            "?filterby=bills",
            "?filterby=nic&sortby=nic",
            f"?contract={self.other_contract.id}",
            "?contract=99999999999999999999",
        ):
            with self.subTest(query=query):
                self.assertEqual(self._listed(query), every)

    def test_the_list_of_another_customer(self):
        self.authenticate("other", PASSWORD)
        self.assertEqual(self._listed(), {self.other_invoice})
        self.assertEqual(self._listed(f"?contract={self.contract.id}"), {self.other_invoice})
        self.assertNotIn(self.contract.number, self.url_open("/my/invoices").text)

    def test_corrections_are_tied(self):
        page = self.url_open("/my/invoices").text
        self.assertIn(f'href="/my/invoices/{self.invoice.id}">{self.invoice.name}</a>', page)
        row = page[page.index(f'class="fw-bold" href="/my/invoices/{self.correction.id}"') :]
        self.assertIn(f'href="/my/invoices/{self.invoice.id}"', row[: row.index("</tr>")])
        row = page[page.index(f'class="fw-bold" href="/my/invoices/{self.invoice.id}"') :]
        self.assertIn(f'href="/my/invoices/{self.correction.id}"', row[: row.index("</tr>")])

    def test_number_of_ksef(self):
        number = "5265877635-20250826-0100001AF629-AF"
        self.invoice.l10n_pl_edi_number = number
        for path in ("/my/invoices", f"/my/invoices/{self.invoice.id}"):
            self.assertIn(number, self.url_open(path).text)
        self.authenticate("other", PASSWORD)
        self.assertNotIn(number, self.url_open("/my/invoices").text)
