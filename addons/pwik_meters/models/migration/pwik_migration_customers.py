from odoo import models
from odoo.tools import SQL

from ...domain.migration import Problem
from ...tools.copying import next_ids


class PwikMigration(models.Model):
    """Customers, points, contracts."""

    _inherit = "pwik.migration"

    def _create_customers(self, items):
        poland = self.env.ref("base.pl").id
        # given here: with the first contract each customer would be written once more
        numberless = [item for item in items if not item.get("customer_number")]
        numbers = self.env["ir.sequence"]._pwik_next_by_code("pwik.customer", len(numberless))
        for item, number in zip(numberless, numbers, strict=True):
            item["customer_number"] = number
        # Who stands alone shares no fields with a parent; Odoo would look for one with each of them.
        partners = self.env["res.partner"].with_context(_partners_skip_fields_sync=True)
        rows = [self._prepare_customer(item, poland) for item in items]
        for row, own in zip(rows, next_ids(self.env.cr, partners._table, len(rows)), strict=True):
            row |= {"id": own, "commercial_partner_id": own}
        return self._create_at_once(partners, rows, ("complete_name", "commercial_partner_id"))

    def _prepare_customer(self, item, country):
        return {
            "name": item["name"],
            "complete_name": item["name"].strip(),
            "is_company": item.get("is_company", False),
            "pwik_customer_number": item["customer_number"],
            "vat": f"PL{item['vat']}" if item.get("vat") else False,
            "country_id": country,
            "company_id": self.company_id.id,
            # given, though empty: for one that is missing Odoo makes a draft of the record first
            "user_id": False,
            "properties": {},
            **{name: item.get(name) for name in ("street", "zip", "city", "email", "phone")},
        }

    def _create_points(self, items):
        points = self.env["pwik.service.point"]
        nameless = [item for item in items if not item.get("number")]
        numbers = self.env["ir.sequence"]._pwik_next_by_code("pwik.service.point", len(nameless))
        for item, number in zip(nameless, numbers, strict=True):
            item["number"] = number
        return self._create_at_once(
            points,
            [
                {
                    "company_id": self.company_id.id,
                    "point_kind": item.get("point_kind", "main"),
                    "parent_id": item.get("parent"),
                    "municipality_id": item["municipality"],
                    "route_id": item.get("route"),
                    **self._take(item, "number", "street", "zip", "city", "route_sequence", "note"),
                }
                for item in items
            ],
        )

    def _take(self, item, *names):
        """Those of ``names`` that the row gives; the others keep the model's default."""
        return {name: item[name] for name in names if name in item}

    def _create_contracts(self, items):
        today = self._get_today().isoformat()
        nameless = [item for item in items if not item.get("number")]
        numbers = self.env["ir.sequence"]._pwik_next_by_code("pwik.contract", len(nameless))
        for item, number in zip(nameless, numbers, strict=True):
            item["number"] = number
        contracts = self._create_at_once(
            self.env["pwik.contract"],
            [
                {
                    "company_id": self.company_id.id,
                    "partner_id": item["customer"],
                    "invoice_partner_id": item.get("payer") or item["customer"],
                    "state": "terminated" if item.get("date_end", "9999") < today else "active",
                    **self._take(
                        item,
                        "number",
                        "date_start",
                        "date_end",
                        "service_water",
                        "service_sewage",
                        "billing_cycle",
                        "billing_method",
                    ),
                }
                for item in items
            ],
        )
        self._create_contract_points(contracts, items)
        (contracts.partner_id | contracts.invoice_partner_id)._pwik_assign_customer_number()
        contracts._assign_readings()
        return contracts

    def _create_contract_points(self, contracts, items):
        today = self._get_today().isoformat()
        self._create_at_once(
            self.env["pwik.contract.point"],
            [
                {
                    "contract_id": contract,
                    "service_point_id": point,
                    "company_id": self.company_id.id,
                    "state": "terminated" if item.get("date_end", "9999") < today else "active",
                    "date_from": item["date_start"],
                    "date_to": item.get("date_end"),
                }
                for contract, item in zip(contracts.ids, items, strict=True)
                for point in item["points"]
            ],
            ("company_id", "state", "date_to"),
        )

    def _check_whole_contracts(self):
        """No point under two contracts at a time, whether of this file or of the register."""
        self.env["pwik.contract.point"].flush_model()
        self.env.cr.execute(
            SQL(
                """
            WITH span AS MATERIALIZED (
                SELECT r.id AS row_id, r.number, NULL AS contract, point.id::int AS point,
                       daterange((r.parsed->>'date_start')::date, (r.parsed->>'date_end')::date, '[]') AS days
                  FROM pwik_migration_row r, jsonb_array_elements_text(r.refs->'points') AS point(id)
                 WHERE r.migration_id = %(migration)s AND r.state = 'ok'
            ), there AS (
                SELECT row_id, number, contract, point, days FROM span
             UNION ALL
                SELECT NULL, NULL, c.number, cp.service_point_id, daterange(cp.date_from, cp.date_to, '[]')
                  FROM pwik_contract_point cp JOIN pwik_contract c ON c.id = cp.contract_id
                 WHERE cp.state <> 'draft' AND cp.service_point_id IN (SELECT point FROM span)
            )
            SELECT DISTINCT ON (span.row_id) span.row_id, there.number, there.contract
              FROM span JOIN there ON there.point = span.point AND there.days && span.days
             WHERE there.row_id IS NULL OR there.number < span.number
          ORDER BY span.row_id, there.number NULLS FIRST
            """,
                migration=self.id,
            )
        )
        self._refuse_rows(
            {
                row: [Problem("contract_taken", "points", {"where": {"row": number} if number else contract})]
                for row, number, contract in self.env.cr.fetchall()
            }
        )
