"""Outages: which points lie within, who sees them, who is told and how often."""

from datetime import timedelta

from odoo import fields
from odoo.addons.pwik_ebok.models import pwik_notice_occasions
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PASSWORD, EbokCommon


class OutageCommon(EbokCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["pwik.outage"].search([]).write({"told_revision": 99})  # the demo's own
        # the fixture's and the demo's invoices are nobody's news
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE account_move SET invoice_date = '2020-01-01', invoice_date_due = '2020-01-15'"
        )
        cls.env["account.move"].invalidate_model()
        cls.now = fields.Datetime.now()
        cls.outage = cls.make_outage()
        cls.owner.partner_id.email = "owner@example.com"
        cls.other.partner_id.email = "other@example.com"

    @classmethod
    def make_outage(cls, street="Źródlana", numbers="1", **values):
        return cls.env["pwik.outage"].create(
            {
                "name": "Wymiana zasuwy",
                "date_from": cls.now + timedelta(days=1),
                "date_to": cls.now + timedelta(days=1, hours=6),
                "reason": "Wymiana zasuwy na sieci",
                "street_ids": [(0, 0, {"street": street, "numbers": numbers, "city": "Źródła"})],
                **values,
            }
        )

    def tell(self):
        """The scheduled action, as the server runs it; the notices that it made."""
        before = self.env["pwik.notice"].search([])
        with self.enter_registry_test_mode():
            self.env.ref("pwik_ebok.ir_cron_notice").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["pwik.notice"].search([]) - before

    def mails(self, notices):
        return self.env["mail.mail"].search([("model", "=", "pwik.notice"), ("res_id", "in", notices.ids)])


@tagged("post_install", "-at_install")
class TestOutage(OutageCommon):
    def test_points_within(self):
        self.assertEqual(self.outage.point_ids, self.point)
        self.outage.street_ids.numbers = "1-2"
        self.assertEqual(self.outage.point_ids, self.point | self.other_point)
        self.outage.street_ids = [(5, 0, 0)]
        self.assertFalse(self.outage.point_ids)
        self.outage.municipality_ids = self.municipality
        self.assertEqual(self.outage.point_ids, self.point | self.other_point)
        self.outage.write({"municipality_ids": [(5, 0, 0)], "extra_point_ids": self.other_point.ids})
        self.assertEqual(self.outage.point_ids, self.other_point)

    def test_numbers_that_cannot_be_read_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "5-1"):
            self.outage.street_ids.numbers = "3, 5-1"

    def test_an_outage_without_an_area_is_not_published(self):
        self.outage.street_ids = [(5, 0, 0)]
        with self.assertRaises(ValidationError):
            self.outage.action_publish()

    def test_states(self):
        with self.assertRaises(UserError):
            self.outage.action_cancel()
        self.outage.action_publish()
        with self.assertRaises(UserError):
            self.outage.action_publish()
        with self.assertRaises(UserError):
            self.outage.unlink()
        past = self.make_outage(date_from=self.now - timedelta(days=2), date_to=self.now - timedelta(days=1))
        with self.assertRaises(UserError):
            past.action_publish()

    def test_who_sees_it_in_ebok(self):
        outages = self.env["pwik.outage"]
        self.assertFalse(outages.with_user(self.owner).search([]), "a draft is the office's own")
        self.outage.action_publish()
        self.assertEqual(outages.with_user(self.owner).search([]), self.outage)
        for login in (self.other, self.former, self.nobody):
            self.assertFalse(outages.with_user(login).search([]), login.login)
        with self.assertRaises(AccessError):
            self.outage.with_user(self.owner).read(["note"])
        self.outage.write(
            {"date_from": self.now - timedelta(hours=9), "date_to": self.now - timedelta(hours=1)}
        )
        self.assertFalse(outages.with_user(self.owner).search([]), "it is over")

    def test_rights_by_role(self):
        clerk = self.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        reader = self.make_user("reader", "pwik_meters.pwik_meters_group_reader")
        self.outage.with_user(clerk).action_publish()
        self.assertEqual(self.outage.with_user(reader).area, "Źródła: Źródlana 1")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.outage.with_user(reader).write({"name": "x"})
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.env["pwik.notice"].with_user(clerk).check_access("write")


