"""A login comes to a customer by an invoice or a letter: what proves it, what does not, and how often one may try."""

import base64
import re
import threading
from datetime import timedelta

from odoo import fields, http
from odoo.addons.pwik_ebok.domain.attempts import Limit
from odoo.sql_db import db_connect
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


class LinkingCommon(EbokCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "kontakt@example.com"
        cls.customer._pwik_assign_customer_number()
        cls.other_customer._pwik_assign_customer_number()
        cls.links = cls.env["pwik.ebok.link"]
        cls.links.search([("partner_id", "=", cls.customer.id)]).action_revoke()

    def setUp(self):
        super().setUp()
        if not isinstance(self, HttpCase):
            # tries are counted in a transaction of their own: here in the test's
            self.registry_enter_test_mode()

    def form(self, **values):
        return {
            "customer_number": self.customer.pwik_customer_number,
            "invoice_number": self.invoice.name,
            "amount": f"{self.invoice.amount_total:.2f}".replace(".", ","),
            "role": "owner",
            **values,
        }

    def claim(self, user=None, address="192.0.2.1", **values):
        links = self.links.with_user(user or self.nobody)
        return links._claim_by_invoice(self.form(**values), address)

    def letters(self, since):
        return self.env["mail.mail"].search([("id", ">", since)])

    @property
    def last_letter(self):
        return self.env["mail.mail"].search([], order="id desc", limit=1).id or 0


@tagged("post_install", "-at_install")
class TestLinking(LinkingCommon):
    def test_an_invoice_links_the_customer_and_the_contact_is_told(self):
        before = self.last_letter
        link, errors = self.claim()
        self.assertFalse(errors)
        self.assertEqual((link.user_id, link.partner_id), (self.nobody, self.customer))
        self.assertEqual((link.state, link.way), ("active", "invoice"))
        seen = self.env["pwik.contract"].with_user(self.nobody).search([])
        self.assertEqual(seen.ids, self.contract.ids)
        told = self.letters(before)
        self.assertEqual(told.mapped("email_to"), ["kontakt@example.com"])
        event = self.env["pwik.audit.event"].search([("kind", "=", "link_claimed")], limit=1)
        self.assertEqual(
            (event.user_id, event.customer_id, event.detail), (self.nobody, self.customer, "invoice, owner")
        )

    def test_an_invoice_of_the_previous_system_will_do(self):
        link, errors = self.claim(invoice_number=self.past_invoice.number, amount="108")
        self.assertFalse(errors)
        self.assertEqual(link.partner_id, self.customer)

    def test_only_the_last_three_invoices(self):
        for _number in range(3):
            self.make_invoice(self.contract)
        link, errors = self.claim()
        self.assertFalse(link)
        self.assertTrue(errors)

    def test_any_of_the_last_three_of_each_contract(self):
        point = self.make_point("Zarządzana 2")
        second = self.make_contract(self.customer, point)
        for _number in range(4):
            self.make_invoice(second)
        link, errors = self.claim()
        self.assertFalse(errors)
        self.assertTrue(link, "many invoices of one contract do not hide that of another")

    def test_a_right_try_is_none(self):
        for _number in range(6):
            self.assertTrue(self.claim(user=self.nobody)[0])
            self.env["pwik.ebok.attempt"].search([])[:1].unlink()  # that of the customer, which counts
        self.assertFalse(self.env["pwik.ebok.attempt"].search([]))

    def test_one_answer_for_whatever_is_wrong(self):
        tries = [
            {"customer_number": "NIEMA-TAKIEGO"},
            {"invoice_number": "FV/0000/1"},
            {"amount": "0,01"},
            {"customer_number": self.other_customer.pwik_customer_number},
        ]
        answers = [self.claim(**values) for values in tries]
        self.assertFalse(any(link for link, _errors in answers))
        self.assertEqual(len({str(errors) for _link, errors in answers}), 1)
        self.claim(amount="0,01")
        beyond = self.claim()  # the sixth of the day, with the right data
        self.assertEqual((bool(beyond[0]), str(beyond[1])), (False, str(answers[0][1])))

    def test_limits_of_login_address_and_customer(self):
        for number in range(5):
            self.claim(user=self.make_login(f"zgadujący{number}"), address=f"192.0.2.{number}", amount="0,01")
        link, errors = self.claim(user=self.nobody, address="192.0.2.99")
        self.assertTrue(errors, "five tries a day at one customer, from wherever they come")
        attempts = self.env["pwik.ebok.attempt"].search([])
        attempts.write({"moment": fields.Datetime.now() - timedelta(hours=25)})
        attempts.flush_recordset()
        link, errors = self.claim(user=self.nobody, address="192.0.2.99")
        self.assertTrue(link)
        self.assertFalse(errors)

    def test_an_address_that_tries_many_customers(self):
        for number in range(20):
            user = self.make_login(f"masowy{number}")
            self.claim(user=user, address="198.51.100.7", customer_number=f"9{number}", amount="1")
        taken = self.env["pwik.ebok.attempt"].search_count([])
        self.assertTrue(self.claim(address="198.51.100.7")[1])
        self.assertEqual(self.env["pwik.ebok.attempt"].search_count([]), taken)

    def test_what_is_kept_of_a_try_tells_nothing(self):
        self.claim(amount="0,01")
        kept = str(self.env["pwik.ebok.attempt"].search([]).mapped("key"))
        for text in (self.customer.pwik_customer_number, "192.0.2.1", self.nobody.login):
            self.assertNotIn(text, kept)

    def test_a_form_without_data_costs_no_try(self):
        link, errors = self.claim(customer_number=" ", invoice_number="", amount="dużo", role="king")
        self.assertFalse(link)
        self.assertEqual(set(errors), {"customer_number", "invoice_number", "amount", "role"})
        self.assertFalse(self.env["pwik.ebok.attempt"].search_count([]))

    def test_a_manager_and_a_second_owner_wait_for_approval(self):
        manager, _errors = self.claim(role="manager")
        self.assertEqual(manager.state, "pending")
        self.assertFalse(self.env["pwik.contract"].with_user(self.nobody).search([]))
        first, _errors = self.claim(user=self.former)
        self.assertEqual(first.state, "active")
        second, _errors = self.claim(user=self.other)
        self.assertEqual(second.state, "pending")

    def test_a_link_that_ran_out_is_opened_again_and_one_in_force_is_not_doubled(self):
        link, _errors = self.claim()
        again, _errors = self.claim()
        self.assertEqual(link, again)
        link.write({"date_from": "2025-01-01", "date_to": "2025-12-31"})
        again, _errors = self.claim()
        self.assertEqual((again, again.date_to, again.state), (link, False, "active"))

    def test_the_contact_is_told_of_failed_tries_once_a_day(self):
        for number in range(3):
            self.claim(amount="0,01", customer_number=self.customer.pwik_customer_number)
            before = self.last_letter
            self.env["pwik.ebok.link"]._cron_tell_owners()
            told = self.letters(before).filtered(lambda mail: mail.email_to == "kontakt@example.com")
            self.assertEqual(len(told), int(number == 2))
        before = self.last_letter
        self.env["pwik.ebok.link"]._cron_tell_owners()
        self.assertFalse(self.letters(before))

    def test_ending_closes_at_once_and_tells(self):
        link, _errors = self.claim()
        before = self.last_letter
        link.action_revoke()
        self.assertFalse(self.env["pwik.contract"].with_user(self.nobody).search([]))
        self.assertEqual(len(self.letters(before)), 1 if self.nobody.email else 0)


@tagged("post_install", "-at_install")
class TestAttemptsOfTwoWorkers(EbokCommon):
    def test_two_connections_share_the_limit(self):
        """Real connections, as two workers have: of forty tries at once five are let through, and a new one finds them."""
        attempts = self.env["pwik.ebok.attempt"]
        limits = [Limit("two_workers", str(fields.Datetime.now()), 5)]
        keys = [limit.key("test") for limit in limits]
        pool, allowed = db_connect(self.env.cr.dbname), []

        def worker():
            for _number in range(20):
                with pool.cursor() as cr:
                    allowed.append(attempts._take_with(cr, limits, keys))

        try:
            threads = [threading.Thread(target=worker) for _number in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(one[0] for one in allowed if one), [1, 2, 3, 4, 5])
            self.assertEqual(len(allowed), 40)
            with pool.cursor() as cr:
                self.assertIsNone(attempts._take_with(cr, limits, keys))
        finally:
            with pool.cursor() as cr:
                cr.execute("DELETE FROM pwik_ebok_attempt WHERE key IN %s", [tuple(keys)])


@tagged("post_install", "-at_install")
class TestCodes(LinkingCommon):
    def issue(self):
        return self.env["pwik.ebok.code"]._issue(self.customer)

    def redeem(self, text, user=None):
        return self.links.with_user(user or self.nobody)._claim_by_code(text, "192.0.2.1")

    def test_a_letters_code_opens_once(self):
        issued, code = self.issue()
        self.assertNotIn(code.replace("-", ""), str(issued.sudo().read()))
        link, errors = self.redeem(f" {code.lower()} ")
        self.assertFalse(errors)
        self.assertEqual((link.partner_id, link.state, link.way), (self.customer, "active", "code"))
        self.assertEqual((issued.state, issued.user_id), ("used", self.nobody))
        self.assertTrue(self.redeem(code, user=self.other)[1])

    def test_a_newer_letter_replaces_the_older(self):
        _issued, old = self.issue()
        _issued, new = self.issue()
        self.assertTrue(self.redeem(old)[1])
        self.assertTrue(self.redeem(new)[0])

    def test_a_code_runs_out(self):
        issued, code = self.issue()
        issued.date_until = fields.Date.today() - timedelta(days=1)
        self.assertTrue(self.redeem(code)[1])
        self.assertTrue(issued.expired)

    def test_codes_are_not_guessed(self):
        for _number in range(10):
            self.redeem("AAAA-BBBB-CCCC")
        _issued, code = self.issue()
        self.assertTrue(self.redeem(code)[1], "ten tries a day")

    def test_the_letter_is_printed_by_the_office_alone(self):
        office = self.make_user("office", "pwik_meters.pwik_meters_group_user")
        letter = (
            self.env["pwik.ebok.letter"]
            .with_user(office)
            .with_context(
                active_model="res.partner",
                active_ids=[self.customer.id, self.other_customer.id],
                force_report_rendering=True,
            )
            .create({})
        )
        action = letter.action_print()
        self.assertIn("/web/content/", action["url"])
        pages = self.read_pdf(base64.b64decode(letter.pdf))
        self.assertEqual(len(pages), 2)
        issued = self.env["pwik.ebok.code"].search([("state", "=", "issued")])
        self.assertEqual(issued.partner_id, self.customer | self.other_customer)
        self.assertIn(self.customer.name, pages[0])
        code = re.search(r"\b\w{4}-\w{4}-[A-Z0-9]{4}", pages[0])
        self.assertTrue(code, pages[0])
        code = code[0]
        self.assertEqual(self.redeem(code)[0].partner_id, self.customer)


@tagged("post_install", "-at_install")
class TestInvitations(LinkingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.link = cls.links.create(
            {"user_id": cls.owner.id, "partner_id": cls.customer.id, "state": "active"}
        )

    def invite(self, **values):
        """The invitation and its token, out of the letter."""
        before = self.last_letter
        invitations = self.env["pwik.ebok.invitation"].with_user(self.owner)
        invitation = invitations._invite(
            self.customer,
            values.get("email", "zarzadca@example.com"),
            values.get("role", "manager"),
            values.get("date_to"),
        )
        body = self.letters(before)[:1].body_html or ""
        return invitation, body.partition("/ebok/invitation/")[2].partition('"')[0]

    def test_taken_up_once(self):
        invitation, token = self.invite(date_to="2099-12-31")
        found = self.env["pwik.ebok.invitation"].with_user(self.nobody)._find(token)
        self.assertEqual(found, invitation)
        link = found._accept()
        self.assertEqual((link.user_id, link.role, link.state), (self.nobody, "manager", "active"))
        self.assertEqual(str(link.date_to), "2099-12-31")
        self.assertFalse(self.env["pwik.ebok.invitation"].with_user(self.other)._find(token))

    def test_an_invitation_prolongs_and_raises_an_access(self):
        link = self.links.create(
            {
                "user_id": self.nobody.id,
                "partner_id": self.customer.id,
                "role": "manager",
                "state": "active",
                "date_to": "2099-06-30",
            }
        )
        for role, date_to, role_then, end_then in (
            ("manager", "2099-01-31", "manager", "2099-06-30"),  # nothing is taken from him
            ("manager", "2099-12-31", "manager", "2099-12-31"),
            ("owner", False, "owner", "False"),
            ("manager", "2099-01-31", "owner", "False"),
        ):
            _invitation, token = self.invite(role=role, date_to=date_to)
            self.env["pwik.ebok.attempt"].search([]).unlink()
            found = self.env["pwik.ebok.invitation"].with_user(self.nobody)._find(token)
            self.assertEqual(found._accept(), link)
            self.assertEqual((link.role, str(link.date_to)), (role_then, end_then))

    def test_nobody_invites_after_his_own_access_ended(self):
        _invitation, token = self.invite()
        self.link.action_revoke()
        self.assertFalse(self.env["pwik.ebok.invitation"].with_user(self.nobody)._find(token))

    def test_it_runs_out(self):
        invitation, token = self.invite()
        invitation.valid_until = fields.Datetime.now() - timedelta(minutes=1)
        self.assertFalse(self.env["pwik.ebok.invitation"].with_user(self.nobody)._find(token))

    def test_not_many_letters_to_one_address(self):
        sent = [self.invite()[0] for _number in range(4)]
        self.assertEqual([bool(one) for one in sent], [True, True, True, False])


@tagged("post_install", "-at_install")
class TestAccessPages(LinkingCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.link = self.links.create(
            {"user_id": self.owner.id, "partner_id": self.customer.id, "state": "active"}
        )

    def post(self, path, **values):
        return self.url_open(
            path, data={"csrf_token": http.Request.csrf_token(self), **values}, allow_redirects=False
        )

    def test_link_by_the_form(self):
        self.link.action_revoke()
        self.authenticate("nobody", PASSWORD)
        wrong = self.post("/my/link/invoice", **self.form(amount="1,00"))
        self.assertEqual(wrong.status_code, 422)
        self.assertIn('id="error_summary"', wrong.text)
        self.assertIn(self.form()["invoice_number"], wrong.text, "answers are kept")
        right = self.post("/my/link/invoice", **self.form())
        self.assertEqual(right.status_code, 303)
        self.assertIn("/my/access?done=linked", right.headers["Location"])
        page = self.url_open("/my/access?done=linked").text
        self.assertIn(self.customer.name, page)

    def test_link_by_a_code(self):
        _issued, code = self.env["pwik.ebok.code"]._issue(self.customer)
        self.authenticate("nobody", PASSWORD)
        self.assertEqual(self.post("/my/link/code", code="ZŁY").status_code, 422)
        self.assertEqual(self.post("/my/link/code", code=code).status_code, 303)

    def test_the_owner_sees_approves_and_ends(self):
        waiting = self.links.create(
            {"user_id": self.nobody.id, "partner_id": self.customer.id, "role": "proxy", "way": "invoice"}
        )
        self.authenticate("owner", PASSWORD)
        self.assertIn(self.nobody.name, self.url_open("/my/access").text)
        self.assertEqual(self.post(f"/my/access/{waiting.id}/approve").status_code, 303)
        self.assertEqual((waiting.state, waiting.approver_id), ("active", self.owner))
        self.assertEqual(self.post(f"/my/access/{waiting.id}/end").status_code, 303)
        self.assertEqual(waiting.state, "revoked")

    def test_nobody_approves_himself_nor_ends_a_strangers_access(self):
        waiting = self.links.create(
            {"user_id": self.nobody.id, "partner_id": self.customer.id, "role": "proxy", "way": "invoice"}
        )
        proxy = self.links.create(
            {"user_id": self.former.id, "partner_id": self.customer.id, "role": "proxy", "state": "active"}
        )
        self.authenticate("nobody", PASSWORD)
        self.assertEqual(self.post(f"/my/access/{waiting.id}/approve").status_code, 404)
        for login in ("other", "former"):  # another customer; a proxy of this one
            self.authenticate(login, PASSWORD)
            self.assertEqual(self.post(f"/my/access/{waiting.id}/approve").status_code, 404)
            self.assertEqual(self.post(f"/my/access/{self.link.id}/end").status_code, 404)
            invite = self.post(
                "/my/access/invite", customer=self.customer.id, email="x@example.com", role="owner"
            )
            self.assertEqual(invite.status_code, 404)
        self.assertEqual((waiting.state, self.link.state, proxy.state), ("pending", "active", "active"))

    def test_invite_and_withdraw(self):
        self.authenticate("owner", PASSWORD)
        wrong = self.post(
            "/my/access/invite", customer=self.customer.id, email="x", role="king", date_to="2020-01-01"
        )
        self.assertEqual(wrong.status_code, 422)
        sent = self.post(
            "/my/access/invite", customer=self.customer.id, email="z@example.com", role="manager"
        )
        self.assertEqual(sent.status_code, 303)
        invitation = self.env["pwik.ebok.invitation"].search([("partner_id", "=", self.customer.id)])
        self.assertIn("z@example.com", self.url_open("/my/access").text)
        self.authenticate("other", PASSWORD)
        self.assertEqual(self.post(f"/my/access/invitations/{invitation.id}/withdraw").status_code, 404)
        self.authenticate("owner", PASSWORD)
        self.assertEqual(self.post(f"/my/access/invitations/{invitation.id}/withdraw").status_code, 303)
        self.assertEqual(invitation.state, "withdrawn")

    def test_a_link_in_waiting_shows_no_name(self):
        self.links.create({"user_id": self.nobody.id, "partner_id": self.customer.id, "role": "proxy"})
        self.authenticate("nobody", PASSWORD)
        page = self.url_open("/my/access").text
        self.assertIn(self.customer.pwik_customer_number, page)
        self.assertNotIn(self.customer.name, page)
