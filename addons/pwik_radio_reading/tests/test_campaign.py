import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import RadioCommon, plain_line

READER = "base.group_user,pwik_meters.pwik_meters_group_reader"
OFFICE = "base.group_user,pwik_meters.pwik_meters_group_user"
PASSWORD = "Haslo-Testowe-2026"
SILENT = "77000001"


class CampaignCommon(RadioCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.route = cls.env["pwik.reading.route"].create({"name": "Radiowa", "code": "T-RADIO"})
        for number, meter in cls.meters.items():
            cls.installation_of(meter).service_point_id.write(
                {"route_id": cls.route.id, "route_sequence": 100 - number}
            )
        cls.silent = cls.make_silent()
        cls.reader = new_test_user(cls.env, login="campaign-reader", password=PASSWORD, groups=READER)
        cls.office = new_test_user(cls.env, login="campaign-office", groups=OFFICE)

    @classmethod
    def installation_of(cls, meter):
        return cls.env["pwik.meter.installation"].search([("meter_id", "=", meter.id)])

    @classmethod
    def make_silent(cls):
        """An overlay of the route that no dump holds."""
        point = cls.make_point("ul. Cicha 1")
        point.write({"route_id": cls.route.id, "route_sequence": 1})
        cls.make_contract(cls.customer, point)
        meter = cls.make_meter(f"RAD-{SILENT}")
        cls.install(meter, point, start_value=0)
        return cls.env["pwik.radio.module"].create(
            {
                "manufacturer": "DIE",
                "serial": SILENT,
                "version": "35",
                "medium": "07",
                "assignment_ids": [(0, 0, {"meter_id": meter.id, "date_from": "2025-01-01 00:00:00"})],
            }
        )

    def make_campaign(self, **values):
        return self.env["pwik.radio.campaign"].create(
            {
                "name": "Kwiecień",
                "route_ids": self.route.ids,
                "date_due": "2025-04-05",
                "date_start": "2025-04-01 00:00:00",
                **values,
            }
        )

    def statuses(self, campaign):
        self.env.invalidate_all()
        stops = self.env["pwik.radio.campaign.stop"].search([("campaign_id", "=", campaign.id)])
        return {stop.module_id.serial: stop.status for stop in stops}


@tagged("post_install", "-at_install")
class TestCampaign(CampaignCommon):
    def test_progress_is_what_the_dumps_say(self):
        campaign = self.make_campaign()
        campaign.action_start()
        self.assertEqual((campaign.read_count, campaign.missing_count, campaign.total_count), (0, 8, 8))
        self.import_dump()
        campaign.invalidate_recordset()
        self.assertEqual(
            self.statuses(campaign),
            {
                **{f"1000000{number}": "read" for number in (1, 2, 3, 4, 6)},
                **{f"1000000{number}": "trouble" for number in (5, 7)},
                SILENT: "missing",
            },
        )
        self.assertEqual((campaign.read_count, campaign.trouble_count, campaign.missing_count), (5, 2, 1))
        self.assertEqual(campaign.progress, 62.5)
        self.assertTrue(campaign.is_late)

    def test_signal_is_that_of_the_best_telegram(self):
        campaign = self.make_campaign()
        campaign.action_start()
        self.import_dump()
        stops = self.env["pwik.radio.campaign.stop"].search([("campaign_id", "=", campaign.id)])
        by_serial = {stop.module_id.serial: stop for stop in stops}
        # lines 1, 2 and 6 (a broken one) are of overlay 1, heard at -60, -61 and -65 dBm
        self.assertEqual((by_serial["10000001"].rssi, by_serial["10000001"].signal), (-60, "strong"))
        self.assertEqual((by_serial[SILENT].rssi, by_serial[SILENT].signal), (0, False))
        groups = dict(stops._read_group([("id", "in", stops.ids)], ["signal"], ["__count"]))
        self.assertEqual(groups, {"strong": 7, False: 1})

    def test_what_was_heard_before_or_after_does_not_count(self):
        campaign = self.make_campaign(date_start="2025-04-01 07:00:00")
        campaign.action_start()
        self.import_dump()
        self.assertEqual(campaign.read_count, 0)
        campaign = self.make_campaign()
        campaign.action_start()
        campaign.action_close()
        campaign.date_end = "2025-04-01 12:00:00"
        self.import_dump(plain_line(SILENT, 1000, "2025-04-02T06:00:00Z"))
        self.assertEqual(self.statuses(campaign)[SILENT], "missing")
        campaign.action_reopen()
        self.assertEqual(self.statuses(campaign)[SILENT], "read")

    def test_who_was_heard_shortly_before_the_start_is_asked_about(self):
        campaign = self.make_campaign(date_start="2025-04-02 00:00:00")
        campaign.action_start()
        heard = "2025-04-01 06:00:00"
        self.import_dump(plain_line(SILENT, 1000, "2025-04-01T06:00:00Z"))
        campaign.invalidate_recordset()
        stop = self.env["pwik.radio.campaign.stop"].search(
            [("campaign_id", "=", campaign.id), ("module_id", "=", self.silent.id)]
        )
        self.assertEqual((stop.status, str(stop.last_seen), stop.heard_at), ("missing", heard, False))
        self.assertEqual(campaign.early_count, 1)
        with self.assertRaises(AccessError):
            campaign.with_user(self.reader).action_count_early()
        campaign.with_user(self.office).action_count_early()
        campaign.invalidate_recordset()
        self.assertEqual((str(campaign.date_start), campaign.early_count, campaign.read_count), (heard, 0, 1))

    def test_who_was_heard_long_before_is_not(self):
        campaign = self.make_campaign(date_start="2025-04-10 00:00:00")
        campaign.action_start()
        self.import_dump(plain_line(SILENT, 1000, "2025-04-01T06:00:00Z"))
        campaign.invalidate_recordset()
        self.assertEqual(campaign.early_count, 0)

    def test_compared_with_the_last_campaign(self):
        first = self.make_campaign()
        first.action_start()
        self.import_dump()
        first.action_close()
        first.date_end = "2025-04-30 12:00:00"
        second = self.make_campaign(date_start="2025-05-01 00:00:00", date_due="2025-05-05")
        second.action_start()
        self.assertEqual(second.previous_id, first)
        self.assertEqual((second.lost_count, second.previous_progress), (5, 62.5))
        self.import_dump(plain_line(SILENT, 1000, "2025-05-02T06:00:00Z"))
        self.env.invalidate_all()
        self.assertEqual((second.read_count, second.lost_count), (1, 5))
        back = self.env["pwik.radio.campaign.stop"].search(
            [("campaign_id", "=", second.id), ("status", "=", "read"), ("previous_status", "=", "missing")]
        )
        self.assertEqual(back.module_id, self.silent)

    def test_tour_in_the_readers_order_without_keys_and_persons(self):
        campaign = self.make_campaign()
        campaign.action_start()
        text = base64.b64decode(campaign.tour_file).decode()
        tour = json.loads(text)
        self.assertEqual(tour["due"], "2025-04-05")
        self.assertEqual(
            [stop["module"] for stop in tour["stops"]][:3],
            [f"DIE/{SILENT}/35", "BMT/10000007/01", "BMT/10000006/01"],
        )
        self.assertEqual(tour["stops"][0]["address"], f"ul. Cicha 1, {self.point.city}")
        for secret in (self.customer.name, *self.keys.values()):
            self.assertNotIn(secret, text)

    def test_reception_opens_as_a_chart_by_route(self):
        campaign = self.make_campaign()
        campaign.action_start()
        self.import_dump()
        action = campaign.with_context(stop_view="graph").action_view_stops()
        self.assertEqual([view[1] for view in action["views"]], ["graph", "list", "kanban", "pivot"])
        stops = self.env["pwik.radio.campaign.stop"]
        (route, strength, best), *others = stops._read_group(
            [*action["domain"], ("signal", "!=", False)], ["route_id", "signal"], ["rssi:max"]
        )
        self.assertFalse(others)
        self.assertEqual((route, strength), (self.route, "strong"))
        self.assertEqual(best, -60)

    def test_steps_are_guarded(self):
        campaign = self.make_campaign(route_ids=False)
        with self.assertRaises(UserError):
            campaign.action_start()
        empty = self.env["pwik.reading.route"].create({"name": "Pusta", "code": "T-PUSTA"})
        campaign.route_ids = empty
        with self.assertRaises(UserError):
            campaign.action_start()
        with self.assertRaises(UserError):
            campaign.action_download_tour()
        campaign.route_ids = self.route
        campaign.action_start()
        for step in (campaign.action_start, campaign.action_reopen, campaign.unlink):
            with self.assertRaises(UserError):
                step()
        campaign.action_close()
        campaign.unlink()

    def test_readers_look_and_the_office_decides(self):
        campaign = self.make_campaign()
        campaign.action_start()
        seen = campaign.with_user(self.reader)
        self.assertEqual(seen.total_count, 8)
        self.assertIn("tour_file", seen.action_download_tour()["url"])
        self.assertTrue(self.env["pwik.radio.campaign.stop"].with_user(self.reader).search_count([]))
        for step in (seen.action_close, seen.unlink, seen.copy):
            with self.assertRaises(AccessError):
                step()
        campaign.with_user(self.office).action_close()
        nobody = new_test_user(self.env, login="campaign-nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            campaign.with_user(nobody).read(["name"])

    def test_an_exchange_of_the_overlay_does_not_change_the_count(self):
        campaign = self.make_campaign()
        campaign.action_start()
        self.silent.assignment_ids.date_to = "2025-04-02 00:00:00"
        self.assertEqual(campaign.total_count, 8)


@tagged("post_install", "-at_install")
class TestTourByHttp(CampaignCommon, HttpCase):
    def test_download(self):
        campaign = self.make_campaign()
        campaign.action_start()
        self.authenticate(self.reader.login, PASSWORD)
        answer = self.url_open(campaign.with_user(self.reader).action_download_tour()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(len(answer.json()["stops"]), 8)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
