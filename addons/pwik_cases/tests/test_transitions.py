from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestTransitions(CaseCommon):
    """Each step checks state and rights; nothing closes a case past them."""

    def test_taking(self):
        case = self.make_case()
        self.assertEqual(case.stage_id, self.env.ref("pwik_cases.pwik_case_stage_new"))
        case.action_take()
        self.assertEqual(
            (case.user_id, case.stage_id), (self.staff, self.env.ref("pwik_cases.pwik_case_stage_work"))
        )

    def test_answered_and_done(self):
        case = self.make_case()
        with self.assertRaisesRegex(UserError, "answer"):
            case.action_done()
        case.resolution = "Dziękujemy, naprawione."
        case.action_done()
        self.assertEqual(case.state, "done")
        self.assertTrue(case.date_answered and case.date_closed)
        self.assertEqual(case.days_to_answer, 0)

    def test_decision_needed(self):
        case = self.make_case("application")
        case.resolution = "Tak."
        with self.assertRaisesRegex(UserError, "decision"):
            case.action_done()
        case.action_approve()
        self.assertEqual((case.state, case.decision), ("done", "approved"))

    def test_no_decision_where_none_is_foreseen(self):
        case = self.make_case()
        for transition in (case.action_approve, lambda: case.action_reject("nie")):
            with self.assertRaises(UserError):
                transition()

    def test_rejecting_wants_a_reason(self):
        case = self.make_case("application")
        for reason in (None, "", "  "):
            with self.assertRaisesRegex(UserError, "why"):
                case.action_reject(reason)
        case.action_reject("Brak podstaw.")
        self.assertEqual(
            (case.state, case.decision, case.resolution), ("rejected", "rejected", "Brak podstaw.")
        )

    def test_rejecting_by_the_form(self):
        case = self.make_case("application")
        action = case.action_open_reject()
        with Form(
            self.env["pwik.case.reject"].with_user(self.staff).with_context(**action["context"])
        ) as form:
            form.reason = "Brak podstaw."
        form.save().action_reject()
        self.assertEqual(case.state, "rejected")

    def test_closed_is_closed(self):
        case = self.make_case("application")
        case.action_reject("Nie.")
        for transition in (
            case.action_take,
            case.action_approve,
            case.action_done,
            case.action_cancel,
            case.action_wait,
            lambda: case.action_reject("x"),
        ):
            with self.assertRaisesRegex(UserError, "not possible any more"):
                transition()

    def test_managers_open_again(self):
        case = self.make_case("application")
        case.action_reject("Nie.")
        with self.assertRaises(AccessError):
            case.action_reopen()
        case.with_user(self.manager).action_reopen()
        self.assertEqual((case.state, case.decision, case.date_closed), ("open", False, False))

    def test_done_work_is_not_undone(self):
        case = self.make_case("meter_exchange", meter_id=self.meter.id)
        case.action_approve()
        with self.assertRaisesRegex(UserError, "new case"):
            case.with_user(self.manager).action_reopen()

    def test_exchange_makes_a_work_order(self):
        case = self.make_case("meter_exchange", meter_id=self.meter.id)
        case.action_approve()
        order = case.work_order_id
        self.assertEqual(
            (order.kind, order.meter_id, order.service_point_id), ("exchange", self.meter, self.point)
        )

    def test_required_links_before_approving(self):
        case = self.make_case("meter_exchange")
        with self.assertRaisesRegex(UserError, "Contract, Meter"):
            case.action_approve()

    def test_no_closing_by_drag(self):
        case = self.make_case("application")
        for name in ("done", "rejected", "cancelled"):
            with self.assertRaisesRegex(UserError, "buttons"):
                case.stage_id = self.env.ref(f"pwik_cases.pwik_case_stage_{name}")
        case.stage_id = self.env.ref("pwik_cases.pwik_case_stage_work")
        case.action_reject("Nie.")
        with self.assertRaisesRegex(UserError, "closed"):
            case.stage_id = self.env.ref("pwik_cases.pwik_case_stage_new")

    def test_stages_of_other_kinds_are_refused(self):
        own = self.env["pwik.case.stage"].create(
            {"name": "U prawnika", "state": "open", "sequence": 25, "type_ids": self.kind("complaint").ids}
        )
        case = self.make_case("application")
        with self.assertRaisesRegex(UserError, "do not pass"):
            case.stage_id = own
        self.make_case("complaint").stage_id = own

    def test_changing_the_kind_leaves_its_own_stage(self):
        own = self.env["pwik.case.stage"].create(
            {"name": "U prawnika", "state": "open", "sequence": 25, "type_ids": self.kind("complaint").ids}
        )
        case = self.make_case("complaint")
        case.stage_id = own
        case.type_id = self.kind("remark")
        self.assertEqual(case.stage_id, self.env.ref("pwik_cases.pwik_case_stage_new"))

    def test_guarded_fields(self):
        case = self.make_case("application")
        for vals in (
            {"decision": "approved"},
            {"number": "X"},
            {"reading_id": 1},
            {"date_closed": "2026-01-01"},
            {"tracking_code": "A"},
            {"deadline_escalated": True},
            {"merged_into_id": case.id},
        ):
            with self.assertRaises(UserError):
                case.write(vals)
            with self.assertRaises(UserError):
                case.create({"type_id": case.type_id.id, "name": "x", **vals})

    def test_no_case_is_born_closed(self):
        with self.assertRaisesRegex(UserError, "new case is open"):
            self.env["pwik.case"].with_user(self.staff).create(
                {
                    "type_id": self.kind("remark").id,
                    "name": "x",
                    "stage_id": self.env.ref("pwik_cases.pwik_case_stage_done").id,
                }
            )

    def test_submission_stays_as_sent(self):
        case = self.submit_reading(120)
        for vals in (
            {"reading_value": 5},
            {"reading_date": self.days_ago(3)},
            {"description": "x"},
            {"channel": "office"},
        ):
            with self.assertRaisesRegex(UserError, "as it was sent"):
                case.write(vals)

    def test_cancelling(self):
        case = self.make_case()
        case.action_cancel()
        self.assertEqual(case.state, "cancelled")

    def test_cases_are_kept(self):
        with self.assertRaises(UserError):
            self.make_case().sudo().unlink()
