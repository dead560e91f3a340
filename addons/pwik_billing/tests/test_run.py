from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure

from .common import BillingCommon

QUARTER = ("2024-07-01", "2024-09-30")
TASK = "odoo.addons.pwik_billing.models.pwik_billing_run_task.PwikBillingRunTask"


class Killed(BaseException):
    """Stands for the death of the process: nothing may catch it."""


@tagged("post_install", "-at_install")
class TestRun(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = cls.household([("2024-06-30", 100), ("2024-09-30", 110)], name="Dobra")
        cls.other = cls.household([("2024-06-30", 200), ("2024-09-30", 220)], name="Druga")
        cls.unread = cls.household([("2024-06-30", 300)], name="Nieodczytana")
        cls.all = cls.good | cls.other | cls.unread

    def item(self, run, contract):
        return run.item_ids.filtered(lambda item: item.contract_id == contract)

    def test_preview_says_what_and_why_not(self):
        run = self.make_run(self.all, *QUARTER)
        run.action_preview()
        self.assertEqual(run.state, "ready")
        self.assertEqual((run.item_count, run.error_count), (3, 1))
        self.assertEqual(self.item(run, self.good).water_m3, 10)
        self.assertAlmostEqual(run.gross, sum(run.item_ids.mapped("gross")))
        self.assertIn(self.unread.point_ids.meter_ids.serial, self.item(run, self.unread).reason)
        self.assertFalse(run.settlement_ids)
        self.assertFalse(self.env["account.move"].search([("pwik_contract_id", "in", self.all.ids)]))

    def test_error_stays_on_its_contract(self):
        run = self.bill(self.all, *QUARTER)
        self.assertEqual(run.state, "done")
        self.assertEqual(run.settlement_ids.contract_id, self.good | self.other)
        self.assertEqual(set(run.settlement_ids.move_id.mapped("state")), {"posted"})
        self.assertEqual(self.item(run, self.unread).state, "error")
        self.assertEqual((run.done_count, run.error_count, run.progress), (2, 1, 100.0))

    def test_reason_names_the_reading_that_waits(self):
        self.make_reading(310, "2024-09-29", meter=self.unread.point_ids.meter_ids, state="to_review")
        run = self.make_run(self.unread, *QUARTER)
        run.action_preview()
        self.assertIn("2024", run.item_ids.reason)
        self.assertRegex(run.item_ids.reason, "accepted|zatwierdzony")

    def test_mended_errors_are_tried_again(self):
        run = self.bill(self.all, *QUARTER)
        self.make_reading(333, "2024-09-30", meter=self.unread.point_ids.meter_ids)
        run.action_retry()
        run._process_all()
        self.assertEqual(self.item(run, self.unread).state, "done")
        self.assertEqual(len(run.settlement_ids), 3)

    def test_twice_bills_nothing_twice(self):
        first = self.bill(self.good | self.other, *QUARTER)
        second = self.bill(self.good | self.other, *QUARTER)
        self.assertEqual(len(first.settlement_ids), 2)
        self.assertFalse(second.settlement_ids)
        self.assertEqual(
            self.env["account.move"].search_count([("pwik_contract_id", "in", (self.good | self.other).ids)]),
            2,
        )

    def test_two_runs_at_once(self):
        """Both were previewed before either billed: the second finds what the first did."""
        runs = self.make_run(self.good, *QUARTER) | self.make_run(self.good, *QUARTER)
        runs.action_preview()
        runs.action_approve()
        runs._process_all()
        self.assertEqual(len(runs.settlement_ids), 1)
        self.assertEqual(set(runs.mapped("state")), {"done"})

    @mute_logger("odoo.sql_db", "odoo.addons.pwik_billing.models.pwik_billing_run_task")
    def test_unique_constraint_decides(self):
        """Even where the look beforehand sees nothing (another transaction), the database refuses the second one."""
        self.bill(self.good, *QUARTER)
        run = self.make_run(self.good, *QUARTER)
        with patch(f"{TASK}._get_settled", lambda task, items: {}):
            run.action_preview()
            with patch(
                "odoo.addons.pwik_billing.models.billing_source.BillingSource._load_billed", lambda source: {}
            ):
                run.action_approve()
                run._process_all()
        self.assertEqual(run.item_ids.state, "error")
        self.assertEqual(self.env["pwik.settlement"].search_count([("contract_id", "=", self.good.id)]), 1)

    def test_reading_withdrawn_between_preview_and_run(self):
        run = self.make_run(self.good | self.other, *QUARTER)
        run.action_preview()
        self.assertFalse(run.error_count)
        reading = self.env["pwik.reading"].search(
            [("meter_id", "=", self.good.point_ids.meter_ids.id), ("date", "=", "2024-09-30")]
        )
        reading.state = "to_review"
        run.action_approve()
        run._process_all()
        self.assertEqual(self.item(run, self.good).state, "error")
        self.assertEqual(self.item(run, self.other).state, "done")

    @mute_logger("odoo.addons.pwik_billing.models.pwik_billing_run_task")
    def test_one_bad_contract_in_a_packet(self):
        """The batch fails as a whole, one by one only the bad contract does, and its number is not lost."""
        self.good.invoice_partner_id.property_account_receivable_id = False
        issue = type(self.env["pwik.settlement"])._make_invoices

        def break_one(settlements, invoice_date):
            issue(settlements, invoice_date)
            if self.good in settlements.contract_id:
                raise ValueError("boom")

        with patch.object(type(self.env["pwik.settlement"]), "_make_invoices", break_one):
            run = self.bill(self.good | self.other, *QUARTER)
        self.assertEqual(self.item(run, self.good).state, "error")
        self.assertIn("boom", self.item(run, self.good).reason)
        self.assertEqual(self.item(run, self.other).state, "done")
        again = self.bill(self.good, *QUARTER)
        numbers = sorted((run | again).settlement_ids.move_id.mapped("sequence_number"))
        self.assertEqual(numbers[1] - numbers[0], 1)

    def test_locked_fiscal_period(self):
        """Odoo moves the accounting date of a locked period; the invoice is made and its date stays."""
        self.company.sale_lock_date = "2024-12-31"
        run = self.bill(self.good, *QUARTER)
        self.assertIn("2024", run.warning)
        move = run.settlement_ids.move_id
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.invoice_date.isoformat(), "2024-10-03")
        self.assertGreater(move.date.isoformat(), "2024-12-31")

    def test_tariff_missing_for_one_municipality(self):
        """Sewage has a price in one place only: who lives elsewhere is on the list, the others are billed."""
        rates = self.tariffs["V1"].rate_ids.filtered(lambda rate: rate.component == "sewage")
        self.env.cr.execute(
            "UPDATE pwik_tariff_rate SET municipality_id = %s WHERE id = ANY(%s)",
            [self.municipality.id, rates.ids],
        )
        rates.invalidate_recordset()
        elsewhere = self.env["pwik.municipality"].create({"name": "Bez ceny", "code": "TST-NP"})
        self.other.point_ids.municipality_id = elsewhere
        run = self.bill(self.good | self.other, *QUARTER)
        self.assertEqual(self.item(run, self.good).state, "done")
        self.assertEqual(self.item(run, self.other).state, "error")
        self.assertIn("V1", self.item(run, self.other).reason)
        self.assertIn("Bez ceny", self.item(run, self.other).reason)
        self.assertEqual(run.settlement_ids.contract_id, self.good)

    def test_payer_without_address(self):
        """Told in the preview already; entered, the contract is billed."""
        self.other.invoice_partner_id.street = False
        run = self.make_run(self.good | self.other, *QUARTER)
        run.action_preview()
        self.assertEqual(run.error_count, 1)
        run.action_approve()
        run._process_all()
        self.assertEqual(self.item(run, self.good).state, "done")
        self.assertIn("Druga", self.item(run, self.other).reason)
        self.other.invoice_partner_id.street = "ul. Nowa 1"
        run.action_retry()
        run._process_all()
        self.assertEqual(self.item(run, self.other).state, "done")

    def test_killed_in_the_middle(self):
        """A process that dies loses its packet's transaction and nothing else; running again resumes."""
        self.company.pwik_packet_size = 1
        run = self.make_run(self.good | self.other, *QUARTER)
        run.action_preview()
        run._process_all()
        run.action_approve()
        Task = self.env["pwik.billing.run.task"]
        Task._claim_next(run)._run_task()
        post = type(self.env["account.move"])._post

        def die(moves, soft=True):
            post(moves, soft)
            raise Killed

        with (
            self.assertRaises(Killed),
            self.cr.savepoint(),
            patch.object(type(self.env["account.move"]), "_post", die),
        ):
            Task._claim_next(run)._run_task()
        self.env.invalidate_all()
        self.assertEqual(run.state, "running")
        self.assertEqual(len(run.settlement_ids), 1)
        run._process_all()
        self.assertEqual(run.state, "done")
        moves = run.settlement_ids.move_id.sorted("sequence_number")
        self.assertEqual(len(moves), 2)
        self.assertEqual(moves[1].sequence_number - moves[0].sequence_number, 1)

    def test_done_task_is_not_done_again(self):
        run = self.bill(self.good, *QUARTER)
        task = run.task_ids.filtered(lambda t: t.phase == "bill")
        self.assertFalse(task._run_task())
        self.assertEqual(len(run.settlement_ids), 1)

    def test_serialization_failures_are_for_the_caller(self):
        """They are never written down as the contract's error: the packet is done again."""
        run = self.make_run(self.good, *QUARTER)
        run.action_preview()
        run.action_approve()

        def collide(*args):
            raise SerializationFailure

        with patch.object(type(self.env["pwik.settlement"]), "_make_invoices", collide):
            with self.assertRaises(SerializationFailure):
                run._process_all()
        self.assertEqual(run.item_ids.state, "pending")

    def test_an_outage_is_no_error_of_a_contract(self):
        """The server really refuses: no contract is marked, and the run goes on once it answers again."""
        run = self.make_run(self.good | self.other, *QUARTER)
        run.action_preview()
        run.action_approve()
        with mute_logger("odoo.sql_db"), self.assertRaises(OperationalError), self.cr.savepoint():
            self.env.cr.execute("SET LOCAL statement_timeout = '1ms'")
            run._process_all()
        self.env.invalidate_all()
        self.assertEqual(set(run.item_ids.mapped("state")), {"pending"})
        run._process_all()
        self.assertEqual((run.state, run.done_count), ("done", 2))

    def test_cron_takes_all_packets(self):
        self.company.pwik_packet_size = 1
        run = self.make_run(self.all, *QUARTER)
        run.action_preview()
        self.assertEqual(run.state, "preview")
        cron = self.env.ref("pwik_billing.ir_cron_billing_run_1")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        run.invalidate_recordset()
        self.assertEqual(run.state, "ready")
        run.action_approve()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.settlement_ids), 2)

    def test_pause_resume_cancel(self):
        run = self.make_run(self.all, *QUARTER)
        with self.assertRaises(UserError):
            run.action_approve()
        run.action_preview()
        run.action_approve()
        run.action_pause()
        run._process_all()
        self.assertFalse(run.settlement_ids)
        run.action_resume()
        run.action_cancel()
        run._process_all()
        self.assertFalse(run.settlement_ids)
        self.assertEqual(
            set(run.task_ids.filtered(lambda t: t.phase == "bill").mapped("state")), {"cancelled"}
        )

    def test_who_belongs_to_a_run(self):
        monthly = self.household([], name="Miesięczna", billing_cycle="month")
        ended = self.household([], name="Skończona")
        ended.action_terminate("2024-06-30")
        run = self.make_run(self.all, *QUARTER, municipality_id=self.municipality.id, route_id=self.route.id)
        run.contract_ids = False
        contracts = self.env["pwik.contract"].search(run._get_contract_domain())
        self.assertLessEqual(self.all, contracts)
        self.assertFalse(contracts & (monthly | ended))
        elsewhere = self.env["pwik.municipality"].create({"name": "Inna", "code": "TST-X"})
        run.municipality_id = elsewhere
        self.assertFalse(self.env["pwik.contract"].search(run._get_contract_domain()))

    def test_period_is_at_most_six_months(self):
        with self.assertRaises(UserError):
            self.make_run(self.all, "2024-01-01", "2024-07-01")

    def test_run_that_billed_is_kept(self):
        run = self.bill(self.good, *QUARTER)
        with self.assertRaises(UserError):
            run.unlink()

    def test_queries_do_not_grow_with_contracts(self):
        """Settling ten contracts takes as many queries as settling one."""
        many = self.env["pwik.contract"].concat(
            *(self.household([("2024-06-30", 10), ("2024-09-30", 30)]) for _index in range(10))
        )
        period = [
            self.tariffs["V1"].date_from.replace(month=7, day=1),
            self.tariffs["V1"].date_from.replace(month=9, day=30),
        ]

        def count(contracts):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            contracts._settle_period(*period, estimate=True)
            return self.cr.sql_log_count - before

        count(many)
        self.assertEqual(count(many[:1]), count(many))

    def test_preview_beside_the_period_before(self):
        """What the same contracts were billed before, by the day; who is new is told apart."""
        self.make_tariff("V0", "2023-05-03", "2024-05-02", "4.76", "8.78")
        home = self.household([("2024-03-31", 80), ("2024-06-30", 100), ("2024-09-30", 140)], name="Więcej")
        self.bill_one(home, "2024-04-01", "2024-06-30")  # 20 m³ in 91 days
        run = self.make_run(home | self.good, *QUARTER)
        run.action_preview()
        item, new = self.item(run, home), self.item(run, self.good)
        self.assertEqual((item.water_m3, item.water_before_m3, item.days_before), (40, 20, 91))
        self.assertEqual(item.change_percent, 98)  # 40 m³ in 92 days: 0.435 a day against 0.220
        self.assertFalse(new.has_before)
        self.assertEqual((run.water_before_m3, run.gross_before, run.new_count), (20, item.gross_before, 1))
        self.assertEqual(item.gross_before, home.settlement_ids.gross)
        find = [("run_id", "=", run.id), ("change_percent", ">=", 50)]
        self.assertEqual(self.env["pwik.billing.run.item"].search(find), item)

    def test_preview_counts_the_corrections_of_the_period_before(self):
        self.make_tariff("V0", "2023-05-03", "2024-05-02", "4.76", "8.78")
        home = self.household(
            [("2024-03-31", 80), ("2024-06-30", 100), ("2024-09-30", 140)], name="Poprawiona"
        )
        first = self.bill_one(home, "2024-04-01", "2024-06-30").pwik_settlement_id
        wrong = self.env["pwik.reading"].search(
            [("meter_id", "=", home.point_ids.meter_ids.id), ("date", "=", "2024-06-30")]
        )
        wrong.superseded = True
        wrong.flush_recordset()
        self.make_reading(95, "2024-06-30", meter=home.point_ids.meter_ids, correction_of_id=wrong.id)
        first.action_correct()
        run = self.make_run(home, *QUARTER)
        run.action_preview()
        self.assertEqual((run.item_ids.water_before_m3, run.item_ids.water_m3), (15, 45))

    def test_meter_taken_out_in_a_period_left_out(self):
        """The period of an exchange failed: the next one must not lose what the old meter measured."""
        home = self.household([("2024-05-31", 290), ("2024-06-30", 300)], date_start="2024-05-31")
        self.bill_one(home, "2024-06-01", "2024-06-30")
        point, installation = home.point_ids, home.point_ids.meter_ids.installation_ids
        installation.write({"date_to": "2024-08-15", "end_value": 321})
        installation.flush_recordset()
        new = self.add_meter(point, [("2024-08-15", 2), ("2024-12-31", 40)], date_from="2024-08-15")
        run = self.bill(home, *QUARTER)
        self.assertEqual(run.item_ids.state, "error")
        later = self.bill(home, "2024-10-01", "2024-12-31")
        self.assertEqual(later.item_ids.state, "error")
        self.assertIn(installation.meter_id.serial, later.item_ids.reason)
        self.make_reading(12, "2024-09-30", meter=new.meter_id)
        for one in (run, later):
            one.action_retry()
            one._process_all()
        self.assertEqual((run.water_m3, later.water_m3), (21 + 10, 28))

    def test_a_meter_that_never_ran_is_taken_out_at_zero(self):
        """0 m³ at the end of a stay that began at 0 m³ is a value; after any other beginning nobody noted one."""
        home = self.household([("2024-06-30", 0)], date_start="2024-06-30")
        point, installation = home.point_ids, home.point_ids.meter_ids.installation_ids
        self.assertEqual(installation.start_value, 0)
        installation.write({"date_to": "2024-08-15", "end_value": 0})
        installation.flush_recordset()
        self.add_meter(point, [("2024-08-15", 2), ("2024-09-30", 12)], date_from="2024-08-15")
        run = self.bill(home, *QUARTER)
        self.assertEqual((run.item_ids.state, run.water_m3), ("done", 10))

    def take_out(self, typed):
        """A meter is exchanged, and the clerk types a value of its end which waits. :return: contract, run, reading"""
        home = self.household([("2024-03-31", 90), ("2024-06-30", 100)], date_start="2024-01-01")
        point, old = home.point_ids, home.point_ids.meter_ids
        installation = old._remove_meter("2024-08-15", typed)
        reading = old.reading_ids.filtered(lambda reading: reading.source == "exchange")
        self.assertEqual(reading.state, "to_review")
        self.add_meter(point, [("2024-08-15", 2), ("2024-09-30", 12)], date_from="2024-08-15")
        return home, installation, reading

    def test_an_end_value_that_waits_is_not_billed(self):
        home, installation, reading = self.take_out(1210)
        run = self.bill(home, *QUARTER)
        self.assertEqual((run.item_ids.state, run.settlement_ids.ids), ("error", []))
        self.assertIn(installation.meter_id.serial, run.item_ids.reason)
        reading.action_correct(121, "digit too many")
        self.assertEqual(installation.end_value, 121)
        run.action_retry()
        run._process_all()
        self.assertEqual(run.water_m3, 21 + 10)

    def test_an_end_value_that_was_rejected_is_not_billed(self):
        home, installation, reading = self.take_out(1210)
        reading.action_reject("digit too many")
        run = self.bill(home, *QUARTER)
        self.assertEqual((run.item_ids.state, run.settlement_ids.ids), ("error", []))
        self.make_reading(121, "2024-08-15", meter=installation.meter_id)
        run.action_retry()
        run._process_all()
        self.assertEqual(run.water_m3, 21 + 10)

    def validated(self, contract, value, day, **values):
        reading = self.make_reading(value, day, meter=contract.point_ids.meter_ids, state="draft", **values)
        reading.action_validate()
        return reading

    def test_values_after_a_rollover_are_not_below_the_bill(self):
        home = self.household(
            [("2024-01-01", 99935), ("2024-06-30", 99955), ("2024-09-30", 99975)], date_start="2024-01-01"
        )
        self.bill_one(home, *QUARTER)
        self.assertIn("V08", self.validated(home, 99970, "2024-10-10").finding_codes)
        rolled = self.validated(home, 5, "2024-12-20")
        self.assertIn("V07", rolled.finding_codes)
        home.point_ids.meter_ids.reading_ids.filtered(lambda reading: reading.value == 99970).action_reject()
        rolled.action_accept()
        self.assertEqual((rolled.state, rolled.consumption), ("accepted", 30))
        later = self.validated(home, 15, "2025-01-31")
        self.assertEqual((later.state, later.finding_codes), ("accepted", False))

    def test_a_telegram_earlier_on_the_billed_day(self):
        home = self.household([("2024-06-30", 100), ("2024-09-30", 110.4)], date_start="2024-06-30")
        self.bill_one(home, *QUARTER)
        early = self.validated(home, 110.38, "2024-09-30", moment="2024-09-30 07:00:00", source="radio")
        self.assertEqual((early.state, early.finding_codes), ("accepted", False))
        late = self.validated(home, 110.38, "2024-09-30", moment="2024-09-30 19:00:00", source="radio")
        self.assertIn("V08", late.finding_codes)

    def test_period_left_out_is_not_billed_twice(self):
        """The next period counted from the value before the one left out; a late reading must not bill it again."""
        meter = self.unread.point_ids.meter_ids
        self.make_reading(330, "2024-12-31", meter=meter)
        run = self.bill(self.unread, *QUARTER)
        self.assertEqual(run.item_ids.state, "error")
        later = self.bill(self.unread, "2024-10-01", "2024-12-31")
        self.assertEqual(later.water_m3, 30)
        self.make_reading(315, "2024-09-30", meter=meter)
        run.action_retry()
        run._process_all()
        self.assertEqual(run.item_ids.state, "error")
        self.assertIn(meter.serial, run.item_ids.reason)
        self.assertFalse(run.settlement_ids)
