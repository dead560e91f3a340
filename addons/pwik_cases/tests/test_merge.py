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
        self.assertIn(first.number, second.message_ids[0].body)

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

    def test_closed_cases_are_left(self):
        closed = self.make_case(resolution="Już.")
        closed.action_done()
        with self.assertRaises(UserError):
            self.merge(self.make_case() + closed)
