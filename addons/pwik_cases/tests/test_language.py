"""What the program notes for the office is in the office's language, whoever caused it."""

from odoo.tests import tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestLanguage(CaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.company.partner_id.lang = "pl_PL"

    def told(self, model, lang):
        """The model for somebody with this language, with a chatter, which the fixtures do without."""
        return self.env[model].with_context(lang=lang, tracking_disable=False)

    def notes(self, record):
        return " ".join(record.sudo().message_ids.mapped("body"))

    def test_a_case_of_a_customer_who_reads_english(self):
        case = self.told("pwik.case", "en_US").create(
            {"type_id": self.kind("remark").id, "name": "Leak", "partner_id": self.customer.id}
        )
        self.assertIn("Założono sprawę", self.notes(case))
        self.assertNotIn("Case opened", self.notes(case))

    def test_a_case_that_came_by_mail(self):
        """The mail server's action knows no language."""
        case = self.told("pwik.case", None).message_new({"subject": "Woda", "body": "Brudna"})
        self.assertIn("Założono sprawę", self.notes(case))

    def test_scheduled_actions_write_in_the_offices_language(self):
        team = self.env["pwik.case.team"].create({"name": "Reklamacje", "user_id": self.manager.id})
        case = self.make_case("complaint", date_received=self.days_ago(15), team_id=team.id)
        with self.enter_registry_test_mode():
            self.env.ref("pwik_cases.ir_cron_pwik_case_deadlines").method_direct_trigger()
        self.assertIn("Po terminie od", case.sudo().activity_ids.summary)

    def test_what_was_created_is_told_in_polish_words(self):
        route = self.told("pwik.reading.route", None).create({"code": "J1", "name": "Trasa"})
        self.assertIn("Utworzono.", self.notes(route))

    def test_what_a_module_brings_along_was_changed_by_nobody(self):
        """Demo and base data are loaded before the names of models are translated."""
        meter = self.make_meter("JEZYK-2")
        stays = self.told("pwik.meter.installation", "pl_PL")
        values = {"meter_id": meter.id, "service_point_id": self.make_point("ul. Językowa 1").id}
        values |= {"date_from": "2025-01-01", "start_value": 12.5}
        stay = stays.with_context(install_mode=True).create(values)
        self.assertFalse(self.notes(meter))
        stay.with_context(install_mode=True).unlink()
        stays.create(values)
        self.assertIn("12,500 m³", self.notes(meter))
