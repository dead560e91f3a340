from datetime import timedelta

from freezegun import freeze_time
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestDeadline(CaseCommon):
    """Deadlines from the kind; warned of before, escalated after."""

    def run_cron(self):
        cron = self.env.ref("pwik_cases.ir_cron_pwik_case_deadlines")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()

    def types(self, case):
        return case.activity_ids.activity_type_id.get_external_id().values()

    def test_deadline_comes_from_the_kind(self):
        self.assertEqual(self.make_case("complaint").date_deadline, self.today + timedelta(14))
        case = self.make_case("complaint", date_received=self.days_ago(3))
        self.assertEqual(case.date_deadline, self.today + timedelta(11))
        case.type_id = self.kind("failure")
        self.assertEqual(case.date_deadline, self.days_ago(2))
        self.kind("remark").deadline_days = 0
        self.assertFalse(self.make_case("remark").date_deadline)

    def test_late_is_searched_and_shown(self):
        late = self.make_case("complaint", date_received=self.days_ago(15))
        due = self.make_case("complaint", date_received=self.days_ago(14))
        closed = self.make_case("remark", date_received=self.days_ago(30), resolution="x")
        closed.action_done()
        self.assertEqual([late.is_late, due.is_late, closed.is_late], [True, False, False])
        Case = self.env["pwik.case"]
        domain = [("id", "in", (late + due + closed).ids)]
        self.assertEqual(Case.search([*domain, ("is_late", "=", True)]), late)
        self.assertEqual(Case.search([*domain, ("is_late", "=", False)]), due + closed)
        self.assertEqual(Case.search([*domain, ("is_late", "!=", True)]), due + closed)

    def test_late_ones_stand_on_top(self):
        soon = self.make_case("failure", date_received=self.today)
        late = self.make_case("complaint", date_received=self.days_ago(20))
        never = self.make_case("remark", date_deadline=False)
        cases = self.env["pwik.case"].search([("id", "in", (soon + late + never).ids)])
        self.assertEqual(cases.ids, (late + soon + never).ids)

    def test_warning_before(self):
        case = self.make_case("complaint", date_received=self.days_ago(11))
        far = self.make_case("complaint", date_received=self.days_ago(10))
        case.user_id = self.staff
        self.run_cron()
        self.run_cron()
        self.assertEqual(case.activity_ids.user_id, self.staff)
        self.assertEqual(list(self.types(case)), ["pwik_cases.mail_activity_type_deadline"])
        self.assertFalse(far.activity_ids)

    def test_escalation_after(self):
        team = self.env["pwik.case.team"].create({"name": "Reklamacje", "user_id": self.manager.id})
        case = self.make_case(
            "complaint", date_received=self.days_ago(15), team_id=team.id, user_id=self.staff.id
        )
        self.run_cron()
        self.run_cron()
        self.assertEqual(case.activity_ids.user_id, self.manager)
        self.assertEqual(len(case.activity_ids), 1)
        self.assertEqual(case.priority, "1")
        self.assertIn("z mocy prawa", case.activity_ids.note)  # the schedule writes in the office's language

    def test_closing_ends_the_reminders(self):
        case = self.make_case("remark", date_received=self.days_ago(20), resolution="Już.")
        self.run_cron()
        self.assertTrue(case.activity_ids)
        case.action_done()
        self.assertFalse(case.activity_ids)

    def test_new_deadline_warns_anew(self):
        case = self.make_case("remark", date_received=self.days_ago(13))
        self.run_cron()
        self.assertTrue(case.deadline_warned)
        case.date_deadline = self.today + timedelta(30)
        self.assertFalse(case.deadline_warned)

    def test_one_bad_case_stops_no_other(self):
        bad = self.make_case("remark", date_received=self.days_ago(20))
        good = self.make_case("remark", date_received=self.days_ago(19))
        Case = self.env.registry["pwik.case"]
        escalate = Case._escalate

        def fail_for_one(case):
            if case.id == bad.id:
                raise ValueError("broken")
            return escalate(case)

        self.patch(Case, "_escalate", fail_for_one)
        with self.assertLogs("odoo.addons.pwik_cases.models.pwik_case_deadline", "ERROR"):
            self.run_cron()
        self.assertTrue(good.activity_ids)
        self.assertFalse(bad.activity_ids)

    def test_silence_accepts_a_consumers_complaint(self):
        case = self.make_case("complaint", date_received=self.days_ago(15), contract_id=self.contract.id)
        self.assertTrue(case.deemed_accepted)
        with self.assertRaisesRegex(UserError, "right by law"):
            case.action_reject("Za późno.")
        case.action_approve()
        self.assertEqual((case.state, case.decision), ("done", "approved"))

    def test_silence_is_not_undone(self):
        case = self.make_case("complaint", date_received=self.days_ago(15), contract_id=self.contract.id)
        staff = case.with_user(self.staff)
        staff.date_deadline = self.today + timedelta(7)
        self.assertTrue(case.deemed_accepted)
        with self.assertRaisesRegex(UserError, "right by law"):
            staff.action_reject("Za późno.")
        with self.assertRaisesRegex(UserError, "only be approved"):
            staff.action_cancel()
        with self.assertRaisesRegex(UserError, "only be approved"):
            staff.type_id = self.kind("remark")
        staff.type_id = case.type_id
        self.assertEqual((case.state, case.type_code), ("open", "complaint"))
        staff.action_approve()
        self.assertEqual(case.state, "done")

    def test_a_longer_deadline_of_the_office_is_not_the_laws(self):
        case = self.make_case("complaint", date_received=self.days_ago(13), date_deadline=self.days_ago(1))
        self.assertEqual((case.is_late, case.deemed_accepted), (True, False))

    def test_answered_in_time_is_not_silence(self):
        case = self.make_case("complaint", date_received=self.days_ago(10))
        case.resolution = "Odmawiamy."
        self.assertFalse(case.date_answered, "a draft is no answer")
        case.action_answer()
        self.assertEqual(case.state, "open")
        self.env.flush_all()
        with freeze_time(self.today + timedelta(30)):
            case.invalidate_recordset()
            self.assertTrue(case.is_late)
            self.assertFalse(case.deemed_accepted)
            case.action_reject()
        self.assertEqual(case.state, "rejected")

    def test_companies_and_other_kinds_gain_nothing_by_silence(self):
        self.assertFalse(self.make_case("remark", date_received=self.days_ago(99)).deemed_accepted)
        self.customer.is_company = True
        self.assertFalse(self.make_case("complaint", date_received=self.days_ago(99)).deemed_accepted)
