import base64
from datetime import date
from io import BytesIO

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from PIL import Image
from psycopg2.errors import CheckViolation, ExclusionViolation, UniqueViolation

from .common import PIXEL, PwikCommon


@tagged("post_install", "-at_install")
class TestMeterLife(PwikCommon):
    """Install, exchange, take out: no consumption is lost and none becomes negative."""

    def test_exchange(self):
        self.make_reading(150, "2025-03-31")
        new = self.make_meter("TST-NEW")
        self.point._exchange_meter(
            self.meter, new, date(2025, 4, 10), 155, 3, seal_number="PL-1", reason="due"
        )
        self.assertEqual((self.meter.state, new.state), ("removed", "installed"))
        self.assertEqual((self.installation.date_to, self.installation.end_value), (date(2025, 4, 10), 155))
        self.assertEqual(self.point.meter_ids, new)
        self.assertEqual(new.installation_id.start_value, 3)
        end = self.meter.reading_ids.filtered(lambda reading: reading.source == "exchange")
        self.assertEqual((end.value, end.consumption, end.state), (155, 5, "accepted"))
        self.assertEqual((end.contract_id, new.reading_ids.contract_id), (self.contract, self.contract))
        self.assertEqual(new.seal_ids.number, "PL-1")
        reading = self.make_reading(10, "2025-04-30", meter=new, state="draft")
        reading.action_validate()
        self.assertEqual((reading.state, reading.consumption), ("accepted", 7))

    def test_end_value_is_validated_like_every_reading(self):
        self.make_reading(150, "2025-03-31")
        self.meter._remove_meter(date(2025, 4, 10), 120)
        end = self.meter.reading_ids.filtered(lambda reading: reading.source == "exchange")
        self.assertEqual((end.state, end.finding_codes), ("to_review", "V06"))

    def test_missing_end_value_of_the_predecessor(self):
        """History that came in with a gap: closed without a value."""
        self.env.cr.execute(
            "UPDATE pwik_meter_installation SET date_to = '2025-02-01', end_value = NULL WHERE id = %s",
            [self.installation.id],
        )
        self.installation.invalidate_recordset()
        new = self.make_meter("TST-NEW")
        self.install(new, self.point, date_from="2025-02-01")
        reading = self.make_reading(5, meter=new, state="draft")
        reading.action_validate()
        self.assertEqual(reading.finding_codes, "V16")

    def test_refused(self):
        new = self.make_meter("TST-NEW")
        with self.assertRaisesRegex(UserError, "before it was installed"):
            self.meter._remove_meter(date(2024, 12, 31), 100)
        with self.assertRaisesRegex(UserError, "not in stock"):
            self.other_point._install_meter(self.meter, date(2025, 5, 1), 0)
        with self.assertRaisesRegex(UserError, "same kind"):
            new.meter_kind = "deduction"
            self.point._exchange_meter(self.meter, new, date(2025, 5, 1), 110, 0)
        with self.assertRaisesRegex(UserError, "not installed"):
            self.point._exchange_meter(self.other_meter, new, date(2025, 5, 1), 110, 0)
        self.make_reading(150, "2025-06-30")
        with self.assertRaisesRegex(UserError, "after that day"):
            self.meter._remove_meter(date(2025, 5, 1), 140)

    def test_nothing_invoiced_is_touched(self):
        meter_class = type(self.meter)
        self.patch(meter_class, "_get_billed_until", lambda meter: date(2025, 6, 30))
        with self.assertRaisesRegex(UserError, "invoiced until"):
            self.meter._remove_meter(date(2025, 6, 1), 140)
        reading = self.make_reading(150, "2025-06-30")
        with self.assertRaisesRegex(UserError, "was invoiced"):
            reading.action_reject("no")
        self.assertEqual(reading.action_correct(149).state, "accepted")

    def test_wizard_fills_itself_from_the_meter(self):
        wizard = Form(
            self.env["pwik.meter.exchange"].with_context(
                active_model="pwik.meter", active_id=self.meter.id, default_operation="exchange"
            )
        )
        self.assertEqual(wizard.service_point_id, self.point)
        wizard.date = date(2025, 5, 1)
        wizard.end_value = 120
        wizard.new_meter_id = self.make_meter("TST-NEW")
        wizard.photo = PIXEL
        wizard.save().action_apply()
        self.assertEqual(self.point.meter_ids.serial, "TST-NEW")
        end = self.meter.reading_ids.filtered(lambda reading: reading.source == "exchange")
        self.assertEqual(Image.open(BytesIO(base64.b64decode(end.photo))).size, (1, 1))
        self.assertEqual((end.value, end.note), (120, "End value"))


