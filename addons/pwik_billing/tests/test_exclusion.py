from odoo.tests import TransactionCase, tagged

#: Of these tables no planner's choice is felt: some dozens of rows.
SMALL = {"pwik_tariff"}


@tagged("post_install", "-at_install")
class TestExclusion(TransactionCase):
    """Indexes of exclusion constraints answer nothing but themselves (docs/adr/0042-lines-without-foreign-keys.md)."""

    def test_none_begins_with_the_plain_column_of_a_reference(self):
        self.env.cr.execute(
            """SELECT t.relname, a.attname
                 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
                 JOIN pg_class t ON t.oid = i.indrelid
            LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] AND a.attnum > 0
                WHERE m.amname = 'gist' AND t.relname LIKE 'pwik\\_%'"""
        )
        found = [(table, column) for table, column in self.env.cr.fetchall() if table not in SMALL]
        self.assertLessEqual(
            {"pwik_settlement", "pwik_interest_note_line"}, {table for table, _column in found}
        )
        self.assertFalse([(table, column) for table, column in found if column and column.endswith("_id")])
