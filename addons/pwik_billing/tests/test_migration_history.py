import base64
import io
import zipfile

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BillingCommon

PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
OPEN = (
    "key;customer;contract;number;date;due_date;amount\n"
    "R1;{c};{k};FV/1;2024-10-30;2024-11-14;100\n"
    "R2;{c};{k};FV/2;2024-11-30;2024-12-14;50\n"
)
PAYMENTS = (
    "key;customer;contract;date;amount;included;number;title\n"
    "W1;{c};{k};2024-11-20;999,99;tak;FV/0;przed bilansem\n"
    "W2;{c};{k};2025-01-10;50;nie;FV/2;za fakturę FV/2\n"
    "W3;{c};;2025-01-12;130,00;nie;;nadpłata\n"
    "W4;{c};;2025-01-12;0;nie;;zero\n"
    "W5;{o};{k};2025-01-12;5;nie;;cudza umowa\n"
    "W6;{c};;2999-01-12;5;nie;;przyszłość\n"
    "W7;{c};;2025-01-12;5;;;brak słowa\n"
    "W2;{c};;2025-01-12;5;nie;;dwa razy\n"
)
INVOICES = (
    "number;contract;customer;date;due_date;period_from;period_to;net;vat;gross;file\n"
    "FV/A;{k};{c};2023-06-30;2023-07-14;2023-04-01;2023-06-30;100;8;108;a.pdf\n"
    "FV/B;{k};{c};2023-09-30;;;;-10;-0,80;-10,80;\n"
    "FV/C;{k};{c};2023-06-30;;;;100;8;109;\n"
    "FV/D;{k};{c};2023-06-30;;;;1;0;1;brak.pdf\n"
    "FV/E;{k};{c};2023-06-30;;;;1;0;1;../a.pdf\n"
    "FV/F;{k};{c};2023-06-30;;;;1;0;1;html.pdf\n"
    "FV/G;{k};{o};2023-06-30;;;;1;0;1;\n"
    "FV/H;{k};{c};2023-06-30;;;;1;0;1;A.PDF\n"
    "FV/A;{k};{c};2023-06-30;;;;1;0;1;\n"
)


