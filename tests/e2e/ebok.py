"""What the journeys share: the pages of eBOK, and small steps that a customer takes."""

import re

from playwright.sync_api import Page, expect

#: Function of the promise → its address, as the menu has them.
FUNCTIONS = {
    "Podgląd danych kontrahenta": "/my/customer",
    "Wykaz wniosków o zmianę danych": "/my/customer/requests",
    "Zgłoszenie wniosku o zmianę danych": "/my/customer/request",
    "E-faktura": "/my/customer/einvoice",
    "Powiadomienia": "/my/notices",
    "Zmiana hasła": "/my/security",
    "Historia mojego loginu": "/my/history",
    "Powiąż odbiorcę": "/my/link",
    "Kto widzi moje dane": "/my/access",
    "Moje prawa (RODO)": "/my/privacy",
    "Wykaz faktur": "/my/invoices",
    "Saldo": "/my/balance",
    "Symulacja rachunku": "/my/simulation",
    "Zapłać online": "/my/pay",
    "Sprawdź plik": "/my/check-file",
    "Wykaz umów": "/my/contracts",
    "Wykaz odczytów dla licznika": "/my/readings",
    "Zgłoszenie odczytu dla licznika": "/my/reading",
    "Wyłączenia wody": "/my/outages",
    "Wszystkie sprawy": "/my/cases",
    "Zgłoszenia odczytu": "/my/cases/readings",
    "Zmiana danych": "/my/cases/changes",
    "Zgłoszenie uwagi": "/my/cases/new",
}
MODULES = ("Dane kontrahenta", "Faktury i saldo", "Umowy", "Sprawy")
CASE_NUMBER = re.compile(r"BOK/\d{4}/\d{6}")


def choose(page: Page, module: str, function: str) -> None:
    """Open a function from the menu, as with a mouse."""
    menu = page.get_by_role("navigation", name="eBOK")
    menu.get_by_role("button", name=module).click()
    menu.get_by_role("link", name=function, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(function)


def sent_case(page: Page) -> str:
    """The number of the case that was just made, from the page that thanks for it."""
    thanks = page.get_by_role("status").filter(has_text="zgłoszenie do nas dotarło")
    return CASE_NUMBER.search(thanks.inner_text()).group()


def find(page: Page, row: str, link: str | re.Pattern) -> str:
    """Address of a link in the first row or card of a page that holds the text `row`."""
    return (
        page.locator("tr, section, li")
        .filter(has_text=row)
        .get_by_role("link", name=link)
        .first.get_attribute("href")
    )
