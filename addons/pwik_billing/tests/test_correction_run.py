from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import BillingCommon, exact

QUARTER = ("2024-07-01", "2024-09-30")
NEXT = ("2024-10-01", "2024-12-31")


@tagged("post_install", "-at_install")
class TestCorrectionRun(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.homes = cls.env["pwik.contract"].concat(
            cls.household([("2024-06-30", 100), ("2024-09-30", 127), ("2024-12-31", 150)], name="Pierwsza"),
            cls.household([("2024-06-30", 200), ("2024-09-30", 210), ("2024-12-31", 230)], name="Druga"),
            cls.household([("2024-06-30", 300), ("2024-09-30", 305), ("2024-12-31", 310)], name="Trzecia"),
        )
        cls.bill(cls.homes, *QUARTER)

    def make_corrections(self, **values):
        return self.env["pwik.billing.run"].create(
            {
                "kind": "correction",
                "period_from": QUARTER[0],
                "period_to": NEXT[1],
                "contract_ids": [(6, 0, self.homes.ids)],
                "invoice_date": "2025-01-10",
                **values,
            }
        )

    def correct(self, run):
        run.action_approve()
        run._process_all()
        self.assertEqual(run.state, "done")

    def item(self, run, contract):
        return run.item_ids.filtered(lambda item: item.contract_id == contract)

    def correct_reading(self, contract, day, value):
        meter = contract.point_ids.meter_ids
        old = self.env["pwik.reading"].search(
            [("meter_id", "=", meter.id), ("date", "=", day), ("superseded", "=", False)]
        )
        old.superseded = True
        old.flush_recordset()
        return self.make_reading(value, day, meter=meter, correction_of_id=old.id)

    def test_corrected_readings(self):
        """127 was 117 and 210 was 211: only these two contracts are in the run; nothing is issued before approval."""
        first, second, third = self.homes
        self.correct_reading(first, "2024-09-30", 117)
        self.correct_reading(second, "2024-09-30", 211)
        run = self.make_corrections(correct_what="readings")
        run.action_preview()
        self.assertEqual(run.state, "ready")
        self.assertEqual(run.item_ids.contract_id, first | second)
        self.assertFalse(run.settlement_ids)
        self.assertFalse(first.settlement_ids.correction_ids)
        self.assertEqual(run.change_ids.mapped("settlement_id.contract_id"), first | second)
        # 10 m³ less: (47.60 + 87.80) × 1.08; 1 m³ more: (4.76 + 8.78) × 1.08
        self.assertEqual(
            [exact(c.gross) for c in run.change_ids.sorted("gross")], [exact(-146.23), exact(14.62)]
        )
        self.assertEqual(run.water_m3, -9)
        foreseen = run.change_ids.mapped(lambda c: (c.settlement_id.id, c.gross))
        self.correct(run)
        self.assertEqual(run.change_ids.mapped(lambda c: (c.settlement_id.id, c.gross)), foreseen)
        refund = run.change_ids.filtered(lambda c: c.gross < 0).move_id
        self.assertEqual((refund.move_type, refund.state), ("out_refund", "posted"))
        self.assertEqual(
            refund.reversed_entry_id, first.settlement_ids.filtered(lambda s: s.kind == "regular").move_id
        )
        self.assertFalse(third.settlement_ids.correction_ids)
        self.assertFalse((first | second).settlement_ids.filtered("needs_correction"))

    def test_exactly_once(self):
        """A run that was previewed before another corrected the same finds nothing left to do."""
        self.correct_reading(self.homes[0], "2024-09-30", 117)
        runs = self.make_corrections() | self.make_corrections()
        runs.action_preview()
        self.assertEqual(runs.mapped("change_count"), [1, 1])
        for run in runs:
            self.correct(run)
        self.assertEqual(len(runs.settlement_ids), 1)
        self.assertEqual(self.item(runs[1], self.homes[0]).state, "skipped")
        with self.assertRaises(UserError):
            self.make_corrections().action_preview()

    def test_later_period_follows(self):
        """The next quarter begins with the corrected value: it is foreseen and corrected along."""
        self.bill(self.homes, *NEXT)
        self.correct_reading(self.homes[0], "2024-09-30", 117)
        run = self.make_corrections()
        run.action_preview()
        self.assertEqual(sorted(run.change_ids.mapped("water_m3")), [-10, 10])
        self.correct(run)
        self.assertEqual(sorted(run.settlement_ids.mapped("water_m3")), [-10, 10])
        self.assertEqual(self.item(run, self.homes[0]).gross, 0)

    def test_error_stays_on_its_contract(self):
        first, second, _third = self.homes
        self.correct_reading(first, "2024-09-30", 117)
        self.correct_reading(second, "2024-09-30", 211).state = "to_review"
        run = self.make_corrections()
        run.action_preview()
        self.assertEqual(self.item(run, second).state, "error")
        self.assertTrue(self.item(run, second).reason)
        self.correct(run)
        self.assertEqual(self.item(run, first).state, "done")
        self.assertEqual(self.item(run, second).state, "error")
        self.assertFalse(second.settlement_ids.correction_ids)

    def test_pause_resume_and_packets(self):
        self.company.pwik_packet_size = 1
        for contract, value in zip(self.homes, (117, 211, 306), strict=True):
            self.correct_reading(contract, "2024-09-30", value)
        run = self.make_corrections()
        run.action_preview()
        run._process_all()
        self.assertEqual(run.state, "ready")
        run.action_approve()
        self.env["pwik.billing.run.task"]._claim_next(run)._run_task()
        run.action_pause()
        run._process_all()
        self.assertEqual(len(run.settlement_ids), 1)
        run.action_resume()
        run._process_all()
        self.assertEqual((run.state, len(run.settlement_ids)), ("done", 3))

    def test_reading_that_changes_no_whole_m3(self):
        self.correct_reading(self.homes[0], "2024-09-30", 127.4)
        run = self.make_corrections()
        run.action_preview()
        self.assertFalse(run.change_ids)
        self.correct(run)
        self.assertEqual(run.item_ids.state, "skipped")
        self.assertFalse(self.homes[0].settlement_ids.needs_correction)

    def replace_tariff(self, water):
        tariff = self.tariffs["V1"]
        draft = self.env["pwik.tariff"].browse(tariff.action_replace()["res_id"])
        draft.rate_ids.filtered(lambda rate: rate.component == "water").price = water
        draft.action_put_in_force()
        return draft

    def test_wrong_tariff(self):
        """Water was entered as 4.76 and is 4.67: 27 + 10 + 5 m³ × 0.09 come back; sewage costs the same."""
        draft = self.replace_tariff(4.67)
        self.assertEqual((draft.state, self.tariffs["V1"].state), ("superseded", "replaced"))  # V2 followed
        self.assertEqual((draft.date_from, draft.date_to), (date(2024, 5, 3), date(2025, 5, 2)))
        run = self.env["pwik.billing.run"].browse(draft.action_correct_billed()["res_id"])
        run.invoice_date = "2025-01-10"
        run.action_preview()
        self.assertEqual(run.item_ids.contract_id, self.homes)
        self.assertEqual(exact(run.net), exact(-3.78))
        self.correct(run)
        self.assertEqual(set(run.settlement_ids.move_id.mapped("move_type")), {"out_refund"})
        first = run.settlement_ids.filtered(lambda s: s.contract_id == self.homes[0])
        self.assertEqual(
            sorted((line.tariff_id.name, line.quantity, exact(line.net)) for line in first.line_ids),
            sorted([("V1", -27, exact(-128.52)), (draft.name, 27, exact(126.09))]),
        )
        self.assertEqual(exact(first.move_id.amount_untaxed), exact(2.43))
        self.assertEqual(exact(first.move_id.amount_total), exact(2.62))

    def test_new_bills_take_the_right_tariff(self):
        draft = self.replace_tariff(4.67)
        run = self.bill(self.homes[0], *NEXT)
        self.assertEqual(run.settlement_ids.line_ids.tariff_id, draft)

    def test_replacing_twice_and_drafts(self):
        tariff = self.tariffs["V1"]
        draft = tariff.action_replace()["res_id"]
        self.assertEqual(tariff.action_replace()["res_id"], draft)
        with self.assertRaises(UserError):
            self.env["pwik.tariff"].browse(draft).action_correct_billed()
        with self.assertRaises(UserError):
            self.env["pwik.tariff"].browse(draft).action_replace()

    def test_rights(self):
        reader = self.make_user("tst_correction_service", "pwik_meters.pwik_meters_group_user")
        self.correct_reading(self.homes[0], "2024-09-30", 117)
        run = self.make_corrections()
        with self.assertRaises(AccessError):
            run.with_user(reader).action_preview()
        clerk = self.make_user("tst_correction_clerk", "pwik_billing.pwik_billing_group_user")
        run.with_user(clerk).action_preview()
        run.with_user(clerk).action_approve()
        run.with_user(clerk)._process_all()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.settlement_ids), 1)
