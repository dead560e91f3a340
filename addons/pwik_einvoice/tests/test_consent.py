from odoo.addons.pwik_billing.tests.common import BillingCommon
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestConsent(BillingCommon):
    def consent(self, **values):
        return self.env["pwik.einvoice.consent"].create(
            {
                "partner_id": self.customer.id,
                "date": "2024-08-01",
                "email": "zaneta@example.com",
                **values,
            }
        )

    def test_consent_and_withdrawal_show_on_the_customer(self):
        self.consent()
        self.assertEqual(str(self.customer.pwik_einvoice_consent_date), "2024-08-01")
        self.assertEqual(self.customer.pwik_einvoice_email, "zaneta@example.com")
        self.consent(action="withdrawn", date="2024-09-01", email=False)
        self.assertFalse(self.customer.pwik_einvoice_consent_date)
        self.assertEqual(str(self.customer.pwik_einvoice_withdrawn_date), "2024-09-01")

    def test_consent_is_kept_as_it_was_given(self):
        consent = self.consent()
        with self.assertRaises(UserError):
            consent.email = "inny@example.com"
        with self.assertRaises(UserError):
            consent.unlink()

    def test_consent_needs_an_address(self):
        for email in (False, "", "nie adres"):
            with self.assertRaises(ValidationError):
                self.consent(email=email)

    def test_delivery_follows_consent_and_policy(self):
        day = self.env["pwik.einvoice.consent"]._fields["date"].to_date("2024-10-03")
        self.assertEqual(self.customer._pwik_get_delivery(day, self.company), "paper")
        self.consent()
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer._pwik_get_delivery(day, self.company), "electronic")
        self.company.pwik_ksef_from = "2024-10-01"
        self.assertEqual(self.customer._pwik_get_delivery(day, self.company), "electronic")
        self.customer.vat = "PL5730003841"
        self.assertEqual(self.customer._pwik_get_delivery(day, self.company), "ksef")

    def test_channel_is_fixed_when_the_invoice_is_posted(self):
        home = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        move = self.bill_one(home, "2024-07-01", "2024-09-30")
        self.assertEqual(move.pwik_delivery_channel, "paper")
        self.consent(partner_id=home.partner_id.id)
        self.assertEqual(move.pwik_delivery_channel, "paper")

    def test_rights(self):
        reader = self.make_user("reader", "pwik_meters.pwik_meters_group_reader")
        office = self.make_user("office", "pwik_meters.pwik_meters_group_user")
        consents = self.env["pwik.einvoice.consent"]
        self.assertFalse(consents.with_user(reader).has_access("read"))
        self.assertTrue(consents.with_user(office).has_access("create"))
        self.assertFalse(consents.with_user(office).has_access("write"))
        self.assertFalse(consents.with_user(office).has_access("unlink"))
