from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import ExclusionViolation

from .common import BillingCommon


@tagged("post_install", "-at_install")
class TestTariff(BillingCommon):
    def test_in_force_is_not_edited(self):
        tariff = self.tariffs["V1"]
        with self.assertRaises(UserError):
            tariff.date_to = "2025-06-30"
        with self.assertRaises(UserError):
            tariff.state = "draft"
        with self.assertRaises(UserError):
            tariff.rate_ids[0].price = 1.0
        with self.assertRaises(UserError):
            tariff.rate_ids[0].unlink()
        with self.assertRaises(UserError):
            self.env["pwik.tariff.rate"].create(
                {
                    "tariff_id": tariff.id,
                    "component": "water",
                    "price": 1.0,
                    "municipality_id": self.municipality.id,
                }
            )
        with self.assertRaises(UserError):
            tariff.unlink()

    def test_rates_cannot_come_in_through_the_tariff(self):
        with self.assertRaises(UserError):
            self.tariffs["V1"].rate_ids = [(1, self.tariffs["V1"].rate_ids[0].id, {"price": 99.0})]

    def test_overlap_is_refused_by_the_database(self):
        draft = self.make_tariff("V1b", "2025-05-01", "2025-12-31", "1.00", "1.00", in_force=False)
        with self.assertRaises(ExclusionViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            draft.action_put_in_force()
            draft.flush_recordset()

    def test_prolonged_explicitly(self):
        tariff = self.tariffs["V2"]
        tariff.prolonged_until = "2026-12-31"
        self.assertEqual(tariff.effective_to, date(2026, 12, 31))
        run = self.make_run(self.contract, "2026-04-01", "2026-06-30")
        self.assertIn("V2", run._get_warnings())
        self.assertFalse(self.env["pwik.tariff"]._get_gaps(self.company, date(2026, 4, 1), date(2026, 6, 30)))

    def test_prolonged_into_the_next_one_is_refused(self):
        with self.assertRaises(ExclusionViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.tariffs["V1"].prolonged_until = "2025-06-30"
            self.tariffs["V1"].flush_recordset()

    def test_gap_is_announced(self):
        gaps = self.env["pwik.tariff"]._get_gaps(self.company, date(2026, 4, 1), date(2026, 6, 30))
        self.assertEqual(gaps, [(date(2026, 5, 3), date(2026, 6, 30))])
        run = self.make_run(self.contract, "2026-04-01", "2026-06-30")
        self.assertIn("03.05.2026" if self.env.lang == "pl_PL" else "2026", run._get_warnings())

    def test_states_follow_the_calendar(self):
        self.env["pwik.tariff"]._cron_update_state()
        self.assertEqual(self.tariffs["V1"].state, "superseded")

    def test_narrower_rate_wins(self):
        other = self.env["pwik.municipality"].create({"name": "Inna", "code": "TST-IN"})
        tariff = self.make_tariff("V3", "2026-05-03", "2027-05-02", "5.31", "9.52", in_force=False)
        tariff.rate_ids = [
            (0, 0, {"component": "sewage", "price": 9.9, "municipality_id": other.id}),
            (0, 0, {"component": "water", "price": 7.7, "tariff_group_id": self.group_water.id}),
        ]
        tariff.action_put_in_force()
        book = self.env["pwik.tariff"]._get_price_book(self.company, date(2026, 6, 1))
        own = book.resolve(self.group_water.id, self.group_sewage.id, self.municipality.id)[-1]
        self.assertEqual([str(own.prices[key]) for key in ("water", "sewage")], ["7.70", "9.52"])
        foreign = book.resolve(None, self.group_sewage.id, other.id)[-1]
        self.assertEqual([str(foreign.prices[key]) for key in ("water", "sewage")], ["5.31", "9.90"])

    def test_missing_rate_is_named(self):
        contract = self.household([("2026-05-02", 10), ("2026-06-30", 20)], date_start="2026-05-02")
        tariff = self.make_tariff("V3", "2026-05-03", "2027-05-02", "5.31", "9.52", in_force=False)
        tariff.rate_ids.filtered(lambda rate: rate.component == "sewage").unlink()
        tariff.action_put_in_force()
        run = self.bill(contract, "2026-04-01", "2026-06-30")
        item = run.item_ids
        self.assertEqual(item.state, "error")
        for word in ("V3", self.group_sewage.name, self.municipality.name):
            self.assertIn(word, item.reason)
        self.assertFalse(run.settlement_ids)

    def test_day_without_tariff_is_named(self):
        contract = self.household([("2026-03-31", 10), ("2026-06-30", 20)])
        run = self.bill(contract, "2026-04-01", "2026-06-30")
        self.assertEqual(run.item_ids.state, "error")
        self.assertIn("2026", run.item_ids.reason)

    def test_without_rates_or_price(self):
        empty = self.env["pwik.tariff"].create(
            {
                "name": "V9",
                "decision_number": "x",
                "approved_by": "x",
                "date_from": "2030-01-01",
                "date_to": "2030-12-31",
            }
        )
        with self.assertRaises(UserError):
            empty.action_put_in_force()
        free = self.make_tariff("V8", "2031-01-01", "2031-12-31", "0.00", "9.52", in_force=False)
        with self.assertRaises(ValidationError):
            free.action_put_in_force()

    def test_next_tariff(self):
        action = (
            self.env["pwik.tariff.raise"]
            .with_context(default_tariff_id=self.tariffs["V2"].id)
            .create({"name": "V3", "percent": 5.0})
            .action_make()
        )
        tariff = self.env["pwik.tariff"].browse(action["res_id"])
        self.assertEqual(
            (tariff.state, tariff.date_from, tariff.date_to), ("draft", date(2026, 5, 3), date(2027, 5, 2))
        )
        prices = {rate.component: rate.price for rate in tariff.rate_ids if rate.component != "subscription"}
        # 5.06 × 1.05 = 5.313, 9.14 × 1.05 = 9.597
        self.assertEqual(prices, {"water": 5.31, "sewage": 9.60})
        self.assertEqual(len(tariff.rate_ids), len(self.tariffs["V2"].rate_ids))

    def test_published(self):
        text = "\n".join(self.read_pdf(self.render_pdf("pwik_billing.report_tariff", self.tariffs["V1"])))
        for expected in ("TST/V1", "4.76", "5.14", "8.78", "9.48", "24.12", "26.05"):
            self.assertIn(expected, text.replace(",", "."))

    def test_published_with_all_price_columns_of_the_decision(self):
        """A decision approves up to three periods with prices of their own: they are printed side by side."""
        first = self.make_tariff("D1", "2031-01-01", "2031-12-31", "5.50", "9.90", decision_number="RT/31")
        second = self.make_tariff("D2", "2032-01-01", "2032-12-31", "5.75", "10.15", decision_number="RT/31")
        draft = self.make_tariff(
            "D3", "2033-01-01", "2033-12-31", "6.01", "10.40", in_force=False, decision_number="RT/31"
        )
        self.assertEqual(first._get_price_columns(), first | second)
        self.assertEqual(draft._get_price_columns(), first | second | draft)
        (water,) = second._get_published_rates()[0]["rates"]
        self.assertEqual([net.replace(",", ".") for net, _gross in water["prices"]], ["5.50", "5.75"])
        text = "\n".join(self.read_pdf(self.render_pdf("pwik_billing.report_tariff", second)))
        for expected in ("5.50", "5.94", "5.75", "6.21", "9.90", "10.15"):
            self.assertIn(expected, text.replace(",", "."))
        self.assertNotIn("6.01", text.replace(",", "."))
