from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestApproveReading(CaseCommon):
    """Approving a submission makes a reading of the customer, through validation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.installation.date_from = cls.days_ago(90)
        cls.last = cls.make_reading(110, cls.days_ago(60))
        cls.make_reading(120, cls.days_ago(30))

    def test_plausible_reading_is_made_and_case_done(self):
        case = self.submit_reading(129, days_ago=1)
        self.assertFalse(case.reading_id)
        case.action_approve()
        reading = case.reading_id
        self.assertFalse(reading.finding_ids.mapped("message"))
        self.assertEqual(
            (
                reading.source,
                reading.value,
                reading.state,
                reading.meter_id,
                reading.date,
                reading.contract_id,
            ),
            ("customer", 129.0, "accepted", self.meter, self.days_ago(1), self.contract),
        )
        self.assertEqual((case.state, case.decision), ("done", "approved"))
        self.assertTrue(case.date_closed)

    def test_reading_in_review_lets_the_case_wait(self):
        case = self.submit_reading(119, days_ago=1)
        case.action_approve()
        self.assertEqual(case.reading_id.state, "to_review")
        self.assertEqual((case.state, case.decision), ("waiting", "approved"))
        self.assertIn("V06", case.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "waits in the review"):
            case.action_approve()
        self.assertEqual(self.env["pwik.reading"].search_count([("note", "=", case.number)]), 1)

    def test_accepted_in_the_review_closes_the_case(self):
        case = self.submit_reading(119, days_ago=1)
        case.action_approve()
        case.reading_id.sudo().write({"state": "accepted"})
        self.assertEqual((case.state, case.decision), ("done", "approved"))

    def test_rejected_in_the_review_gives_the_case_back(self):
        case = self.submit_reading(119, days_ago=1)
        case.action_take()
        case.action_approve()
        case.reading_id.sudo().write({"state": "rejected"})
        self.assertEqual((case.state, case.decision), ("open", False))
        self.assertEqual(case.activity_ids.user_id, self.staff)
        case.action_reject("Wskazanie niższe od poprzedniego.")
        self.assertEqual((case.state, case.decision), ("rejected", "rejected"))

    def test_corrected_in_the_review_closes_the_case(self):
        case = self.submit_reading(119, days_ago=1)
        case.action_approve()
        new = case.reading_id.with_user(self.staff).action_correct(129, "literówka")
        self.assertEqual((case.reading_id, new.state, case.state), (new, "accepted", "done"))

    def test_estimated_in_the_review_gives_the_case_back(self):
        case = self.submit_reading(119, days_ago=1)
        case.action_take()
        case.action_approve()
        submitted = case.reading_id
        submitted.with_user(self.staff).action_estimate("unreadable")
        self.assertEqual((case.state, case.decision, case.reading_id.id), ("open", False, False))
        self.assertEqual(case.activity_ids.user_id, self.staff)
        self.assertIn("estimate", case.message_ids[0].body)
        case.action_reject("Wskazanie niższe od poprzedniego.")
        self.assertEqual((case.state, submitted.correction_ids.state), ("rejected", "accepted"))

    def test_rejecting_the_case_rejects_its_reading(self):
        case = self.submit_reading(119, days_ago=1)
        case.action_approve()
        case.action_reject("Pomyłka.")
        self.assertEqual(
            (case.state, case.decision, case.reading_id.state), ("rejected", "rejected", "rejected")
        )

    def test_two_submissions_for_one_moment(self):
        self.kind("reading").reading_interval_days = 0
        first, second = self.submit_reading(129, days_ago=1), self.submit_reading(130, days_ago=1)
        first.action_approve()
        with self.assertRaisesRegex(UserError, "there already: 129 m³"):
            second.action_approve()

    def test_approved_anew_after_the_review_rejected(self):
        case = self.submit_reading(119, days_ago=1)
        case.action_approve()
        first = case.reading_id
        first.sudo().write({"state": "rejected"})
        case.action_approve()
        self.assertNotEqual(case.reading_id, first)
        self.assertEqual(case.state, "waiting")

    def test_reading_of_today_is_not_in_the_future(self):
        case = self.submit_reading(129)
        case.action_approve()
        self.assertLessEqual(case.reading_id.moment, case.create_date)
        self.assertEqual(case.reading_id.date, self.today)

    def test_staff_enter_a_reading_from_a_call(self):
        case = self.make_case(
            "reading",
            channel="phone",
            meter_id=self.meter.id,
            reading_value=129,
            reading_date=self.days_ago(40),
        )
        self.assertEqual((case.contract_id, case.partner_id), (self.contract, self.customer))
        case.reading_date = self.days_ago(2)
        case.action_approve()
        self.assertEqual(case.state, "done")

    def test_value_beyond_the_register_is_refused(self):
        case = self.make_case(
            "reading", meter_id=self.meter.id, reading_value=100000, reading_date=self.today
        )
        with self.assertRaisesRegex(UserError, "5 digits"):
            case.action_approve()

    def test_plausible_ones_may_pass_by_rule(self):
        self.kind("reading").auto_approve = True
        case = self.submit_reading(129, days_ago=1)
        self.assertEqual((case.state, case.reading_id.state), ("done", "accepted"))

    def test_doubtful_ones_never_pass_by_rule(self):
        self.kind("reading").auto_approve = True
        case = self.submit_reading(500, days_ago=1)
        self.assertEqual((case.state, case.reading_id), ("open", self.env["pwik.reading"]))
        self.assertIn("500", case.reading_warning)
