"""What lines of a dump point to is kept by the database, without a foreign key."""

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.addons.pwik_meters.tools import reference
from odoo.addons.pwik_meters.tools.reference import Reference, lock
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from .common import RadioCommon


@tagged("post_install", "-at_install")
class TestReference(RadioCommon):
    def setUp(self):
        super().setUp()
        self.dump = self.import_dump()
        self.env.flush_all()

    def delete(self, record):
        """Past the ORM, as nobody should."""
        self.env.cr.execute(f"DELETE FROM {record._table} WHERE id = %s", [record.id])

    def count(self, column, record):
        self.env.cr.execute(f"SELECT count(*) FROM pwik_radio_dump_line WHERE {column} = %s", [record.id])
        return self.env.cr.fetchone()[0]

    def refused(self, record):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.ForeignKeyViolation) as caught:
            with self.env.cr.savepoint():
                self.delete(record)
        return caught.exception.diag

    def test_lines_have_no_foreign_key(self):
        self.env.cr.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'pwik_radio_dump_line'::regclass AND contype = 'f'"
        )
        self.assertFalse(self.env.cr.fetchall())

    def test_what_lines_need_is_not_deleted(self):
        line = self.dump.line_ids.filtered("reading_id")[0]
        self.env.cr.execute(
            "UPDATE pwik_radio_dump_line SET meter_id = NULL WHERE reading_id = %s", [line.reading_id.id]
        )
        diag = self.refused(line.reading_id)
        self.assertEqual((diag.table_name, diag.column_name), ("pwik_radio_dump_line", "reading_id"))
        with self.subTest("a session that looks through no schema"), self.env.cr.savepoint():
            reading_id = line.reading_id.id
            self.env.cr.execute(reference.FUNCTION)
            self.env.cr.execute("SET LOCAL search_path = pg_catalog")
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.ForeignKeyViolation):
                self.env.cr.execute("DELETE FROM public.pwik_reading WHERE id = %s", [reading_id])
            self.env.cr.execute("SET LOCAL search_path = public")
        stray = self.make_meter("RAD-STRAY")
        self.env.cr.execute(
            "UPDATE pwik_radio_dump_line SET meter_id = %s WHERE id = %s", [stray.id, line.id]
        )
        self.assertEqual(self.refused(stray).column_name, "meter_id")
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.ForeignKeyViolation):
            stray.unlink()
        self.env.cr.execute("UPDATE pwik_radio_dump_line SET meter_id = NULL WHERE id = %s", [line.id])
        self.delete(stray)

    def test_what_may_go_leaves_nothing_dangling(self):
        module = self.modules[5]
        self.assertTrue(self.count("module_id", module))
        self.env.cr.execute("DELETE FROM pwik_radio_module_assignment WHERE module_id = %s", [module.id])
        self.delete(module)
        self.assertFalse(self.count("module_id", module))
        self.env.cr.execute("UPDATE pwik_radio_dump_line SET reading_id = NULL")
        self.assertEqual(self.count("dump_id", self.dump), 10)
        self.delete(self.dump)
        self.assertFalse(self.count("dump_id", self.dump))

    def test_dump_that_gave_nothing_is_deleted_with_its_lines(self):
        dump = self.import_dump(b'{"ts": "2025-04-01T06:00:00Z", "telegram": "zz"}\n')
        self.assertEqual(dump.line_count, 1)
        number = dump.id
        dump.unlink()
        self.env.cr.execute("SELECT count(*) FROM pwik_radio_dump_line WHERE dump_id = %s", [number])
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_an_addon_that_is_gone_is_in_nobodys_way(self):
        meter = self.make_meter("RAD-FREE")
        self.env.flush_all()
        self.env.cr.execute(
            "CREATE TRIGGER gone AFTER DELETE ON pwik_meter FOR EACH ROW"
            " EXECUTE FUNCTION pwik_reference_deleted('pwik_no_such_table', 'meter_id', 'restrict')"
        )
        self.delete(meter)

    def test_fields_are_what_they_are_taken_for(self):
        fields = self.env["pwik.radio.dump.line"]._fields
        kept = {name: fields[name].ondelete for name in fields if isinstance(fields[name], Reference)}
        self.assertEqual(
            kept,
            {
                "dump_id": "cascade",
                "company_id": None,
                "module_id": "set null",
                "meter_id": "restrict",
                "reading_id": "restrict",
            },
        )


@tagged("post_install", "-at_install")
class TestLock(BaseCase):
    def test_what_is_about_to_be_pointed_to_stays(self):
        registry = Registry(get_db_name())
        with registry.cursor() as cr:
            meter = api.Environment(cr, SUPERUSER_ID, {})["pwik.meter"].create(
                {"serial": "LOCKED", "manufacturer": "T"}
            )
            meter_id = meter.id
        try:
            with registry.cursor() as one, registry.cursor() as other:
                lock(one, "pwik_meter", [meter_id])
                other.execute("SET LOCAL lock_timeout = '200ms'")
                with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.LockNotAvailable):
                    other.execute("DELETE FROM pwik_meter WHERE id = %s", [meter_id])
                other.rollback()
                other.execute("UPDATE pwik_meter SET q3 = q3 WHERE id = %s", [meter_id])
        finally:
            with registry.cursor() as cr:
                cr.execute("DELETE FROM pwik_meter WHERE id = %s", [meter_id])
