from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..exceptions import SubmissionRefused
from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestSubmission(CaseCommon):
    """What the portal calls: named fields only, judged, told by field."""

    def errors(self, kind, values, **kwargs):
        return self.env["pwik.case"]._get_submission_errors(kind, values, self.customer, **kwargs)

    def test_remark(self):
        case = self.submit(
            "remark", {"name": "Cieknie", "description": "Przy liczniku."}, contract=self.contract
        )
        self.assertRegex(case.number, r"^BOK/\d{4}/\d{6}$")
        self.assertEqual(
            (
                case.name,
                case.description,
                case.channel,
                case.state,
                case.partner_id,
                case.submitter_id,
                case.contract_id,
            ),
            ("Cieknie", "Przy liczniku.", "portal", "open", self.customer, self.submitter, self.contract),
        )

    def test_only_named_fields_are_taken(self):
        foreign = {
            "description": "x",
            "user_id": self.manager.id,
            "stage_id": self.env.ref("pwik_cases.pwik_case_stage_done").id,
            "partner_id": self.other_customer.id,
            "priority": "1",
            "resolution": "tak",
            "company_id": 99,
            "number": "X",
            "decision": "approved",
            "reading_value": "5",
            "change_ids": [(0, 0, {"field_name": "city"})],
        }
        case = self.submit("remark", foreign)
        self.assertEqual(case.partner_id, self.customer)
        self.assertEqual((case.state, case.priority, case.decision), ("open", "0", False))
        self.assertFalse(case.user_id or case.resolution or case.reading_value or case.change_ids)
        self.assertNotEqual(case.number, "X")

    def test_subject_defaults_to_the_kind(self):
        self.assertEqual(self.submit("failure", {"description": "Brak wody."}).name, "Failure")

    def test_errors_come_by_field(self):
        values = {"name": "x" * 200, "reading_value": "82,5", "reading_date": "jutro"}
        errors = self.errors("reading", values, meter=self.meter, contract=self.contract)
        self.assertEqual(set(errors), {"name", "reading_value", "reading_date"})
        with self.assertRaises(SubmissionRefused) as caught:
            self.submit("reading", values, meter=self.meter, contract=self.contract)
        self.assertEqual(caught.exception.errors, errors)

    def test_errors_speak_the_users_language(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        self.env["ir.module.module"]._load_module_terms(["pwik_cases"], ["pl_PL"])
        errors = (
            self.env["pwik.case"]
            .with_context(lang="pl_PL")
            ._get_submission_errors(
                "data_change",
                {"changes": {"phone": "1"}},
                self.customer,
            )
        )
        self.assertEqual(errors, {"phone": "Podaj numer telefonu, na przykład +48 601 234 567."})

    def test_asking_for_errors_opens_nothing(self):
        before = self.env["pwik.case"].search_count([])
        self.assertFalse(self.errors("remark", {"description": "x"}))
        self.assertTrue(self.errors("remark", {}))
        self.assertEqual(self.env["pwik.case"].search_count([]), before)

    def test_required_links(self):
        self.assertIn("contract_id", self.errors("complaint", {"description": "x"}))
        self.assertEqual(set(self.errors("reading", {})), {"contract_id", "meter_id"})

    def test_closed_kinds(self):
        for code in ("alarm", "nothing_like_it"):
            with self.assertRaises(UserError):
                self.submit(code, {"description": "x"})
        self.kind("remark").active = False
        with self.assertRaises(UserError):
            self.submit("remark", {"description": "x"})

    def test_foreign_records_are_refused(self):
        for kwargs in (
            {"contract": self.other_contract},
            {"meter": self.other_meter},
            {"contract": self.contract, "meter": self.other_meter},
        ):
            with self.assertRaises(AccessError):
                self.submit("remark", {"description": "x"}, **kwargs)

    def test_contract_follows_from_the_meter(self):
        self.assertEqual(self.submit_reading(120, contract=None).contract_id, self.contract)

    def test_one_reading_a_day(self):
        self.submit_reading(120, days_ago=1)
        with self.assertRaisesRegex(SubmissionRefused, "already a reading"):
            self.submit_reading(121, days_ago=1)
        self.assertTrue(self.submit_reading(121))

    def test_rejected_reading_makes_room(self):
        self.submit_reading(120).action_reject("Nieczytelne zdjęcie.")
        self.assertTrue(self.submit_reading(121))

    def test_window_is_data(self):
        with self.assertRaisesRegex(SubmissionRefused, "14 days"):
            self.submit_reading(120, days_ago=15)
        self.kind("reading").reading_window_days = 20
        self.assertTrue(self.submit_reading(120, days_ago=15))

    def test_not_after_the_contracts_end(self):
        self.contract.contract_point_ids.date_to = self.days_ago(3)
        with self.assertRaisesRegex(SubmissionRefused, "until"):
            self.submit_reading(120)
        self.assertTrue(self.submit_reading(120, days_ago=3))

    def test_submission_opens_no_reading_by_itself(self):
        self.submit_reading(120)
        self.assertFalse(self.env["pwik.reading"].search_count([("meter_id", "=", self.meter.id)]))

    def test_kind_of_a_company_comes_first(self):
        own = self.kind("remark").copy(
            {"code": "remark", "company_id": self.company.id, "portal_create": True}
        )
        self.assertEqual(self.submit("remark", {"description": "x"}).type_id, own)

    def test_tracking_by_signature_and_code(self):
        case = self.submit("remark", {"description": "x"}).sudo()
        find = self.env["pwik.case"]._find_by_signature
        self.assertEqual(find(case.number, case.tracking_code.lower()), case)
        self.assertFalse(find(case.number, "AAAAAAAAAA"))
        self.assertFalse(find("BOK/1999/000001", ""))
        self.assertFalse(find(case.number, None))


@tagged("post_install", "-at_install")
class TestSubmissionWarning(CaseCommon):
    """Is it really 82 m³?"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_reading(110, cls.days_ago(60))
        cls.make_reading(119, cls.days_ago(30))

    def warning(self, value, day=None, meter=None):
        return self.env["pwik.case"]._get_submission_warning(
            meter or self.meter, value, day or self.today.isoformat()
        )

    def test_usual_value(self):
        self.assertFalse(self.warning("128"))

    def test_below_the_last(self):
        self.assertIn("119 m³", self.warning("82"))

    def test_far_above(self):
        self.assertRegex(self.warning("200"), r"really 200 m³.* 81 m³ since .* about 9 m³")

    def test_thresholds_are_data(self):
        self.kind("reading").plausible_factor = 20
        self.assertFalse(self.warning("200"))

    def test_bad_input_is_not_its_business(self):
        for value, day in (("x", None), ("82", "x"), ("", None), (None, None)):
            self.assertFalse(self.warning(value, day))

    def test_other_peoples_readings_are_not_told(self):
        line = self.contract.contract_point_ids
        line.date_to = self.days_ago(10)
        self.env.flush_all()
        self.make_contract(self.other_customer, self.point, date_start=self.days_ago(9))
        warning = self.warning("82")
        self.assertTrue(warning)
        self.assertNotIn("119", warning)

    def test_unknown_meter_history(self):
        self.assertFalse(self.warning("50", meter=self.make_meter("TST-STOCK")))
