"""The declaration of accessibility: what the law asks for, on a page for everybody."""

from lxml import html
from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon

#: Identifiers that the ministry's structure of the document demands; programs of the inspection look for them.
ALWAYS = (
    *("a11y-wstep", "a11y-podmiot", "a11y-url", "a11y-kontakt", "a11y-osoba", "a11y-email", "a11y-telefon"),
    *("a11y-procedura", "a11y-architektura", "a11y-aplikacje"),
)
DECLARED = ("a11y-data-publikacja", "a11y-data-aktualizacja", "a11y-data-sporzadzenie", "a11y-status")
PAGE = "/deklaracja-dostepnosci"


@tagged("post_install", "-at_install")
class TestAccessibilityPage(EbokCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.env.company.write({"email": "bok@example.com", "phone": "+48 34 300 00 00"})
        self.env.company.write(
            {
                "pwik_a11y_published": "2026-01-02",
                "pwik_a11y_updated": False,
                "pwik_a11y_made": "2026-03-15",
                "pwik_a11y_status": "partial",
                "pwik_a11y_gaps": "Skany dawnych faktur.\n\n  Mapa wyłączeń.  ",
                "pwik_a11y_email": "dostepnosc@example.com",
            }
        )

    def _page(self):
        answer = self.url_open(PAGE)
        self.assertEqual(answer.status_code, 200)
        return html.fromstring(answer.text)

    def _text(self, page, name):
        return " ".join(page.get_element_by_id(name).text_content().split())

    def test_a_guest_reads_what_the_law_asks_for(self):
        page = self._page()
        for name in (*ALWAYS, *DECLARED):
            self.assertEqual(len(page.xpath(f"//*[@id='{name}']")), 1, name)
        self.assertEqual(page.get_element_by_id("a11y-data-sporzadzenie").get("datetime"), "2026-03-15")
        self.assertEqual(
            page.get_element_by_id("a11y-data-aktualizacja").get("datetime"), "2026-01-02", "never changed"
        )
        self.assertEqual(self._text(page, "a11y-email"), "dostepnosc@example.com")
        self.assertEqual(self._text(page, "a11y-telefon"), "+48 34 300 00 00", "the company's own")
        self.assertEqual(
            [line.text for line in page.xpath("//*[@id='a11y-ocena']//li")],
            ["Skany dawnych faktur.", "Mapa wyłączeń."],
        )

    def test_without_a_declaration_nothing_is_claimed(self):
        self.env.company.pwik_a11y_made = False
        page = self._page()
        for name in ALWAYS:
            self.assertEqual(len(page.xpath(f"//*[@id='{name}']")), 1, name)
        for name in DECLARED:
            self.assertFalse(page.xpath(f"//*[@id='{name}']"), name)

    def test_an_incomplete_declaration_is_refused(self):
        for values in (
            {"pwik_a11y_status": False},
            {"pwik_a11y_published": False},
            {"pwik_a11y_gaps": " \n"},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.env.company.write(values)
        self.env.company.write({"pwik_a11y_status": "full", "pwik_a11y_gaps": False})
        self.assertFalse(self._page().xpath("//*[@id='a11y-ocena']"))

    def test_every_page_leads_there(self):
        for path in ("/web/login", "/awarie"):
            self.assertIn(f'href="{PAGE}"', self.url_open(path).text, path)
        self.authenticate("owner", PASSWORD)
        self.assertIn(f'href="{PAGE}"', self.url_open("/my").text)
