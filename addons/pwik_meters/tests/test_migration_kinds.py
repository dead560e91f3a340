from odoo import fields
from odoo.tests import tagged

from .test_migration import MigrationCommon

CUSTOMERS = "key;name;customer_number\nK1;Jan Kowalski;900001\nK2;Anna Nowak;\n"
POINTS = (
    "key;street;city;municipality;parent;point_kind\n"
    "P2;ul. Nowa 1/2;Źródła;TST-ZR;P1;lokal\n"
    "P1;ul. Nowa 1;Źródła;TST-ZR;;główny\n"
    "P3;ul. Nowa 3;Źródła;NIEMA;;\n"
    "P4;ul. Nowa 3/4;Źródła;TST-ZR;P3;lokal\n"
    "P5;ul. Nowa 3/5;Źródła;TST-ZR;P99;lokal\n"
)
METERS = "key;serial;manufacturer;register_digits\nW1;M-1;Apator;4\nW2;M-2;Apator;5\n"
CONTRACTS = (
    "key;number;customer;points;date_start;date_end;billing_cycle\n"
    "U1;ZW/1;K1;P1|P2;2020-01-01;2022-12-31;kwartał\n"
    "U2;ZW/2;900001;P1;2023-01-01;;miesiąc\n"
    "U3;ZW/3;K2;P1;2024-01-01;;\n"
    "U4;ZW/4;K9;P1;2019-01-01;2019-02-01;\n"
    "U5;ZW/5;K2;P2;2020-01-01;2019-01-01;\n"
)
INSTALLATIONS = (
    "meter;point;date_from;date_to;start_value;end_value;seal\n"
    "W1;P1;2020-01-01;2024-05-10;0;900,5;PL-1\n"
    "M-2;P1;2024-05-10;;1,5;;PL-2\n"
    "W2;P2;2025-01-01;;0;;\n"
    "W1;P1;2023-01-01;2023-02-01;0;1;\n"
    "W1;P2;2020-01-01;2020-02-01;0;10000;\n"
    "W9;P2;2020-01-01;;0;;\n"
)
READINGS = (
    "meter;moment;value;source\n"
    "W1;2020-12-31;100,5;\n"
    "W1;31.12.2021;200,5;klient\n"
    "W1;2022-12-31;150;\n"
    "W1;2023-12-31 08:15;400;\n"
    "W1;2025-01-01;950;\n"
    "W1;2023-06-30;10000;\n"
    "W1;2020-12-31 12:00;100,5;inkasent\n"
    "W1;2021-06-30;1o5;\n"
    "W2;2999-01-01;5;\n"
)


