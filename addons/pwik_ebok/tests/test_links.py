from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import EbokCommon


@tagged("post_install", "-at_install")
class TestLinks(EbokCommon):
    def test_one_link_at_a_time(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env["pwik.ebok.link"].create({"user_id": self.owner.id, "partner_id": self.customer.id})

    def test_approval_says_who(self):
        office = self.make_user("office", "pwik_meters.pwik_meters_group_user")
        link = self.env["pwik.ebok.link"].create({"user_id": self.nobody.id, "partner_id": self.customer.id})
        self.assertEqual(link.state, "pending")
        link.with_user(office).action_approve()
        self.assertEqual((link.state, link.approver_id), ("active", office))

    def test_reader_reaches_no_link(self):
        reader = self.make_user("reader", "pwik_meters.pwik_meters_group_reader")
        self.assertFalse(self.env["pwik.ebok.link"].with_user(reader).has_access("read"))

    def test_a_customer_is_no_login_himself(self):
        """Odoo's "grant portal access" would make one that sees his invoices without a link, without dates, for good."""
        customer = self.customer
        customer.email = "wodnik@example.com"
        stranger = self.env["res.partner"].create({"name": "Dostawca", "email": "dostawca@example.com"})
        for partner, refused in ((customer, True), (stranger, False)):
            wizard = self.env["portal.wizard"].with_context(active_ids=partner.ids).create({})
            line = wizard.user_ids.filtered(lambda one, partner=partner: one.partner_id == partner)
            if refused:
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    line.action_grant_access()
            else:
                line.action_grant_access()
            self.assertEqual(bool(partner.user_ids), not refused, partner.name)
