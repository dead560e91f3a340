"""Pages that have nothing to show: they are Polish, say what to do, and offer one thing."""

import re

from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestEmptyPages(EbokCommon, HttpCase):
    def buttons(self, address):
        """Addresses of the page's main buttons."""
        answer = self.url_open(address)
        self.assertEqual(answer.status_code, 200, address)
        main = answer.text.split("<main>")[1].split("</main>")[0]
        links = re.findall(r"<a [^>]*btn-primary[^>]*>", main)
        return [re.search(r'href="([^"]*)"', link).group(1) for link in links]

    def test_a_login_without_a_customer_is_led_to_linking(self):
        self.authenticate("nobody", PASSWORD)
        for address in (
            *(
                "/my",
                "/my/customer",
                "/my/customer/request",
                "/my/customer/einvoice",
                "/my/invoices",
                "/my/balance",
            ),
            *("/my/pay", "/my/contracts", "/my/reading", "/my/readings", "/my/simulation", "/my/privacy"),
        ):
            with self.subTest(address):
                self.assertEqual(self.buttons(address), ["/my/link"])

    def test_lists_of_cases_offer_one_thing_in_polish(self):
        self.authenticate("nobody", PASSWORD)
        for address, target, words in (
            ("/my/cases", "/my/cases/new", "Zgłoś uwagę"),
            ("/my/cases/readings", "/my/reading", "Zgłoś odczyt"),
            ("/my/cases/changes", "/my/customer/request", "Zgłoś zmianę danych"),
        ):
            with self.subTest(address):
                self.assertEqual(self.buttons(address), [target])
                self.assertIn(words, self.url_open(address).text)

    def test_pages_of_links_say_what_they_are(self):
        """The heading told everybody to sign in, whatever the page was about."""
        for address, title in (
            ("/ebok/einvoice/confirm?token=x", "Ten odnośnik wygasł"),
            ("/ebok/invitation/x", "To zaproszenie wygasło"),
        ):
            page = self.url_open(address).text
            self.assertIn(title, page.split("<h1")[1].split("</h1>")[0])
            self.assertIn(title, page.split("<title>")[1].split("</title>")[0])