@tagged("post_install", "-at_install")
class TestContract(PwikCommon):
    def test_activation_needs_a_point(self):
        contract = self.env["pwik.contract"].create({"partner_id": self.customer.id})
        with self.assertRaisesRegex(UserError, "no service point"):
            contract.action_activate()

    def test_customer_number_comes_with_the_first_contract(self):
        self.assertTrue(self.customer.pwik_customer_number)
        self.assertNotEqual(self.customer.pwik_customer_number, self.other_customer.pwik_customer_number)

    def test_termination_frees_the_point_and_the_readings_follow(self):
        before, after = self.make_reading(110, "2025-06-30"), self.make_reading(112, "2025-07-31")
        self.assertEqual((before | after).contract_id, self.contract)
        self.contract.action_terminate(date(2025, 6, 30))
        self.assertEqual(
            (self.contract.state, self.contract.contract_point_ids.date_to), ("terminated", date(2025, 6, 30))
        )
        self.assertEqual((before.contract_id, after.contract_id), (self.contract, self.contract.browse()))
        new = self.make_contract(self.other_customer, self.point, "2025-07-01")
        self.assertEqual((before.contract_id, after.contract_id), (self.contract, new))
        with self.assertRaisesRegex(UserError, "not in force"):
            self.contract.action_terminate()

    def test_what_was_in_force_is_kept(self):
        with self.assertRaises(UserError):
            self.contract.unlink()
        with self.assertRaises(UserError):
            self.meter.unlink()


@tagged("post_install", "-at_install")
class TestConstraints(PwikCommon):
    """The database refuses what cannot be, also past the ORM."""

    def refused(self, error, query, *params):
        with (
            self.subTest(query),
            mute_logger("odoo.sql_db"),
            self.assertRaises(error),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(query, params)

    def test_installations(self):
        self.env.flush_all()
        insert = (
            "INSERT INTO pwik_meter_installation (meter_id, service_point_id, meter_kind, date_from, date_to, start_value)"
            " VALUES (%s, %s, %s, %s, %s, 0)"
        )
        stock = self.make_meter("TST-STOCK")
        self.env.flush_all()
        meter, other = self.meter.id, self.other_point.id
        self.refused(ExclusionViolation, insert, meter, other, "unit", "2025-06-01", None)
        self.refused(ExclusionViolation, insert, stock.id, self.point.id, "main", "2025-06-01", None)
        self.refused(ExclusionViolation, insert, stock.id, self.point.id, "main", "2024-06-01", "2025-01-02")
        self.refused(CheckViolation, insert, stock.id, other, "unit", "2025-06-01", "2025-05-31")
        self.env.cr.execute(insert, (stock.id, self.point.id, "main", "2024-06-01", "2025-01-01"))

    def test_one_contract_in_force_on_a_point(self):
        draft = self.make_contract(self.other_customer, self.point, activate=False)
        self.env.flush_all()
        self.refused(
            ExclusionViolation,
            "UPDATE pwik_contract_point SET state = 'active' WHERE contract_id = %s",
            draft.id,
        )
        self.refused(
            CheckViolation, "UPDATE pwik_contract SET date_end = '2024-12-31' WHERE id = %s", draft.id
        )
        self.refused(
            CheckViolation,
            "UPDATE pwik_contract SET service_water = FALSE, service_sewage = FALSE WHERE id = %s",
            draft.id,
        )

    def test_serial_twice(self):
        self.env.flush_all()
        self.refused(
            UniqueViolation,
            "UPDATE pwik_meter SET serial = %s WHERE id = %s",
            self.meter.serial,
            self.other_meter.id,
        )

    def test_reading_twice(self):
        first = self.make_reading(110)
        second = self.make_reading(111, moment=first.moment, source="radio")
        self.env.flush_all()
        self.refused(UniqueViolation, "UPDATE pwik_reading SET source = 'manual' WHERE id = %s", second.id)
        self.refused(CheckViolation, "UPDATE pwik_reading SET value = -0.001 WHERE id = %s", second.id)
        self.env.cr.execute(
            "UPDATE pwik_reading SET source = 'manual', superseded = TRUE WHERE id = %s", [second.id]
        )

    def test_thresholds_do_not_overlap(self):
        limit = self.env.ref("pwik_meters.limit_v09_share")
        self.env.flush_all()
        self.refused(
            ExclusionViolation,
            "INSERT INTO pwik_validation_limit (rule_code, parameter, value, active, date_from)"
            " VALUES (%s, %s, 1, TRUE, '2026-01-01')",
            limit.rule_code,
            limit.parameter,
        )
