import base64
from contextlib import contextmanager
from unittest.mock import patch

from odoo.addons.pwik_meters.tools.typeset import typeset
from odoo.tests import HttpCase, tagged

from .common import BillingCommon

QUARTER = ("2024-07-01", "2024-09-30")
SPLIT = ("2025-04-01", "2025-06-30")


@tagged("post_install", "-at_install")
class TestDocument(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("pl_PL")
        cls.company.write({"pwik_account_branch": "99990000", "pwik_account_receiver": "57300038"})
        cls.home = cls.household([("2024-06-30", 1234), ("2024-09-30", 1261)], name="Zażółć Gęśla")
        cls.home.partner_id.lang = "pl_PL"

    def text(self, move, report="account.account_invoices"):
        return " ".join("\n".join(self.read_pdf(self.render_pdf(report, move))).split())

    def test_all_that_the_law_and_the_customer_want(self):
        move = self.bill_one(self.home, *QUARTER)
        text = self.text(move)
        for expected in (
            move.name,
            "Zażółć Gęśla",
            self.company.name,
            "420,88",
            "389,70",
            "31,18",
            "17.10.2024",
            "4,76",
            "8,78",
            "1234",
            "1261",
            "27",
            self.home.number,
            self.home.partner_id.pwik_customer_number,
            self.home.partner_id.pwik_payment_account_display,
            self.home.point_ids.meter_ids.serial,
            "V1",
            "TST/V1",
            "30.06.2024",
            "30.09.2024",
            "8%",
        ):
            with self.subTest(expected=expected):
                self.assertIn(expected, text.replace("\xa0", " "))
        self.assertIn("Faktura", text)
        self.assertNotIn("roforma", text)

    def test_each_line_of_several_points_names_its_point(self):
        """Beside the meter and above the lines; with more points than the head has room for it gives their number."""
        for count in (1, 2, 5):
            home = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)], name=f"Wielopunktowy {count}")
            home.partner_id.lang = "pl_PL"
            for number in range(2, count + 1):
                point = self.make_point(f"ul. Kolejna {number}")
                home.contract_point_ids = [(0, 0, {"service_point_id": point.id})]
                self.add_meter(point, [("2024-06-30", 90), ("2024-09-30", 101)])
            pages = self.read_pdf(self.render_pdf("account.account_invoices", self.bill_one(home, *QUARTER)))
            expected = {1: 1, 2: 3, 5: 2}[count]
            with self.subTest(count=count):
                found = {
                    street: [page.count(street) for page in pages]
                    for street in home.point_ids.mapped("street")
                }
                # whose lines go on on the next page, stands above them once more
                again = [street for street, counts in found.items() if sum(counts) != expected]
                self.assertLessEqual(len(again), len(pages) - 1)
                for street in again:
                    self.assertEqual(found[street], [expected, 1], street)
                self.assertEqual("5, wymienione niżej" in " ".join(pages[0].split()), count == 5)

    def test_both_reports_and_the_file_name(self):
        move = self.bill_one(self.home, *QUARTER)
        self.assertIn("1234", self.text(move, "account.account_invoices_without_payment"))
        polish = move.with_context(lang="pl_PL")
        name = f"Faktura_{move.name.replace('/', '_')}"
        self.assertEqual(polish._get_report_base_filename(), name)
        self.assertEqual(polish._get_invoice_report_filename(), f"{name}.pdf")
        self.assertEqual(polish._get_invoice_proforma_pdf_report_filename(), f"{name}.pdf")

    def test_other_invoices_stay_odoos(self):
        plain = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.home.partner_id.id,
                "invoice_line_ids": [(0, 0, {"name": "Przyłącze", "quantity": 1, "price_unit": 100})],
            }
        )
        reports = self.env["ir.actions.report"]
        self.assertFalse(reports._pwik_split_invoices("account.account_invoices", plain.ids))
        move = self.bill_one(self.home, *QUARTER)
        self.assertEqual(
            reports._pwik_split_invoices("account.account_invoices", (plain | move).ids), move.ids
        )

    def test_several_prices_and_balance_before(self):
        self.bill_one(self.home, *QUARTER)
        self.make_reading(1270, "2024-12-31", meter=self.home.point_ids.meter_ids)
        self.make_reading(1280, "2025-03-31", meter=self.home.point_ids.meter_ids)
        self.make_reading(1310, "2025-06-30", meter=self.home.point_ids.meter_ids)
        for period in (("2024-10-01", "2024-12-31"), ("2025-01-01", "2025-03-31")):
            self.bill_one(self.home, *period)
        move = self.bill_one(self.home, *SPLIT)
        text = self.text(move)
        for expected in ("V1", "V2", "5,06", "9,14", "32 z 91 dni"):
            self.assertIn(expected, text)
        before = sum(self.home.move_ids.filtered(lambda m: m != move).mapped("amount_total"))
        self.assertAlmostEqual(move._get_pwik_balance_before(), before)
        bars = move._get_pwik_bars()
        self.assertEqual([bar.value for bar in bars], ["27", "9", "10", "30"])
        self.assertEqual([bar.current for bar in bars], [False, False, False, True])

    def test_correction_shows_before_and_after(self):
        invoice = self.bill_one(self.home, *QUARTER)
        meter = self.home.point_ids.meter_ids
        reading = self.env["pwik.reading"].search([("meter_id", "=", meter.id), ("date", "=", "2024-09-30")])
        reading.superseded = True
        reading.flush_recordset()
        self.make_reading(1251, "2024-09-30", meter=meter)
        invoice.pwik_settlement_id.action_correct()
        refund = invoice.pwik_settlement_id.correction_ids.move_id
        text = self.text(refund)
        for expected in (invoice.name, refund.name, "146,23", "27", "17"):
            self.assertIn(expected, text)

    def test_price_change_since_the_last_invoice(self):
        """Nothing of it in the first invoice, nor while the tariff stays; then each price with the one before."""
        meter = self.home.point_ids.meter_ids
        self.make_reading(1270, "2024-12-31", meter=meter)
        self.make_reading(1280, "2025-03-31", meter=meter)
        self.make_reading(1310, "2025-06-30", meter=meter)
        first = self.bill_one(self.home, *QUARTER)
        same = self.bill_one(self.home, "2024-10-01", "2024-12-31")
        self.bill_one(self.home, "2025-01-01", "2025-03-31")
        changed = self.bill_one(self.home, *SPLIT)
        self.assertFalse(first._get_pwik_price_changes())
        self.assertFalse(same._get_pwik_price_changes())
        self.assertEqual(len(changed._get_pwik_price_changes()), 2)
        text = self.text(changed)
        for expected in ("4,76 → 5,06 zł/m³", "8,78 → 9,14 zł/m³"):
            self.assertIn(expected, text)

    def test_use_without_a_line_is_explained(self):
        """The estimate was 18 m³, 10 were used in both periods: nothing is left to bill, and the invoice says why."""
        self.make_tariff("V0", "2023-05-03", "2024-05-02", "4.76", "8.78")
        home = self.household([("2024-03-31", 582), ("2024-06-30", 600)], name="Zawyżona")
        self.bill_one(home, "2024-04-01", "2024-06-30")
        estimated = self.bill_one(home, *QUARTER, estimate_missing=True)
        self.make_reading(610, "2024-12-31", meter=home.point_ids.meter_ids)
        refund, invoice = self.bill_one(home, "2024-10-01", "2024-12-31")
        self.assertEqual((refund.move_type, invoice.pwik_settlement_id.water_m3), ("out_refund", 0))
        self.assertIn("10", invoice._get_pwik_use_billed_before())
        self.assertIn("10 m³", self.text(invoice))
        self.assertFalse(estimated._get_pwik_use_billed_before())
        self.assertFalse(refund._get_pwik_use_billed_before())

    def test_several_invoices_in_one_print(self):
        second = self.household([("2024-06-30", 5), ("2024-09-30", 9)], name="Druga")
        moves = self.bill(self.home | second, *QUARTER).settlement_ids.move_id
        pages = self.read_pdf(self.render_pdf("account.account_invoices", moves))
        for move in moves:
            self.assertTrue(any(move.name in page for page in pages))

    def test_hostile_names_are_text(self):
        self.home.partner_id.name = "<img src=x onerror=alert(1)> & Synowie"
        move = self.bill_one(self.home, *QUARTER)
        self.assertIn("<img src=x onerror=alert(1)> & Synowie", self.text(move))


