from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .common import CaseCommon

CODES = {
    "reading",
    "data_change",
    "remark",
    "complaint",
    "failure",
    "meter_exchange",
    "submeter",
    "einvoice_consent",
    "instalments",
    "contract",
    "alarm",
    "application",
}


@tagged("post_install", "-at_install")
class TestKinds(CaseCommon):
    """Kinds are data; their codes are fixed."""

    def test_all_fixed_kinds_are_there(self):
        found = self.env["pwik.case.type"].search([("company_id", "=", False)])
        self.assertLessEqual(CODES, set(found.mapped("code")))

    def test_law_sets_the_complaints_deadline(self):
        kind = self.kind("complaint")
        self.assertEqual((kind.deadline_days, kind.silence_accepts), (14, True))

    def test_each_handler_of_the_data_has_its_method(self):
        handlers = set(self.env["pwik.case.type"].search([]).mapped("handler")) - {"none"}
        for handler in handlers:
            self.assertTrue(hasattr(self.env["pwik.case"], f"_approve_{handler}"), handler)

    def test_what_does_something_needs_a_decision(self):
        with self.assertRaises(ValidationError):
            self.kind("complaint").needs_decision = False
        kind = self.env["pwik.case.type"].create({"name": "Próba", "code": "trial", "handler": "complaint"})
        self.assertTrue(kind.needs_decision)

    def test_code_is_unique(self):
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["pwik.case.type"].create({"name": "Druga uwaga", "code": "remark"})

    def test_programs_kinds_are_archived_not_deleted(self):
        with self.assertRaisesRegex(UserError, "archive"):
            self.kind("application").unlink()

    def test_counts(self):
        kind = self.env["pwik.case.type"].create({"name": "Próba", "code": "trial", "deadline_days": 5})
        for days in (0, 10):
            self.env["pwik.case"].create(
                {"type_id": kind.id, "name": "x", "date_received": self.days_ago(days)}
            )
        self.assertEqual((kind.open_count, kind.late_count), (2, 1))

    def test_missing_stage_is_told(self):
        self.env["pwik.case.stage"].search([("state", "=", "waiting")]).active = False
        with self.assertRaisesRegex(UserError, "Waiting"):
            self.make_case().action_wait()

    def test_buttons_on_customer_contract_and_meter(self):
        case = self.make_case("meter_exchange", meter_id=self.meter.id)
        for record, action in (
            (self.customer, "action_pwik_view_cases"),
            (self.contract, "action_view_cases"),
            (self.meter, "action_view_cases"),
        ):
            action = getattr(record.with_user(self.staff), action)()
            self.assertIn(case, self.env["pwik.case"].search(action["domain"]))
        self.assertEqual(self.contract.with_user(self.staff).case_count, 1)
        self.assertEqual(
            self.meter.with_user(self.reader).case_count, 0, "a reader sees no cases, not even their number"
        )
