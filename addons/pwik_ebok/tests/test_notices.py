"""What customers are told of by e-mail, and what they choose."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields, http
from odoo.addons.pwik_ebok.models import pwik_notice
from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tests.common import freeze_time
from odoo.tools import mute_logger

from .common import PASSWORD
from .test_outage import OutageCommon


@tagged("post_install", "-at_install")
class TestNotices(OutageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        # Only the fixture's own customers have logins here: the demo's links would be told too.
        cls.env["pwik.ebok.link"].search(
            [("user_id", "not in", (cls.owner | cls.other | cls.former | cls.nobody).ids)]
        ).action_revoke()

    def move(self, issued, due, contract=None):
        move = self.make_invoice(contract or self.contract)
        self.env.cr.execute(
            "UPDATE account_move SET invoice_date = %s, invoice_date_due = %s WHERE id = %s",
            [self.today + timedelta(days=issued), self.today + timedelta(days=due), move.id],
        )
        move.invalidate_recordset()
        return move

    def told(self, notices, code):
        return {(one.recipient_id, one.res_id) for one in notices if one.code == code}

    def test_invoices_on_time_and_once(self):
        new = self.move(-1, 13)
        due = self.move(-12, 2)
        late = self.move(-20, -8)
        ancient = self.move(-90, -70)
        foreign = self.move(-1, 13, self.other_contract)
        notices = self.tell()
        mine, theirs = self.owner.partner_id, self.other.partner_id
        self.assertEqual(self.told(notices, "invoice"), {(mine, new.id), (theirs, foreign.id)})
        self.assertEqual(self.told(notices, "due"), {(mine, due.id)})
        self.assertEqual(self.told(notices, "overdue"), {(mine, late.id)})
        self.assertNotIn(ancient.id, notices.mapped("res_id"))
        self.assertEqual(set(notices.mapped("state")), {"queued"})
        mail = self.mails(notices.filtered(lambda one: one.res_id == new.id))
        self.assertIn(new.name, mail.subject)
        self.assertIn(f"/my/invoices/{new.id}", mail.body_html)
        self.assertFalse(self.tell(), "once")

    def test_an_outage_waits_behind_nothing(self):
        """A run's invoices may be thousands: who has no water is told before them, also when it is published meanwhile."""
        self.move(-1, 13)
        self.move(-1, 13, self.other_contract)
        kind, notice = self.env.ref("pwik_ebok.notice_kind_invoice"), self.env["pwik.notice"]
        invoices = self.env["account.move"].search([("invoice_date", "=", self.today - timedelta(days=1))])
        waiting = notice._queue(kind, [(one.partner_id, f"invoice:{one.id}", one) for one in invoices])
        self.assertEqual(len(waiting), 2)
        handed, hand_over = [], type(notice)._hand_over

        def watch(notices):
            handed.append(notices.kind_id.code)
            if len(handed) == 1:
                self.outage.action_publish()
                self.env.flush_all()
            return hand_over(notices)

        with patch.object(type(notice), "_hand_over", watch), patch.object(pwik_notice, "PACKET", 1):
            self.tell()
        self.assertEqual(handed, ["invoice", "outage", "invoice"])

    def test_a_term_on_a_saturday_is_told_after_monday(self):
        """1 August 2037 is a Saturday: nobody is overdue on the Sunday or the Monday (Civil Code art. 115)."""
        self.env["pwik.notice.kind"]._get_by_code("overdue").days = 1
        move = self.make_invoice(self.contract)
        self.env.cr.execute(
            "UPDATE account_move SET invoice_date = '2037-07-18', invoice_date_due = '2037-08-01' WHERE id = %s",
            [move.id],
        )
        move.invalidate_recordset()
        for day, told in (("2037-08-02", False), ("2037-08-03", False), ("2037-08-04", True)):
            with self.subTest(day), freeze_time(f"{day} 12:00:00"):
                self.env.invalidate_all()
                expected = {(self.owner.partner_id, move.id)} if told else set()
                self.assertEqual(self.told(self.tell(), "overdue"), expected)
                badge = self.env["ir.qweb"]._render(
                    "pwik_ebok.payment_badge", {"move": move, "ebok_day": str}
                )
                self.assertEqual("text-bg-danger" in badge, told)

    def test_a_paid_invoice_and_a_revoked_link_are_not_told(self):
        paid = self.move(-12, 2)
        self.env.cr.execute("UPDATE account_move SET payment_state = 'paid' WHERE id = %s", [paid.id])
        paid.invalidate_recordset()
        self.assertFalse(self.told(self.tell(), "due"))
        self.env["pwik.ebok.link"].search([("user_id", "=", self.owner.id)]).action_revoke()
        self.move(-1, 13)
        self.assertFalse(self.tell())

    def test_an_archived_kind_is_silent(self):
        self.env.ref("pwik_ebok.notice_kind_invoice").active = False
        self.move(-1, 13)
        self.assertFalse(self.told(self.tell(), "invoice"))

    def test_off_unless_asked_for(self):
        kind = self.env.ref("pwik_ebok.notice_kind_invoice")
        kind.default_on = False
        self.move(-1, 13)
        self.assertEqual(self.tell().filtered(lambda one: one.code == "invoice").state, "dropped")
        kind._choose(self.owner.partner_id, True)
        self.move(-1, 13)
        self.assertEqual(self.tell().filtered(lambda one: one.code == "invoice").state, "queued")

    def test_time_to_read_for_who_reads_himself(self):
        self.env.ref("pwik_ebok.notice_kind_window").days = 366
        notices = self.tell()
        self.assertEqual(
            self.told(notices, "window"),
            {(self.owner.partner_id, self.contract.id), (self.other.partner_id, self.other_contract.id)},
        )
        self.assertFalse(self.tell())

    def test_a_meter_with_an_overlay_reads_itself(self):
        self.env.ref("pwik_ebok.notice_kind_window").days = 366
        module = self.env["pwik.radio.module"].create({"manufacturer": "APA", "serial": "00008888"})
        self.env["pwik.radio.module.assignment"].create({"module_id": module.id, "meter_id": self.meter.id})
        theirs = {(self.other.partner_id, self.other_contract.id)}
        self.assertEqual(self.told(self.tell(), "window"), theirs)

    def test_a_leak_is_told_to_who_has_the_meter(self):
        module = self.env["pwik.radio.module"].create({"manufacturer": "APA", "serial": "00009999"})
        values = {"module_id": module.id, "meter_id": self.meter.id, "state": "open"}
        now = fields.Datetime.now()
        leak, battery = self.env["pwik.radio.alarm"].create(
            [
                {**values, "kind": kind, "date_first": now, "date_last": now}
                for kind in ("leak", "battery_low")
            ]
        )
        notices = self.tell()
        self.assertEqual(self.told(notices, "leak"), {(self.owner.partner_id, leak.id)})
        self.assertNotIn(battery.id, notices.filtered(lambda one: one.code == "leak").mapped("res_id"))
        self.assertIn(
            self.meter.serial, self.mails(notices.filtered(lambda one: one.code == "leak")).body_html
        )

    def test_e_mails_of_a_case_follow_the_choice(self):
        self.case.submitter_id = self.owner.partner_id
        self.case._subscribe_customer()
        kind = self.env.ref("pwik_ebok.notice_kind_case")

        def told():
            message = self.case.message_post(body="Odpowiedź", subtype_xmlid="mail.mt_comment")
            return message.notified_partner_ids & self.owner.partner_id

        self.assertTrue(told())
        kind._choose(self.owner.partner_id, False)
        self.assertFalse(told())
        self.env.ref("pwik_ebok.notice_kind_reading")._choose(self.owner.partner_id, False)
        kind._choose(self.owner.partner_id, True)
        self.assertTrue(told())

    def test_a_text_is_saved_whatever_the_newest_notice_is_about(self):
        template = self.env.ref("pwik_ebok.mail_template_notice_invoice")
        self.move(-1, 13)
        self.outage.action_publish()
        self.env.flush_all()
        notices = self.tell()
        self.assertEqual({"invoice", "outage"}, set(notices.mapped("code")))
        self.assertEqual(notices.sorted("id")[-1].code, "invoice")
        newest = notices.filtered(lambda one: one.code == "outage")[:1].copy({"key": "outage:newest"})
        self.assertEqual(self.env["pwik.notice"].search([], limit=1), newest)
        text = '<p t-out="object._get_record()._get_pwik_to_pay()">1</p>'
        template.body_html = text
        self.assertIn("_get_pwik_to_pay", template.body_html)
        with (
            self.assertRaisesRegex(ValidationError, "_no_such_method"),
            mute_logger("odoo.addons.base.models.ir_qweb"),
        ):
            template.body_html = '<p t-out="object._get_record()._no_such_method()">1</p>'

    def test_every_template_speaks_polish_and_english(self):
        for kind in self.env["pwik.notice.kind"].search([("template_id", "!=", False)]):
            with self.subTest(kind=kind.code):
                texts = {kind.template_id.with_context(lang=lang).body_html for lang in ("pl_PL", "en_US")}
                self.assertEqual(len(texts), 2)