@tagged("post_install", "-at_install")
class TestPortalDocument(HttpCase, BillingCommon):
    """What the customer gets from Odoo's own invoice page is our document, never a "Proforma" of a posted invoice."""

    def test_portal(self):
        home = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        move = self.bill_one(home, *QUARTER)
        self.make_user("tst_portal_clerk", "pwik_billing.pwik_billing_group_user")
        self.authenticate("tst_portal_clerk", "tst_portal_clerk")
        url = f"/my/invoices/{move.id}?report_type="
        html = self.url_open(f"{url}html")
        self.assertEqual(html.status_code, 200)
        self.assertNotIn("roforma", html.text)
        report = self.env.ref("pwik_billing.report_invoice_action")
        document = report._pwik_prepare_document(report, move)
        (page,) = typeset(report.pwik_template, document, form="svg")
        self.assertIn(f'alt="{document["title"]}, {document["page_words"]["page"]} 1', html.text)
        self.assertIn(home.point_ids.meter_ids.serial, [row["meter"] for row in document["readings"]["rows"]])
        self.assertIn(base64.b64encode(page).decode(), html.text)
        name = move.name.replace("/", "_")
        for address in (f"{url}pdf", f"{url}pdf&download=true"):
            with self.subTest(address=address), self.really_rendered():
                answer = self.url_open(address)
            self.assertEqual(answer.headers["Content-Type"], "application/pdf")
            self.assertNotIn("roforma", answer.headers.get("Content-Disposition", ""))
            text = " ".join(self.read_pdf(answer.content))
            self.assertIn(move.name, text)
            self.assertNotIn("roforma", text)
        self.assertIn(name, answer.headers["Content-Disposition"])

    @contextmanager
    def really_rendered(self):
        """Odoo answers HTML instead of PDF in tests unless the context says otherwise."""
        reports = type(self.env["ir.actions.report"])
        render = reports._pre_render_qweb_pdf

        def render_really(report, *args, **kwargs):
            return render(report.with_context(force_report_rendering=True), *args, **kwargs)

        with patch.object(reports, "_pre_render_qweb_pdf", render_really):
            yield
