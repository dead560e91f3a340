from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..models import record_intake
from .test_migration import MigrationCommon

# What each kind writes to besides its own table.
TABLES = {
    "customers": ["res_partner"],
    "points": ["pwik_service_point"],
    "meters": ["pwik_meter"],
    "contracts": ["pwik_contract", "pwik_contract_point", "res_partner"],
    "installations": ["pwik_meter_installation", "pwik_meter_seal", "pwik_meter"],
    "readings": ["pwik_reading"],
}
COUNTED = ["mail_message", "mail_followers", "ir_attachment", "res_partner_bank"]
FILES = {
    "customers": """key;customer_number;name;is_company;vat;street;zip;city;email;phone
K1;S-1;Zażółć Gęś;;;ul. Miła 1;42-200;Częstochowa;zazolc@example.com;+48 600 100 200
K2;S-2;Wodnik sp. z o.o.;tak;5260250274;;;;BIURO@Example.com;
K3;S-3;Jan K.;nie;;;;;;
""",
    "points": """key;number;street;zip;city;municipality;parent;point_kind;route_sequence;note
P1;SP-1;ul. Miła 1;42-200;Częstochowa;SAME;;główny;20;za garażem
P2;SP-2;ul. Miła 1/2;;Częstochowa;SAME;P1;;;
P3;SP-3;ul. Miła 1/3;;Częstochowa;SAME;P1;;;
""",
    "meters": """key;serial;manufacturer;model;meter_kind;q3;dn;register_digits;year;legalization_date;legalization_valid_until
M1;SS-1;Apator;JS;;4,0;20;5;2021;2021-03-01;2026-03-31
M2;SS-2;Diehl;;;;;;;;
M3;SS-3;Diehl;;;2,54;15;6;;;
""",
    "contracts": """key;number;customer;payer;points;date_start;date_end;service_sewage;billing_cycle;billing_method
U1;SU-1;K1;K2;P1|P2;2022-01-01;;;miesiąc;
U2;SU-2;K2;;P3;2022-01-01;2023-12-31;nie;;ryczałt
U3;SU-3;K3;;P3;2024-01-01;;;;
""",
    "installations": """meter;point;date_from;date_to;start_value;end_value;seal
M1;P1;2022-01-01;;0,123;;PL-1
M2;P2;2022-01-01;2023-01-01;5;100,5;PL-2
M3;P2;2023-01-01;;0;;
""",
    "readings": """meter;moment;value;source;note
M1;2022-02-01 10:00;5,5;;tak
M1;2022-03-01;7,25;klient;
M2;2022-02-01 10:00;15;;
M1;2022-02-20 00:30;6;radio;
""",
}


@tagged("post_install", "-at_install")
class TestSameAsOdoo(MigrationCommon):
    """What the import writes at once is what Odoo's ``create`` stores, column by column."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["pwik.municipality"].create({"name": "Same", "code": "SAME"})

    def get_rows(self, tables):
        """Rows of the tables as text, own ids as their place; only what may differ is left out: the moment of writing."""
        self.env.flush_all()
        found = {}
        for table in tables:
            self.env.cr.execute(
                SQL(
                    "SELECT to_jsonb(t) FROM %s t WHERE id > %s ORDER BY id",
                    SQL.identifier(table),
                    self.last[table],
                )
            )
            rows = [row for (row,) in self.env.cr.fetchall()]
            found[table] = rows
        places = {
            (table, row["id"]): f"{table} {place}"
            for table, rows in found.items()
            for place, row in enumerate(rows)
        }
        return {table: [self.normalize(row, places) for row in rows] for table, rows in found.items()}

    def normalize(self, row, places):
        own = {
            "commercial_partner_id": "res_partner",
            "contract_id": "pwik_contract",
            "parent_id": "pwik_service_point",
        }
        row = {name: places.get((own.get(name), value), value) for name, value in row.items()}
        return {name: value for name, value in row.items() if name not in ("id", "create_date", "write_date")}

    def get_import(self, kind):
        """What an import of the file leaves in the database."""
        tables = [*TABLES[kind], *COUNTED]
        self.last = {}
        for table in tables:
            self.env.cr.execute(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table)))
            self.last[table] = self.env.cr.fetchone()[0]
        migration = self.run_file(kind, FILES[kind])
        self.assertEqual(migration.done_count, FILES[kind].count("\n") - 1, self.get_reasons(migration))
        rows = self.get_rows(tables)
        for table in COUNTED:
            rows[table] = [row for row in rows[table] if "pwik.migration" not in str(row)]
        return rows

    def test_all_columns(self):
        for kind in FILES:
            with self.subTest(kind):
                point = self.env.cr.savepoint()
                with patch.object(record_intake, "_insert", side_effect=record_intake._insert) as at_once:
                    ours = self.get_import(kind)
                self.assertTrue(at_once.called)
                point.rollback()
                point.close()
                self.env.invalidate_all()
                with patch.object(
                    type(self.env["pwik.migration"]), "_get_understood", lambda self, model: set()
                ):
                    theirs = self.get_import(kind)
                self.assertTrue(ours[TABLES[kind][0]])
                self.assertEqual(ours, theirs)
