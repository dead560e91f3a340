from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import BillingCommon, exact

QUARTER = ("2024-07-01", "2024-09-30")
NEXT = ("2024-10-01", "2024-12-31")


@tagged("post_install", "-at_install")
class TestBrokenMeter(BillingCommon):
    """Rule 7, from the office to the posted invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 10, 12 and 11 m³ in the three months before; a stuck register in the period
        readings = [("2024-03-31", 100), ("2024-04-30", 110), ("2024-05-31", 122), ("2024-06-30", 133)]
        cls.home = cls.household(readings, date_start="2024-03-31")
        cls.meter_home = cls.home.point_ids.meter_ids

    def find_broken(self, **values):
        form = Form(self.env["pwik.broken.meter"])
        form.installation_id = self.meter_home.installation_ids[:1]
        form.found_on = "2024-08-20"
        for name, value in values.items():
            form[name] = value
        return form.save()

    def test_proposed_from_three_months(self):
        finding = self.find_broken()
        self.assertEqual(finding.contract_id, self.home)
        # the clerk chooses the installation by what it says
        self.assertIn(self.meter_home.serial, finding.installation_id.display_name)
        self.assertIn(self.home.point_ids.street, finding.installation_id.display_name)
        installations = self.env["pwik.meter.installation"]
        self.assertEqual(installations.name_search(self.meter_home.serial)[0][0], finding.installation_id.id)
        self.assertEqual(finding.trusted_until.isoformat(), "2024-06-30")
        self.assertEqual(finding.basis, "before")
        self.assertEqual([finding.month_1, finding.month_2, finding.month_3], [10, 12, 11])
        self.assertEqual(finding.months, 3)
        self.assertIn("33 m³", finding.how)

    def test_billed_by_the_average(self):
        """(10 + 12 + 11) / 3 × 3 = 33 m³, though the register stands still; the invoice says how."""
        self.make_reading(133, "2024-09-30", meter=self.meter_home)
        finding = self.find_broken()
        finding.action_confirm()
        move = self.bill_one(self.home, *QUARTER)
        settlement = move.pwik_settlement_id
        self.assertEqual((settlement.water_m3, settlement.sewage_m3, settlement.method), (33, 33, "average"))
        # 33 × 4.76 + 33 × 8.78 + 24.12
        self.assertEqual(exact(move.amount_untaxed), exact(470.94))
        self.assertEqual(move.state, "posted")
        text = "\n".join(move.invoice_line_ids.mapped("name"))
        self.assertIn("Wodomierz niesprawny, średnia z 3 mies. przed stwierdzeniem (10 + 12 + 11) / 3", text)

    def test_draft_and_withdrawn_findings_bill_nothing(self):
        finding = self.find_broken()
        self.make_reading(140, "2024-09-30", meter=self.meter_home)
        run = self.make_run(self.home, *QUARTER)
        run.action_preview()
        self.assertEqual(run.water_m3, 7)
        finding.action_confirm()
        run.action_preview()
        self.assertEqual(run.water_m3, 33)
        finding.action_cancel()
        run.action_preview()
        self.assertEqual(run.water_m3, 7)

    def test_months_are_a_parameter(self):
        finding = self.find_broken(months=2)
        finding.action_confirm()
        self.assertEqual(self.bill_one(self.home, *QUARTER).pwik_settlement_id.water_m3, 22)

    def test_exchanged_meter_counts_besides(self):
        """The broken one is replaced on 31 August: two months by the average, 9 m³ by the new one."""
        self.find_broken(months=2).action_confirm()
        installation = self.meter_home.installation_ids
        installation.write({"date_to": "2024-08-31", "end_value": 133})
        installation.flush_recordset()
        self.add_meter(self.home.point_ids, [("2024-08-31", 5), ("2024-09-30", 14)], date_from="2024-08-31")
        settlement = self.bill_one(self.home, *QUARTER).pwik_settlement_id
        self.assertEqual(settlement.water_m3, 22 + 9)
        meter = self.home.point_ids.meter_ids - self.meter_home
        self.make_reading(30, "2024-12-31", meter=meter)
        self.assertEqual(self.bill_one(self.home, *NEXT).pwik_settlement_id.water_m3, 16)

    def test_new_meter_read_before_the_end_goes_on(self):
        """The new meter is read on 28 September only: its next 16 m³ are billed, for no average stood in for it."""
        self.find_broken(months=2).action_confirm()
        installation = self.meter_home.installation_ids
        installation.write({"date_to": "2024-08-31", "end_value": 133})
        installation.flush_recordset()
        self.add_meter(self.home.point_ids, [("2024-08-31", 5), ("2024-09-28", 14)], date_from="2024-08-31")
        self.assertEqual(self.bill_one(self.home, *QUARTER).pwik_settlement_id.water_m3, 22 + 9)
        self.make_reading(30, "2024-12-31", meter=self.home.point_ids.meter_ids - self.meter_home)
        self.assertEqual(self.bill_one(self.home, *NEXT).pwik_settlement_id.water_m3, 16)

    def test_only_the_customer_of_that_day(self):
        """Found broken under the new customer: he pays the average, the one before him what was read when he left."""
        self.make_reading(138, "2024-08-14", meter=self.meter_home)
        point = self.home.point_ids
        self.home.action_terminate("2024-08-14")
        new = self.make_contract(
            self._make_customer("Nowy"),
            point,
            date_start="2024-08-15",
            tariff_group_water_id=self.group_water.id,
            tariff_group_sewage_id=self.group_sewage.id,
        )
        finding = self.find_broken(found_on="2024-09-20", basis="year_before", year_before=18)
        finding.action_confirm()
        for contracts in (self.home, new):
            self.bill_one(contracts, *QUARTER)
        self.assertEqual((self.home.settlement_ids.water_m3, self.home.settlement_ids.method), (5, "reading"))
        self.assertEqual((new.settlement_ids.water_m3, new.settlement_ids.method), (18, "average"))

    def test_other_bases(self):
        finding = self.find_broken(basis="year_before", year_before=40)
        finding.action_confirm()
        move = self.bill_one(self.home, *QUARTER)
        self.assertEqual(move.pwik_settlement_id.water_m3, 40)
        self.assertIn("poprzedniego roku", "\n".join(move.invoice_line_ids.mapped("name")))

    def test_last_year(self):
        """100 m³ in twelve months × 3 / 12 = 25."""
        finding = self.find_broken(basis="last_year", last_year=100)
        finding.action_confirm()
        self.assertEqual(self.bill_one(self.home, *QUARTER).pwik_settlement_id.water_m3, 25)

    def test_nothing_known_nothing_confirmed(self):
        fresh = self.household([("2024-06-30", 0)], date_start="2024-06-30")
        finding = self.env["pwik.broken.meter"].create(
            {"installation_id": fresh.point_ids.meter_ids.installation_ids.id, "found_on": "2024-08-20"}
        )
        self.assertFalse(finding.basis)
        with self.assertRaises(UserError):
            finding.action_confirm()

    def test_confirmed_is_not_edited(self):
        finding = self.find_broken()
        finding.action_confirm()
        with self.assertRaises(UserError):
            finding.months = 1
        with self.assertRaises(UserError):
            finding.unlink()
        finding.action_draft()
        finding.months = 1
        finding.unlink()

    def test_wrong_after_billing(self):
        """Withdrawn after the invoice: the correction brings the register's value."""
        self.make_reading(140, "2024-09-30", meter=self.meter_home)
        finding = self.find_broken()
        finding.action_confirm()
        settlement = self.bill_one(self.home, *QUARTER).pwik_settlement_id
        finding.action_cancel()
        self.assertIn(settlement.display_name, "".join(finding.message_ids.mapped("body")))
        settlement.action_correct()
        self.assertEqual(settlement.correction_ids.water_m3, 7 - 33)

    def test_who_may(self):
        service = self.make_user("tst_broken_service", "pwik_meters.pwik_meters_group_user")
        finding = self.find_broken().with_user(service)
        finding.note = "Stoi"
        with self.assertRaises(UserError):
            finding.action_confirm()
        reader = self.make_user("tst_broken_reader", "pwik_meters.pwik_meters_group_reader")
        with self.assertRaises(AccessError):
            finding.with_user(reader).read(["note"])
