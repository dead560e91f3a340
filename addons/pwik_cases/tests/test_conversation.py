from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestConversation(CaseCommon):
    """Customer and office write to each other."""

    def test_receipt_is_confirmed_with_number_and_deadline(self):
        case = self.submit("complaint", {"description": "Za dużo."}, contract=self.contract)
        message = self.last_public_message(case)
        self.assertIn(case.number, message.body)
        self.assertIn(str(case.date_deadline.year), message.body)
        self.assertIn(self.submitter, message.notified_partner_ids)

    def test_receipt_is_written_by_the_office(self):
        user = new_test_user(self.env, login="case_portal", groups="base.group_portal")
        case = (
            self.env["pwik.case"]
            .with_user(user)
            ._create_from_portal(
                "remark",
                {"description": "x"},
                user.partner_id,
                self.customer,
            )
        )
        message = self.last_public_message(case)
        self.assertEqual(message.author_id, self.company.partner_id)
        self.assertIn(user.partner_id, message.notified_partner_ids)

    def test_answer_reaches_the_customer(self):
        case = self.submit("remark", {"description": "x"})
        case.resolution = "Dziękujemy <b>bardzo</b>."
        case.action_done()
        message = self.last_public_message(case)
        self.assertIn("Dziękujemy &lt;b&gt;bardzo", message.body)
        self.assertIn(self.submitter, message.notified_partner_ids)
        self.assertEqual(message.author_id, self.staff.partner_id)

    def test_answer_is_sent_before_the_case_is_closed(self):
        case = self.submit("remark", {"description": "x"})
        case.resolution = "Sprawdzamy."
        self.assertNotIn("Sprawdzamy", self.last_public_message(case).body)
        case.action_answer()
        self.assertIn("Sprawdzamy", self.last_public_message(case).body)
        self.assertTrue(case.date_answered)
        self.assertEqual((case.state, case.days_to_answer), ("open", 0))

    def mailed_to(self, case):
        """Addresses outside eBOK to which the newest message of the case goes."""
        mails = self.env["mail.mail"].search([("mail_message_id", "=", self.last_public_message(case).id)])
        return ", ".join(filter(None, mails.mapped("email_to")))

    def test_answer_to_a_telephone_and_an_email_case_goes_out_or_is_refused(self):
        phone = self.make_case("complaint", channel="phone", resolution="Odmawiamy.")
        written = self.make_case(
            channel="email", email_from='"Jan" <jan@example.pl>', resolution="Dziękujemy."
        )
        for case, address in ((phone, "zaneta@example.pl"), (written, "jan@example.pl")):
            case.action_answer()
            self.assertIn(case.resolution, self.last_public_message(case).body)
            self.assertIn(address, self.mailed_to(case))
            self.assertTrue(case.date_answered)
        written.action_done()
        self.assertIn(written.number, self.last_public_message(written).body)
        self.assertIn("jan@example.pl", self.mailed_to(written))

        self.customer.email = False
        silent = self.make_case(
            "complaint", channel="phone", resolution="Odmawiamy.", contract_id=self.contract.id
        )
        for refused in (silent.action_answer, silent.action_reject, silent.action_approve):
            with self.assertRaisesRegex(UserError, "nobody to send"):
                refused()
        self.assertFalse(silent.date_answered, "the clock of the law goes on")
        silent.action_answered_otherwise()
        self.assertTrue(silent.date_answered)
        self.assertEqual(silent.answer_sent, "Odmawiamy.")
        silent.resolution = "Nie i już."
        with self.assertRaisesRegex(UserError, "nobody to send"):
            silent.action_reject()
        silent.resolution = "Odmawiamy."
        silent.action_reject()
        self.assertEqual(silent.state, "rejected")

    def test_what_was_opened_by_mistake_is_cancelled_in_silence(self):
        case = self.make_case(channel="email", email_from="spam@example.com", resolution="Szkic")
        case.action_cancel()
        self.assertFalse(self.last_public_message(case))
        sent = self.submit("remark", {"description": "x"})
        sent.resolution = "Szkic"
        sent.action_cancel()
        self.assertNotIn("Szkic", self.last_public_message(sent).body)

    def test_notes_stay_inside(self):
        case = self.submit_reading(120)
        case.action_approve()
        notes = case.message_ids.filtered(lambda m: m.subtype_id == self.env.ref("mail.mt_note"))
        self.assertTrue(notes)
        self.assertNotIn(self.submitter, notes.notified_partner_ids)

    def test_nothing_is_told_about_kinds_that_customers_do_not_see(self):
        case = self.make_case("alarm", meter_id=self.meter.id, submitter_id=self.submitter.id)
        self.assertNotIn(self.submitter, case.message_partner_ids)
        case.action_done()
        self.assertFalse(self.last_public_message(case))

    def test_customers_reply_opens_a_waiting_case(self):
        case = self.submit("remark", {"description": "x"})
        case.action_wait()
        case.message_post(body="Kiedy?", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertEqual(case.state, "waiting", "the office's own message changes nothing")
        case.sudo().message_post(
            body="Jutro.",
            author_id=self.submitter.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(case.state, "open")

    def test_reply_does_not_open_what_waits_for_a_review(self):
        self.make_reading(120, self.days_ago(30))
        case = self.submit_reading(119)
        case.action_approve()
        case.sudo().message_post(
            body="Czy już?",
            author_id=self.submitter.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(case.state, "waiting")


@tagged("post_install", "-at_install")
class TestEmail(MailCommon):
    """E-mails open cases and answer them."""

    def test_email_to_the_alias_of_a_kind_opens_a_case(self):
        kind = self.env.ref("pwik_cases.pwik_case_type_complaint")
        kind.alias_name = "reklamacje"
        self.assertEqual(kind.alias_id.alias_model_id.model, "pwik.case")
        with self.mock_mail_gateway():
            case = self.format_and_process(
                self.MAIL_TEMPLATE_CASE,
                "Jan <jan@example.pl>",
                f"reklamacje@{self.alias_domain}",
                subject="Za wysoka faktura",
                target_model="pwik.case",
            )
        self.assertEqual((case.type_id, case.channel, case.name), (kind, "email", "Za wysoka faktura"))
        self.assertEqual(case.email_from, '"Jan" <jan@example.pl>')
        self.assertFalse(case.partner_id, "an address proves nothing")
        self.assertTrue(case.date_deadline)

    MAIL_TEMPLATE_CASE = """Return-Path: {return_path}
To: {to}
cc: {cc}
Received: by mail1.example.com (Postfix)
    id {msg_id}
From: {email_from}
Subject: {subject}
Date: {date}
Message-ID: {msg_id}
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"

Proszę o wyjaśnienie.
{extra}
"""
