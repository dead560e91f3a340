import json

from odoo.exceptions import AccessError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..models.pwik_radio_module_keys import KEYS_GROUP
from .common import RadioCommon, dump_line, plain_line, plain_telegram

KEY = "00112233445566778899AABBCCDDEEFF"
LEAK = "02FD170400"  # an error flag of OMS, with one of the bits that are an alarm


class TestInClear(RadioCommon):
    """Of an overlay with a key only telegrams count which that key opens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.point = cls.make_point("ul. Jawna 1")
        cls.make_contract(cls.customer, cls.point)
        cls.meter = cls.make_meter("JAWNY-1")
        cls.install(cls.meter, cls.point, start_value=100)
        cls.module = cls.env["pwik.radio.module"].create(
            {
                "manufacturer": "DIE",
                "serial": "20000001",
                "version": "35",
                "medium": "07",
                "assignment_ids": [(0, 0, {"meter_id": cls.meter.id, "date_from": "2025-01-01 00:00:00"})],
            }
        )
        cls.keeper = cls.make_user("clear-keeper", KEYS_GROUP)
        cls.manager = cls.make_user(
            "clear-manager", "pwik_meters.pwik_meters_group_manager", "base.group_system"
        )

    def get_readings(self):
        return self.env["pwik.reading"].search([("meter_id", "=", self.meter.id), ("source", "=", "radio")])

    def test_forged_telegram_changes_nothing(self):
        self.module.set_key(KEY)
        dump = self.import_dump(plain_line("20000001", 5000, extra=LEAK))
        line = dump.line_ids
        self.assertEqual((line.state, line.reason, line.module_id), ("error", "in_clear", self.module))
        self.assertFalse(line.has_value)
        self.assertFalse(self.get_readings())
        self.assertFalse(self.module.last_seen)
        self.assertFalse(self.module.alarm_ids)
        self.assertEqual(json.loads(line.raw)["telegram"], plain_telegram("20000001", 5000, LEAK))

    def test_without_a_key_it_counts(self):
        self.assertEqual(
            self.outcomes(self.import_dump(plain_line("20000001", 120_000))), {1: ("done", None)}
        )

    def test_a_key_that_no_server_key_opens_guards_too(self):
        self.module.set_key(KEY)
        self.module.sudo().aes_key = "gAAAA" + "A" * 95
        dump = self.import_dump(plain_line("20000001", 120_000))
        self.assertEqual(self.outcomes(dump), {1: ("error", "in_clear")})

    def test_values_that_came_decoded_are_no_telegrams(self):
        self.module.set_key(KEY)
        row = {"media": "water", "meter": "x", "name": "", "id": "20000001", "total_m3": 120.0}
        content = json.dumps({**row, "timestamp": "2025-04-01T06:00:00Z"}).encode() + b"\n"
        self.assertEqual(self.outcomes(self.import_dump(content, "export.json")), {1: ("done", None)})

    def test_keeper_lets_them_count_and_they_run_again(self):
        self.module.set_key(KEY)
        dump = self.import_dump(plain_line("20000001", 120_000))
        module = self.module.with_user(self.keeper).with_context(tracking_disable=False)
        module.action_accept_clear()
        self.assertEqual(self.outcomes(dump), {1: ("done", None)})
        self.assertEqual(self.get_readings().value, 120.0)
        self.env.flush_all()
        self.env.cr.precommit.run()
        told = self.module.message_ids.sudo().tracking_value_ids.field_id
        self.assertIn("accepts_clear", told.mapped("name"))
        module.action_refuse_clear()
        later = self.import_dump(plain_line("20000001", 130_000, "2025-05-01T06:00:00Z"))
        self.assertEqual(self.outcomes(later), {1: ("error", "in_clear")})

    def test_only_keepers_of_keys_decide(self):
        manager = self.module.with_user(self.manager)
        vals = {"manufacturer": "DIE", "serial": "20000002", "accepts_clear": True}
        for attempt in (
            lambda: manager.write({"accepts_clear": True}),
            manager.action_accept_clear,
            lambda: manager.create(vals),
            lambda: manager.with_context(default_accepts_clear=True).create(
                {"manufacturer": "DIE", "serial": "20000003"}
            ),
            lambda: manager.copy({"serial": "20000004", "accepts_clear": True}),
        ):
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                attempt()
        self.module.accepts_clear = True
        with self.assertRaises(AccessError):
            manager.write({"accepts_clear": False})
        manager.write({"accepts_clear": True, "model": "Izar"})  # nothing of it changes
        self.assertFalse(self.module.copy({"serial": "20000005"}).accepts_clear)
        with Form(manager) as form:
            form.model = "Hydrus"
        self.assertTrue(self.module.accepts_clear)

    def test_true_and_forged_ones_of_one_overlay(self):
        """The tour's overlay 1 sends encrypted; somebody adds a lower register in its name."""
        forged = plain_telegram("10000001", 1000)
        forged = (
            forged[:4] + "B409010000100107" + forged[20:]
        )  # the maker, ID, version and medium of overlay 1
        dump = self.import_dump(self.tour + dump_line(forged, "2025-04-01T07:00:00Z"))
        outcomes = self.outcomes(dump)
        self.assertEqual(outcomes[2], ("done", None))
        self.assertEqual(outcomes[11][0], "error")
        self.assertEqual(self.modules[1].last_seen.isoformat(), "2025-04-01T06:00:10")