def pack(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return base64.b64encode(content.getvalue())


@tagged("post_install", "-at_install")
class TestMigrationHistory(BillingCommon):
    def make_import(self, kind, text, **values):
        content = text.format(
            c=self.customer.pwik_customer_number,
            o=self.other_customer.pwik_customer_number,
            k=self.contract.number,
        )
        return self.env["pwik.migration"].create(
            {"kind": kind, "file": base64.b64encode(content.encode()), "file_name": f"{kind}.csv", **values}
        )

    def run_import(self, kind, text, **values):
        migration = self.make_import(kind, text, **values)
        migration.action_check()
        self.assertEqual(migration.state, "checked", migration.error)
        migration.action_run()
        self.env.invalidate_all()
        self.assertEqual(migration.state, "done", migration.error)
        return migration

    def reasons(self, migration):
        rows = migration.with_context(lang="en_US").row_ids
        return {row.number: row.reason for row in rows if row.state == "bad"}

    # ------------------------------------------------------------------ payments

    def test_payments_leave_the_balance_right(self):
        """Open items 150; what came before them moves nothing, 50 and 130 after them leave 30 overpaid."""
        self.run_import("open_items", OPEN)
        migration = self.run_import("payments", PAYMENTS)
        payments = self.env["pwik.past.payment"].search([("reference", "in", ["W1", "W2", "W3"])])
        self.assertEqual(migration.done_count, 3)
        self.assertAlmostEqual(self.customer.pwik_balance, -30.0)
        self.assertFalse(self.customer.pwik_overdue)
        by_reference = {payment.reference: payment for payment in payments}
        self.assertFalse(by_reference["W1"].move_id)
        self.assertEqual(by_reference["W2"].move_id.pwik_contract_id, self.contract)
        claim = self.env["account.move"].search([("ref", "=", "FV/2"), ("partner_id", "=", self.customer.id)])
        paid = by_reference["W2"].move_id.line_ids.filtered("credit")
        self.assertEqual(
            claim.line_ids.filtered("debit").matched_credit_ids.credit_move_id,
            paid,
            "the invoice that the payer named, though FV/1 is older",
        )
        money = by_reference["W3"].move_id.line_ids.filtered("debit")
        self.assertEqual((money.account_id.account_type, money.debit), ("asset_cash", 130.0))

    def test_payments_are_refused_with_reasons(self):
        reasons = self.reasons(self.run_import("payments", PAYMENTS))
        self.assertEqual(sorted(reasons), [5, 6, 7, 8, 9])
        self.assertIn("not more than 0", reasons[5])
        self.assertIn("neither recipient nor payer", reasons[6])
        self.assertIn("in the future", reasons[7])
        self.assertIn("required", reasons[8])
        self.assertIn("row 3", reasons[9])

    def test_payments_again_change_nothing(self):
        self.run_import("payments", PAYMENTS)
        balance, moves = self.customer.pwik_balance, self.env["account.move"].search_count([])
        again = self.make_import("payments", PAYMENTS.replace("130,00", "131,00"))
        again.action_check()
        # known: W1 and W2 (the second W2 differs), W3 differs
        self.assertEqual((again.ok_count, again.known_count, again.different_count), (0, 2, 2))
        again.action_run()
        self.env.invalidate_all()
        self.assertEqual(
            (self.customer.pwik_balance, self.env["account.move"].search_count([])), (balance, moves)
        )

    def test_database_refuses_a_payment_twice(self):
        self.run_import("payments", PAYMENTS)
        keys = self.env["pwik.migration.key"].search([("kind", "=", "payments")])
        keys.unlink()
        again = self.make_import("payments", PAYMENTS)
        again.action_check()
        again.action_run()
        self.assertEqual(again.done_count, 0)
        self.assertIn("imported already", self.reasons(again)[2])

    # ------------------------------------------------------------------ past invoices

    def import_invoices(self):
        return self.run_import(
            "past_invoices",
            INVOICES,
            archive=pack(a__pdf=PDF, html__pdf=b"<html>%PDF-</html>", **{"../a.pdf": PDF}),
            archive_name="faktury.zip",
        )

    def test_past_invoices_are_an_archive(self):
        before = self.env["account.move"].search_count([])
        migration = self.import_invoices()
        self.assertEqual(migration.done_count, 2, self.reasons(migration))
        invoices = self.env["pwik.past.invoice"].search(
            [("contract_id", "=", self.contract.id)], order="number"
        )
        self.assertEqual(invoices.mapped("number"), ["FV/A", "FV/B"])
        self.assertEqual((invoices[0].net, invoices[0].vat, invoices[0].gross), (100.0, 8.0, 108.0))
        self.assertEqual(str(invoices[0].period_to), "2023-06-30")
        self.assertEqual((base64.b64decode(invoices[0].pdf), invoices[0].pdf_name), (PDF, "FV_A.pdf"))
        self.assertFalse(invoices[1].pdf)
        self.assertEqual(
            self.env["account.move"].search_count([]), before, "the ledger knows nothing of them"
        )
        self.assertFalse(self.customer.pwik_balance)

    def test_past_invoices_are_refused_with_reasons(self):
        reasons = self.reasons(self.import_invoices())
        self.assertEqual(sorted(reasons), [4, 5, 6, 7, 8, 9, 10])
        self.assertIn("do not make gross", reasons[4])
        self.assertIn("holds no file “brak.pdf”", reasons[5])
        self.assertIn("path out of the ZIP", reasons[6])
        self.assertIn("no PDF", reasons[7])
        self.assertIn("neither recipient nor payer", reasons[8])
        self.assertIn("row 2", reasons[9])
        self.assertIn("row 2", reasons[10])

    def test_past_invoices_again_change_nothing(self):
        self.import_invoices()
        again = self.import_invoices()
        self.assertEqual(again.done_count, 0)
        self.assertEqual(
            self.env["pwik.past.invoice"].search_count([("contract_id", "=", self.contract.id)]), 2
        )

    def test_documents_without_a_zip(self):
        migration = self.make_import("past_invoices", INVOICES)
        migration.action_check()
        self.assertIn("no ZIP", self.reasons(migration)[2])
        damaged = self.make_import("past_invoices", INVOICES, archive=base64.b64encode(b"PK nothing"))
        damaged.action_check()
        self.assertEqual(damaged.state, "failed")
        self.assertTrue(damaged.error)

    def test_killed_run_goes_on(self):
        """A packet that was stored is not stored again: what is left to do is what the rows say."""
        lines = "".join(f"FV/K{n};{{k}};{{c}};2023-06-30;;;;1;0;1;\n" for n in range(4))
        migration = self.make_import("past_invoices", INVOICES.partition("\n")[0] + "\n" + lines)
        migration.action_check()
        migration.state = "running"
        migration._store(migration.row_ids[:2])
        self.env.invalidate_all()
        migration._process()
        self.assertEqual((migration.state, migration.done_count), ("done", 4))
        self.assertEqual(self.env["pwik.past.invoice"].search_count([("number", "like", "FV/K")]), 4)

    def test_who_may(self):
        self.import_invoices()
        self.run_import("payments", PAYMENTS)
        service = self.make_user("service", "pwik_meters.pwik_meters_group_user")
        reader = self.make_user("reader", "pwik_meters.pwik_meters_group_reader")
        manager = self.make_user("boss", "pwik_billing.pwik_billing_group_manager")
        for model in ("pwik.past.invoice", "pwik.past.payment"):
            record = self.env[model].search([("partner_id", "=", self.customer.id)], limit=1)
            self.assertTrue(record.with_user(service).display_name)
            with self.assertRaises(AccessError):
                record.with_user(reader).read(["partner_id"])
            for user in (service, manager):
                with self.assertRaises(AccessError):
                    record.with_user(user).write({"partner_id": self.other_customer.id})
                with self.assertRaises(AccessError):
                    record.with_user(user).unlink()
