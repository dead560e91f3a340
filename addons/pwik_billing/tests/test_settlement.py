from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import ExclusionViolation, UniqueViolation

from .common import BillingCommon, exact

QUARTER = ("2024-07-01", "2024-09-30")
NEXT = ("2024-10-01", "2024-12-31")


@tagged("post_install", "-at_install")
class TestSettlement(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.household([("2024-06-30", 1234.567), ("2024-09-30", 1261.2)])
        cls.home_meter = cls.home.point_ids.meter_ids

    def settle(self, *period, **values):
        return self.bill_one(self.home, *(period or QUARTER), **values).pwik_settlement_id

    def test_frozen(self):
        settlement = self.settle()
        with self.assertRaises(UserError):
            settlement.net = 1
        with self.assertRaises(UserError):
            settlement.line_ids[0].quantity = 1
        with self.assertRaises(UserError):
            settlement.line_ids = [
                (
                    0,
                    0,
                    {
                        "company_id": self.company.id,
                        "component": "water",
                        "quantity": 1,
                        "price": 1,
                        "net": 1,
                    },
                )
            ]
        with self.assertRaises(UserError):
            settlement.measure_ids.value_to = 1
        with self.assertRaises(UserError):
            settlement.unlink()
        with self.assertRaises(UserError):
            settlement.line_ids.unlink()

    def copy_in_sql(self, settlement, **changes):
        columns = [
            "contract_id",
            "company_id",
            "partner_id",
            "payer_id",
            "period_from",
            "period_to",
            "kind",
            "version",
            "state",
            "net",
            "vat",
            "gross",
            "document",
            "corrects_id",
        ]
        chosen = ", ".join(changes.get(column, column) for column in columns)
        self.env.cr.execute(
            f"INSERT INTO pwik_settlement ({', '.join(columns)}) SELECT {chosen} FROM pwik_settlement WHERE id = %s",
            [settlement.id],
        )

    @mute_logger("odoo.sql_db")
    def test_database_refuses_a_second_one(self):
        settlement = self.settle()
        self.env.flush_all()
        for error, changes in (
            (UniqueViolation, {}),
            (ExclusionViolation, {"period_from": "date '2024-09-01'", "period_to": "date '2024-10-31'"}),
            (ExclusionViolation, {"kind": "'final'"}),
        ):
            with self.subTest(changes=changes), self.assertRaises(error), self.cr.savepoint():
                self.copy_in_sql(settlement, **changes)
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.copy_in_sql(settlement, kind="'correction'", corrects_id="id")
            self.copy_in_sql(settlement, kind="'correction'", corrects_id="id")

    def test_says_where_it_comes_from(self):
        settlement = self.settle()
        measure = settlement.measure_ids
        self.assertEqual((measure.value_from, measure.value_to, measure.quantity), (1234.567, 1261.2, 27))
        self.assertEqual((measure.date_from, measure.date_to), (date(2024, 6, 30), date(2024, 9, 30)))
        self.assertEqual(settlement.reading_ids.mapped("meter_id"), self.home_meter)
        self.assertEqual(len(settlement.reading_ids), 2)
        self.assertIn("1234", settlement.line_ids[0].how)
        self.assertEqual((settlement.water_m3, settlement.sewage_m3), (27, 27))
        self.assertEqual(settlement.document["net"], "389.70")

    def test_answers_the_register(self):
        self.assertFalse(self.home_meter._get_billed_until())
        self.assertEqual(self.home_meter._get_last_billed_readings(), {})
        self.settle()
        self.assertEqual(self.home_meter._get_billed_until(), date(2024, 9, 30))
        self.assertEqual(self.home._get_billed_until(), date(2024, 9, 30))
        day, value = (self.home_meter | self.other_meter)._get_last_billed_readings()[self.home_meter.id]
        self.assertEqual((day, float(value)), (date(2024, 9, 30), 1261.2))

    def test_fractions_stay_on_the_register(self):
        """1234.567 → 1261.2 → 1300.9: 27 and 39, together floor(1300.9) − floor(1234.567)."""
        first = self.settle()
        self.make_reading(1300.9, "2024-12-31", meter=self.home_meter)
        second = self.settle(*NEXT)
        self.assertEqual((first.water_m3, second.water_m3), (27, 39))

    def test_late_reading_of_a_billed_period_is_not_lost(self):
        """A reading between the billed one and the next period changes nothing: the next one telescopes over it."""
        home = self.household([("2024-06-30", 100), ("2024-09-20", 120)])
        self.assertEqual(self.bill_one(home, *QUARTER).pwik_settlement_id.water_m3, 20)
        self.make_reading(125, "2024-09-29", meter=home.point_ids.meter_ids)
        self.make_reading(150, "2024-12-31", meter=home.point_ids.meter_ids)
        self.assertEqual(self.bill_one(home, *NEXT).pwik_settlement_id.water_m3, 30)

    def test_any_split_bills_the_same(self):
        """Three months one by one and the quarter at once: the same m³."""
        days = [("2024-06-30", 10.9), ("2024-07-31", 14.2), ("2024-08-31", 19.95), ("2024-09-30", 25.05)]
        whole, split = self.household(days), self.household(days)
        quarter = self.bill_one(whole, *QUARTER).pwik_settlement_id.water_m3
        months = [("2024-07-01", "2024-07-31"), ("2024-08-01", "2024-08-31"), ("2024-09-01", "2024-09-30")]
        split.billing_cycle = "month"
        parts = sum(self.bill_one(split, *month).pwik_settlement_id.water_m3 for month in months)
        self.assertEqual((quarter, parts), (15, 15))

    def test_estimate_that_was_too_high(self):
        """The estimated invoice is corrected by the difference, the new period bills nothing of water."""
        self.make_tariff("V0", "2023-05-03", "2024-05-02", "4.76", "8.78")
        home = self.household([("2024-03-31", 682), ("2024-06-30", 700)])
        self.bill_one(home, "2024-04-01", "2024-06-30")
        estimated = self.bill_one(home, *QUARTER, estimate_missing=True)
        self.make_reading(710, "2024-12-31", meter=home.point_ids.meter_ids)
        moves = self.bill_one(home, *NEXT)
        refund, invoice = moves.sorted("move_type", reverse=True)
        self.assertEqual((refund.move_type, invoice.move_type), ("out_refund", "out_invoice"))
        self.assertEqual(refund.reversed_entry_id, estimated)
        # 8 m³ too many: 8 × 4.76 = 38.08, 8 × 8.78 = 70.24; net 108.32, VAT 8.67
        self.assertEqual(
            [str(exact(v)) for v in (refund.amount_untaxed, refund.amount_tax)], ["108.32", "8.67"]
        )
        self.assertEqual(invoice.invoice_line_ids.mapped("price_unit"), [24.12])
        self.assertEqual(estimated.pwik_settlement_id.state, "corrected")
        self.make_reading(720, "2025-03-31", meter=home.point_ids.meter_ids)
        self.assertEqual(self.bill_one(home, "2025-01-01", "2025-03-31").pwik_settlement_id.water_m3, 10)

    def test_three_decimals(self):
        self.company.pwik_quantity_policy = "decimal3"
        settlement = self.settle()
        self.assertEqual(settlement.water_m3, 26.633)
        line = settlement.move_id.invoice_line_ids.filtered(lambda item: item.price_unit == 4.76)
        self.assertEqual((line.quantity, str(exact(line.price_subtotal))), (26.633, "126.77"))

    def test_final_settlement(self):
        self.make_reading(1270, "2024-11-15", meter=self.home_meter)
        self.settle()
        self.home.action_terminate("2024-11-15")
        final = self.settle(*NEXT)
        self.assertEqual((final.kind, final.period_to), ("final", date(2024, 11, 15)))
        self.assertEqual(final.water_m3, 9)

    def test_new_customer_at_the_point(self):
        """The former customer's use is never on the new one's bill: each opens with the reading of his own day."""
        self.home.action_terminate("2024-09-30")
        self.settle()
        newcomer = self.make_contract(
            self._make_customer("Nowa"),
            self.home.point_ids,
            date_start="2024-10-01",
            tariff_group_water_id=self.group_water.id,
            tariff_group_sewage_id=self.group_sewage.id,
        )
        self.make_reading(1290, "2024-12-31", meter=self.home_meter)
        move = self.bill_one(newcomer, *NEXT)
        self.assertEqual(move.partner_id, newcomer.partner_id)
        self.assertEqual(move.pwik_settlement_id.water_m3, 29)

    def test_same_as_odoos_own_form(self):
        """What a person would get by typing the lines into Odoo's form: the same accounts, taxes, tags and sums."""
        move = self.settle().move_id
        typed = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": move.partner_id.id,
                "journal_id": move.journal_id.id,
                "invoice_date": move.invoice_date,
                "invoice_line_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": line.product_id.id,
                            "quantity": line.quantity,
                            "price_unit": line.price_unit,
                            "tax_ids": [(6, 0, self.company.pwik_billing_tax_id.ids)],
                        },
                    )
                    for line in move.invoice_line_ids
                ],
            }
        )
        typed.action_post()

        def entries(entry):
            return sorted(
                (
                    line.account_id.code,
                    line.balance,
                    line.tax_base_amount,
                    sorted(line.tax_ids.mapped("name")),
                    sorted(line.tax_tag_ids.mapped("name")),
                    line.display_type,
                )
                for line in entry.line_ids
            )

        self.assertEqual(entries(move), entries(typed))
        self.assertEqual(move.amount_total, typed.amount_total)

    def building(self, units=(7, 5)):
        """A main meter of 30 m³ and units with contracts of their own."""
        manager = self.household([("2024-06-30", 100), ("2024-09-30", 130)], name="Zarządca")
        flats = self.env["pwik.contract"]
        for index, use in enumerate(units):
            point = self.make_point(f"m. {index + 1}", point_kind="unit", parent_id=manager.point_ids.id)
            flats |= self.make_contract(
                self._make_customer(f"Lokator {index + 1}"),
                point,
                date_start="2020-01-01",
                tariff_group_water_id=self.group_water.id,
                tariff_group_sewage_id=self.group_sewage.id,
            )
            readings = [("2024-06-30", 10)] + ([("2024-09-30", 10 + use)] if use is not None else [])
            self.add_meter(point, readings, kind="unit")
        return manager, flats

    def test_manager_pays_what_the_units_do_not(self):
        """30 − 7 − 5 = 18 for the manager, whoever is billed first."""
        for managers_first in (True, False):
            with self.subTest(managers_first=managers_first):
                manager, flats = self.building()
                for contracts in (manager, flats) if managers_first else (flats, manager):
                    run = self.bill(contracts, *QUARTER)
                    self.assertFalse(run.error_count, run.item_ids.mapped("reason"))
                self.assertEqual(manager.settlement_ids.water_m3, 18)
                self.assertEqual(sorted(flats.settlement_ids.mapped("water_m3")), [5, 7])
                kinds = flats.settlement_ids.line_ids.filtered(lambda line: line.component == "subscription")
                self.assertEqual(set(kinds.mapped("subscription_kind")), {"unit"})

    def test_unread_unit_is_named(self):
        manager, flats = self.building(units=(7, None))
        run = self.bill(manager, *QUARTER)
        self.assertEqual(run.item_ids.state, "error")
        self.assertIn(flats[1].point_ids.number, run.item_ids.reason)

    def test_units_above_the_main_meter_are_for_a_person(self):
        manager, _flats = self.building(units=(20, 15))
        run = self.bill(manager, *QUARTER)
        self.assertEqual(run.item_ids.state, "error")
        self.assertIn("35", run.item_ids.reason)

    def test_three_decimals_where_odoo_rounds_otherwise(self):
        """Odoo takes 8 % of the unrounded nets, the law of the rounded ones: the grosz goes to the tax line."""
        self.company.pwik_quantity_policy = "decimal3"
        home = self.household([("2024-06-30", 100), ("2024-09-30", 100.06)])
        move = self.bill_one(home, *QUARTER)
        settlement = move.pwik_settlement_id
        self.assertEqual(exact(move.amount_tax), exact(settlement.vat))
        self.assertEqual(exact(move.amount_total), exact(settlement.gross))
        self.assertEqual(exact(sum(move.line_ids.mapped("balance"))), 0)