@tagged("post_install", "-at_install")
class TestChoice(OutageCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate("owner", PASSWORD)

    def _post(self, **data):
        return self.url_open("/my/notices", data={"csrf_token": http.Request.csrf_token(self), **data})

    def _choices(self):
        rows = self.env["pwik.notice.preference"].search([("recipient_id", "=", self.owner.partner_id.id)])
        return {row.kind_id.code: row.wanted for row in rows}

    def test_choose_and_choose_again(self):
        kinds = self.env["pwik.notice.kind"].search([])
        every = {f"email_{kind.code}": "1" for kind in kinds}
        self._post(**every)
        self.assertEqual(self._choices(), {}, "nothing differs from what holds anyway")
        self._post(**{name: "1" for name in every if name != "email_due"})
        self.assertEqual(self._choices(), {"due": False})

        self._post(**every)
        self.assertEqual(self._choices(), {"due": True})

    def test_only_the_pages_own_boxes_and_the_own_person(self):
        self._post(email_invoice="1", email_nothing="1", recipient_id=self.other.partner_id.id)
        self.assertNotIn("nothing", self._choices())
        foreign = [("recipient_id", "=", self.other.partner_id.id)]
        self.assertFalse(self.env["pwik.notice.preference"].search(foreign))

    def test_it_needs_a_token(self):
        answer = self.url_open("/my/notices", data={"email_invoice": "1"})
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self._choices(), {})
