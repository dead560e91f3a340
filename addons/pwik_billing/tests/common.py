"""Fixtures of billing: the worked cases' tariffs, contracts with readings, and how moves are compared."""

import json
import pathlib
from datetime import date, timedelta
from decimal import Decimal

from odoo import fields
from odoo.addons.pwik_meters.tests.common import PwikCommon

CASES = json.loads((pathlib.Path(__file__).parent / "data" / "cases.json").read_text(encoding="utf-8"))
SUBSCRIPTIONS = [
    ("main", "quarter", "24.12"),
    ("main", "month", "11.59"),
    ("unit", "quarter", "5.33"),
    ("deduction", "quarter", "3.06"),
    ("deduction", "month", "3.06"),
    ("unmetered", "quarter", "21.06"),
]


def exact(value):
    """A stored float as an exact decimal of the cent."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


class BillingCommon(PwikCommon):
    """Tariffs V1 and V2 of ``cases.json`` in force; ``household`` makes a contract with a meter and its readings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_prices()

    @classmethod
    def make_prices(cls):
        cls.company._pwik_billing_setup()
        cls._put_demo_tariffs_aside()
        groups = cls.env["pwik.tariff.group"]
        cls.group_water = groups.create({"name": "Grupa T", "code": "T", "service": "water"})
        cls.group_sewage = groups.create({"name": "Grupa T", "code": "T", "service": "sewage"})
        cls.tariffs = {
            name: cls.make_tariff(
                name, values["valid_from"], values["valid_to"], values["water"], values["sewage"]
            )
            for name, values in CASES["tariff"].items()
        }

    @classmethod
    def _put_demo_tariffs_aside(cls):
        """Tariffs that are in force in the database (demo) would price the tests; nothing but SQL takes them back."""
        cls.env["pwik.tariff"].flush_model()
        cls.env.cr.execute("UPDATE pwik_tariff SET state = 'draft', name = 'aside ' || name")
        cls.env["pwik.tariff"].invalidate_model()

    @classmethod
    def make_tariff(cls, name, date_from, date_to, water, sewage, in_force=True, **values):
        rates = [
            {"component": "water", "price": float(water)},
            {"component": "sewage", "price": float(sewage)},
            *(
                {
                    "component": "subscription",
                    "subscription_kind": kind,
                    "billing_cycle": cycle,
                    "price": float(price),
                }
                for kind, cycle, price in SUBSCRIPTIONS
            ),
        ]
        tariff = cls.env["pwik.tariff"].create(
            {
                "name": name,
                "decision_number": f"TST/{name}",
                "approved_by": "Test",
                "date_from": date_from,
                "date_to": date_to,
                "rate_ids": [(0, 0, rate) for rate in rates],
                **values,
            }
        )
        if in_force:
            tariff.action_put_in_force()
        return tariff

    @classmethod
    def household(cls, readings, name="Jan Testowy", date_start="2020-01-01", **values):
        """Contract on a new point with a main meter installed on the first day.

        :param readings: list of ``(day, value)`` or ``(day, value, source)``
        """
        point = cls.make_point(f"ul. Próbna {cls.env['pwik.service.point'].search_count([]) + 1}")
        contract = cls.make_contract(
            cls._make_customer(name),
            point,
            date_start=date_start,
            tariff_group_water_id=cls.group_water.id,
            tariff_group_sewage_id=cls.group_sewage.id,
            **values,
        )
        cls.add_meter(point, readings, date_from=date_start)
        return contract

    @classmethod
    def add_meter(cls, point, readings, date_from="2020-01-01", kind="main", **values):
        """Meter on ``point`` since ``date_from``, with accepted readings."""
        number = cls.env["pwik.meter"].search_count([]) + 1
        meter = cls.make_meter(f"TST-{number:08}", meter_kind=kind, **values)
        start = readings[0][1] if readings and str(readings[0][0]) == str(date_from) else 0.0
        installation = cls.install(meter, point, date_from=date_from, start_value=start)
        for day, value, *source in readings:
            cls.make_reading(value, day, meter=meter, source=source[0] if source else "manual")
        return installation

    @classmethod
    def make_run(cls, contracts, date_from, date_to, **values):
        return cls.env["pwik.billing.run"].create(
            {
                "period_from": date_from,
                "period_to": date_to,
                "billing_cycle": contracts[:1].billing_cycle,
                "contract_ids": [(6, 0, contracts.ids)],
                "invoice_date": date.fromisoformat(str(date_to)) + timedelta(days=3),
                **values,
            }
        )

    @classmethod
    def bill(cls, contracts, date_from, date_to, **values):
        """A run over ``contracts``, approved and done. :return: the run"""
        run = cls.make_run(contracts, date_from, date_to, **values)
        run.action_preview()
        if run.state == "preview":  # more contracts than a packet has: the background would go on
            run._process_all()
        run.action_approve()
        run._process_all()
        return run

    def bill_one(self, contract, date_from, date_to, **values):
        """The posted moves that a run makes for one contract; fails with the reason where it makes none."""
        run = self.bill(contract, date_from, date_to, **values)
        self.assertFalse(run.item_ids.filtered(lambda i: i.state == "error").mapped("reason"))
        return run.settlement_ids.sorted("id").move_id

    @classmethod
    def correct(cls, move, value, day):
        """Replace the closing reading behind an invoice and correct it. :return: the move of the correction, of ``day``"""
        old = move.pwik_settlement_id.measure_ids.reading_to_id
        old.superseded = True
        old.flush_recordset()
        cls.make_reading(value, old.date, meter=old.meter_id, correction_of_id=old.id)
        return move.pwik_settlement_id._correct(fields.Date.to_date(day)).move_id

    def assert_move(self, move, expected):
        """The posted move equals an invoice of ``cases.json``: lines, net, VAT, gross, period."""
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.move_type, expected["move_type"])
        self.assertEqual(move.pwik_period_from.isoformat(), expected["period_from"])
        self.assertEqual(move.pwik_period_to.isoformat(), expected["period_to"])
        want = sorted(
            (
                line["service"].split("_")[0],
                Decimal(line["qty"]),
                Decimal(line["unit_price_net"]),
                Decimal(line["net"]),
            )
            for line in expected["lines"]
        )
        products = {
            self.env.ref(f"pwik_billing.product_{name}"): name for name in ("water", "sewage", "subscription")
        }
        got = sorted(
            (
                products[line.product_id],
                exact(line.quantity),
                exact(line.price_unit),
                exact(line.price_subtotal),
            )
            for line in move.invoice_line_ids
        )
        self.assertEqual(got, want)
        self.assertEqual(exact(move.amount_untaxed), Decimal(expected["net"]))
        self.assertEqual(exact(move.amount_tax), Decimal(expected["vat"]))
        self.assertEqual(exact(move.amount_total), Decimal(expected["gross"]))
        self.assertEqual(exact(sum(move.line_ids.mapped("balance"))), 0)
