from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation, UniqueViolation

from .common import PwikCommon


@tagged("post_install", "-at_install")
class TestContractChange(PwikCommon):
    """The old contract ends with a reading, the new one begins with the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        cls.buyer = cls._make_customer("Nowy Odbiorca")

    def open_wizard(self, contract=None, **values):
        action = (contract or self.contract).with_user(self.clerk).action_change()
        return Form(
            self.env["pwik.contract.change"].with_user(self.clerk).with_context(**action["context"], **values)
        )

    def test_change_of_customer(self):
        self.make_reading(120, "2025-05-31")
        wizard = self.open_wizard()
        self.assertEqual(wizard.point_ids[:], self.point)
        wizard.date, wizard.partner_id, wizard.reason = date(2025, 6, 30), self.buyer, "house sold"
        with wizard.line_ids.edit(0) as line:
            self.assertEqual((line.meter_id, line.last_value), (self.meter, 120))
            line.entered = "125,5"
        action = wizard.save().action_apply()
        new = self.env["pwik.contract"].browse(action["res_id"])
        self.assertEqual((self.contract.state, self.contract.date_end), ("terminated", date(2025, 6, 30)))
        self.assertEqual(
            (new.state, new.date_start, new.partner_id), ("active", date(2025, 7, 1), self.buyer)
        )
        self.assertEqual((new.predecessor_id, new.point_ids), (self.contract, self.point))
        self.assertEqual(new.billing_cycle, self.contract.billing_cycle)
        self.assertTrue(self.buyer.pwik_customer_number)
        final = self.meter.reading_ids.filtered(lambda reading: reading.value == 125.5)
        self.assertEqual(
            (final.state, final.date, final.contract_id), ("accepted", date(2025, 6, 30), self.contract)
        )
        later = self.make_reading(130, "2025-07-31")
        self.assertEqual((later.contract_id, later.consumption), (new, 4.5))

    def test_a_reading_of_that_day_is_taken(self):
        there = self.make_reading(125, "2025-06-30", source="radio")
        wizard = self.open_wizard()
        wizard.date, wizard.partner_id = date(2025, 6, 30), self.buyer
        with wizard.line_ids.edit(0) as line:
            self.assertEqual(line.reading_id, there)
        wizard.save().action_apply()
        self.assertEqual(self.meter.reading_ids, there)

    def test_no_reading_no_change(self):
        wizard = self.open_wizard()
        wizard.date, wizard.partner_id = date(2025, 6, 30), self.buyer
        saved = wizard.save()
        with self.assertRaisesRegex(UserError, "Missing: TST-00000001"):
            saved.action_apply()
        saved.line_ids.entered = "abc"
        with self.assertRaisesRegex(ValidationError, "abc"):
            saved.action_apply()
        self.assertEqual(self.contract.state, "active")

    def test_blocked_when_later_billed(self):
        self.patch(type(self.contract), "_get_billed_until", lambda contract: date(2025, 6, 30))
        wizard = self.open_wizard()
        wizard.date, wizard.partner_id = date(2025, 6, 29), self.buyer
        self.assertIn("invoiced until", wizard.blockers)
        saved = wizard.save()
        with self.assertRaisesRegex(UserError, "invoiced until"):
            saved.action_apply()
        with self.assertRaisesRegex(UserError, "invoiced until"):
            self.contract.action_terminate(date(2025, 6, 29))
        saved.date = date(2025, 6, 30)
        self.assertFalse(saved.blockers)
        saved.line_ids.entered = "125"
        saved.action_apply()
        self.assertEqual(self.contract.state, "terminated")

    def test_one_point_of_several(self):
        second = self.make_point("ul. Źródlana 3")
        contract = self.make_contract(self.customer, second | self.make_point("ul. Źródlana 4"))
        wizard = self.open_wizard(contract, default_point_ids=[(6, 0, second.ids)])
        wizard.date, wizard.partner_id = date(2025, 6, 30), self.buyer
        saved = wizard.save()
        self.assertEqual(saved.point_ids, second)
        action = saved.action_apply()
        self.assertEqual(contract.state, "active")
        left = contract.contract_point_ids.filtered(lambda line: line.service_point_id == second)
        self.assertEqual(left.date_to, date(2025, 6, 30))
        self.assertEqual(self.env["pwik.contract"].browse(action["res_id"]).point_ids, second)

    def test_termination(self):
        wizard = self.open_wizard(default_operation="terminate")
        wizard.date = date(2025, 6, 30)
        with wizard.line_ids.edit(0) as line:
            line.entered = "125"
        action = wizard.save().action_apply()
        self.assertEqual(action["res_id"], self.contract.id)
        self.assertEqual(self.contract.state, "terminated")
        self.assertFalse(self.contract.successor_ids)
        with self.assertRaisesRegex(UserError, "before it starts"):
            self.other_contract.action_terminate(date(2024, 1, 1))

    def test_ended_on_the_agreed_day(self):
        for operation in ("terminate", "change"):
            with self.subTest(operation):
                contract = self.make_contract(self.customer, self.make_point(f"ul. Krótka {operation}"))
                contract.date_end = date(2025, 6, 30)
                self.assertEqual(contract.contract_point_ids.date_to, date(2025, 6, 30))
                wizard = self.open_wizard(contract, default_operation=operation)
                wizard.date = date(2025, 6, 30)
                if operation == "change":
                    wizard.partner_id = self.buyer
                wizard.save().action_apply()
                self.assertEqual((contract.state, contract.date_end), ("terminated", date(2025, 6, 30)))

    def test_one_of_two_points_on_the_agreed_day(self):
        first, second = self.make_point("ul. Krótka 1"), self.make_point("ul. Krótka 2")
        contract = self.make_contract(self.customer, first | second)
        contract.contract_point_ids[0].date_to = date(2025, 6, 30)
        contract._leave_point(first, date(2025, 6, 30))
        self.assertEqual(contract.state, "active")

    def test_prolonged_contract_keeps_its_points(self):
        self.contract.date_end = date(2025, 6, 30)
        reading = self.make_reading(130, "2025-07-31")
        self.assertFalse(reading.contract_id)
        self.contract.date_end = date(2025, 12, 31)
        self.assertEqual(self.contract.contract_point_ids.date_to, date(2025, 12, 31))
        self.assertEqual(reading.contract_id, self.contract)
        self.contract.date_end = False
        self.assertFalse(self.contract.contract_point_ids.date_to)
        self.contract.contract_point_ids.date_to = date(2025, 9, 30)
        self.contract.date_end = date(2025, 12, 31)
        self.contract.date_end = date(2026, 12, 31)
        self.assertEqual(self.contract.contract_point_ids.date_to, date(2025, 9, 30), "it left before")

    def test_activation_names_the_contract_in_the_way(self):
        draft = self.make_contract(self.buyer, self.point, "2025-07-01", activate=False)
        with self.assertRaisesRegex(UserError, self.contract.number):
            draft.action_activate()

    def test_reader_ends_nothing(self):
        reader = self.make_user("reader", "pwik_meters.pwik_meters_group_reader")
        with self.assertRaises(AccessError):
            self.env["pwik.contract.change"].with_user(reader).create({"contract_id": self.contract.id})


@tagged("post_install", "-at_install")
class TestWorkOrders(PwikCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.worker = cls.make_user("worker", "pwik_meters.pwik_meters_group_reader")
        cls.clerk = cls.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        cls.orders = cls.env["pwik.work.order"]

    def order_due(self, **values):
        batch = self.env["pwik.work.order.batch"].with_user(self.clerk)
        return batch.create({"route_ids": self.route.ids, "user_id": self.worker.id, **values})

    def test_exchange_orders_by_route(self):
        self.meter.legalization_valid_until = date(2020, 1, 1)
        batch = self.order_due()
        self.assertEqual(batch.meter_count, 1)
        action = batch.action_apply()
        order = self.orders.search(action["domain"])
        self.assertEqual(
            (order.meter_id, order.kind, order.state, order.route_id),
            (self.meter, "exchange", "planned", self.route),
        )
        self.assertEqual(order.service_point_id, self.point)
        with self.assertRaisesRegex(UserError, "not open already"):
            self.order_due().action_apply()

    def test_the_months_count(self):
        today = date.today()
        self.meter.legalization_valid_until = today.replace(year=today.year + 1, day=1)
        self.assertEqual(self.order_due(months=6).meter_count, 0)
        self.assertEqual(self.order_due(months=14).meter_count, 1)

    def test_chosen_meters(self):
        batch = self.env["pwik.work.order.batch"].with_user(self.clerk)
        batch = batch.with_context(active_model="pwik.meter", active_ids=self.other_meter.ids)
        batch = batch.create({"kind": "reseal", "reason": "seal torn"})
        order = self.orders.search(batch.action_apply()["domain"])
        self.assertEqual(
            (order.meter_id, order.reason, order.state), (self.other_meter, "seal torn", "draft")
        )

    def test_exchange_closes_its_order(self):
        order = self.orders._order_for_meters(self.meter, "exchange", {self.meter.id: "due"})
        wizard = Form(
            self.env["pwik.meter.exchange"]
            .with_user(self.clerk)
            .with_context(active_model="pwik.work.order", active_id=order.id, default_operation="exchange")
        )
        self.assertEqual((wizard.old_meter_id, wizard.service_point_id), (self.meter, self.point))
        wizard.date, wizard.end_value = date(2025, 5, 1), 120
        wizard.new_meter_id = self.make_meter("TST-NEW")
        wizard.save().action_apply()
        self.assertEqual((order.state, order.done_by_id), ("done", self.clerk))
        self.assertIn("TST-NEW", order.result)

    def test_worker_writes_the_result_and_nothing_else(self):
        order = self.orders.create({"meter_id": self.meter.id, "user_id": self.worker.id}).with_user(
            self.worker
        )
        order.with_user(self.clerk).action_plan()
        with self.assertRaises(AccessError):
            order.meter_id = self.other_meter
        order.result = "seal is whole"
        order.action_done()
        self.assertEqual((order.state, order.done_by_id), ("done", self.worker))
        with self.assertRaisesRegex(UserError, "cannot be cancelled"):
            order.with_user(self.clerk).action_cancel()


@tagged("post_install", "-at_install")
class TestConnection(PwikCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.env["pwik.connection"].create(
            {"street": "ul. Źródlana 1", "city": "Źródła", "municipality_id": self.municipality.id}
        )
        self.point.water_connection_id = self.connection

    def test_life(self):
        self.assertTrue(self.connection.number)
        self.assertEqual(self.connection.point_count, 1)
        with self.assertRaisesRegex(UserError, "protocol"):
            self.connection.action_accept()
        self.connection.date_accepted = date(2024, 5, 1)
        self.connection.action_accept()
        with self.assertRaisesRegex(UserError, self.contract.number):
            self.connection.action_close()
        self.contract.action_terminate(date(2025, 6, 30))
        self.connection.action_close()
        self.assertEqual(self.connection.state, "closed")
        with self.assertRaises(UserError):
            self.connection.unlink()

    def test_database_refuses(self):
        other = self.connection.copy()
        self.env.flush_all()
        for error, query, params in (
            (
                UniqueViolation,
                "UPDATE pwik_connection SET number = %s WHERE id = %s",
                (self.connection.number, other.id),
            ),
            (
                CheckViolation,
                "UPDATE pwik_connection SET date_accepted = '2025-01-02', date_closed = '2025-01-01' WHERE id = %s",
                (other.id,),
            ),
        ):
            with (
                self.subTest(query),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query, params)

    def test_another_company_sees_nothing(self):
        clerk = self.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        other = self.env["res.company"].create({"name": "Inne wodociągi"})
        clerk.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        book = self.env["pwik.reading.book"].create({"route_id": self.route.id})
        for records in (self.connection, book, book.line_ids):
            with self.subTest(records._name):
                self.assertFalse(records.with_user(clerk).search([("id", "in", records.ids)]))
