from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestChangeData(CaseCommon):
    """A request for change writes exactly the accepted values, and old and new are logged."""

    def request(self, **changes):
        return self.submit("data_change", {"changes": changes})

    def decide(self, case, **decisions):
        for change in case.change_ids:
            accepted = decisions.get(change.field_name, "no")
            change.write({"accepted": accepted, "reason": accepted == "no" and "Brak dokumentu."})

    def test_nothing_is_written_before_the_decision(self):
        case = self.request(phone="602 000 111", city="Zdrój")
        self.assertEqual(self.customer.phone, "+48 601 234 567")
        self.assertEqual(
            [(c.field_name, c.old_value, c.new_value, c.accepted) for c in case.change_ids],
            [
                ("phone", "+48 601 234 567", "+48 602 000 111", "undecided"),
                ("city", "Źródła", "Zdrój", "undecided"),
            ],
        )

    def test_only_accepted_values_are_written(self):
        case = self.request(phone="602 000 111", email="nowy@example.pl", city="Zdrój")
        kept = [
            name
            for name, field in self.customer._fields.items()
            if field.store
            and field.column_type
            and not field.compute
            and name not in ("write_date", "write_uid")
        ]
        before = self.customer.read(kept, load=None)[0]
        self.decide(case, phone="yes", email="no", city="yes")
        case.action_approve()
        after = self.customer.read(kept, load=None)[0]
        changed = {name: after[name] for name in kept if after[name] != before[name]}
        self.assertEqual(changed, {"phone": "+48 602 000 111", "city": "Zdrój"})
        self.assertEqual(case.state, "done")

    def test_old_and_new_are_logged_for_staff_only(self):
        case = self.request(phone="602 000 111")
        self.decide(case, phone="yes")
        case.action_approve()
        note = case.message_ids.filtered(lambda m: "→" in (m.body or ""))
        self.assertEqual(len(note), 1)
        self.assertTrue(note.subtype_id.internal)
        self.assertIn("+48 601 234 567 → +48 602 000 111", note.body)
        self.assertIn("+48 602 000 111", self.customer.message_ids[0].body)
        self.assertEqual(note.author_id, self.staff.partner_id)

    def test_customer_reads_what_was_changed_and_what_not_and_why(self):
        case = self.request(phone="602 000 111", city="Zdrój")
        self.decide(case, phone="yes")
        case.action_approve()
        self.assertEqual(case.resolution, "Changed: Telephone.\nNot changed: Town. Brak dokumentu.")
        self.assertNotIn("602", self.last_public_message(case).body)

    def test_each_change_must_be_decided(self):
        case = self.request(phone="602 000 111", city="Zdrój")
        case.change_ids[0].action_accept()
        with self.assertRaisesRegex(UserError, "Town"):
            case.action_approve()
        case.change_ids[1].action_refuse()
        with self.assertRaisesRegex(UserError, "Say why"):
            case.action_approve()

    def test_nothing_accepted_means_rejected(self):
        case = self.request(city="Zdrój")
        self.decide(case)
        with self.assertRaisesRegex(UserError, "Reject"):
            case.action_approve()
        case.action_reject("Brak dokumentu.")
        self.assertEqual(self.customer.city, "Źródła")

    def test_request_stays_as_it_was_asked_for(self):
        change = self.request(city="Zdrój").change_ids
        for vals in ({"new_value": "Inne"}, {"field_name": "street"}, {"old_value": "x"}):
            with self.assertRaises(UserError):
                change.write(vals)
        with self.assertRaises(UserError):
            change.unlink()

    def test_decided_case_takes_no_other_decision(self):
        case = self.request(city="Zdrój")
        self.decide(case, city="yes")
        case.action_approve()
        with self.assertRaises(UserError):
            case.change_ids.accepted = "no"
        with self.assertRaises(UserError):
            self.env["pwik.case.change"].with_user(self.staff).create(
                {"case_id": case.id, "field_name": "phone", "new_value": "602 000 111"}
            )

    def test_value_that_changed_meanwhile_is_shown(self):
        case = self.request(city="Zdrój")
        self.assertFalse(case.change_ids.is_stale)
        self.customer.city = "Gdzieś"
        case.change_ids.invalidate_recordset()
        self.assertTrue(case.change_ids.is_stale)
        self.assertEqual(case.change_ids.current_value, "Gdzieś")
        self.decide(case, city="yes")
        case.action_approve()
        self.assertIn("Gdzieś → Zdrój", "".join(case.message_ids.mapped("body")))

    def test_office_adds_a_change_and_it_is_normalised(self):
        case = self.make_case("data_change")
        case.change_ids.create({"case_id": case.id, "field_name": "zip", "new_value": "00950"})
        self.assertEqual((case.change_ids.old_value, case.change_ids.new_value), ("00-001", "00-950"))
        with self.assertRaisesRegex(ValidationError, "37-500"):
            case.change_ids.create({"case_id": case.id, "field_name": "correspondence_zip", "new_value": "x"})

    def test_name_wants_a_document(self):
        case = self.make_case("data_change")
        case.change_ids.create(
            {"case_id": case.id, "field_name": "name", "new_value": "Żaneta Nowa", "accepted": "yes"}
        )
        with self.assertRaisesRegex(UserError, "document"):
            case.action_approve()
        case._attach_files([("akt.txt", b"Odpis aktu")])
        case.invalidate_recordset()
        case.action_approve()
        self.assertEqual(self.customer.name, "Żaneta Nowa")

    def test_correspondence_address_becomes_a_contact(self):
        wanted = {
            "correspondence_street": "Rynek 1",
            "correspondence_zip": "37-500",
            "correspondence_city": "Jarosław",
        }
        case = self.request(**wanted)
        self.decide(case, **dict.fromkeys(wanted, "yes"))
        case.action_approve()
        letters = self.customer._pwik_get_correspondence_address()
        self.assertEqual((letters.street, letters.zip, letters.city), ("Rynek 1", "37-500", "Jarosław"))
        self.assertEqual(letters.parent_id, self.customer)
        self.assertEqual(self.customer.street, "ul. Lipowa 3")
        case = self.request(**dict.fromkeys(wanted, ""))
        self.decide(case, **dict.fromkeys(wanted, "yes"))
        case.action_approve()
        self.assertEqual(self.customer._pwik_get_correspondence_address(), self.customer)
        self.assertFalse(letters.active)

    def test_allow_list_holds_at_the_last_step(self):
        with self.assertRaises(KeyError):
            self.customer._pwik_write_changes({"vat": "1234567890"})
