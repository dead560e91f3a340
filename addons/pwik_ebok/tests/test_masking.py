"""Telephones, PESEL numbers and bank accounts of customers: in full for the group alone, on every way out."""

import base64

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon

PHONE, PESEL, ACCOUNT = "600 100 234", "44051401359", "61109010140000071219812874"


@tagged("post_install", "-at_install")
class TestMasking(EbokCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"phone": PHONE, "is_company": False})
        cls.env.cr.execute("UPDATE res_partner SET vat = %s WHERE id = %s", [PESEL, cls.customer.id])
        cls.customer.invalidate_recordset()
        cls.bank = cls.env["res.partner.bank"].create({"partner_id": cls.customer.id, "acc_number": ACCOUNT})
        cls.plain = cls.make_user("plain")
        cls.reader = cls.make_user("reader", "pwik_meters.pwik_meters_group_reader")
        cls.office = cls.make_user("office", "pwik_meters.pwik_meters_group_user")
        cls.building = cls.make_login("budynek", cls.customer, role="manager")

    def test_lists_and_forms_of_staff_without_the_group(self):
        user = self.plain
        row = self.customer.with_user(user).read(["phone", "vat", "name"])[0]
        self.assertEqual((row["phone"], row["vat"]), ("••• ••• 234", "••••••••359"))
        self.assertEqual(row["name"], self.customer.name)
        found = (
            self.env["res.partner"]
            .with_user(user)
            .web_search_read([("id", "=", self.customer.id)], {"phone": {}, "vat": {}})
        )
        self.assertNotIn("600", found["records"][0]["phone"])
        bank = self.bank.with_user(user)
        self.assertTrue(bank.read(["acc_number"])[0]["acc_number"].endswith("•2874"))
        self.assertNotIn("6110901014", str(bank.read(["acc_number", "sanitized_acc_number", "display_name"])))
        self.assertNotIn("6110901014", bank.display_name)

    def test_an_import_brings_no_masked_identifier(self):
        """A file made of a screen: the row with what somebody was shown instead of a number stays out, the other goes in."""
        content = "key;name;phone\nMK1;Zofia Miła;••• ••• 234\nMK2;Jan Miły;600 100 235\n"
        job = self.env["pwik.migration"].create(
            {
                "kind": "customers",
                "file_name": "x.csv",
                "file": base64.b64encode(content.encode()),
            }
        )
        job.action_check()
        job.action_run()
        self.assertEqual((job.state, job.done_count, job.bad_count), ("done", 1, 1))
        self.assertIn("masked", job.row_ids[0].with_context(lang="en_US").reason)
        self.assertEqual(self.env["res.partner"].browse(job.row_ids[1].res_id).phone, "600 100 235")

    def test_a_meter_reader_sees_no_customer_at_all(self):
        with self.assertRaises(AccessError):
            self.customer.with_user(self.reader).read(["phone"])

    def test_customer_service_sees_them(self):
        row = self.customer.with_user(self.office).read(["phone", "vat"])[0]
        self.assertEqual((row["phone"], row["vat"]), (PHONE, PESEL))
        self.assertEqual(self.bank.with_user(self.office).read(["acc_number"])[0]["acc_number"], ACCOUNT)
        self.assertIn(ACCOUNT, self.bank.with_user(self.office).display_name)

    def test_no_way_around_by_groups_and_exports(self):
        partners = self.env["res.partner"].with_user(self.plain)
        for call in (
            lambda: partners.formatted_read_group([], ["phone"], ["__count"]),
            lambda: partners.formatted_read_group([], [], ["phone:array_agg"]),
        ):
            with self.assertRaises(AccessError):
                call()
        self.plain.group_ids += self.env.ref("base.group_allow_export")
        for model, path in (
            ("res.partner", "phone"),
            ("res.partner", "child_ids/vat"),
            ("res.partner", "bank_ids/acc_number"),
        ):
            with self.subTest(path=path), self.assertRaises(AccessError):
                self.env[model].with_user(self.plain).export_data([path])
        self.office.group_ids += self.env.ref("base.group_allow_export")
        rows = self.customer.with_user(self.office).export_data(["phone"])["datas"]
        self.assertEqual(rows, [[PHONE]])

    def test_nobody_finds_out_by_searching(self):
        """Whether a guess is right must not show: not in a list, a count, a path through other records or a name search."""
        asks = (
            ("res.partner", [("phone", "=", PHONE)]),
            ("res.partner", [("phone", "ilike", "600")]),
            ("res.partner", [("vat", "=like", "4405%")]),
            ("res.partner", [("id", "=", self.customer.id), ("vat", ">", "44051401358")]),
            ("res.partner", [("bank_ids.acc_number", "ilike", "6110901014")]),
            ("res.partner", [("bank_ids", "any", [("sanitized_acc_number", "=", ACCOUNT)])]),
            ("res.partner.bank", [("acc_number", "=", ACCOUNT)]),
            ("pwik.contract", [("partner_id.phone", "=", PHONE)]),
            ("pwik.contract", [("partner_id", "any", [("vat", "=", PESEL)])]),
            ("account.move", [("partner_id.phone", "like", "600 100")]),
        )
        clerk = self.make_user("clerk", "pwik_meters.pwik_meters_group_user", "account.group_account_invoice")
        for model, domain in asks:
            with self.subTest(model=model, domain=domain):
                self.assertTrue(self.env[model].with_user(clerk).search(domain))
        # The utility takes the identifiers away from its clerks.
        self.env.ref("pwik_meters.pwik_meters_group_user").implied_ids -= self.env.ref(
            "pwik_ebok.pwik_ebok_group_identifiers"
        )
        self.assertFalse(clerk.has_group("pwik_ebok.pwik_ebok_group_identifiers"))
        for model, domain in asks:
            with self.subTest(model=model, domain=domain, masked=True):
                records = self.env[model].with_user(clerk)
                self.assertFalse(records.search(domain))
                self.assertFalse(records.search_count(domain))

    def test_nor_by_name_search_or_order(self):
        partners = self.env["res.partner"].with_user(self.plain)
        self.assertFalse(partners.name_search(PESEL[:8]))
        self.assertTrue(self.env["res.partner"].with_user(self.office).name_search(PESEL[:8]))
        self.assertTrue(partners.name_search(self.customer.name))
        second = self._make_customer("Drugi Abonent", phone="100 000 000", is_company=False)
        both = [("id", "in", (self.customer | second).ids)]
        for order in ("phone, id", "phone desc, id"):
            self.assertEqual(partners.search(both, order=order).ids, sorted((self.customer | second).ids))
        self.assertEqual(
            self.env["res.partner"].with_user(self.office).search(both, order="phone"), second | self.customer
        )

    def test_nor_by_a_name_that_tells_the_tax_number(self):
        shown = self.customer.with_user(self.plain).with_context(show_vat=True).display_name
        self.assertNotIn(PESEL, shown)
        self.assertIn("359", shown)
        self.assertIn(PESEL, self.customer.with_user(self.office).with_context(show_vat=True).display_name)

    def test_a_manager_of_the_building_guesses_in_vain(self):
        partners = self.env["res.partner"].with_user(self.building)
        self.assertEqual(partners.search([("id", "=", self.customer.id)]), self.customer)
        self.assertFalse(partners.search([("phone", "=", PHONE)]))
        self.assertFalse(partners.search([("vat", "ilike", "44051")]))
        own = self.env["res.partner"].with_user(self.owner)
        self.assertEqual(own.search([("phone", "=", PHONE)]), self.customer, "his own he may search")

    def test_what_is_no_secret_is_found(self):
        partners = self.env["res.partner"].with_user(self.plain)
        firm = self._make_customer("Zakład Sp. z o.o.", is_company=True, phone="22 111 22 33")
        self.assertEqual(partners.search([("phone", "=", firm.phone)]), firm)
        self.env.cr.execute("UPDATE res_partner SET vat = 'PL5260250995' WHERE id = %s", [self.customer.id])
        self.assertEqual(partners.search([("vat", "=", "PL5260250995")]), self.customer, "of a business")

    def test_reading_is_not_blinded(self):
        """What the program itself reads for such a user is the value, in whatever order the two happen."""
        customer = self.customer.with_user(self.plain)
        self.env.invalidate_all()
        found = customer.search_fetch([("id", "=", customer.id), ("phone", "=", False)], ["phone"])
        self.assertEqual(found.phone, PHONE)

    def test_the_mask_is_never_saved(self):
        with self.assertRaises(UserError):
            self.customer.with_user(self.office).write({"phone": "••• ••• 234"})
        self.customer.with_user(self.office).write({"phone": "601 000 000"})
        self.assertEqual(self.customer.phone, "601 000 000")

    def test_colleagues_firms_and_the_utility_are_not_masked(self):
        self.office.partner_id.phone = "700 800 900"
        self.company.partner_id.phone = "56 123 45 67"
        firm = self._make_customer("Zakład Sp. z o.o.", is_company=True, phone="22 111 22 33")
        for partner in (self.office.partner_id, self.company.partner_id, firm):
            self.assertNotIn("•", partner.with_user(self.plain).read(["phone"])[0]["phone"])

    def test_the_page_of_a_customer(self):
        self.authenticate("owner", PASSWORD)
        page = self.url_open("/my/customer").text
        self.assertIn(PHONE, page, "he checks whether it is right")
        self.authenticate("budynek", PASSWORD)
        for path in ("/my/customer", f"/my/customer/request?customer={self.customer.id}"):
            page = self.url_open(path).text
            self.assertNotIn(PHONE, page)
            self.assertNotIn(PESEL, page)
            self.assertIn("••• ••• 234", page)
        row = self.customer.with_user(self.building).read(["phone"])[0]
        self.assertEqual(row["phone"], "••• ••• 234", "nor by RPC")

    def test_who_sees_the_mask_asks_for_no_change_of_it(self):
        form = {
            "phone": "••• ••• 234",
            "email": "nowy@example.com",
            "street": self.customer.street or "",
            "zip": self.customer.zip or "",
            "city": self.customer.city or "",
        }
        self.authenticate("budynek", PASSWORD)
        self.url_open(
            "/my/customer/request",
            data={**form, "customer": self.customer.id, "csrf_token": http.Request.csrf_token(self)},
        )
        case = self.env["pwik.case"].search([("type_code", "=", "data_change")], limit=1)
        self.assertEqual(case.change_ids.mapped("field_name"), ["email"])
