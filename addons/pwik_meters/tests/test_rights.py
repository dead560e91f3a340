from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import PwikCommon


@tagged("post_install", "-at_install")
class TestReader(PwikCommon):
    """A meter reader: routes, points, meters and readings, no customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls.make_user("reader", "pwik_meters.pwik_meters_group_reader")

    def as_reader(self, records):
        return records.with_user(self.reader)

    def test_enters_readings(self):
        reading = self.as_reader(self.env["pwik.reading"]).create({"meter_id": self.meter.id, "value": 104.5})
        reading.value = 105
        reading.action_validate()
        self.assertEqual(reading.state, "accepted")
        self.assertEqual(reading.sudo().contract_id, self.contract)

    def test_enters_only_what_he_read_himself(self):
        with self.assertRaises(AccessError):
            self.as_reader(self.env["pwik.reading"]).create(
                {"meter_id": self.meter.id, "value": 104.5, "source": "radio"}
            )

    def test_decides_nothing(self):
        waiting = self.make_reading(150, "2025-03-31")
        waiting |= self.make_reading(100, "2025-04-30", state="draft")
        waiting[1].action_validate()
        for reading in self.as_reader(waiting):
            for decide in (
                reading.action_accept,
                reading.action_reject,
                lambda r=reading: r.action_correct(1),
            ):
                with self.assertRaises(AccessError):
                    decide()
            for vals in ({"state": "rejected"}, {"blocks_billing": False}):
                with self.assertRaises(AccessError):
                    reading.write(vals)
            with self.assertRaises(AccessError):
                reading.unlink()

    def test_sees_no_contract_and_no_customer(self):
        for records in (self.contract, self.contract.contract_point_ids, self.customer):
            with self.subTest(records._name), self.assertRaises(AccessError):
                self.as_reader(records).read(["create_date"])
        self.assertFalse(self.as_reader(self.env["res.partner"]).search([("id", "=", self.customer.id)]))
        reading = self.make_reading(110)
        with self.assertRaises(AccessError):
            self.as_reader(reading).read(["contract_id"])
        self.assertNotIn("contract_id", self.as_reader(reading).read()[0])
        with self.assertRaises(AccessError):
            self.as_reader(self.env["pwik.reading"]).search([("contract_id.partner_id.name", "ilike", "a")])

    def test_still_sees_colleagues(self):
        self.assertTrue(self.as_reader(self.env.user.partner_id).read(["name"]))

    def test_reads_but_does_not_change_the_register(self):
        for records in (self.point, self.meter, self.route, self.installation):
            with self.subTest(records._name):
                self.as_reader(records).read(["create_date"])
                with self.assertRaises(AccessError):
                    self.as_reader(records).write({"company_id": self.company.id})

    def test_screens_open(self):
        for records in (self.point, self.meter, self.make_reading(110), self.route):
            with self.subTest(records._name):
                Form(self.as_reader(records))


@tagged("post_install", "-at_install")
class TestOffice(PwikCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        cls.manager = cls.make_user("manager", "pwik_meters.pwik_meters_group_manager")

    def test_clerk_decides(self):
        reading = self.make_reading(150, state="draft")
        reading.with_user(self.clerk).action_validate()
        self.make_reading(160, "2025-04-30")
        reading = self.make_reading(250, "2025-05-31", state="draft").with_user(self.clerk)
        reading.action_validate()
        self.assertEqual(reading.state, "to_review")
        reading.action_accept("pool was filled")
        self.assertEqual((reading.state, reading.decided_by_id), ("accepted", self.clerk))

    def test_only_the_manager_changes_thresholds(self):
        limit = self.env.ref("pwik_meters.limit_v09_share")
        with self.assertRaises(AccessError):
            limit.with_user(self.clerk).value = 0.5
        limit.with_user(self.manager).value = 0.5

    def test_a_plain_employee_sees_nothing(self):
        employee = self.make_user("employee")
        for records in (self.contract, self.point, self.meter, self.make_reading(110), self.route):
            with self.subTest(records._name), self.assertRaises(AccessError):
                records.with_user(employee).read(["create_date"])

    def test_another_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Inne wodociągi"})
        self.clerk.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        reading = self.make_reading(110)
        for records in (
            self.contract,
            self.point,
            self.meter,
            reading,
            self.route,
            self.municipality,
            self.installation,
        ):
            with self.subTest(records._name):
                self.assertFalse(records.with_user(self.clerk).search([("id", "in", records.ids)]))

    def test_screens_open(self):
        for records in (
            self.contract,
            self.point,
            self.meter,
            self.make_reading(110),
            self.route,
            self.customer,
        ):
            with self.subTest(records._name):
                Form(records.with_user(self.clerk))
