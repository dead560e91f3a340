from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestMerge(CaseCommon):
    """Several cases about one thing become one; nothing of the conversation is lost."""

    def merge(self, cases, target=None):
        action = cases.action_open_merge()
        with Form(
            self.env["pwik.case.merge"].with_user(self.staff).with_context(**action["context"])
        ) as form:
            if target:
                form.target_id = target
        form.save().action_merge()

    def test_conversation_and_files_move(self):
        first = self.make_case()
        second = self.submit("failure", {"description": "Nadal cieknie."})
        second.message_post(body="Halo?", message_type="comment", subtype_xmlid="mail.mt_comment")
        files = second._attach_files([("opis.txt", b"opis")])
        self.merge(first + second)
        self.assertEqual((second.state, second.merged_into_id), ("cancelled", first))
        bodies = "".join(first.message_ids.mapped("body"))
        self.assertIn("Halo?", bodies)
        self.assertIn("Nadal cieknie.", bodies)
        self.assertEqual(files.res_id, first.id)
        self.assertIn(self.submitter, first.message_partner_ids)
        self.assertIn(first.number, self.last_public_message(second).body)

    def test_target_is_chosen(self):
        first, second = self.make_case(), self.make_case()
        self.merge(first + second, target=second)
        self.assertEqual((first.state, second.state), ("cancelled", "open"))

    def test_only_one_customer(self):
        with self.assertRaisesRegex(UserError, "same customer"):
            self.merge(self.make_case() + self.make_case(partner_id=self.other_customer.id))

    def test_no_decisions_are_swallowed(self):
        with self.assertRaisesRegex(UserError, "by themselves"):
            self.merge(self.make_case() + self.submit("data_change", {"changes": {"city": "Zdrój"}}))

    def test_a_complaint_is_not_merged_away(self):
        for kind in ("complaint", "instalments", "application"):
            with self.subTest(kind=kind):
                first, second = (
                    self.make_case(one, contract_id=self.contract.id) for one in ("remark", kind)
                )
                with self.assertRaisesRegex(UserError, "by themselves"):
                    self.merge(first + second)
        older, newer = (
            self.make_case("complaint", contract_id=self.contract.id, date_received=self.days_ago(days))
            for days in (3, 1)
        )
        with self.assertRaisesRegex(UserError, "by themselves"):
            self.merge(older + newer, target=newer)
        elsewhere = self.make_contract(self.customer, self.make_point("ul. Druga 2"))
        with self.assertRaisesRegex(UserError, "by themselves"):
            self.merge(older + self.make_case("complaint", contract_id=elsewhere.id))
        self.merge(older + newer)
        self.assertEqual((older.state, newer.merged_into_id), ("open", older), "the same matter, no later")

    def test_the_customer_is_told_where_it_goes_on(self):
        target = self.make_case()
        sent, phoned = self.submit("failure", {"description": "Cieknie."}), self.make_case(channel="phone")
        self.merge(target + sent + phoned)
        for case in (sent, phoned):
            message = self.last_public_message(case)
            self.assertIn(target.number, message.body)
        self.assertIn(self.submitter, self.last_public_message(sent).notified_partner_ids)
        self.assertEqual(self.last_public_message(phoned).outgoing_email_to, "zaneta@example.pl")

    def test_nothing_goes_on_where_the_customer_does_not_see_it(self):
        alarm = self.make_case("alarm", meter_id=self.meter.id)
        with self.assertRaisesRegex(UserError, "do not see"):
            self.merge(alarm + self.submit("remark", {"description": "x"}), target=alarm)

    def test_closed_cases_are_left(self):
        closed = self.make_case(resolution="Już.")
        closed.action_done()
        with self.assertRaises(UserError):
            self.merge(self.make_case() + closed)
