from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestVisibility(EbokCommon, HttpCase):
    """Record rules of the portal group, each with the owner, another customer, a former owner and an unlinked login."""

    def _own_records(self):
        return {
            "res.partner": self.customer,
            "pwik.contract": self.contract,
            "pwik.contract.point": self.contract.contract_point_ids,
            "pwik.service.point": self.point,
            "pwik.meter": self.meter,
            "pwik.meter.installation": self.installation,
            "pwik.reading": self.reading,
            "pwik.case": self.case,
            "account.move": self.invoice,
        }

    def test_owner_sees_his_records(self):
        for model, records in self._own_records().items():
            with self.subTest(model=model):
                found = self.env[model].with_user(self.owner).search([("id", "in", records.ids)])
                self.assertEqual(found, records)
                found.read(["display_name"])

    def test_other_customer_and_unlinked_login_see_none(self):
        for model, records in self._own_records().items():
            for user in (self.other, self.nobody):
                with self.subTest(model=model, user=user.login):
                    self.assertFalse(self.env[model].with_user(user).search([("id", "in", records.ids)]))
                    with self.assertRaises(AccessError):
                        records.with_user(user).read(["display_name"])

    def test_former_owner_sees_his_time_only(self):
        as_former = self.reading.with_user(self.former)
        readings = as_former.search([("meter_id", "=", self.meter.id)])
        self.assertEqual(readings, self.former_reading)
        self.assertEqual(self.env["pwik.contract"].with_user(self.former).search([]), self.former_contract)
        self.assertFalse(
            self.env["account.move"].with_user(self.former).search([("id", "=", self.invoice.id)])
        )
        self.assertNotIn(
            self.former_reading, self.reading.with_user(self.owner).search([("meter_id", "=", self.meter.id)])
        )

    def test_former_owner_finds_the_readings_of_his_time(self):
        self.former_contract.state = "terminated"
        self.authenticate("former", PASSWORD)
        answer = self.url_open("/my/readings")
        self.assertTrue(answer.url.endswith(f"/my/meters/{self.meter.id}/readings"))
        self.assertRegex(answer.text, r"150[.,]000")
        self.assertNotRegex(answer.text, r"201[.,]500")
        self.assertNotIn(self.meter.serial, self.url_open("/my/reading").text, "he reads it no more")

    def test_the_owner_chooses_an_exchanged_meter_too(self):
        later = self.make_meter("TST-00000098")
        self.installation.write({"date_to": "2026-01-15", "end_value": 240})
        self.env.flush_all()
        self.install(later, self.point, date_from="2026-01-15")
        self.authenticate("owner", PASSWORD)
        page = self.url_open("/my/readings").text
        self.assertLess(page.index(later.serial), page.index(self.meter.serial), "the present one first")
        self.assertNotIn(self.meter.serial, self.url_open("/my/reading").text)

    def test_former_owner_does_not_see_a_later_meter(self):
        later = self.make_meter("TST-00000099")
        self.installation.write({"date_to": "2025-08-15", "end_value": 190})
        self.env.flush_all()  # the exclusion constraint looks at the database
        self.install(later, self.point, date_from="2025-08-15")
        self.assertFalse(later.with_user(self.former).search([("id", "=", later.id)]))
        self.assertEqual(later.with_user(self.owner).search([("id", "=", later.id)]), later)

    def test_revoked_link_closes_at_once(self):
        contracts = self.env["pwik.contract"].with_user(self.owner)
        self.assertEqual(contracts.search([]), self.contract)
        self.env["pwik.ebok.link"].search([("user_id", "=", self.owner.id)]).action_revoke()
        self.assertFalse(contracts.search([]))
        self.assertFalse(
            self.env["account.move"].with_user(self.owner).search([("id", "=", self.invoice.id)])
        )

    def test_link_that_ran_out_or_waits_shows_nothing(self):
        yesterday = fields.Date.subtract(fields.Date.context_today(self.env.user), days=1)
        for values in (
            {"date_to": yesterday},
            {"state": "pending"},
            {"date_from": fields.Date.add(yesterday, days=2)},
        ):
            with self.subTest(**values):
                login = self.make_login(
                    f"login_{len(self.env['res.users'].search([]))}", self.customer, **values
                )
                self.assertFalse(self.env["pwik.contract"].with_user(login).search([]))

    def test_nobody_writes(self):
        for model, records in self._own_records().items():
            with self.subTest(model=model), self.assertRaises(AccessError):
                records.with_user(self.owner).write({"company_id": self.company.id})

    def test_manager_of_two_customers_sees_both(self):
        manager = self.make_login("manager", self.customer, self.other_customer, role="manager")
        self.assertEqual(
            self.env["pwik.contract"].with_user(manager).search([]),
            self.contract | self.other_contract,
        )
