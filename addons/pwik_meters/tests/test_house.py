from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import PwikCommon

# What must be told when it changes.
KEY_FIELDS = {
    "pwik.contract": {
        "number",
        "active",
        "partner_id",
        "invoice_partner_id",
        "date_start",
        "date_end",
        "state",
        "billing_cycle",
        "billing_method",
    },
    "pwik.meter": {
        "active",
        "serial",
        "manufacturer",
        "model",
        "meter_kind",
        "q3",
        "dn",
        "register_digits",
        "year",
        "legalization_date",
        "legalization_valid_until",
        "state",
    },
    "pwik.service.point": {
        "active",
        "street",
        "zip",
        "city",
        "municipality_id",
        "route_id",
        "parent_id",
        "point_kind",
    },
    "pwik.reading.route": {"active", "name", "code", "municipality_id", "reader_id"},
    "pwik.connection": {"active", "kind", "state", "street", "owner"},
    "pwik.validation.limit": {"active", "value", "meter_kind", "date_from", "date_to"},
    "pwik.work.order": {"active", "kind", "state", "user_id", "date_due", "result"},
    "pwik.reading": {"state"},
}


@tagged("post_install", "-at_install")
class TestHouse(PwikCommon):
    """Every model of the addon: companies apart, key values tracked, used stock kept."""

    def test_every_model_with_a_company_has_a_rule(self):
        rules = (
            self.env["ir.rule"].sudo().search([("global", "=", True), ("domain_force", "like", "company_id")])
        )
        ruled = set(rules.model_id.mapped("model"))
        stored = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "pwik_meters"
            and not (model._abstract or model._transient)
            and "company_id" in model._fields
        }
        self.assertGreater(len(stored), 15)
        self.assertFalse(stored - ruled, "models without a multi-company rule")

    def test_key_values_are_tracked(self):
        for name, wanted in KEY_FIELDS.items():
            fields = self.env[name]._fields
            tracked = {field for field in wanted if getattr(fields[field], "tracking", None)}
            self.assertEqual(tracked, wanted, name)

    def test_a_changed_installation_is_told_on_the_meter(self):
        before = self.meter.message_ids
        self.installation = self.installation.with_context(tracking_disable=False)
        self.installation.start_value = 101.5
        told = (self.meter.message_ids - before).mapped("body")
        self.assertEqual(len(told), 1)
        self.assertIn("101,500", told[0])
        self.installation.start_value = 101.5
        self.assertEqual(len(self.meter.message_ids - before), 1, "nothing changed, nothing told")

    def test_rows_of_a_history_are_told_on_their_owner(self):
        self.env = self.env(context={**self.env.context, "tracking_disable": False})
        told = self.meter.message_ids
        seal = self.meter.with_env(self.env)._put_seal("PL-1", date(2025, 3, 1))
        seal.removed_date = date(2025, 4, 1)
        seal.unlink()
        words = (self.meter.message_ids - told).mapped("body")
        self.assertEqual(len(words), 3)
        self.assertTrue(all("PL-1" in body for body in words))
        line, told = self.contract.with_env(self.env).contract_point_ids, self.contract.message_ids
        line.date_to = date(2025, 12, 31)
        line.with_context(tracking_disable=True).date_to = date(2025, 12, 30)
        (body,) = (self.contract.message_ids - told).mapped("body")
        self.assertIn("– 31.12.2025", body)
        self.assertIn(self.point.number, body)
        draft = self.env["pwik.contract"].create({"partner_id": self.customer.id})
        told = draft.message_ids
        draft.contract_point_ids = [Command.create({"service_point_id": self.other_point.id})]
        self.assertEqual(draft.message_ids, told, "a draft is still being written")

    def test_a_new_payer_and_reader_and_archiving_are_told(self):
        route = self.env["pwik.reading.route"].create({"name": "Test", "code": "T-1"})
        payer = self.env["res.partner"].create({"name": "Płatnik Jan"})
        changes = (
            (self.contract, {"invoice_partner_id": payer.id}, "invoice_partner_id"),
            (self.meter, {"active": False}, "active"),
            (
                route,
                {"reader_id": self.make_user("walker", "pwik_meters.pwik_meters_group_reader").id},
                "reader_id",
            ),
        )
        self.flush_tracking()
        for record, values, name in changes:
            with self.subTest(name):
                record.with_context(tracking_disable=False).write(values)
                self.flush_tracking()
                told = record.message_ids.tracking_value_ids.field_id
                self.assertEqual(told.mapped("name"), [name])

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def test_a_route_in_use_is_archived_not_deleted(self):
        route = self.env["pwik.reading.route"].create({"name": "Test", "code": "T-1"})
        self.point.route_id = route
        self.point.active = False
        with self.assertRaisesRegex(UserError, "archive it"):
            route.unlink()
        self.point.route_id = False
        route.unlink()

    def test_a_row_of_a_contract_with_readings_is_ended_not_deleted(self):
        line = self.contract.contract_point_ids
        self.make_reading(120.0, "2025-09-30")
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, "give its row an end"):
            self.contract.contract_point_ids = [Command.delete(line.id)]
        spare = self.make_contract(self.customer, self.make_point("ul. Zbędna 1"))
        spare.contract_point_ids.unlink()
        self.assertFalse(spare.contract_point_ids, "typed by mistake")

    def test_the_point_leads_to_its_contracts(self):
        self.assertEqual(self.point.contract_count, 1)
        action = self.point.action_view_contracts()
        self.assertEqual(self.env["pwik.contract"].search(action["domain"]), self.contract)

    @mute_logger("odoo.sql_db")
    def test_what_has_readings_is_kept(self):
        self.make_reading(120.0, "2025-09-30")
        self.env.flush_all()
        for record in (self.meter, self.installation, self.point, self.contract, self.municipality):
            with self.subTest(model=record._name):
                try:
                    with self.env.cr.savepoint():
                        record.unlink()
                        self.env.flush_all()
                except (UserError, IntegrityError):
                    continue
                self.fail(f"{record._name} was deleted")
