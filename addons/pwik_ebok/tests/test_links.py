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

    def test_an_active_link_is_not_redirected(self):
        office = self.make_user("office", "pwik_meters.pwik_meters_group_user")
        link = self.env["pwik.ebok.link"].search([("user_id", "=", self.owner.id)]).with_user(office)
        for values in (
            {"partner_id": self.other_customer.id},
            {"user_id": self.nobody.id},
            {"role": "proxy"},
            {"state": "revoked"},
            {"way": "code"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                link.write(values)
        link.write({"partner_id": self.customer.id, "role": link.role})  # the same again is no change

    def test_each_access_by_hand_leaves_a_line(self):
        office = self.make_user("office", "pwik_meters.pwik_meters_group_user")
        links = self.env["pwik.ebok.link"].with_user(office)
        events = self.env["pwik.audit.event"]
        before = events.search([])
        link = links.create(
            {"user_id": self.nobody.id, "partner_id": self.customer.id, "role": "proxy", "state": "active"}
        )
        self.assertEqual(link.approver_id, office)
        link.date_to = "2099-12-31"
        link.action_revoke()
        kinds = (events.search([]) - before).sorted("id").mapped("kind")
        self.assertEqual(kinds, ["link_approved", "link_changed", "link_ended"])

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
