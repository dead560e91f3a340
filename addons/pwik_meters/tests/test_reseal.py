from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PwikCommon


@tagged("post_install", "-at_install")
class TestReseal(PwikCommon):
    """A seal is changed, and its history stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.make_user("reseal-clerk", "pwik_meters.pwik_meters_group_user")
        cls.meter._put_seal("PL-1", date(2025, 1, 1))

    def open(self, record, number="PL-2", day=date(2025, 5, 1)):
        wizards = self.env["pwik.meter.reseal"].with_user(self.clerk)
        form = Form(wizards.with_context(active_model=record._name, active_id=record.id, lang="en_US"))
        form.seal_number, form.date = number, day
        return form.save()

    def test_new_seal_closes_the_old_one_and_the_order(self):
        orders = self.env["pwik.work.order"]
        order = orders._order_for_meters(self.meter, "reseal", {self.meter.id: "seal torn"})
        wizard = self.open(order)
        self.assertEqual((wizard.meter_id, wizard.old_seal_number), (self.meter, "PL-1"))
        wizard.action_apply()
        seals = [
            (seal.number, seal.date, seal.removed_date or None)
            for seal in self.meter.seal_ids.sorted("date")[::-1]
        ]
        self.assertEqual(
            seals,
            [("PL-2", date(2025, 5, 1), None), ("PL-1", date(2025, 1, 1), date(2025, 5, 1))],
        )
        self.assertEqual((order.state, order.done_by_id), ("done", self.clerk))
        self.assertIn("PL-2", order.result)
        self.assertIn("seal torn", self.meter.message_ids[0].body)

    def test_refused(self):
        for number, day, reason in (
            ("PL-1", date(2025, 5, 1), "already"),
            ("PL-2", date(2024, 12, 31), "cannot be older"),
            ("PL-2", date.today() + timedelta(days=2), "future"),
        ):
            with self.assertRaisesRegex(UserError, reason):
                self.open(self.meter, number, day).action_apply()
        with self.assertRaisesRegex(UserError, "not installed"):
            self.open(self.make_meter("TST-STOCK")).action_apply()
        self.assertEqual(self.meter.seal_ids.mapped("number"), ["PL-1"])

    def test_readers_seal_nothing(self):
        reader = self.make_user("reseal-reader", "pwik_meters.pwik_meters_group_reader")
        with self.assertRaises(AccessError):
            self.env["pwik.meter.reseal"].with_user(reader).create(
                {"meter_id": self.meter.id, "seal_number": "X"}
            )
