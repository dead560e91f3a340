from datetime import date

from odoo.tests import Form, tagged

from .common import BillingCommon, exact

QUARTER = ("2024-07-01", "2024-09-30")
INVOICE_DATE = date(2024, 10, 3)

#: What two invoices cannot have in common: themselves, their numbers, and who wrote them when.
OWN = {"id", "create_date", "write_date", "name", "display_name", "access_token", "payment_reference"}
OWN |= {"sequence_number", "sequence_prefix", "move_id", "move_name", "matching_number"}


@tagged("post_install", "-at_install")
class TestCompleteLines(BillingCommon):
    """Each invoice of a run against the one that Odoo makes of the same values, every stored field of it and its lines."""

    def assert_as_odoos(self, move, lang="pl_PL"):
        """Odoo gets what the settlement says, and finds out accounts, tax, sums and the amount to pay by itself.

        :param lang: in which the lines were written: a run's are Polish, a clerk's correction is in his language
        """
        settlement = move.pwik_settlement_id.with_context(lang=lang)
        theirs = settlement.env["account.move"].create(settlement._prepare_invoice(move.invoice_date))
        theirs.action_post()
        self.assert_same(move, theirs)
        self.assertEqual(len(move.line_ids), len(theirs.line_ids))
        for ours, its in zip(self.in_order(move), self.in_order(theirs), strict=True):
            self.assert_same(ours, its)
        return theirs

    @staticmethod
    def in_order(move):
        return move.line_ids.sorted(lambda line: (line.display_type, line.name or "", line.balance))

    def assert_same(self, ours, theirs):
        names = {name for name, field in ours._fields.items() if field.store} - OWN
        names -= {name for name in names if ours._fields[name].type == "one2many"}
        self.assertGreater(len(names), 40)
        for name in sorted(names):
            self.assertEqual(ours[name], theirs[name], f"{ours._name}.{name}")

    def test_plain_quarter(self):
        home = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        self.assert_as_odoos(self.bill_one(home, *QUARTER))

    def test_price_change_and_garden(self):
        home = self.household([("2025-03-31", 2100), ("2025-06-30", 2130)])
        self.add_meter(home.point_ids, [("2025-03-31", 120), ("2025-06-30", 131)], kind="deduction")
        move = self.bill_one(home, "2025-04-01", "2025-06-30")
        self.assertGreater(len(move.invoice_line_ids), 4)
        self.assert_as_odoos(move)

    def test_payer_is_a_company_with_a_contact(self):
        """The ledger's partner is the company, the invoice's the contact that was named."""
        home = self.household([("2024-06-30", 10), ("2024-09-30", 30)])
        payer = self.env["res.partner"].create(
            {"name": "Zarządca", "is_company": True, "street": "ul. Biurowa 1", "city": "Testowo"}
        )
        contact = self.env["res.partner"].create(
            {"name": "Księgowość", "parent_id": payer.id, "street": "ul. Biurowa 1", "city": "Testowo"}
        )
        home.invoice_partner_id = contact
        move = self.bill_one(home, *QUARTER)
        self.assertEqual(move.line_ids.partner_id, payer)
        self.assert_as_odoos(move)

    def test_accounts_of_payer_and_product(self):
        """A receivable account of the payer's own and an income account of the product's."""
        accounts = self.env["account.account"]
        receivable = accounts.create(
            {"name": "Rozrachunki woda", "code": "200999", "account_type": "asset_receivable"}
        )
        income = accounts.create({"name": "Przychody woda", "code": "700999", "account_type": "income"})
        self.env.ref("pwik_billing.product_water").with_company(
            self.company
        ).property_account_income_id = income
        home = self.household([("2024-06-30", 10), ("2024-09-30", 30)])
        home.invoice_partner_id.with_company(self.company).property_account_receivable_id = receivable
        move = self.bill_one(home, *QUARTER)
        self.assertLess({receivable, income}, set(move.line_ids.account_id))
        self.assert_as_odoos(move)

    def test_refund(self):
        """A correction downwards: refund lines, tax and tags of a refund."""
        home = self.household([("2024-06-30", 10), ("2024-09-30", 30)])
        first = self.bill_one(home, *QUARTER)
        meter = home.point_ids.meter_ids
        wrong = self.env["pwik.reading"].search([("meter_id", "=", meter.id), ("date", "=", "2024-09-30")])
        wrong.superseded = True
        wrong.flush_recordset()
        self.make_reading(25, "2024-09-30", meter=meter, correction_of_id=wrong.id)
        made = first.pwik_settlement_id._correct(INVOICE_DATE)
        move = made.move_id
        self.assertEqual(move.move_type, "out_refund")
        self.assert_as_odoos(move, lang=self.env.lang)

    def test_three_decimals(self):
        """Line nets are rounded one by one; the grosz by which the law's tax differs stands on tax and amount to pay."""
        self.assert_grosz_on_the_tax()

    def test_three_decimals_where_odoo_makes_the_lines(self):
        self.distribute()
        self.assert_grosz_on_the_tax()

    def assert_grosz_on_the_tax(self):
        self.company.pwik_quantity_policy = "decimal3"
        home = self.household([("2024-06-30", 100), ("2024-09-30", 100.06)])
        move = self.bill_one(home, *QUARTER)
        settlement = move.pwik_settlement_id
        self.assertEqual(exact(move.amount_tax), exact(settlement.vat))
        tax_line = move.line_ids.filtered("tax_line_id")
        self.assertEqual(exact(-tax_line.balance), exact(settlement.vat))
        self.assertEqual(exact(move.amount_residual), exact(settlement.gross))

    def test_analytic_distribution(self):
        """Where the accountant has rules of distribution, Odoo makes the lines itself: they carry what the rules say."""
        self.distribute()
        home = self.household([("2024-06-30", 10), ("2024-09-30", 30)])
        move = self.bill_one(home, *QUARTER)
        self.assertTrue(all(line.analytic_distribution for line in move.invoice_line_ids))
        self.assertTrue(move.line_ids.analytic_line_ids)
        self.assert_as_odoos(move)

    def distribute(self):
        """A rule of analytic distribution for all income."""
        plan = self.env["account.analytic.plan"].create({"name": "Obszary"})
        account = self.env["account.analytic.account"].create({"name": "Sieć", "plan_id": plan.id})
        self.env["account.analytic.distribution.model"].create(
            {"account_prefix": "7", "analytic_distribution": {str(account.id): 100}}
        )

    def test_typed_into_the_form(self):
        """And against what a person gets who types the lines into Odoo's form."""
        home = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        move = self.bill_one(home, *QUARTER)
        form = Form(self.env["account.move"].with_context(default_move_type="out_invoice"))
        form.partner_id = move.partner_id
        form.invoice_date = move.invoice_date
        form.invoice_date_due = move.invoice_date_due
        for line in move.invoice_line_ids:
            with form.invoice_line_ids.new() as row:
                row.product_id = line.product_id
                row.quantity = line.quantity
                row.price_unit = line.price_unit
                row.tax_ids.clear()
                row.tax_ids.add(self.company.pwik_billing_tax_id)
        typed = form.save()
        typed.action_post()
        names = [
            "account_id",
            "balance",
            "amount_currency",
            "date_maturity",
            "tax_ids",
            "tax_tag_ids",
            "tax_line_id",
        ]
        names += [
            "tax_base_amount",
            "tax_repartition_line_id",
            "display_type",
            "partner_id",
            "price_subtotal",
            "price_total",
        ]

        def entries(entry):
            return sorted(str([line[name] for name in names]) for line in entry.line_ids)

        self.assertEqual(entries(move), entries(typed))
