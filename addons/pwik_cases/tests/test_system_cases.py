from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestSystemCases(CaseCommon):
    """Alarms open cases, one at a time for a cause."""

    def alarm(self, key="leak:1", **values):
        return self.env["pwik.case"]._create_from_system(
            "alarm",
            {"name": "Wyciek", "description": "Przepływ ciągły", "meter_id": self.meter.id, **values},
            key=key,
        )

    def test_links_follow_from_the_meter(self):
        case, created = self.alarm()
        self.assertTrue(created)
        self.assertEqual(
            (case.channel, case.contract_id, case.partner_id, case.service_point_id, case.portal_visible),
            ("system", self.contract, self.customer, self.point, False),
        )

    def test_same_cause_is_not_doubled(self):
        first, _created = self.alarm()
        again, created = self.alarm(description="Nadal")
        self.assertEqual((again, created), (first, False))
        self.assertIn("Nadal", first.message_ids[0].body)
        other, created = self.alarm(key="leak:2")
        self.assertTrue(created and other != first)

    def test_new_case_after_the_old_one_is_closed(self):
        first, _created = self.alarm()
        first.action_done()
        again, created = self.alarm()
        self.assertTrue(created and again != first)

    def test_the_database_enforces_it(self):
        first, _created = self.alarm()
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            first.copy().sudo().origin_key = "leak:1"
            self.env.flush_all()
