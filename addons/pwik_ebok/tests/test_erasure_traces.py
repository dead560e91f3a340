"""After an erasure nothing names the person: looked for in every column of the database and in every file."""

from odoo.tests import tagged

from .test_erasure import ErasureCommon

#: Written into whatever names the person, and nowhere else.
MARK = "Xyzabcq"
TYPES = ("character varying", "text", "jsonb", "json", "ARRAY")


@tagged("post_install", "-at_install")
class TestErasureTraces(ErasureCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        gone = cls.gone
        gone.write(
            {
                **{
                    name: f"{MARK} {name}"
                    for name in ("name", "street", "street2", "city", "comment", "function")
                },
                "zip": MARK,
                "phone": MARK,
                "email": f"{MARK}@example.com",
                "website": f"https://{MARK}.example.com",
            }
        )
        child = cls.env["res.partner"].create(
            {"name": f"{MARK} córka", "parent_id": gone.id, "type": "other"}
        )
        cls.env["res.partner"].create({"name": f"{MARK} wnuk", "parent_id": child.id, "type": "other"})
        bank = cls.env["res.partner.bank"].create({"acc_number": f"{MARK}61", "partner_id": gone.id})
        bank.active = False
        cls.gone_contract.message_post(body=f"Dzwoniła {MARK}")
        gone.message_post(body=f"Rozmowa z {MARK}")
        cls.make_marked_claims()
        cls.make_marked_payment()
        cls.make_marked_mails()
        cls.env["pwik.ebok.signup"].create(
            {"name": MARK, "email": f"{MARK}@example.com".lower(), "valid_until": "2030-01-01 00:00:00"}
        )

    @classmethod
    def make_marked_claims(cls):
        cls.claims = cls.make_claims(cls.gone, "DAWNA")
        for document in cls.claims:
            document.email = f"{MARK}@example.com"
            document.message_post(body=f"Do {MARK}")
            document.attachment_id.raw = f"Tekst {MARK}".encode()
        cls.env.cr.execute(
            "UPDATE pwik_dunning_notice SET text = %s WHERE id = %s", [f"Szanowna {MARK}", cls.claims[1].id]
        )
        cls.env.invalidate_all()

    @classmethod
    def make_marked_payment(cls):
        provider = cls.env["payment.provider"].search([("code", "=", "custom")], limit=1) or cls.env[
            "payment.provider"
        ].search([], limit=1)
        method = cls.env["payment.method"].search([], limit=1)
        cls.payment = cls.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": "DAWNA-1",
                "amount": 10.0,
                "currency_id": cls.company.currency_id.id,
                "partner_id": cls.gone.id,
                "state": "done",
            }
        )

    @classmethod
    def make_marked_mails(cls):
        cls.env["mail.mail"].create(
            {
                "subject": f"Faktura {MARK}",
                "body_html": f"<p>{MARK}</p>",
                "email_to": cls.gone.email_normalized,
                "recipient_ids": [(6, 0, cls.gone.ids)],
            }
        )

    def find(self):
        """``{(table, column)}`` in which the mark stands, of tables and of files."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT c.table_name, c.column_name FROM information_schema.columns c
              JOIN information_schema.tables t USING (table_schema, table_name)
             WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.data_type IN %s
            """,
            [TYPES],
        )
        found = set()
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(
                f'SELECT 1 FROM "{table}" WHERE "{column}"::text ILIKE %s LIMIT 1', [f"%{MARK}%"]
            )
            if self.env.cr.fetchone():
                found.add((table, column))
        files = (
            self.env["ir.attachment"]
            .with_context(active_test=False)
            .search([("id", ">", 0), ("res_field", "=", False)])
        )
        if any(
            MARK.encode() in (file.raw or b"")
            for file in files.filtered(lambda one: (one.file_size or 0) < 10_000)
        ):
            found.add(("ir_attachment", "raw"))
        return found

    def test_nothing_names_her(self):
        before = self.find()
        for place in (
            *(("res_partner", "name"), ("res_partner_bank", "acc_number"), ("mail_message", "body")),
            *(
                ("payment_transaction", "partner_name"),
                ("pwik_dunning_notice", "text"),
                ("mail_mail", "body_html"),
            ),
            *(("pwik_interest_note", "email"), ("pwik_ebok_signup", "email"), ("ir_attachment", "raw")),
        ):
            self.assertIn(place, before)  # what is looked for can be found
        self.gone._pwik_erase()
        self.assertEqual(self.find(), set())
        self.assertTrue(all(document.exists() for document in self.claims))
        self.assertTrue(self.payment.exists())

    def test_an_address_that_another_customer_uses_stays(self):
        letters = self.env["res.partner"].create({"name": "Biuro rachunkowe", "street": "ul. Wspólna 1"})
        self.gone.pwik_correspondence_id = letters
        self.other_customer.pwik_correspondence_id = letters
        self.gone._pwik_erase()
        self.assertEqual(letters.name, "Biuro rachunkowe")
        self.assertEqual(self.other_customer.pwik_correspondence_id, letters)
