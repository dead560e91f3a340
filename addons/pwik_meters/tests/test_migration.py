import base64
import csv
import io
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from openpyxl import Workbook, load_workbook

from ..models.migration import pwik_migration, pwik_migration_check, pwik_migration_run
from .common import PwikCommon


class MigrationCommon(PwikCommon):
    """Files are made here as an office would: titles in Polish or by name, semicolons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("pl_PL")
        cls.manager = cls.make_user("manager", "pwik_meters.pwik_meters_group_manager")

    def make_file(self, kind, content, name="plik.csv", **values):
        if isinstance(content, str):
            content = content.encode()
        return (
            self.env["pwik.migration"]
            .with_user(self.manager)
            .create({"kind": kind, "file": base64.b64encode(content), "file_name": name, **values})
        )

    def check_file(self, kind, content, **values):
        migration = self.make_file(kind, content, **values)
        migration.action_check()
        self.assertEqual(migration.state, "checked", migration.error)
        return migration

    def run_file(self, kind, content, **values):
        migration = self.check_file(kind, content, **values)
        migration.action_run()
        self.assertEqual(migration.state, "done", migration.error)
        return migration

    def get_states(self, migration):
        return [(row.number, row.state) for row in migration.row_ids]

    def get_reasons(self, migration, lang="en_US"):
        rows = migration.row_ids.with_context(lang=lang)
        return {row.number: row.reason for row in rows if row.state in ("bad", "different")}


@tagged("post_install", "-at_install")
class TestMigration(MigrationCommon):
    METERS = (
        "klucz;Numer fabryczny;Producent;q3;register_digits\n"
        "W1;S-1;Apator;2,5;5\n"
        "W2;S-2;Apator;dwa;5\n"
        "W3;S-3;Apator;4.0;4\n"
    )

    def meters(self):
        return self.env["pwik.meter"].search([("serial", "in", ("S-1", "S-2", "S-3"))])

    def test_dry_run_stores_nothing(self):
        migration = self.check_file("meters", self.METERS)
        self.assertEqual(self.get_states(migration), [(2, "ok"), (3, "bad"), (4, "ok")])
        self.assertFalse(self.meters())
        self.assertFalse(self.env["pwik.migration.key"].search([]))

    def test_reason_in_polish(self):
        reasons = self.get_reasons(self.check_file("meters", self.METERS), "pl_PL")
        self.assertEqual(reasons, {3: "Kolumna „Q3 [m³/h]”: „dwa” nie jest liczbą."})

    def test_real_run_stores_the_good_rows(self):
        migration = self.run_file("meters", self.METERS)
        self.assertEqual(self.meters().mapped("serial"), ["S-1", "S-3"])
        self.assertEqual((self.meters()[1].q3, self.meters()[1].register_digits), (4.0, 4))
        self.assertEqual((migration.done_count, migration.bad_count), (2, 1))
        self.assertEqual(migration.row_ids[0].res_id, self.meters()[0].id)

    def test_import_again_changes_nothing(self):
        self.run_file("meters", self.METERS)
        before = self.meters().read()
        again = self.run_file("meters", self.METERS)
        self.assertEqual(self.get_states(again), [(2, "known"), (3, "bad"), (4, "known")])
        self.env.invalidate_all()
        self.assertEqual(self.meters().read(), before)

    def test_same_file_twice_at_once(self):
        first, second = self.check_file("meters", self.METERS), self.check_file("meters", self.METERS)
        first.action_run()
        second.action_run()
        self.assertEqual((first.done_count, second.done_count, second.known_count), (2, 0, 2))
        self.assertEqual(len(self.meters()), 2)

    def test_changed_value_is_reported_and_not_written(self):
        self.run_file("meters", self.METERS)
        later = self.run_file("meters", self.METERS.replace("S-1;Apator;2,5", "S-1;Apator;6,3"))
        self.assertEqual(self.get_states(later)[0], (2, "different"))
        self.assertRegex(self.get_reasons(later)[2], "“2.5”.*“6.3”")
        self.assertEqual(self.meters()[0].q3, 2.5)

    def test_record_that_was_deleted_comes_in_again(self):
        self.run_file("meters", self.METERS)
        self.meters()[0].unlink()
        self.run_file("meters", self.METERS)
        self.assertEqual(self.meters().mapped("serial"), ["S-1", "S-3"])

    def test_serial_twice_in_the_file_and_in_the_register(self):
        self.make_meter("S-3", manufacturer="Apator")
        migration = self.check_file(
            "meters", "key;serial;manufacturer\nA;S-1;Apator\nB;S-1;Apator\nA;S-9;Apator\nC;S-3;Apator\n"
        )
        reasons = self.get_reasons(migration)
        self.assertEqual(sorted(reasons), [3, 4, 5])
        self.assertIn("stand in row 2 already", reasons[3])
        self.assertIn("key stands in row 2", reasons[4])
        self.assertIn("in the register already: S-3", reasons[5])

    def test_killed_in_the_middle_and_resumed(self):
        content = "key;serial;manufacturer\n" + "".join(f"K{n};R-{n};Apator\n" for n in range(20))
        self.patch(pwik_migration_run, "PACKET", 8)
        migration = self.check_file("meters", content)
        migration.state = "running"
        self.assertTrue(migration._work_packet())

        class Killed(BaseException):
            pass

        with self.assertRaises(Killed), self.env.cr.savepoint():
            migration._work_packet()
            raise Killed()
        self.env.invalidate_all()
        self.assertEqual((migration.done_count, migration.ok_count), (8, 12))
        migration._process()
        self.assertEqual((migration.state, migration.done_count), ("done", 20))
        self.assertEqual(self.env["pwik.meter"].search_count([("serial", "like", "R-")]), 20)

    def test_background_commits_packet_by_packet(self):
        self.patch(pwik_migration, "AT_ONCE", 0)
        self.patch(pwik_migration_check, "PACKET", 2)
        migration = self.make_file("meters", self.METERS)
        migration.action_check()
        self.assertEqual(migration.state, "reading")
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("pwik_meters.ir_cron_migration").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((migration.state, migration.ok_count), ("checked", 2))

    def test_one_row_the_database_refuses(self):
        """What the check cannot know is found at the run, and costs that row only."""
        migration = self.check_file(
            "meters", "key;serial;manufacturer\n" + "".join(f"K{n};R-{n};Apator\n" for n in range(9))
        )
        self.make_meter("R-4", manufacturer="Apator")
        with mute_logger("odoo.sql_db"):
            migration.action_run()
        self.assertEqual((migration.done_count, migration.bad_count), (8, 1))
        self.assertIn("serial number exists already", self.get_reasons(migration)[6])

    def test_cp1250(self):
        content = "key;name;street;city\nK1;Żaneta Gęślą;ul. Źródlana 1;Łódź\n".encode("cp1250")
        migration = self.run_file("customers", content)
        partner = self.env["res.partner"].browse(migration.row_ids.res_id)
        self.assertEqual((partner.name, partner.city), ("Żaneta Gęślą", "Łódź"))

    def test_xlsx_with_formula_and_merged_cells(self):
        book = Workbook()
        sheet = book.active
        for row in (
            ["key", "serial", "manufacturer", "q3"],
            ["W1", 12345678, "Apator", 2.5],
            ["W2", "=A1", "Apator", 2.5],
            ["W3", "S-3", "Apator", 2.5],
        ):
            sheet.append(row)
        sheet.merge_cells("C4:D4")
        stream = io.BytesIO()
        book.save(stream)
        migration = self.run_file("meters", stream.getvalue(), name="plik.xlsx")
        self.assertEqual(self.get_states(migration), [(2, "done"), (3, "bad"), (4, "bad")])
        reasons = self.get_reasons(migration, "pl_PL")
        self.assertEqual(reasons[3], "Kolumna „Numer fabryczny”: zawiera formułę. Wklej ją jako wartość.")
        self.assertIn("C4:D4", reasons[4])
        self.assertTrue(self.env["pwik.meter"].search([("serial", "=", "12345678")]))

    def test_unreadable_files(self):
        for content, message in (
            (b"", "Choose a file"),
            (b"\n\n", "empty"),
            (b"serial\n1\n", "no column: Key, Manufacturer"),
            (b"PK\x03\x04x", "damaged"),
        ):
            with self.subTest(content):
                migration = self.make_file("meters", content)
                if not content:
                    with self.assertRaisesRegex(UserError, message):
                        migration.action_check()
                    continue
                migration.action_check()
                self.assertEqual(migration.state, "failed")
                self.assertIn(message, migration.error)

    def test_refused_rows_come_back_guarded(self):
        migration = self.run_file("meters", "key;serial;manufacturer;q3\nW1;=cmd();Apator;@x\n")
        content = base64.b64decode(migration.bad_file).decode("utf-8-sig")
        header, row = csv.reader(io.StringIO(content), delimiter=";")
        self.assertEqual(header, ["key", "serial", "manufacturer", "q3", "Row", "Reason"])
        self.assertEqual(row[:5], ["W1", "'=cmd()", "Apator", "'@x", "2"])
        self.assertIn("not a number", row[5])

    def test_template_is_polish_and_goes_in(self):
        migration = self.make_file("points", b"x").with_context(lang="pl_PL")
        content = base64.b64decode(migration.template_file)
        book = load_workbook(io.BytesIO(content))
        self.assertEqual(book.sheetnames, ["Dane", "Kolumny"])
        self.assertEqual(book.worksheets[0]["E1"].value, "Ulica i numer")
        self.municipality.code = "CZ"
        again = self.check_file("points", content, name="szablon.xlsx")
        self.assertEqual((again.ok_count, again.warning), (1, False))

    def test_only_managers(self):
        clerk = self.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        migration = self.check_file("meters", self.METERS)
        for work in (
            lambda: self.env["pwik.migration"].with_user(clerk).create({"kind": "meters"}),
            lambda: migration.with_user(clerk).action_run(),
            lambda: migration.with_user(clerk).action_check(),
            lambda: migration.row_ids[0].with_user(clerk).key,
            lambda: migration.row_ids[0].with_user(self.manager).write({"state": "ok"}),
            lambda: self.env["pwik.migration.key"].with_user(self.manager).create({"kind": "x"}),
        ):
            with self.assertRaises(AccessError):
                work()

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Inne wodociągi"})
        self.run_file("meters", self.METERS)
        self.manager.company_ids |= other
        there = self.run_file("meters", self.METERS, company_id=other.id)
        self.assertEqual(there.done_count, 2)
        self.assertEqual(self.meters().company_id, self.company | other)
        self.manager.company_ids -= other
        with self.assertRaises(AccessError):
            there.with_user(self.manager).action_open_rows()
            there.with_user(self.manager).read(["state"])

    def test_queries_do_not_grow_with_the_rows(self):
        counts = []
        for size in (5, 100):
            content = "key;serial;manufacturer\n" + "".join(f"{size}-{n};{size}-{n};A\n" for n in range(size))
            migration = self.make_file("meters", content)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            migration.action_check()
            migration.action_run()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(migration.done_count, size)
        self.assertLessEqual(
            counts[1], counts[0] + 20, "batches of inserts aside, the same number of queries"
        )

    def test_json_of_a_row_holds_what_the_file_said(self):
        row = self.check_file("meters", self.METERS).row_ids[1]
        self.assertEqual(row.cells, ["W2", "S-2", "Apator", "dwa", "5"])
        self.assertTrue(json.dumps(row.problems))
