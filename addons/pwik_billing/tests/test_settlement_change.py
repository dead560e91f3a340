"""A point or a flat that changes hands within a period: each customer pays what the meter showed in his days."""

from datetime import date, timedelta

from odoo.tests import tagged

from .common import BillingCommon

QUARTER = ("2024-07-01", "2024-09-30")
NEXT = ("2024-10-01", "2024-12-31")


@tagged("post_install", "-at_install")
class TestSettlementChange(BillingCommon):
    def hand_over(self, contract, last_day, name="Nowa Klientka", **values):
        """``contract`` ends on ``last_day``; the point goes to a new customer the day after. :return: his contract"""
        contract.action_terminate(last_day)
        return self.make_contract(
            self._make_customer(name),
            contract.contract_point_ids.service_point_id,
            date_start=date.fromisoformat(last_day) + timedelta(1),
            tariff_group_water_id=self.group_water.id,
            tariff_group_sewage_id=self.group_sewage.id,
            **values,
        )

    def take_off(self, point, day, value):
        installation = point.meter_ids.installation_ids
        installation.write({"date_to": day, "end_value": value})
        installation.flush_recordset()

    def assert_billed(self, contract, water_m3, *period, **values):
        """One settlement of so many m³ for the period. :return: it"""
        settlement = self.bill_one(contract, *(period or QUARTER), **values).pwik_settlement_id
        self.assertEqual(settlement.water_m3, water_m3, settlement.line_ids.mapped("how"))
        return settlement

    def test_change_of_customer_within_the_period(self):
        """100 → 113 on the day of the change → 131: 13 m³ and 18 m³, in one run as in two."""
        for together in (True, False):
            with self.subTest(together=together):
                old = self.household([("2024-06-30", 100), ("2024-08-14", 113), ("2024-09-30", 131)])
                new = self.hand_over(old, "2024-08-14")
                for contracts in [old | new] if together else [new, old]:
                    run = self.bill(contracts, *QUARTER)
                    self.assertFalse(run.error_count, run.item_ids.mapped("reason"))
                self.assertEqual((old.settlement_ids.water_m3, new.settlement_ids.water_m3), (13, 18))
                self.assertEqual(old.settlement_ids.kind, "final")
                self.assertEqual(new.settlement_ids.period_from, date(2024, 8, 15))
                self.assertEqual(new.settlement_ids.measure_ids.value_from, 113)
                self.make_reading(140, "2024-12-31", meter=old.contract_point_ids.service_point_id.meter_ids)
                self.assert_billed(new, 9, *NEXT)

    def test_meter_exchanged_in_the_new_customers_time(self):
        """The old customer knows nothing of it; the new one pays 4 m³ of the old meter and 9 of the new one."""
        old = self.household([("2024-06-30", 100), ("2024-08-14", 113)])
        point = old.point_ids
        new = self.hand_over(old, "2024-08-14")
        self.take_off(point, "2024-09-02", 117)
        self.add_meter(point, [("2024-09-02", 5), ("2024-09-30", 14)], date_from="2024-09-02")
        run = self.bill(old | new, *QUARTER)
        self.assertFalse(run.error_count, run.item_ids.mapped("reason"))
        self.assertEqual((old.settlement_ids.water_m3, new.settlement_ids.water_m3), (13, 13))
        self.assertEqual((len(old.settlement_ids.measure_ids), len(new.settlement_ids.measure_ids)), (1, 2))

    def test_meter_exchanged_in_the_old_customers_time(self):
        old = self.household([("2024-06-30", 100)])
        point = old.point_ids
        self.take_off(point, "2024-07-20", 106)
        self.add_meter(
            point, [("2024-07-20", 2), ("2024-08-14", 9), ("2024-09-30", 30)], date_from="2024-07-20"
        )
        new = self.hand_over(old, "2024-08-14")
        run = self.bill(old | new, *QUARTER)
        self.assertFalse(run.error_count, run.item_ids.mapped("reason"))
        self.assertEqual((old.settlement_ids.water_m3, new.settlement_ids.water_m3), (13, 21))

    def test_estimate_never_by_the_former_owner(self):
        """What he used before is nobody else's business: the new customer's first period needs a reading."""
        self.make_tariff("V0", "2023-05-03", "2024-05-02", "4.76", "8.78")
        old = self.household([("2024-03-31", 13), ("2024-06-30", 100)])
        self.assert_billed(old, 87, "2024-04-01", "2024-06-30")
        new = self.hand_over(old, "2024-06-30")
        run = self.bill(new, *QUARTER, estimate_missing=True)
        self.assertEqual(run.item_ids.state, "error")
        self.assertIn("żaden okres tego odbiorcy", run.item_ids.reason)
        self.assertNotIn("87", run.item_ids.reason)
        meter = new.point_ids.meter_ids
        self.make_reading(109.2, "2024-09-30", meter=meter)
        self.assert_billed(new, 9)
        later = self.assert_billed(new, 9, *NEXT, estimate_missing=True)  # by his own 9 m³ in 92 days
        self.assertEqual(later.method, "estimate")

    def building(self, main=130):
        manager = self.household([("2024-06-30", 100), ("2024-09-30", main)], name="Zarządca")
        flats = [
            self.make_point(f"m. {number}", point_kind="unit", parent_id=manager.point_ids.id)
            for number in (1, 2)
        ]
        contracts = [
            self.make_contract(
                self._make_customer("Lokator"),
                flat,
                date_start="2020-01-01",
                tariff_group_water_id=self.group_water.id,
                tariff_group_sewage_id=self.group_sewage.id,
            )
            for flat in flats
        ]
        return manager, *contracts

    def test_unit_without_use_billed_first(self):
        """An empty flat was billed its subscription: it is billed, and the manager pays all but the other flat."""
        manager, empty, lived_in = self.building()
        self.add_meter(empty.point_ids, [("2024-06-30", 10), ("2024-09-30", 10)], kind="unit")
        self.add_meter(lived_in.point_ids, [("2024-06-30", 10), ("2024-09-30", 17)], kind="unit")
        self.assert_billed(empty, 0)
        settlement = self.assert_billed(manager, 23)
        self.assert_billed(lived_in, 7)
        # and again, at a correction of the manager: 30 was 28
        reading = settlement.measure_ids.reading_to_id
        reading.superseded = True
        reading.flush_recordset()
        self.make_reading(128, "2024-09-30", meter=manager.point_ids.meter_ids, correction_of_id=reading.id)
        settlement.action_correct()
        self.assertEqual(settlement.correction_ids.water_m3, -2)

    def test_tenants_of_one_unit_count_once(self):
        """4 m³ of one tenant, 6 of the next: 10 are the flat's, whoever of them is billed before the manager."""
        for billed_before in range(4):
            with self.subTest(billed_before=billed_before):
                manager, flat, other = self.building()
                self.add_meter(
                    flat.point_ids,
                    [("2024-06-30", 10), ("2024-08-14", 14), ("2024-09-30", 20)],
                    kind="unit",
                )
                self.add_meter(other.point_ids, [("2024-06-30", 10), ("2024-09-30", 15)], kind="unit")
                new = self.hand_over(flat, "2024-08-14")
                for number, tenant in enumerate((flat, new)):
                    if billed_before & (1 << number):
                        self.assert_billed(tenant, (4, 6)[number])
                self.assert_billed(manager, 30 - 4 - 6 - 5)
