import re
from decimal import Decimal

from odoo.tests import tagged

from .common import CASES, BillingCommon, exact

BY_ID = {case["id"]: case for case in CASES["cases"]}
QUARTER = ("2024-07-01", "2024-09-30")


@tagged("post_install", "-at_install")
class TestCases(BillingCommon):
    """Every worked case down to the posted move, to the grosz."""

    def test_c01_plain_quarter(self):
        contract = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        move = self.bill_one(contract, *QUARTER)
        self.assert_move(move, BY_ID["C01"]["invoices"][0])
        # the sum of the lines' own VAT would be a grosz less
        per_line = sum(
            exact(Decimal(str(line.price_subtotal)) * Decimal("0.08")) for line in move.invoice_line_ids
        )
        self.assertEqual(per_line, Decimal(BY_ID["C01"]["invoices"][0]["vat_if_rounded_per_line"]))

    def test_c02_price_change(self):
        contract = self.household([("2025-03-31", 2100), ("2025-06-30", 2130)])
        move = self.bill_one(contract, "2025-04-01", "2025-06-30")
        self.assert_move(move, BY_ID["C02"]["invoices"][0])
        self.assertEqual(move.pwik_settlement_id.line_ids.tariff_id, self.tariffs["V1"] | self.tariffs["V2"])

    def test_c03_garden(self):
        contract = self.household([("2024-06-30", 500), ("2024-09-30", 545)])
        self.add_meter(contract.point_ids, [("2024-06-30", 120), ("2024-09-30", 132)], kind="deduction")
        self.assert_move(self.bill_one(contract, *QUARTER), BY_ID["C03"]["invoices"][0])

    def test_c04_exchange(self):
        contract = self.household([("2024-06-30", 876), ("2024-08-14", 889, "exchange")])
        old = contract.point_ids.installation_ids
        old.write({"date_to": "2024-08-14", "end_value": 889})
        old.flush_recordset()
        self.add_meter(
            contract.point_ids, [("2024-08-14", 2, "exchange"), ("2024-09-30", 11)], date_from="2024-08-14"
        )
        move = self.bill_one(contract, *QUARTER)
        self.assert_move(move, BY_ID["C04"]["invoices"][0])
        self.assertEqual(sorted(move.pwik_settlement_id.measure_ids.mapped("quantity")), [9, 13])

    def test_c04_exchange_without_readings_of_the_day(self):
        """The values on the installations are enough: no reading has to be typed in twice."""
        contract = self.household([("2024-06-30", 876)])
        old = contract.point_ids.installation_ids
        old.write({"date_to": "2024-08-14", "end_value": 889})
        old.flush_recordset()
        new = self.add_meter(contract.point_ids, [("2024-09-30", 11)], date_from="2024-08-14")
        new.start_value = 2
        self.assert_move(self.bill_one(contract, *QUARTER), BY_ID["C04"]["invoices"][0])

    def test_c06_estimate_and_its_settling(self):
        contract = self.household([("2024-03-31", 682), ("2024-06-30", 700)])
        self.make_tariff("V0", "2023-05-03", "2024-05-02", "4.76", "8.78")
        self.bill_one(contract, "2024-04-01", "2024-06-30")  # 18 m³ in 91 days: what the estimate goes by
        first = self.bill_one(contract, *QUARTER, estimate_missing=True)
        self.assert_move(first, BY_ID["C06"]["invoices"][0])
        self.assertEqual(first.pwik_settlement_id.method, "estimate")
        meter = contract.point_ids.meter_ids
        estimate = self.env["pwik.reading"].search([("meter_id", "=", meter.id), ("source", "=", "estimate")])
        self.assertEqual(
            (estimate.value, estimate.date.isoformat(), estimate.state), (718, "2024-09-30", "accepted")
        )
        self.make_reading(733, "2024-12-31", meter=meter)
        second = self.bill_one(contract, "2024-10-01", "2024-12-31")
        self.assert_move(second, BY_ID["C06"]["invoices"][1])

    def test_c09_lump_sum(self):
        norm = self.env.ref("pwik_billing.lump_norm_bathroom_local")
        point = self.make_point("ul. Bez Wodomierza 1")
        contract = self.make_contract(
            self._make_customer("Ryczałtowa"),
            point,
            date_start="2020-01-01",
            billing_method="lump_sum",
            lump_norm_id=norm.id,
            lump_persons=3,
            tariff_group_water_id=self.group_water.id,
            tariff_group_sewage_id=self.group_sewage.id,
        )
        self.assert_move(self.bill_one(contract, *QUARTER), BY_ID["C09"]["invoices"][0])

    def _two_points(self):
        contract = self.household([("2024-06-30", 250), ("2024-09-30", 268)])
        point = self.make_point("ul. Druga 2")
        contract.contract_point_ids = [(0, 0, {"service_point_id": point.id})]
        self.add_meter(point, [("2024-06-30", 90), ("2024-09-30", 101)])
        return contract

    def test_c10_two_points(self):
        move = self.bill_one(self._two_points(), *QUARTER)
        self.assert_move(move, BY_ID["C10"]["invoices"][0])
        self.assertEqual(len(move.pwik_settlement_id.line_ids.service_point_id), 2)

    def test_c10_subscription_per_contract(self):
        self.company.pwik_subscription_per = "contract"
        move = self.bill_one(self._two_points(), *QUARTER)
        want = BY_ID["C10"]["alt"]
        self.assertEqual(
            [exact(move.amount_untaxed), exact(move.amount_tax), exact(move.amount_total)],
            [Decimal(want[key]) for key in ("net", "vat", "gross")],
        )

    def test_c12_zero(self):
        contract = self.household([("2024-06-30", 345), ("2024-09-30", 345)])
        move = self.bill_one(contract, *QUARTER)
        self.assert_move(move, BY_ID["C12"]["invoices"][0])
        # nothing was used, but the readings are billed all the same: the next period begins with them
        measure = move.pwik_settlement_id.measure_ids
        self.assertEqual(
            (measure.date_to.isoformat(), measure.value_to, measure.quantity), ("2024-09-30", 345, 0)
        )

    def test_all_cases_are_here(self):
        found = (re.match(r"test_(c\d\d)_", name) for name in dir(self))
        tested = {match[1].upper() for match in found if match}
        self.assertEqual(tested, set(BY_ID))
