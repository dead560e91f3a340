"""Use by month, prices in force, and the photo that comes with a reading."""

import io
from datetime import timedelta

from odoo import fields, http
from odoo.addons.pwik_billing.tests.common import BillingCommon
from odoo.tests import HttpCase, tagged
from PIL import Image

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestUseByMonth(EbokCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["pwik.reading"].search([("meter_id", "=", cls.meter.id)]).write({"superseded": True})
        today = fields.Date.context_today(cls.env.user)
        cls.this_month = fields.Date.start_of(today, "month")
        # Last days of 15 months, the use growing by 1 m³ a month; in June 2025 and before, the meter was another's.
        cls.contract.write({"date_start": cls._month(-30)})
        cls.contract.contract_point_ids.date_from = cls._month(-14)
        cls.value = 100
        for number, back in enumerate(range(-15, 0)):
            cls.value += number + 1
            cls.make_reading(
                cls.value,
                cls._month(back + 1) - timedelta(days=1),
                source="estimate" if back == -2 else "manual",
            )

    @classmethod
    def _month(cls, steps):
        return fields.Date.add(cls.this_month, months=steps)

    def _months(self, user):
        meter = self.meter.with_user(user)
        return {row.first: row for row in meter._get_ebok_months()}

    def test_a_month_and_the_same_a_year_before(self):
        months = self._months(self.owner)
        self.assertEqual(float(months[self._month(-1)].m3), 15)
        self.assertEqual(float(months[self._month(-1)].before), 3)
        self.assertTrue(all(row.whole for row in months.values()))

    def test_an_estimate_at_either_end_is_told(self):
        estimated = {first for first, row in self._months(self.owner).items() if row.estimated}
        self.assertEqual(estimated, {self._month(-2), self._month(-1)})

    def test_what_counts_from_the_former_owners_reading_is_left_out(self):
        intervals = self.meter.with_user(self.owner)._get_ebok_intervals(self._month(-24))[self.meter]
        # The reading before the contract began is the former owner's: the first one of the owner has no known use.
        self.assertEqual(intervals[0].begin, self._month(-13) - timedelta(days=1))
        self.assertFalse(self._months(self.other))

    def test_marks_lie_in_the_owners_days(self):
        module = self.env["pwik.radio.module"].create({"manufacturer": "APA", "serial": "00009999"})
        for kind, day in (
            ("leak", self._month(-2)),
            ("burst", self._month(-20)),  # before his time
            ("battery_low", self._month(-3)),  # the office's own
        ):
            self.env["pwik.radio.alarm"].create(
                {
                    "module_id": module.id,
                    "meter_id": self.meter.id,
                    "kind": kind,
                    "date_first": day,
                    "date_last": day,
                    "state": "closed",
                }
            )
        self.assertFalse(self.contract.with_user(self.owner)._get_ebok_leaks(), "all of them are over")
        self.env["pwik.radio.alarm"].search(
            [("meter_id", "=", self.meter.id), ("kind", "!=", "burst")]
        ).state = "open"
        self.assertEqual(self.contract.with_user(self.owner)._get_ebok_leaks(), self.meter)
        self.assertFalse(self.former_contract.with_user(self.former)._get_ebok_leaks())
        self.installation.write({"date_to": self._month(-1) - timedelta(days=2), "end_value": 500})
        marks = {first: row.marks for first, row in self._months(self.owner).items() if row.marks}
        self.assertEqual(marks, {self._month(-2): {"leak", "exchange"}})


class PriceCommon(EbokCommon, BillingCommon):
    """The fixture's contract is priced by a tariff that is in force today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.context_today(cls.env.user)
        cls.tariff = cls.make_tariff(
            "V9",
            fields.Date.subtract(today, days=9),
            fields.Date.add(today, days=90),
            "6.10",
            "8.25",
            in_force=False,
        )
        cls.env.cr.execute("UPDATE pwik_tariff SET state = 'draft' WHERE id <> %s", [cls.tariff.id])
        cls.env["pwik.tariff"].invalidate_model()
        cls.tariff.action_put_in_force()
        cls.contract.write(
            {
                "tariff_group_water_id": cls.group_water.id,
                "tariff_group_sewage_id": cls.group_sewage.id,
                "billing_cycle": "quarter",
                "service_water": True,
                "service_sewage": True,
            }
        )


@tagged("post_install", "-at_install")
class TestPrices(PriceCommon):
    def test_prices_in_force_net_and_gross(self):
        prices = self.contract.with_user(self.owner)._get_ebok_prices()
        self.assertEqual(
            [(one.unit, one.net, one.gross) for one in prices["prices"]],
            [("m³", 6.1, 6.59), ("m³", 8.25, 8.91), ("quarterly", 24.12, 26.05)],
        )
        self.assertEqual((prices["tariff"], prices["vat"]), (self.tariff, 8))

    def test_a_service_not_taken_has_no_price(self):
        self.contract.service_sewage = False
        titles = [one.title for one in self.contract._get_ebok_prices()["prices"]]
        self.assertEqual(titles, ["Water", "Subscription charge: main meter"])

    def test_no_tariff_in_force_shows_none(self):
        self.env.cr.execute("UPDATE pwik_tariff SET state = 'draft'")
        self.env["pwik.tariff"].invalidate_model()
        self.assertEqual(self.contract._get_ebok_prices(), {})


@tagged("post_install", "-at_install")
class TestPages(EbokCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate("owner", PASSWORD)
        self.today = fields.Date.context_today(self.env.user)

    def test_csv_by_month_is_the_owners(self):
        path = f"/my/meters/{self.meter.id}/months.csv"
        self.make_reading(245, self.today - timedelta(days=40))
        self.make_reading(250, self.today)
        answer = self.url_open(path)
        self.assertIn("text/csv", answer.headers["Content-Type"])
        self.assertIn(f"{self.today:%Y-%m};", answer.text)
        self.authenticate("other", PASSWORD)
        self.assertEqual(self.url_open(path).status_code, 404)

    def _send(self, name, content, value="245"):
        return self.url_open(
            f"/my/meters/{self.meter.id}/submit",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "reading_value": value,
                "reading_date": str(self.today),
            },
            files={"photo": (name, content, "image/png")},
        )

    def _picture(self):
        out = io.BytesIO()
        Image.new("RGB", (4, 4), "blue").save(out, "PNG")
        return out.getvalue()

    def test_photo_reaches_the_case_and_its_reading(self):
        before = self.env["pwik.case"].search([])
        self.assertEqual(self._send("licznik.png", self._picture()).status_code, 200)
        case = self.env["pwik.case"].search([]) - before
        files = self.env["ir.attachment"].search([("res_model", "=", "pwik.case"), ("res_id", "=", case.id)])
        self.assertEqual((files.name, files.mimetype), ("licznik.png", "image/png"))
        if not case.reading_id:
            case.action_approve()
        self.assertTrue(case.reading_id.photo)
        self.assertEqual(case.reading_id.value, 245)
        page = self.url_open(f"/my/cases/{case.id}")
        self.assertIn(f"/my/cases/{case.id}/files/{files.id}", page.text)

    def test_what_is_no_picture_is_refused_beside_the_field(self):
        before = self.env["pwik.case"].search_count([])
        for name, content in (("a.txt", b"Tekst"), ("a.png", b"<html>"), ("a.svg", b"<svg/>")):
            page = self._send(name, content)
            self.assertEqual(page.status_code, 422, name)
            self.assertIn('href="#field_photo"', page.text)
        self.assertEqual(self.env["pwik.case"].search_count([]), before)
