"""The FA(3) document of each kind of invoice; each is rendered through the check against the schema."""

from decimal import ROUND_HALF_UP, Decimal
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import NEXT, QUARTER, EinvoiceCommon

NUMBER = "5730003841-20241003-0A1B2C-3D4E5F-A7"


@tagged("post_install", "-at_install")
class TestFa3(EinvoiceCommon):
    def render(self, move):
        return self.read_xml(move._l10n_pl_edi_render_xml())

    def test_invoice_of_a_consumer(self):
        self.home.partner_id.write({"email": "jan@example.com", "phone": "600 700 800"})
        move = self.bill_one(self.home, *QUARTER)
        read = self.render(move)
        self.assertEqual(read("RodzajFaktury"), ["VAT"])
        self.assertEqual(read("P_6"), [], "supplies of media name their period")
        self.assertEqual((read("P_6_Od"), read("P_6_Do")), (["2024-07-01"], ["2024-09-30"]))
        self.assertEqual((read("P_13_2"), read("P_14_2"), read("P_15")), (["389.70"], ["31.18"], ["420.88"]))
        self.assertEqual(read("BrakID"), ["1"])
        self.assertEqual((read("JST"), read("GV"), read("P_18A")), (["2"], ["2"], ["2"]))
        self.assertEqual(read("NrKlienta"), [self.home.partner_id.pwik_customer_number])
        self.assertEqual(read("NrRB"), [self.home.partner_id.pwik_payment_account])
        self.assertEqual(read("Termin"), [move.invoice_date_due.isoformat()])
        self.assertEqual(read("PKWiU"), ["36.00.20.0", "37.00.11.0"])
        self.assertEqual(read("P_8B"), ["27", "27", "1"])
        self.assertEqual(read("P_8A")[:2], ["m³", "m³"])
        self.assertEqual(
            (read("Email"), read("KursWalutyZ")), ([], []), "nothing that the tax office need not know"
        )
        descriptions = dict(zip(read("Klucz"), read("Wartosc"), strict=True))
        serial = self.home.point_ids.meter_ids.serial
        self.assertEqual(descriptions["Umowa"], self.home.number)
        self.assertEqual(
            descriptions[f"Wodomierz {serial}"],
            "2024-06-30: 1234 m³ (Odczytywacz); 2024-09-30: 1261 m³ (Odczytywacz); zużycie 27 m³",
        )

    def test_correction_down_of_an_invoice_outside_ksef(self):
        invoice = self.bill_one(self.home, *QUARTER)
        read = self.render(self.correct(invoice, 1251))
        self.assertEqual((read("RodzajFaktury"), read("TypKorekty")), (["KOR"], ["2"]))
        self.assertEqual(
            (read("NrFaKorygowanej"), read("NrKSeFN"), read("NrKSeF")), ([invoice.name], ["1"], [])
        )
        self.assertEqual(read("DataWystFaKorygowanej"), [invoice.invoice_date.isoformat()])
        self.assertEqual(
            (read("P_13_2"), read("P_14_2"), read("P_15")), (["-135.40"], ["-10.83"], ["-146.23"])
        )
        self.assertEqual((read("P_8B"), read("P_11")), (["-10", "-10"], ["-47.60", "-87.80"]))
        self.assertEqual(read("Termin"), [], "nothing is to be paid")

    def test_correction_up_is_a_correction_too(self):
        invoice = self.bill_one(self.home, *QUARTER)
        correction = self.correct(invoice, 1271)
        self.assertEqual(correction.move_type, "out_invoice")
        read = self.render(correction)
        self.assertEqual((read("RodzajFaktury"), read("TypKorekty")), (["KOR"], ["1"]))
        self.assertEqual((read("P_13_2"), read("P_15")), (["135.40"], ["146.23"]))
        self.assertEqual((read("P_8B"), read("P_11")), (["10", "10"], ["47.60", "87.80"]))
        self.assertEqual(read("NrFaKorygowanej"), [invoice.name])
        self.assertEqual(read("Termin"), [correction.invoice_date_due.isoformat()])

    def test_correction_of_a_structured_invoice_names_its_number(self):
        self.company.pwik_ksef_from = "2024-01-01"
        self.home.partner_id.pwik_delivery_choice = "ksef"
        invoice = self.bill_one(self.home, *QUARTER)
        self.assertEqual(invoice.pwik_delivery_channel, "ksef")
        self.home.partner_id.pwik_delivery_choice = "paper"
        correction = self.correct(invoice, 1251)
        self.assertEqual(correction.pwik_delivery_channel, "ksef", "structured like what it corrects")
        with self.assertRaisesRegex(UserError, "nie ma jeszcze numeru KSeF"):
            correction._l10n_pl_edi_render_xml()
        invoice.l10n_pl_edi_number = NUMBER
        read = self.render(correction)
        self.assertEqual(
            (read("NrKSeF"), read("NrKSeFFaKorygowanej"), read("NrKSeFN")), (["1"], [NUMBER], [])
        )

    def chart_tax(self, rate):
        return self.env.ref(f"account.{self.company.id}_vs_kraj_{rate}")

    def test_correction_bears_the_rate_of_what_it_corrects(self):
        """Billed at 5, 8 or 23 %, corrected when the company bills at another rate: the first document's rate and tax."""
        for rate, other, net, tax in (
            (8, 23, "P_13_2", "P_14_2"),
            (5, 8, "P_13_3", "P_14_3"),
            (23, 8, "P_13_1", "P_14_1"),
        ):
            with self.subTest(rate=rate):
                home = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)], name=f"VAT {rate}")
                self.company.pwik_billing_tax_id = self.chart_tax(rate)
                invoice = self.bill_one(home, *QUARTER)
                self.company.pwik_billing_tax_id = self.chart_tax(other)
                # down, and then up again by more
                for value, sign, effect in ((1251, -1, "2"), (1281, 1, "1")):
                    move = self.correct(invoice, value)
                    read = self.render(move)
                    self.assertEqual(set(read("P_12")), {str(rate)})
                    amounts = {
                        name: Decimal(text)
                        for number in ("1", "2", "3", "7")
                        for name in (f"P_13_{number}", f"P_14_{number}")
                        for text in read(name)
                    }
                    self.assertEqual(set(amounts), {net, tax}, "one rate and no other")
                    base = sum(Decimal(text) for text in read("P_11"))
                    self.assertEqual(amounts[net], base)
                    self.assertEqual(
                        amounts[tax], (base * rate / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
                    )
                    self.assertEqual(Decimal(read("P_15")[0]), amounts[net] + amounts[tax])
                    self.assertTrue(base * sign > 0)
                    self.assertEqual(read("TypKorekty"), [effect])

    def test_correction_of_a_correction_says_what_it_starts_from(self):
        invoice = self.bill_one(self.home, *QUARTER)
        first, second = self.correct(invoice, 1251), self.correct(invoice, 1271)
        read = self.render(second)
        self.assertEqual((read("NrFaKorygowanej"), read("P_8B")), ([invoice.name], ["20", "20"]))
        self.assertIn(first.name, read("PrzyczynaKorekty")[0])
        text = " ".join(" ".join(self.read_pdf(self.render_pdf("account.account_invoices", second))).split())
        self.assertIn(f"koryguje fakturę {invoice.name}", text)
        self.assertIn(f"po korekcie {first.name}", text)
        self.assertNotIn("po korekcie", " ".join(self.render(first)("PrzyczynaKorekty")))
        self.assertNotIn(first.name, self.render(first)("PrzyczynaKorekty")[0])

    def test_a_rate_that_the_document_cannot_bear_is_named(self):
        """A rate that FA(3) has not; one whose tax counts among those of another rate in the VAT return."""
        for amount in (6, 23):
            tax = self.chart_tax(8).copy({"name": f"{amount}% zly", "amount": amount})
            self.company.pwik_billing_tax_id = tax
            home = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)], name=f"Stawka {amount}")
            move = self.bill_one(home, *QUARTER)
            with self.assertRaisesRegex(UserError, f"{amount}% zly"):
                move._l10n_pl_edi_render_xml()

    def test_estimate_settled(self):
        """An estimate of 30 m³ and then a reading 10 m³ below it: the refund and the invoice of the new period."""
        home = self.household([("2024-06-30", 100), ("2024-09-30", 130)])
        self.bill_one(home, *QUARTER)
        estimated = self.bill_one(home, *NEXT, estimate_missing=True)
        read = self.render(estimated)
        self.assertIn("Szacunek", " ".join(read("Wartosc")))
        self.make_reading(150, "2025-03-31", meter=home.point_ids.meter_ids)
        moves = self.bill_one(home, "2025-01-01", "2025-03-31")
        kinds = [self.render(move)("RodzajFaktury") for move in moves]
        self.assertEqual(kinds, [["KOR"], ["VAT"]], moves.mapped("move_type"))
        self.assertEqual(self.render(moves[0])("NrFaKorygowanej"), [estimated.name])

    def test_school_of_a_municipality(self):
        municipality = self._make_customer("Gmina Źródła", vat="PL1111111111", is_company=True)
        self.home.partner_id.write(
            {
                "name": "Szkoła Podstawowa nr 1",
                "pwik_unit_role": "8",
                "pwik_unit_buyer_id": municipality.id,
                "pwik_unit_internal_id": "1111111111-00012",
            }
        )
        self.company.pwik_ksef_from = "2024-01-01"
        move = self.bill_one(self.home, *QUARTER)
        self.assertEqual(move.pwik_delivery_channel, "ksef", "the municipality is a business")
        read = self.render(move)
        self.assertEqual(
            (read("NIP", "Podmiot2"), read("Nazwa", "Podmiot2")), (["1111111111"], ["Gmina Źródła"])
        )
        self.assertEqual((read("IDWew", "Podmiot3"), read("Rola", "Podmiot3")), (["1111111111-00012"], ["8"]))
        self.assertEqual(read("Nazwa", "Podmiot3"), ["Szkoła Podstawowa nr 1"])
        self.assertEqual((read("JST"), read("GV")), (["1"], ["2"]))
        text = " ".join(self.read_pdf(self.render_pdf("account.account_invoices", move)))
        self.assertIn("Gmina Źródła", text)
        self.assertIn("Szkoła Podstawowa nr 1", text)

    def test_amounts_by_tag_are_odoos(self):
        invoice = self.bill_one(self.home, *QUARTER)
        for move in (invoice, self.correct(invoice, 1251)):
            found = move._l10n_pl_edi_get_xml_values()["get_amounts_from_tag"]
            with patch.object(type(move), "_pwik_by_tag", lambda _move, odoos: odoos):
                expected = move._l10n_pl_edi_get_xml_values()["get_amounts_from_tag"]
            for number in range(10, 37):
                name = f"K_{number}"
                self.assertEqual(found(name), expected(name), name)
            self.assertEqual((found("OSS_Base"), expected("OSS_Base")), (0, 0))
            self.assertTrue(found("K_17") and found("K_18"), "the rate of 8 %")

    def test_member_of_a_vat_group_by_its_own_number(self):
        group = self._make_customer("Grupa VAT", vat="PL1111111111", is_company=True)
        self.home.partner_id.write(
            {"vat": "PL5252248481", "pwik_unit_role": "10", "pwik_unit_buyer_id": group.id}
        )
        read = self.render(self.bill_one(self.home, *QUARTER))
        self.assertEqual((read("NIP", "Podmiot3"), read("Rola", "Podmiot3")), (["5252248481"], ["10"]))
        self.assertEqual((read("JST"), read("GV")), (["2"], ["1"]))

    def test_municipality_itself_is_an_ordinary_buyer(self):
        self.home.partner_id.write({"name": "Gmina Źródła", "vat": "PL1111111111", "is_company": True})
        read = self.render(self.bill_one(self.home, *QUARTER))
        self.assertEqual((read("NIP", "Podmiot2"), read("JST"), read("Rola")), (["1111111111"], ["2"], []))

    def test_unit_without_buyer_or_number_is_refused(self):
        municipality = self._make_customer("Gmina Źródła", vat="PL1111111111")
        for values in (
            {"pwik_unit_role": "8"},
            {"pwik_unit_role": "8", "pwik_unit_buyer_id": municipality.id},
            {"pwik_unit_role": "8", "pwik_unit_buyer_id": municipality.id, "pwik_unit_internal_id": "12"},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.home.partner_id.write(values)

    def test_what_the_schema_refuses_is_named(self):
        move = self.bill_one(self.home, *QUARTER)
        self.company.vat = False
        with self.assertRaisesRegex(UserError, "Podmiot1|NIP"):
            move._l10n_pl_edi_render_xml()

    def test_send_wizard_offers_ksef_by_policy_only(self):
        water = self.bill_one(self.home, *QUARTER)
        self.company.sudo().l10n_pl_edi_certificate = self.make_certificate()
        self.company.pwik_ksef_from = "2024-01-01"
        buyers = {
            "consumer": self._make_customer("Jan"),
            "business": self._make_customer("Firma", vat="PL1111111111", is_company=True),
        }
        applies = self.env["account.move.send"]._get_all_extra_edis()["pl_ksef"]["is_applicable"]
        self.assertFalse(applies(water), "water invoices go by their delivery")
        for kind, buyer in buyers.items():
            move = self.env["account.move"].create(
                {"move_type": "out_invoice", "partner_id": buyer.id, "invoice_date": "2024-10-01"}
            )
            self.assertEqual(applies(move), kind == "business", kind)
