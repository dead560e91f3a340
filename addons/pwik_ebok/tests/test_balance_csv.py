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

    def test_nobody_elses(self):
        """A customer named in the address who is not the login's own gives the login's own statement."""
        for login in ("other", "former"):
            self.authenticate(login, PASSWORD)
            text = str(self.rows(f"/my/balance.csv?customer={self.customer.id}"))
            self.assertNotIn(self.invoice.name, text, login)
        self.authenticate("nobody", PASSWORD)
        self.assertEqual(self.url_open(f"/my/balance.csv?customer={self.customer.id}").status_code, 404)

    def test_no_cell_is_a_formula(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET name = '=HYPERLINK(1)' WHERE id = %s", [self.invoice.id])
        self.env.invalidate_all()
        self.authenticate("owner", PASSWORD)
        self.assertIn("'=HYPERLINK(1)", [row[1] for row in self.rows()])
