import threading
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ConcurrencyError
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger
from psycopg2 import OperationalError

from ..models.dump_packet import DumpPacket
from ..models.pwik_radio_dump_process import BUSY, FINISHED, MORE, DumpSource
from .common import RadioCommon, plain_line
from .test_chain import TOUR

CRONS = ("pwik_radio_reading.ir_cron_process_dumps", "pwik_radio_reading.ir_cron_drop_folder")


class Killed(BaseException):
    """Stands for kill -9: no handler of ours may catch it."""


@tagged("post_install", "-at_install")
class TestResume(RadioCommon):
    """A job that dies anywhere goes on where it stood and ends like one that never died."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("pwik_radio_reading.packet_lines", "2")

    def run_cron(self):
        with self.in_cron():
            self.env.ref(CRONS[0]).method_direct_trigger()

    def run_killed(self, owner, method, call):
        """Run the job and let it die in the given call of a method, after the work of that call."""
        original, calls = getattr(owner, method), []

        def die(*args, **kwargs):
            result = original(*args, **kwargs)
            calls.append(1)
            if len(calls) == call:
                raise Killed
            return result

        # not assertRaises: Odoo's undoes in a savepoint what was committed before the kill
        with patch.object(owner, method, die):
            try:
                self.run_cron()
            except Killed:
                return
        self.fail("the job was not killed")

    def snapshot(self, dump):
        readings = self.radio_readings()
        return self.outcomes(dump), [
            (r.meter_id.id, r.moment, r.value, r.state, r.finding_codes) for r in readings
        ]

    def test_an_outage_is_no_error_of_the_file(self):
        """The database really refuses: the dump is not given up, and is worked off once it answers again."""
        dump = self.import_dump(process=False)
        with mute_logger("odoo.sql_db"), self.assertRaises(OperationalError), self.cr.savepoint():
            self.env.cr.execute("SET LOCAL statement_timeout = '1ms'")
            dump._process()
        self.env.invalidate_all()
        self.assertEqual((dump.state, dump.error), ("new", False))
        dump._process()
        self.assertEqual(dump.state, "done")

    def test_time_that_is_up(self):
        """The action ends after one packet, asks to be called again at once, and does not begin the file ten times anew."""
        dump = self.import_dump(process=False)
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search([])
        readings = []
        read = DumpSource._read

        def count(source):
            readings.append(1)
            return read(source)

        with (
            patch("odoo.addons.base.models.ir_cron.MIN_TIME_PER_JOB", 0),
            patch.object(DumpSource, "_read", count),
        ):
            self.run_cron()
            self.assertEqual((dump.state, dump.lines_read, readings), ("new", 0, []), "no time at all")
            # at its beginning, before the file is read, after the first packet, after the second one
            times = iter([10, 10, 10, 0])
            commit = type(self.env["ir.cron"])._commit_progress
            with patch.object(
                type(self.env["ir.cron"]),
                "_commit_progress",
                lambda cron, *args, **options: [commit(cron, *args, **options), next(times, 0)][1],
            ):
                self.run_cron()
        self.assertEqual((dump.state, dump.lines_read, readings), ("in_progress", 4, [1]))
        asked = (triggers.search([]) - before).cron_id
        self.assertIn(self.env.ref(CRONS[0]), asked)
        self.run_cron()
        self.assertEqual(self.outcomes(dump), TOUR)

    def test_small_packets_give_what_one_gives(self):
        dump = self.import_dump(process=False)
        self.run_cron()
        self.assertEqual(self.outcomes(dump), TOUR)
        self.assertEqual(dump.state, "done")

    def test_killed_in_any_packet(self):
        for owner, method, calls in (
            (type(self.dumps), "_read_packet", 5),
            (DumpPacket, "run", 5),
            (DumpPacket, "_take_in", 4),
        ):
            for call in range(1, calls + 1):
                with self.subTest(method=method, call=call), self.env.cr.savepoint() as savepoint:
                    dump = self.import_dump(process=False)
                    self.run_killed(owner, method, call)
                    self.assertIn(dump.state, ("new", "in_progress"))
                    self.run_cron()
                    self.assertEqual(dump.state, "done")
                    outcomes, readings = self.snapshot(dump)
                    self.assertEqual(outcomes, TOUR)
                    self.assertEqual(len(readings), 5)
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_committed_packets_survive_the_kill(self):
        dump = self.import_dump(process=False)
        self.run_killed(DumpPacket, "run", 3)
        done = [line for line in dump.line_ids if line.state != "new"]
        self.assertGreaterEqual(len(done), 3)
        self.assertLess(len(done), 10)

    def test_unexpected_error_ends_in_the_record_and_not_in_the_cron(self):
        dump = self.import_dump(process=False)
        with (
            patch.object(DumpPacket, "run", side_effect=ZeroDivisionError),
            mute_logger("odoo.addons.pwik_radio_reading.models.pwik_radio_dump_process"),
        ):
            self.run_cron()
        self.assertEqual((dump.state, dump.error), ("error", "internal"))
        dump.action_process()
        self.assertEqual(self.outcomes(dump), TOUR)

    def test_decoder_that_breaks_on_a_line_spoils_only_that_line(self):
        from ..domain import wmbus

        decode = wmbus.decode

        def break_on_kamstrup(telegram, key=None, **options):
            if telegram[2:4] == b"\x2d\x2c":
                raise IndexError("not declared")
            return decode(telegram, key, **options)

        with (
            patch.object(wmbus, "decode", break_on_kamstrup),
            mute_logger("odoo.addons.pwik_radio_reading.models.dump_packet"),
        ):
            dump = self.import_dump()
        self.assertEqual(self.outcomes(dump), {**TOUR, 5: ("error", "internal")})


@tagged("post_install", "-at_install")
class TestTwoAtOnce(BaseCase):
    """Two jobs with real transactions at one dump: each telegram once, and neither job fails."""

    OVERLAYS = 24

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        # Plain odoo-bin holds this lock while it runs the tests; the threads need the registry too
        self.patch(Registry, "_lock", DummyRLock())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.made = self.make(env)
            self.packet_lines = env["ir.config_parameter"].get_param("pwik_radio_reading.packet_lines")
            env["ir.config_parameter"].set_param("pwik_radio_reading.packet_lines", "5")
        self.addCleanup(self.clean)

    def make(self, env):
        municipality = env["pwik.municipality"].create({"name": "Two at once", "code": "TST-2X"})
        serials = [f"5500{number:04d}" for number in range(self.OVERLAYS)]
        points = env["pwik.service.point"].create(
            [
                {"street": f"ul. Współbieżna {serial}", "city": "Źródła", "municipality_id": municipality.id}
                for serial in serials
            ]
        )
        meters = env["pwik.meter"].create(
            [{"serial": f"TWO-{serial}", "manufacturer": "Test"} for serial in serials]
        )
        installations = env["pwik.meter.installation"].create(
            [
                {"meter_id": meter.id, "service_point_id": point.id, "date_from": "2025-01-01"}
                for meter, point in zip(meters, points, strict=True)
            ]
        )
        modules = env["pwik.radio.module"].create(
            [
                {
                    "manufacturer": "DIE",
                    "serial": serial,
                    "version": "35",
                    "medium": "07",
                    "assignment_ids": [(0, 0, {"meter_id": meter.id, "date_from": "2025-01-01 00:00:00"})],
                }
                for serial, meter in zip(serials, meters, strict=True)
            ]
        )
        content = b"".join(plain_line(serial, 5000 + number) for number, serial in enumerate(serials))
        dump, _duplicate = env["pwik.radio.dump"]._take_in(content, "two.jsonl", "wizard")
        self.content = content
        return [
            (r._name, r.ids)
            for r in (dump, modules.assignment_ids, modules, installations, meters, points, municipality)
        ]

    def clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"force_delete": True})
            env["ir.config_parameter"].set_param("pwik_radio_reading.packet_lines", self.packet_lines)
            made = dict(self.made)
            attachments = env["pwik.radio.dump"].browse(made["pwik.radio.dump"]).attachment_id
            cr.execute("DELETE FROM pwik_radio_dump WHERE id = ANY(%s)", [made["pwik.radio.dump"]])
            attachments.unlink()
            cr.execute("DELETE FROM pwik_reading WHERE meter_id = ANY(%s)", [made["pwik.meter"]])
            for model, ids in self.made[1:]:
                table = env[model]._table
                cr.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [ids])
            cr.execute("DELETE FROM ir_cron_progress")

    def run_cron(self, xml_id, failures):
        try:
            for _round in range(20):
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    env.ref(xml_id).method_direct_trigger()
                    dump = env["pwik.radio.dump"].browse(dict(self.made)["pwik.radio.dump"])
                    dump.invalidate_recordset()
                    if dump.state in ("done", "error"):
                        return
        except Exception as error:
            failures.append(error)

    def test_one_dump_two_jobs(self):
        failures = []
        # the second job is a copy of the first, as several of them take the work of a large utility
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            twin = env.ref(CRONS[0]).copy()
            data = env["ir.model.data"].create(
                {
                    "module": "pwik_radio_reading",
                    "name": "cron_twin_of_test",
                    "model": "ir.cron",
                    "res_id": twin.id,
                }
            )
            twin_ids = (twin.id, data.id)
        names = (CRONS[0], "pwik_radio_reading.cron_twin_of_test")
        threads = [threading.Thread(target=self.run_cron, args=(name, failures)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            dump = env["pwik.radio.dump"].browse(dict(self.made)["pwik.radio.dump"])
            state, lines = dump.state, dump.line_ids
            numbers = lines.mapped("number")
            values = sorted(lines.reading_id.mapped("value"))
            readings = env["pwik.reading"].search_count([("meter_id", "in", dict(self.made)["pwik.meter"])])
            env["ir.model.data"].browse(twin_ids[1]).unlink()
            env["ir.cron"].browse(twin_ids[0]).unlink()
        self.assertFalse(failures)
        self.assertEqual(state, "done")
        self.assertEqual(sorted(numbers), list(range(1, self.OVERLAYS + 1)))
        self.assertEqual(values, [5 + number / 1000 for number in range(self.OVERLAYS)])
        self.assertEqual(readings, self.OVERLAYS)

    def test_packets_are_shared(self):
        """While one job holds a packet, another takes the next one, and nobody closes the dump over their heads."""
        dump_id = dict(self.made)["pwik.radio.dump"][0]
        with self.registry.cursor() as cr:
            dump = api.Environment(cr, SUPERUSER_ID, {})["pwik.radio.dump"].browse(dump_id)
            source = DumpSource(dump)
            while not dump.all_read:
                dump._process_packet(source)
            dump._process_packet(source)  # cuts the lines into packets
            self.assertEqual((dump.new_count, dump.line_count, len(dump.line_ids)), (24, 24, 0))
            tasks = dump.env["pwik.radio.dump.task"].search([("dump_id", "=", dump_id)])
            self.assertEqual(len(tasks), 6)
        with self.registry.cursor() as one, self.registry.cursor() as other:
            taken = []
            for cr in (one, other):
                dump = api.Environment(cr, SUPERUSER_ID, {})["pwik.radio.dump"].browse(dump_id)
                task = dump.env["pwik.radio.dump.task"]._claim_next(dump)
                taken.append(task.id)
                task._run(source.layouts, 10)
                self.assertEqual(task.state, "done")
            self.assertEqual(taken, tasks.ids[:2])
            one.commit()
            other.commit()
            for _packet in tasks.ids[2:]:
                self.assertEqual(dump._process_packet(source), MORE)
            self.assertEqual(dump._process_packet(source), FINISHED)
            self.assertNotIn("new", dump.line_ids.mapped("state"))
            self.assertEqual(len(dump.line_ids.reading_id), self.OVERLAYS)

    def test_a_packet_that_another_holds_keeps_the_dump_open(self):
        dump_id = dict(self.made)["pwik.radio.dump"][0]
        with self.registry.cursor() as one, self.registry.cursor() as other:
            dump = api.Environment(one, SUPERUSER_ID, {})["pwik.radio.dump"].browse(dump_id)
            source = DumpSource(dump)
            dump.env["ir.config_parameter"].set_param("pwik_radio_reading.packet_lines", "1000")
            while not dump.all_read:
                dump._process_packet(source)
            dump._process_packet(source)
            one.commit()
            self.assertEqual(dump._process_packet(source), MORE)  # done, and not committed
            late = api.Environment(other, SUPERUSER_ID, {})["pwik.radio.dump"].browse(dump_id)
            self.assertEqual(late._process_packet(source), BUSY)
            self.assertEqual(late.state, "in_progress")
            other.rollback()
            one.rollback()  # killed
            self.assertEqual(late._process_packet(source), MORE)
            self.assertEqual(late._process_packet(source), FINISHED)
            other.commit()
            self.assertNotIn("new", late.line_ids.mapped("state"))
            self.assertEqual(len(late.line_ids.reading_id), self.OVERLAYS)

    def test_file_taken_in_by_another_transaction_meanwhile(self):
        """The unique digest decides; who comes second is told to try again, and knows the file then."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            dumps = env["pwik.radio.dump"]
            with (
                patch.object(type(dumps), "search", return_value=dumps.browse()),
                mute_logger("odoo.sql_db"),
                self.assertRaises(ConcurrencyError),
            ):
                dumps._take_in(self.content, "again.jsonl", "drop")
            dump, duplicate = dumps._take_in(self.content, "again.jsonl", "drop")
        self.assertTrue(duplicate)
        self.assertEqual(dump.ids, dict(self.made)["pwik.radio.dump"])
