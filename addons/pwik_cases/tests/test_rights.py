from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestRights(CaseCommon):
    """Readers see nothing, customer service works, managers configure, companies stay apart."""

    def test_meter_reader_sees_no_case(self):
        case = self.make_case().with_user(self.reader)
        with self.assertRaises(AccessError):
            case.read(["name"])
        with self.assertRaises(AccessError):
            case.search([])
        for transition in ("action_take", "action_approve", "action_done", "action_cancel"):
            with self.assertRaises(AccessError):
                getattr(case, transition)()

    def test_nobody_else_sees_or_moves_a_case(self):
        case = self.submit("data_change", {"changes": {"city": "Zdrój"}})
        for group in ("base.group_portal", "base.group_user", "base.group_public"):
            user = new_test_user(self.env, login=f"nobody_{group}", groups=group)
            with self.assertRaises(AccessError):
                case.with_user(user).action_approve()
            with self.assertRaises(AccessError):
                case.with_user(user).write({"name": "x"})
            with self.assertRaises(AccessError):
                case.change_ids.with_user(user).write({"accepted": "yes"})

    def test_submission_methods_are_not_callable_from_outside(self):
        public = [
            name
            for name in dir(type(self.env["pwik.case"]))
            if name.startswith(("create_from", "get_submission"))
        ]
        self.assertFalse(public)

    def test_customer_service_works_but_does_not_configure(self):
        case = self.make_case()
        case.write({"name": "Inny temat", "priority": "1"})
        self.assertTrue(self.kind("remark").with_user(self.staff).read(["name"]))
        for record in (self.kind("remark"), self.env.ref("pwik_cases.pwik_case_stage_new")):
            with self.assertRaises(AccessError):
                record.with_user(self.staff).write({"name": "x"})

    def test_managers_configure(self):
        self.kind("remark").with_user(self.manager).deadline_days = 10
        self.assertEqual(self.kind("remark").deadline_days, 10)

    def test_customer_service_changes_a_customer_by_case_only(self):
        case = self.submit("data_change", {"changes": {"city": "Zdrój"}})
        if not self.customer.with_user(self.staff).has_access("write"):
            with self.assertRaises(AccessError):
                self.customer.with_user(self.staff).write({"city": "x"})
        case.action_accept_changes()
        case.action_approve()
        self.assertEqual(self.customer.city, "Zdrój")

    def test_companies_stay_apart(self):
        other = self.env["res.company"].create({"name": "Inne wodociągi"})
        case = self.env["pwik.case"].create(
            {
                "type_id": self.kind("remark").id,
                "name": "Tam",
                "description": "x",
                "company_id": other.id,
            }
        )
        self.assertNotIn(case, self.env["pwik.case"].with_user(self.manager).search([]))
        with self.assertRaises(AccessError):
            case.with_user(self.manager).action_take()
        self.manager.company_ids += other
        self.assertIn(
            case,
            self.env["pwik.case"]
            .with_user(self.manager)
            .with_context(allowed_company_ids=(self.company + other).ids)
            .search([]),
        )

    def test_meter_reader_may_decide_on_a_reading_behind_a_case(self):
        self.make_reading(120, self.days_ago(30))
        case = self.submit_reading(119)
        case.action_approve()
        case.reading_id.with_user(self.reader).sudo(False).check_access("read")
        case.reading_id.with_user(self.reader).sudo().write({"state": "accepted"})
        self.assertEqual(case.state, "done")
