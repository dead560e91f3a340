import csv
import io

from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestBalanceCsv(EbokCommon, HttpCase):
    """The statement of account as a list: the customer's own entries, oldest first, and no cell that a spreadsheet computes."""

    def rows(self, path="/my/balance.csv"):
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("text/csv", answer.headers["Content-Type"])
        self.assertTrue(answer.headers["Content-Disposition"].startswith("attachment"))
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))

    def test_own_entries_add_up_to_the_balance(self):
        self.authenticate("owner", PASSWORD)
        head, *entries = self.rows()
        self.assertEqual(len(head), 5)
        self.assertIn(self.invoice.name, [entry[1] for entry in entries])
        self.assertEqual([entry[0] for entry in entries], sorted(entry[0] for entry in entries))
        self.assertEqual(
            float(entries[-1][4].replace(",", ".")),
            round(self.customer.pwik_balance, 2),
            "the newest entry is the last",
        )

    def test_nothing_is_not_less_than_nothing(self):
        """0.30 less 0.10 less 0.20 is a little below 0 for a float, and "-0,00" is no balance."""
        customer = self._make_customer("Zero")
        self.make_login("zero", customer)
        self.make_contract(customer, self.make_point("ul. Zerowa 1"))
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.env.company.id)], limit=1
        )
        receivable = customer.property_account_receivable_id
        other = self.invoice.line_ids.account_id.filtered(lambda one: one.account_type == "income")[:1]
        for day, amount in (("2025-10-01", 0.3), ("2025-10-02", -0.1), ("2025-10-03", -0.2)):
            self.env["account.move"].create(
                {
                    "journal_id": journal.id,
                    "date": day,
                    "line_ids": [
                        (0, 0, {"account_id": receivable.id, "partner_id": customer.id, "balance": amount}),
                        (0, 0, {"account_id": other.id, "balance": -amount}),
                    ],
                }
            ).action_post()
        self.authenticate("zero", PASSWORD)
        self.assertEqual([row[4] for row in self.rows()[1:]], ["0,30", "0,20", "0,00"])

    def test_nobody_elses(self):
        for login in ("other", "former", "nobody"):
            self.authenticate(login, PASSWORD)
            for page in ("balance.csv", "balance", "pay"):
                answer = self.url_open(f"/my/{page}?customer={self.customer.id}")
                self.assertEqual(answer.status_code, 404, (login, page))

    def test_no_cell_is_a_formula(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET name = '=HYPERLINK(1)' WHERE id = %s", [self.invoice.id])
        self.env.invalidate_all()
        self.authenticate("owner", PASSWORD)
        self.assertIn("'=HYPERLINK(1)", [row[1] for row in self.rows()])
