"""Estimates where nothing was read: after an exchange, of nothing, over the end of a register; and what settles them."""

from odoo.tests import tagged

from .common import BillingCommon, exact

BEFORE = ("2024-04-01", "2024-06-30")
QUARTER = ("2024-07-01", "2024-09-30")
NEXT = ("2024-10-01", "2024-12-31")
AFTER = ("2025-01-01", "2025-03-31")


@tagged("post_install", "-at_install")
class TestSettlementEstimate(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_tariff("V0", "2023-05-03", "2024-05-02", "4.76", "8.78")

    def home_with_history(self, first=682, second=700, **values):
        """Billed from ``first`` to ``second`` in the quarter before (18 m³ in 91 days)."""
        home = self.household([("2024-03-31", first), ("2024-06-30", second)], **values)
        self.bill_one(home, *BEFORE)
        return home

    def exchange(self, home, day, end_value, start_value, **values):
        old = home.point_ids.meter_ids.installation_ids.filtered(lambda i: not i.date_to)
        old.write({"date_to": day, "end_value": end_value})
        old.flush_recordset()
        return self.add_meter(home.point_ids, [(day, start_value)], date_from=day, **values).meter_id

    def settle(self, home, *period, **values):
        moves = self.bill_one(home, *period, **values)
        return moves.pwik_settlement_id.filtered(lambda s: s.kind != "correction")

    def test_estimate_after_an_exchange(self):
        """13 m³ of the old meter, then 47 days by 18 m³ in 91 days: 9. The next reading settles it all."""
        home = self.home_with_history()
        new = self.exchange(home, "2024-08-14", 713, 3)
        estimated = self.settle(home, *QUARTER, estimate_missing=True)
        self.assertEqual((estimated.water_m3, estimated.method), (13 + 9, "estimate"))
        measures = estimated.measure_ids.sorted("date_from")
        self.assertEqual(
            [(m.value_from, m.value_to, m.source_to) for m in measures],
            [(700, 713, "exchange"), (3, 12, "estimate")],
        )
        self.make_reading(40, "2024-12-31", meter=new)
        settled = self.settle(home, *NEXT)
        self.assertEqual(settled.water_m3, 13 + 37 - 22)
        self.make_reading(50, "2025-03-31", meter=new)
        self.assertEqual(self.settle(home, *AFTER).water_m3, 10)

    def test_exchanged_and_estimated_twice(self):
        """Two quarters unread around two exchanges; what was used in all is what the meters showed."""
        home = self.home_with_history()
        self.exchange(home, "2024-08-14", 713, 3)
        self.settle(home, *QUARTER, estimate_missing=True)
        last = self.exchange(home, "2024-11-14", 20, 0.5)
        self.settle(home, *NEXT, estimate_missing=True)
        self.make_reading(60.2, "2025-03-31", meter=last)
        self.settle(home, *AFTER)
        since = home.settlement_ids.filtered(lambda s: str(s.period_from) > BEFORE[1])
        self.assertEqual(sum(since.mapped("water_m3")), 13 + 17 + 60)

    def test_read_then_taken_off_after_the_period(self):
        """Billed late: a meter that is gone today was read in the period, so nothing is estimated."""
        home = self.home_with_history()
        self.make_reading(731, "2024-09-28", meter=home.point_ids.meter_ids)
        self.exchange(home, "2024-10-20", 740, 0)
        settlement = self.settle(home, *QUARTER, estimate_missing=True)
        self.assertEqual((settlement.water_m3, settlement.method), (31, "reading"))

    def test_estimate_over_the_end_of_the_register(self):
        """99990 + 18 stands as 8 on five digits; the reading of 20 settles 30 m³."""
        home = self.home_with_history(99972, 99990)
        estimated = self.settle(home, *QUARTER, estimate_missing=True)
        self.assertEqual((estimated.water_m3, estimated.measure_ids.value_to), (18, 8))
        meter = home.point_ids.meter_ids
        self.make_reading(20, "2024-12-31", meter=meter)
        self.assertEqual(self.settle(home, *NEXT).water_m3, 30 - 18)

    def test_reading_that_the_register_cannot_show(self):
        home = self.home_with_history()
        self.env["pwik.reading"].flush_model()
        reading = self.make_reading(710, "2024-09-30", meter=home.point_ids.meter_ids)
        self.env.cr.execute("UPDATE pwik_reading SET value = 100008 WHERE id = %s", [reading.id])
        reading.invalidate_recordset()
        run = self.bill(home, *QUARTER)
        self.assertIn("nie może wskazać 100008", run.item_ids.reason)
        self.assertNotIn("points[", run.item_ids.reason)

    def test_estimate_of_nothing(self):
        """An empty house was estimated at 0 m³: that has no line, and is corrected all the same."""
        home = self.home_with_history(700, 700)
        estimated = self.settle(home, *QUARTER, estimate_missing=True)
        self.assertEqual((estimated.water_m3, estimated.method), (0, "estimate"))
        reading = self.env["pwik.reading"].search(
            [("meter_id", "=", home.point_ids.meter_ids.id), ("source", "=", "estimate")]
        )
        self.assertEqual(reading.value, 700)
        self.reprice_subscription("26.12")
        estimated.action_correct()
        self.assertEqual(exact(estimated.correction_ids.net), exact(2))
        # as it was before estimates of nothing were written down
        reading.state = "rejected"
        self.reprice_subscription("27.12")
        estimated.action_correct()
        self.assertEqual(exact(sum(estimated.correction_ids.mapped("net"))), exact(3))

    def reprice_subscription(self, price):
        self.env.cr.execute(
            "UPDATE pwik_tariff_rate SET price = %s WHERE component = 'subscription' AND subscription_kind = 'main'"
            " AND billing_cycle = 'quarter'",
            [price],
        )
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()

    def test_settled_estimate_is_not_estimated_again(self):
        """Q3 estimated at 18, then 7 m³ given back by the reading of Q4: a correcting run finds nothing to change."""
        home = self.home_with_history()
        estimated = self.settle(home, *QUARTER, estimate_missing=True)
        self.make_reading(711, "2024-12-31", meter=home.point_ids.meter_ids)
        self.settle(home, *NEXT)
        self.assertEqual(estimated.correction_ids.water_m3, -7)
        for _time in range(2):
            run = self.env["pwik.billing.run"].create(
                {
                    "kind": "correction",
                    "correct_what": "all",
                    "period_from": QUARTER[0],
                    "period_to": NEXT[1],
                    "contract_ids": [(6, 0, home.ids)],
                    "invoice_date": "2025-01-10",
                }
            )
            run.action_preview()
            run.action_approve()
            run._process_all()
            self.assertEqual(run.item_ids.mapped("state"), ["skipped"], run.item_ids.mapped("reason"))
        self.assertEqual(estimated.correction_ids.mapped("water_m3"), [-7])