@tagged("post_install", "-at_install")
class TestOutageNotices(OutageCommon):
    def test_those_concerned_are_told_once_for_each_change(self):
        self.assertFalse(self.tell(), "a draft is told to nobody")
        self.outage.action_publish()
        notices = self.tell()
        self.assertEqual((notices.recipient_id, notices.partner_id), (self.owner.partner_id, self.customer))
        self.assertEqual(notices.state, "queued")
        mail = self.mails(notices)
        self.assertEqual(mail.email_to, "owner@example.com")
        self.assertEqual(mail.state, "outgoing", "Odoo's own queue sends it")
        self.assertIn("Wymiana zasuwy", mail.subject)
        self.assertFalse(self.tell(), "once")
        self.outage.write({"note": "dla biura"})
        self.outage.write({"reason": "Wymiana zasuwy na sieci"})
        self.assertFalse(self.tell(), "nothing that the public reads has changed")
        self.outage.date_to += timedelta(hours=2)
        again = self.tell()
        self.assertEqual(again.recipient_id, self.owner.partner_id)
        self.assertIn("Zmiana", self.mails(again).subject)
        self.outage.action_cancel()
        off = self.tell()
        self.assertEqual(off.recipient_id, self.owner.partner_id)
        self.assertIn("Odwołane", self.mails(off).subject)

    def test_a_customer_without_a_login_is_told_at_the_address_on_file(self):
        lonely = self._make_customer("Samotny Stanisław", email="samotny@example.com")
        silent = self._make_customer("Cichy Czesław")
        for partner, street in ((lonely, "ul. Źródlana 11"), (silent, "ul. Źródlana 13")):
            self.make_contract(partner, self.make_point(street))
        self.outage.street_ids.numbers = "11-13"
        self.outage.action_publish()
        notices = self.tell()
        told = {notice.recipient_id: notice.state for notice in notices}
        self.assertEqual(told, {lonely: "queued", silent: "dropped"})
        self.assertEqual(self.mails(notices).email_to, "samotny@example.com")

    def test_who_does_not_want_it_is_left_alone(self):
        kind = self.env.ref("pwik_ebok.notice_kind_outage")
        kind._choose(self.owner.partner_id, False)
        self.outage.action_publish()
        notices = self.tell()
        self.assertEqual(notices.state, "dropped")
        self.assertFalse(self.mails(notices))

    def test_packets_and_a_run_that_is_killed(self):
        """Three customers in packets of one; the second packet fails as a killed process would, the next run completes."""
        people = []
        for number in (21, 23, 25):
            people.append(self._make_customer(f"Odbiorca {number}", email=f"o{number}@example.com"))
            self.make_contract(people[-1], self.make_point(f"ul. Źródlana {number}"))
        self.outage.street_ids.numbers = "21-25"
        self.outage.action_publish()
        self.patch(pwik_notice_occasions, "CUSTOMERS", 1)
        notices = self.env["pwik.notice"]
        kind = self.env.ref("pwik_ebok.notice_kind_outage")
        first = notices._get_outage_customers(self.outage, 0)
        notices._queue(kind, [(first, f"outage:{self.outage.id}:1", self.outage)])
        self.assertEqual(self.outage.told_revision, 0)
        self.tell()
        mine = notices.search([("res_model", "=", "pwik.outage"), ("res_id", "=", self.outage.id)])
        self.assertEqual(sorted(mine.recipient_id.ids), sorted(one.id for one in people))
        self.assertEqual(set(mine.mapped("state")), {"queued"})
        self.assertEqual(self.outage.told_revision, 1)

    def test_one_that_fails_holds_up_nobody(self):
        self.outage.street_ids.numbers = "1-2"
        self.outage.action_publish()
        template = self.env.ref("pwik_ebok.mail_template_notice_outage")
        for lang in ("en_US", "pl_PL"):
            template.with_context(
                lang=lang
            ).subject = "{{ 1 / (object.recipient_id.email != 'owner@example.com') }}"
        with mute_logger(
            "odoo.addons.mail.models.mail_render_mixin", "odoo.addons.pwik_ebok.models.pwik_notice"
        ):
            notices = self.tell()
        states = {notice.recipient_id: notice.state for notice in notices}
        self.assertEqual(states, {self.owner.partner_id: "failed", self.other.partner_id: "queued"})
        failed = notices.filtered(lambda one: one.state == "failed")
        self.assertTrue(failed.error)
        template.with_context(lang="pl_PL").subject = "Naprawione"
        failed.action_retry()
        self.tell()
        self.assertEqual(failed.state, "queued")


@tagged("post_install", "-at_install")
class TestOutagePages(OutageCommon, HttpCase):
    def test_start_page_and_own_page(self):
        self.outage.action_publish()
        self.authenticate("owner", PASSWORD)
        for path in ("/my", "/my/outages"):
            self.assertIn("Wymiana zasuwy", self.url_open(path).text, path)
        self.assertIn("ul. Źródlana 1", self.url_open("/my/outages").text)
        for login in ("other", "former", "nobody"):
            self.authenticate(login, PASSWORD)
            for path in ("/my", "/my/outages"):
                self.assertNotIn("Wymiana zasuwy", self.url_open(path).text, (login, path))

    def test_public_page_tells_the_area_and_no_customer(self):
        draft = self.make_outage(name="Jeszcze szkic")
        self.outage.action_publish()
        self.outage.note = "TAJNE"
        self.authenticate(None, None)
        page = self.url_open("/awarie")
        self.assertEqual(page.status_code, 200)
        self.assertIn("Źródła: Źródlana 1", page.text)
        for secret in (draft.name, self.customer.name, "ul. Źródlana 1", self.point.number, "TAJNE"):
            self.assertNotIn(secret, page.text)
        other_town = self.env["pwik.municipality"].create({"name": "Gmina Inna", "code": "TST-IN"})
        self.assertNotIn("Wymiana zasuwy", self.url_open(f"/awarie?municipality={other_town.id}").text)
        self.assertIn("Wymiana zasuwy", self.url_open(f"/awarie?municipality={self.municipality.id}").text)
        for bad in ("abc", "99999999999999999999", "1'--"):
            self.assertEqual(self.url_open(f"/awarie?municipality={bad}").status_code, 200)
