"""Fixtures that the tests of every addon of the suite build on (translations: see ``translations.py``)."""

import base64
import io
from datetime import datetime, timedelta

from odoo.tests import TransactionCase, new_test_user

# The smallest picture.
PIXEL = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
    )
)


class PwikCommon(TransactionCase):
    """A small utility: one municipality and route, two customers, a contract with a point and a meter.

    ``contract`` (customer, in force since 2025-01-01) → ``point`` → ``meter`` (5 digits, start value 100 m³);
    ``other_contract`` of ``other_customer`` → ``other_point`` → ``other_meter`` is there to be refused.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(cls.env.context, tracking_disable=True, no_reset_password=True, lang="en_US")
        )
        cls.make_utility()

    @classmethod
    def make_utility(cls):
        cls.company = cls.env.company
        cls.company.partner_id.tz = "Europe/Warsaw"
        cls.municipality = cls.env["pwik.municipality"].create({"name": "Gmina Źródła", "code": "TST-ZR"})
        cls.route = cls.env["pwik.reading.route"].create(
            {"name": "Rynek i okolice", "code": "TST-R1", "municipality_id": cls.municipality.id}
        )
        cls.customer = cls._make_customer("Żaneta Gęśla")
        cls.other_customer = cls._make_customer("Łucja Obca")
        cls.point = cls.make_point("ul. Źródlana 1")
        cls.other_point = cls.make_point("ul. Źródlana 2")
        cls.contract = cls.make_contract(cls.customer, cls.point)
        cls.other_contract = cls.make_contract(cls.other_customer, cls.other_point)
        cls.meter = cls.make_meter("TST-00000001")
        cls.other_meter = cls.make_meter("TST-00000002")
        cls.installation = cls.install(cls.meter, cls.point, start_value=100)
        cls.other_installation = cls.install(cls.other_meter, cls.other_point)

    @classmethod
    def _make_customer(cls, name, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "street": "ul. Lipowa 3",
                "zip": "00-001",
                "city": "Źródła",
                "country_id": cls.env.ref("base.pl").id,
                **values,
            }
        )

    @classmethod
    def make_point(cls, street, **values):
        return cls.env["pwik.service.point"].create(
            {
                "street": street,
                "zip": "00-001",
                "city": "Źródła",
                "municipality_id": cls.municipality.id,
                "route_id": cls.route.id,
                **values,
            }
        )

    @classmethod
    def make_contract(cls, partner, points, date_start="2025-01-01", activate=True, **values):
        """Contract of ``partner`` on ``points`` (recordset), in force unless ``activate`` is False."""
        contract = cls.env["pwik.contract"].create(
            {
                "partner_id": partner.id,
                "date_start": date_start,
                "contract_point_ids": [(0, 0, {"service_point_id": point.id}) for point in points],
                **values,
            }
        )
        if activate:
            contract.action_activate()
        return contract

    @classmethod
    def make_meter(cls, serial, **values):
        return cls.env["pwik.meter"].create(
            {
                "serial": serial,
                "manufacturer": "Apator Powogaz",
                "q3": 2.5,
                "register_digits": 5,
                "legalization_date": "2024-06-01",
                "legalization_valid_until": "2029-06-01",
                **values,
            }
        )

    @classmethod
    def install(cls, meter, point, date_from="2025-01-01", start_value=0.0):
        """Installation of ``meter`` at ``point`` (no start reading)."""
        meter.state = "installed"
        return cls.env["pwik.meter.installation"].create(
            {
                "meter_id": meter.id,
                "service_point_id": point.id,
                "date_from": date_from,
                "start_value": start_value,
            }
        )

    @classmethod
    def make_reading(cls, value, day="2025-03-31", meter=None, state="accepted", **values):
        """Reading of ``meter`` (default: the fixture's) at noon UTC of ``day`` (or at ``moment``), in that state.

        Made past the validation, as history that was accepted earlier; to have the rules speak, make it ``draft`` and
        call ``action_validate()``.
        """
        moment = values.pop("moment", None) or datetime.fromisoformat(str(day)) + timedelta(hours=12)
        return cls.env["pwik.reading"].create(
            {"meter_id": (meter or cls.meter).id, "moment": moment, "value": value, "state": state, **values}
        )

    @classmethod
    def make_user(cls, login, *groups):
        """Internal user with the given groups of the suite (``"pwik_meters.pwik_meters_group_reader"`` …)."""
        return new_test_user(
            cls.env, login=login, groups=",".join(("base.group_user", *groups)), lang="en_US"
        )

    def render_pdf(self, report, records, **context):
        """Bytes of the PDF which ``report`` (xml id or record) really prints for ``records``."""
        reports = records.env["ir.actions.report"].with_context(force_report_rendering=True, **context)
        content, kind = reports._render_qweb_pdf(report, records.ids)
        self.assertEqual(kind, "pdf")
        return content

    @staticmethod
    def read_pdf(content):
        """The PDF's pages as text.

        :return: list of str, one a page
        """
        from pypdf import PdfReader  # the library that reads is not the one that wrote

        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
