from odoo.tests import tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestCaseTiles(CaseCommon):
    def tiles(self, user):
        groups = self.env["pwik.dashboard"].with_user(user).with_context(lang="en_US").get_data()
        return {tile["label"]: tile for group in groups for tile in group["tiles"]}

    def test_what_waits_is_counted_where_it_opens(self):
        before = self.tiles(self.staff)
        self.make_case(date_deadline=self.days_ago(1))
        self.make_case(date_deadline=self.days_ago(-2), user_id=self.staff.id)
        self.make_case(date_deadline=self.days_ago(-9), user_id=self.manager.id)
        done = self.make_case(date_deadline=self.days_ago(1), user_id=self.staff.id)
        done.resolution = "Naprawione."
        done.action_done()
        after = self.tiles(self.staff)
        for label, more in (
            ("Cases past their deadline", 1),
            ("Cases to be answered within 3 days", 1),
            ("Cases that nobody has taken", 1),
            ("My open cases", 1),
        ):
            tile = after[label]
            self.assertEqual(tile["count"], before[label]["count"] + more, label)
            action = self.env.ref(tile["action"])
            self.assertEqual(self.env[action.res_model].search_count(tile["domain"]), tile["count"], label)
        self.assertEqual(after["Cases past their deadline"]["tone"], "danger")

    def test_a_reader_of_meters_has_no_cases(self):
        self.assertNotIn("My open cases", self.tiles(self.reader))