@tagged("post_install", "-at_install")
class TestMigrationKinds(MigrationCommon):
    """A small utility's whole stock, kind by kind, with what offices get wrong."""

    def find(self, kind, key):
        entry = self.env["pwik.migration.key"].search([("kind", "=", kind), ("key", "=", key)])
        return self.env[self.env["pwik.migration"]._get_kinds()[kind].model].browse(entry.res_id)

    def load(self, *kinds):
        files = {
            "customers": CUSTOMERS,
            "points": POINTS,
            "meters": METERS,
            "contracts": CONTRACTS,
            "installations": INSTALLATIONS,
            "readings": READINGS,
        }
        migration = None
        for kind in kinds:
            migration = self.run_file(kind, files[kind])
        return migration

    def test_customers(self):
        self.load("customers")
        partner = self.find("customers", "K1")
        self.assertEqual((partner.name, partner.pwik_customer_number), ("Jan Kowalski", "900001"))
        self.assertEqual(partner.company_id, self.company)
        numberless = self.find("customers", "K2")
        self.assertTrue(numberless.pwik_customer_number, "who has no number gets the next one")
        self.assertNotIn(
            "customer_number", self.env["pwik.migration.key"].search([("key", "=", "K2")]).parsed
        )

    def test_points_after_the_point_they_lie_behind(self):
        migration = self.load("points")
        self.assertEqual(self.find("points", "P2").parent_id, self.find("points", "P1"))
        self.assertTrue(self.find("points", "P1").number)
        reasons = self.get_reasons(migration)
        self.assertEqual(sorted(reasons), [4, 5, 6])
        self.assertIn("no municipality with the code “NIEMA”", reasons[4])
        self.assertIn("“P3” is refused", reasons[5])
        self.assertIn("no service point “P99”", reasons[6])

    def test_points_in_a_circle(self):
        migration = self.check_file(
            "points", "key;street;city;municipality;parent\nA;x;y;TST-ZR;B\nB;x;y;TST-ZR;A\nC;x;y;TST-ZR;A\n"
        )
        self.assertEqual(migration.bad_count, 3)
        self.assertIn("circle", self.get_reasons(migration)[2])

    def test_point_behind_one_of_the_register(self):
        number = self.point.number
        migration = self.run_file("points", f"key;street;city;municipality;parent\nA;x;y;TST-ZR;{number}\n")
        self.assertEqual(self.find("points", "A").parent_id, self.point, self.get_reasons(migration))

    def test_contracts(self):
        migration = self.load("customers", "points", "contracts")
        old, new = self.find("contracts", "U1"), self.find("contracts", "U2")
        self.assertEqual((old.state, old.number, len(old.contract_point_ids)), ("terminated", "ZW/1", 2))
        self.assertEqual(old.contract_point_ids.mapped("date_to"), [fields.Date.to_date("2022-12-31")] * 2)
        self.assertEqual((new.state, new.billing_cycle), ("active", "month"))
        self.assertEqual(new.partner_id, old.partner_id, "by key and by customer number")
        self.assertEqual(self.find("points", "P1").contract_id, new)
        reasons = self.get_reasons(migration)
        self.assertEqual(sorted(reasons), [4, 5, 6])
        self.assertIn("row 3 of this file", reasons[4])
        self.assertIn("no customer “K9”", reasons[5])
        self.assertIn("lies before", reasons[6])

    def test_point_with_a_contract_in_the_register(self):
        self.load("customers")
        migration = self.check_file(
            "contracts", f"key;customer;points;date_start\nU1;K1;{self.point.number};2025-03-01\n"
        )
        self.assertIn(self.contract.number, self.get_reasons(migration)[2])

    def test_installations(self):
        migration = self.load("points", "meters", "installations")
        first, second = self.find("meters", "W1"), self.find("meters", "W2")
        self.assertEqual((first.state, second.state), ("removed", "installed"))
        self.assertEqual(second.service_point_id, self.find("points", "P1"))
        self.assertEqual(first.installation_ids.end_value, 900.5)
        self.assertEqual(first.seal_ids.removed_date, first.installation_ids.date_to)
        reasons = self.get_reasons(migration)
        self.assertEqual(sorted(reasons), [4, 5, 6, 7])
        self.assertIn("row 3 of this file", reasons[4])
        self.assertIn("row 2 of this file", reasons[5])
        self.assertIn("register of 4 digits", reasons[6])
        self.assertIn("no meter “W9”", reasons[7])

    def test_place_taken_in_the_register(self):
        self.load("meters")
        migration = self.check_file(
            "installations", f"meter;point;date_from;start_value\nW1;{self.point.number};2025-02-01;0\n"
        )
        self.assertIn(self.meter.serial, self.get_reasons(migration)[2])

    def test_readings(self):
        migration = self.load("customers", "points", "meters", "contracts", "installations", "readings")
        readings = self.find("meters", "W1").reading_ids.sorted("moment")
        self.assertEqual(readings.mapped("value"), [100.5, 200.5, 400])
        self.assertEqual(readings.mapped("state"), ["accepted"] * 3)
        self.assertEqual(readings.mapped("consumption"), [100.5, 100, 199.5])
        self.assertEqual(readings.mapped("source"), ["manual", "customer", "manual"])
        self.assertEqual(readings[2].moment, fields.Datetime.to_datetime("2023-12-31 07:15:00"))
        self.assertEqual(readings[0].contract_id, self.find("contracts", "U1"))
        self.assertEqual(readings[2].contract_id, self.find("contracts", "U2"))
        reasons = self.get_reasons(migration)
        self.assertEqual(sorted(reasons), [4, 6, 7, 8, 9, 10])
        self.assertIn("goes back: 150.000 m³ after 200.500", reasons[4])
        self.assertIn("installed nowhere", reasons[6])
        self.assertIn("4 digits", reasons[7])
        self.assertIn("row 2 already", reasons[8])
        self.assertIn("not a number", reasons[9])
        self.assertIn("future", reasons[10])

    def test_readings_against_those_of_the_register(self):
        self.make_reading(130, "2025-03-31")
        serial = self.meter.serial
        content = (
            "meter;moment;value\n"
            f"{serial};2025-02-28;131\n"
            f"{serial};2025-04-30;129\n"
            f"{serial};2025-03-31 14:00;130\n"
            f"{serial};2025-01-31;99\n"
            f"{serial};2025-05-31;140\n"
        )
        migration = self.check_file("readings", content)
        reasons = self.get_reasons(migration)
        self.assertEqual(sorted(reasons), [2, 3, 4, 5])
        self.assertIn("130.000 m³ after 131.000", reasons[2])
        self.assertIn("129.000 m³ after 130.000", reasons[3])
        self.assertIn("a reading of this source at this moment", reasons[4])
        self.assertIn("99.000 m³ after 100.000", reasons[5])

    def test_rollover(self):
        self.load("points", "meters", "installations")
        migration = self.run_file(
            "readings", "meter;moment;value;rollover\nW1;2022-01-01;9990;\nW1;2022-06-01;15,5;tak\n"
        )
        self.assertFalse(self.get_reasons(migration))
        self.assertEqual(self.find("readings", "W1/2022-06-01/manual").consumption, 25.5)

    def test_serial_of_two_manufacturers(self):
        self.make_meter("TST-00000001", manufacturer="Itron")
        migration = self.check_file("readings", "meter;moment;value\nTST-00000001;2025-03-01;101\n")
        self.assertIn("several records", self.get_reasons(migration)[2])
