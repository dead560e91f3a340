from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import PwikCommon


@tagged("post_install", "-at_install")
class TestDashboard(PwikCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        cls.reader = cls.make_user("reader", "pwik_meters.pwik_meters_group_reader")

    def get_tiles(self, user):
        groups = self.env["pwik.dashboard"].with_user(user).get_data()
        return {tile["label"]: tile for group in groups for tile in group["tiles"]}

    def find(self, text, user=None):
        groups = self.env["pwik.dashboard"].with_user(user or self.clerk).find(text)
        return {group["model"]: [record["id"] for record in group["records"]] for group in groups}

    def test_counts_follow_what_happens(self):
        before = self.get_tiles(self.clerk)
        today = date.today().isoformat()
        self.make_reading(110, today, moment=f"{today} 00:30:00")
        self.make_reading(10, today, meter=self.other_meter, moment=f"{today} 00:30:00", state="to_review")
        self.meter.legalization_valid_until = date(2020, 1, 1)
        self.env["pwik.work.order"].create({"meter_id": self.meter.id, "date_due": "2020-01-01"})
        after = self.get_tiles(self.clerk)
        more = {label: tile["count"] - before[label]["count"] for label, tile in after.items()}
        self.assertEqual(
            {label: count for label, count in more.items() if count},
            {
                "Meters read": 1,
                "Meters not read yet": -1,
                "Readings to review": 1,
                "Verification expired": 1,
                "Open work orders": 1,
                "Late work orders": 1,
            },
        )

    def test_each_tile_opens_what_it_counts(self):
        for label, tile in self.get_tiles(self.clerk).items():
            if label == "Meters read":
                continue  # counts meters, opens their readings
            with self.subTest(label):
                model = self.env["ir.actions.act_window"]._for_xml_id(tile["action"])["res_model"]
                found = self.env[model].with_user(self.clerk).search_count(tile["domain"])
                self.assertEqual(found, tile["count"])

    def test_one_box(self):
        self.assertEqual(self.find("0000001")["pwik.meter"][:1], self.meter.ids)
        self.assertEqual(self.find("źródlana 2"), {"pwik.service.point": self.other_point.ids})
        found = self.find(self.customer.pwik_customer_number)
        self.assertEqual(found["res.partner"], self.customer.ids)
        self.assertEqual(found["pwik.contract"], self.contract.ids)
        self.assertEqual(self.find("gęśla"), {"res.partner": self.customer.ids})
        self.assertIn(self.contract.id, self.find(self.contract.number)["pwik.contract"])
        self.assertEqual((self.find(""), self.find("x"), self.find("nothing like it")), ({}, {}, {}))

    def test_an_end_of_a_number_ends_the_search(self):
        there = {
            name: self.make_meter(serial)
            for name, serial in (
                ("end", "END-00765432"),
                ("start", "76543200"),
                ("middle", "END-76543211"),
                ("other", "END-55765431"),
            )
        }
        self.assertEqual(
            self.find("765432")["pwik.meter"],
            (there["start"] | there["end"]).ids,
            "its beginning, then its end",
        )
        self.assertEqual(
            self.find("654321")["pwik.meter"], there["middle"].ids, "where none ends so: anywhere"
        )
        self.assertEqual(
            set(self.find("76543")["pwik.meter"]), set(self.env["pwik.meter"].concat(*there.values()).ids)
        )
        self.assertEqual(self.find("765432", self.reader)["pwik.meter"], (there["start"] | there["end"]).ids)
        there["end"].active = False
        self.assertEqual(self.find("00765432"), {}, "archived")

    def test_an_end_has_an_index(self):
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        for model, name in (
            ("pwik.meter", "serial"),
            ("pwik.service.point", "number"),
            ("pwik.contract", "number"),
        ):
            self.env.cr.execute(
                SQL(
                    "EXPLAIN SELECT id FROM %s WHERE reverse(%s) LIKE %s",
                    SQL.identifier(self.env[model]._table),
                    SQL.identifier(name),
                    "234567%",
                )
            )
            plan = "\n".join(line for (line,) in self.env.cr.fetchall())
            self.assertRegex(plan, "Index Cond: .*reverse")

    def test_an_exact_number_is_looked_up_in_order(self):
        """Each exact way of the box has a sorted index: trigrams of numbers that begin alike lead through half of theirs."""
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        for _title, model, domains, _detail in (
            self.env["pwik.dashboard"].with_user(self.clerk)._get_searches("U/7")
        ):
            for domain in domains:
                if domain[-1][1] != "=":
                    continue
                with self.subTest(model=model, domain=domain):
                    self.env.cr.execute(SQL("EXPLAIN %s", self.env[model]._search(domain).select()))
                    plan = "\n".join(line for (line,) in self.env.cr.fetchall())
                    self.assertRegex(plan, "Index Cond: .*'U/7'")

    def test_reader_finds_no_customer(self):
        self.assertFalse(self.find("gęśla", self.reader))
        self.assertFalse(self.find(self.contract.number, self.reader))
        self.assertEqual(self.find("TST-00000001", self.reader), {"pwik.meter": self.meter.ids})
        self.assertNotIn("Readings to review", self.get_tiles(self.reader))

    def test_others_see_nothing(self):
        employee = self.make_user("employee")
        with self.assertRaises(AccessError):
            self.find("TST", employee)
        with self.assertRaises(AccessError):
            self.get_tiles(employee)

    def test_chart_of_the_meter(self):
        self.make_reading(110, date.today().replace(day=1).isoformat())
        self.assertIn('"value": 10.0', self.meter.consumption_chart)


@tagged("post_install", "-at_install")
class TestQueryCounts(PwikCommon):
    """What a list asks of the database does not grow with the rows shown."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        for number in range(20):
            point = cls.make_point(f"ul. Żółwia {number}")
            cls.make_contract(cls.customer, point)
            meter = cls.make_meter(f"TST-1{number:04}")
            cls.install(meter, point)
            cls.make_reading(10, "2025-02-01", meter=meter)
            cls.make_reading(5, "2025-03-01", meter=meter, state="draft").action_validate()
            cls.env["pwik.work.order"].create({"meter_id": meter.id})

    def count(self, model, view, limit):
        arch = self.env.ref(f"pwik_meters.{view}")._get_combined_arch()
        names = [node.get("name") for node in arch.iter("field") if not node.get("groups")]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        records = self.env[model].with_user(self.clerk).search([], limit=limit, order="id desc")
        self.assertEqual(len(records), limit)
        records.read(names)
        return self.env.cr.sql_log_count - before

    def test_lists(self):
        for model, view in (
            ("pwik.meter", "pwik_meter_view_list"),
            ("pwik.service.point", "pwik_service_point_view_list"),
            ("pwik.contract", "pwik_contract_view_list"),
            ("pwik.reading", "pwik_reading_view_list"),
            ("pwik.reading", "pwik_reading_view_review"),
            ("pwik.work.order", "pwik_work_order_view_list"),
        ):
            with self.subTest(view):
                self.count(model, view, 2)  # what is fetched once per process
                self.assertLessEqual(self.count(model, view, 20), self.count(model, view, 3))
