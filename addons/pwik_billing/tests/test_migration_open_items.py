import base64

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BillingCommon

ITEMS = (
    "key;customer;contract;number;date;due_date;amount\n"
    "R1;{customer};{contract};FV/1/2024;2024-11-30;2024-12-14;123,45\n"
    "R2;{customer};;WPŁATA/7;2024-12-01;;-23,45\n"
    "R3;{customer};;FV/2/2024;2024-12-01;2024-11-01;10\n"
    "R4;{customer};;FV/3/2024;2024-12-01;;0,00\n"
    "R5;{other};{contract};FV/4/2024;2024-12-01;;5\n"
    "R6;{customer};;FV/5/2024;2024-12-01;;1,001\n"
    "R7;NIKT;;FV/6/2024;2024-12-01;;1\n"
)


@tagged("post_install", "-at_install")
class TestMigrationOpenItems(BillingCommon):
    def run_file(self):
        content = ITEMS.format(
            customer=self.customer.pwik_customer_number,
            other=self.other_customer.pwik_customer_number,
            contract=self.contract.number,
        )
        migration = self.env["pwik.migration"].create(
            {"kind": "open_items", "file": base64.b64encode(content.encode()), "file_name": "salda.csv"}
        )
        migration.action_check()
        self.assertEqual(migration.state, "checked", migration.error)
        self.assertFalse(self.customer.pwik_balance)
        migration.action_run()
        self.env.invalidate_all()
        return migration

    def test_open_items_become_the_balance(self):
        migration = self.run_file()
        self.assertEqual((migration.state, migration.done_count), ("done", 2), migration.error)
        self.assertAlmostEqual(self.customer.pwik_balance, 100.0)
        self.assertAlmostEqual(self.customer.pwik_overdue, 100.0)
        move = self.env["account.move"].browse(migration.row_ids[0].res_id)
        self.assertEqual(
            (move.state, move.ref, move.pwik_contract_id), ("posted", "FV/1/2024", self.contract)
        )
        claim = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.assertEqual(str(claim.date_maturity), "2024-12-14")
        other = (move.line_ids - claim).account_id.account_type
        self.assertEqual(other, "equity_unaffected", "no revenue a second time")

    def test_bad_rows(self):
        rows = self.run_file().with_context(lang="en_US").row_ids
        reasons = {row.number: row.reason for row in rows if row.state == "bad"}
        self.assertEqual(sorted(reasons), [4, 5, 6, 7, 8])
        self.assertIn("lies before", reasons[4])
        self.assertIn("nothing is open", reasons[5])
        self.assertIn("neither recipient nor payer", reasons[6])
        self.assertIn("more than 2 decimals", reasons[7])
        self.assertIn("no customer “NIKT”", reasons[8])

    def test_only_a_billing_manager_books(self):
        office = self.make_user("office", "pwik_meters.pwik_meters_group_manager")
        both = self.make_user(
            "both", "pwik_meters.pwik_meters_group_manager", "pwik_billing.pwik_billing_group_manager"
        )
        number = self.customer.pwik_customer_number
        content = f"key;customer;number;date;amount\nR1;{number};FV/1;2024-12-01;5\n"
        migration = (
            self.env["pwik.migration"]
            .with_user(office)
            .create({"kind": "open_items", "file": base64.b64encode(content.encode()), "file_name": "a.csv"})
        )
        migration.action_check()
        with self.assertRaises(AccessError):
            migration.action_run()
        migration.with_user(both).action_run()
        self.assertEqual(migration.done_count, 1)
