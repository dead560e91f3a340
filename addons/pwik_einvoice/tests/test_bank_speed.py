"""What a bank's file costs: the register is read for a packet, not for a payment."""

from odoo.tests import tagged

from .test_bank_import import BankCommon

FEW, MANY = 10, 100


@tagged("post_install", "-at_install")
class TestBankSpeed(BankCommon):
    def count_queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        result = work()
        self.env.flush_all()
        return self.cr.sql_log_count - before, result

    def test_keeping_a_file_is_a_few_queries(self):
        def keep(size, day):
            data = self.mt940(*[("10.00", f"wpłata {n} {day}", f"R{day}{n}") for n in range(size)], day=day)
            return self.count_queries(lambda: self.take_in(data, f"{day}.sta", self.journal, book=False))[0]

        keep(2, "241101")  # what is loaded once
        few, many = keep(FEW, "241102"), keep(MANY, "241103")
        self.assertLessEqual(many, few + 3)

    def test_payments_that_name_nobody_cost_the_entry_alone(self):
        """Beside Odoo's own entry nothing is read for each: what is booked by Odoo alone is the measure."""

        def book(size, day):
            payments = [("420.88", f"wpłata {n} {day}", f"R{day}{n}") for n in range(size)]
            taken = self.take_in(self.mt940(*payments, day=day), f"{day}.sta", self.journal, book=False)
            rows = self.env["pwik.bank.transaction"].browse(taken.transaction_ids.ids)
            queries, _none = self.count_queries(rows._book)
            self.assertEqual(set(taken.transaction_ids.mapped("state")), {"unmatched"})
            self.assertEqual(len(taken.transaction_ids.suggestion_ids), 2 * size)
            return queries

        def book_by_odoo(size, day):
            lines = self.env["account.bank.statement.line"].sudo()
            values = [
                {
                    **{"journal_id": self.journal.id, "date": day, "amount": 420.88, "payment_ref": f"w {n}"},
                    **{"partner_name": "JAN KOWALSKI", "ref": f"R{day}{n}"},
                }
                for n in range(size)
            ]
            return self.count_queries(lambda: lines.create(values))[0]

        book(2, "241101")
        book_by_odoo(2, "2024-12-01")
        growth = book(MANY, "241103") - book(FEW, "241102")
        odoo = book_by_odoo(MANY, "2024-12-03") - book_by_odoo(FEW, "2024-12-02")
        self.assertLessEqual(growth - odoo, (MANY - FEW) * 0.2, f"{growth} queries, of which Odoo's {odoo}")

    def test_open_items_of_one_payer_are_read_once(self):
        """A property manager pays many bills in one file."""
        reads = []
        lookup = self.env.registry["pwik.bank.transaction"]._get_lookup_class()
        original = lookup._read_claims

        def read(one, domain, limit=None):
            reads.append(domain)
            return original(one, domain, limit)

        account = self.anna.pwik_payment_account
        data = self.collect(*[(account, "10.00", f"rata {n}") for n in range(20)])
        taken = self.take_in(data, "rpw.txt", book=False)
        self.patch(lookup, "_read_claims", read)
        taken.transaction_ids._book()
        self.assertEqual(set(taken.transaction_ids.mapped("state")), {"matched"})
        self.assertLessEqual(len(reads), 2)
        self.assertAlmostEqual(self.invoice.amount_residual, 220.88)
        self.assertEqual(self.anna.pwik_balance, self.invoice.amount_residual)

    def test_statements_of_a_file_are_counted_together(self):
        """A month of daily statements: those that are closed, or not whole yet, are not read again after every packet."""

        def close(size, month):
            # the journal's account is in each; numbers tell the statements apart
            data = b"\r\n".join(
                self.mt940(("1.00", f"w {n}", f"R{month}{n}"), day=f"24{month}{n + 1:02}", number=str(n))
                for n in range(size)
            )
            taken = self.take_in(data, f"{month}.sta", self.journal)
            self.assertEqual(len(taken.statement_ids), size)
            return self.count_queries(taken._close_statements)[0]

        close(2, "09")
        self.assertLessEqual(close(20, "11"), close(2, "10") + 1)
