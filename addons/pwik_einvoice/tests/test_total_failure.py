"""A total failure of KSeF (VAT act art. 106ng): invoices of its days are issued without it and never sent there."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import NEXT
from .ksef_case import KsefCase


@tagged("post_install", "-at_install")
class TestTotalFailure(KsefCase):
    """``moves``: two invoices of 3 October 2024 that wait for KSeF. The buyer of the first consented to electronic ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.pwik_seal_certificate_id = cls.make_certificate()
        cls.env["pwik.einvoice.consent"].create(
            {"partner_id": cls.moves[0].partner_id.id, "date": "2024-01-01", "email": "biuro@example.com"}
        )

    def enter(self, start="2024-10-03", end="2024-10-04", kind="total"):
        return self.env["pwik.ksef.outage"].create({"kind": kind, "date_from": start, "date_to": end})

    def alive(self):
        rows = self.moves._pwik_get_alive_deliveries().sorted(lambda row: (row.move_id.id, row.channel))
        return [(row.channel, row.state) for row in rows]

    def test_what_waits_for_ksef_goes_another_way(self):
        self.enter()
        self.assertEqual(self.moves.mapped("pwik_delivery_channel"), ["electronic", "paper"])
        self.assertEqual(self.alive(), [("electronic", "pending"), ("paper", "pending")])
        self.assertEqual(set(self.rows.mapped("state")), {"cancelled"})
        self.assertEqual(self.moves.mapped("pwik_outside_ksef"), [True, True])
        self.assertIn("106ng", self.moves[0].message_ids[0].body)
        self.run_cron(2)
        self.assertFalse(self.ksef.posts, "never sent")
        self.assertFalse(self.moves.filtered("l10n_pl_edi_number"))
        self.moves._pwik_get_alive_deliveries()._run_packet()
        self.assertEqual(self.alive(), [("electronic", "done"), ("paper", "ready")])
        self.assertFalse(self.moves[0]._pwik_get_ksef_codes())

    def test_what_is_posted_meanwhile(self):
        self.enter("2025-01-01", "2025-01-31")
        self.make_reading(150, "2024-12-31", meter=self.firms[0].point_ids.meter_ids)
        move = self.bill_one(self.firms[0], *NEXT)
        self.assertEqual((move.pwik_delivery_channel, move.pwik_outside_ksef), ("electronic", True))
        self.assertEqual(self.moves.mapped("pwik_delivery_channel"), ["ksef", "ksef"], "of an earlier day")
        self.assertEqual(self.rows.mapped("state"), ["pending", "pending"])
        correction = self.correct(move, 149, "2024-12-31")
        self.assertEqual(correction.pwik_delivery_channel, "ksef", "issued long after the failure")
        read = self.read_xml(correction._l10n_pl_edi_render_xml())
        self.assertEqual((read("NrFaKorygowanej"), read("NrKSeFN"), read("NrKSeF")), ([move.name], ["1"], []))

    def test_correction_of_what_is_in_ksef(self):
        """What is in KSeF is corrected outside it as long as the failure lasts."""
        self.run_cron()
        number = self.moves[0].l10n_pl_edi_number
        self.enter("2024-10-01", False)
        self.assertEqual(self.moves.mapped("pwik_delivery_channel"), ["ksef", "ksef"], "they are there")
        correction = self.correct(self.moves[0], 105)
        self.assertEqual(correction.pwik_delivery_channel, "electronic")
        self.assertEqual(self.read_xml(correction._l10n_pl_edi_render_xml())("NrKSeFFaKorygowanej"), [number])

    def test_issued_offline_before_it_was_entered(self):
        self.ksef.down = True
        self.run_cron()
        self.rows[0].action_issue_offline()
        self.enter()
        move = self.moves[0]
        self.assertFalse(move._pwik_get_stored_pdf())
        self.assertIn("OFFLINE", " ".join(self.read_pdf(move.message_ids.attachment_ids.raw)))
        move._pwik_get_alive_deliveries()._run_packet()
        self.assertNotIn("OFFLINE", " ".join(self.read_pdf(move._pwik_get_stored_pdf().raw)))
        self.ksef.down = False
        self.run_cron(2)
        self.assertFalse(self.ksef.posts)

    def test_entered_by_mistake(self):
        """With other days, or not at all: what was kept out goes to KSeF, once, whatever was delivered meanwhile."""
        outage = self.enter()
        self.moves[0]._pwik_get_alive_deliveries()._run_packet()
        outage.date_from = "2024-10-04"
        self.assertEqual(self.moves.mapped("pwik_delivery_channel"), ["ksef", "ksef"])
        self.assertEqual(self.alive(), [("electronic", "done"), ("ksef", "pending"), ("ksef", "pending")])
        outage.unlink()
        self.rows = self.moves._pwik_get_alive_deliveries().filtered(lambda row: row.channel == "ksef")
        self.run_cron()
        self.assert_all_there_once()

    def test_other_outages_change_no_way(self):
        self.enter(kind="failure")
        self.assertEqual(self.rows.mapped("state"), ["pending", "pending"])
        self.assertEqual(self.moves.mapped("pwik_delivery_channel"), ["ksef", "ksef"])

    def test_what_was_sent_waits_for_its_answer(self):
        self.ksef.slow = 1
        self.run_cron()
        self.enter()
        self.assertEqual(self.rows.mapped("state"), ["sent", "sent"])
        self.run_cron(2)
        self.assert_all_there_once()

    def test_the_manager_enters_it(self):
        clerk = new_test_user(self.env, "clerk", groups="pwik_billing.pwik_billing_group_user")
        manager = new_test_user(self.env, "boss", groups="pwik_billing.pwik_billing_group_manager")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.env["pwik.ksef.outage"].with_user(clerk).create({"kind": "total", "date_from": "2024-10-03"})
        self.env["pwik.ksef.outage"].with_user(manager).create({"kind": "total", "date_from": "2024-10-03"})
        self.assertEqual(self.alive(), [("electronic", "pending"), ("paper", "pending")])
