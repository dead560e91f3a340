"""What a customer sends in reaches the office, the office decides, and the customer sees it."""

import re

from ebok import choose, sent_case
from playwright.sync_api import expect

ALL_CASES = "/odoo/action-pwik_cases.pwik_case_action"


def open_case(page, number):
    """The office finds a case on its board by the number."""
    page.goto(ALL_CASES)
    expect(page.locator(".o_menu_brand, .o_menu_sections").get_by_text("Sprawy").first).to_be_visible()
    page.locator(".o_kanban_record").filter(has_text=number).click()
    expect(page.locator(".o_form_view")).to_contain_text(number)


def test_reading_first_implausible_then_right_then_approved(page_as, screenshot):
    customer = page_as("klient")
    choose(customer, "Umowy", "Zgłoszenie odczytu dla licznika")
    customer.get_by_role("link", name=re.compile("D24100300")).click()
    last = int(re.search(r"(\d+) m³", customer.get_by_text("Ostatni przyjęty odczyt").inner_text()).group(1))
    value = customer.get_by_label("Wskazanie wodomierza")

    value.fill("12,5")
    customer.get_by_role("button", name="Wyślij odczyt").click()
    expect(customer.locator("#error_summary")).to_be_visible()
    expect(value).to_have_attribute("aria-invalid", "true")
    value.fill(str(last + 900))
    customer.get_by_role("button", name="Wyślij odczyt").click()
    expect(customer.locator("#reading_warning")).to_contain_text("Prosimy sprawdzić wskazanie")
    screenshot(customer, "implausible")
    value.fill(str(last + 20))
    customer.get_by_role("button", name="Tak, wskazanie").click()
    number = sent_case(customer)
    screenshot(customer, "sent")

    office = page_as("biuro", "/odoo")
    open_case(office, number)
    screenshot(office, "case")
    office.get_by_role("button", name="Zatwierdź", exact=True).click()
    expect(office.locator(".o_statusbar_status .o_arrow_button_current")).to_have_text("Załatwiona")
    screenshot(office, "approved")

    choose(customer, "Sprawy", "Zgłoszenia odczytu")
    customer.get_by_role("link", name=number).click()
    expect(customer.get_by_role("heading", level=1)).to_contain_text("Załatwiona")
    choose(customer, "Umowy", "Wykaz odczytów dla licznika")
    customer.get_by_role("link", name=re.compile("D24100300")).click()
    expect(customer.locator("tbody tr:not(details tr)").first).to_contain_text(f"{last + 20},000")
    expect(customer.locator("tbody tr:not(details tr)").first).to_contain_text("Odbiorca")


def test_data_change_is_asked_for_approved_and_seen(page_as, screenshot):
    customer = page_as("sasiad")
    choose(customer, "Dane kontrahenta", "Zgłoszenie wniosku o zmianę danych")
    customer.get_by_label("Telefon").fill("+48 601 222 333")
    customer.get_by_role("button", name="Wyślij wniosek").click()
    number = sent_case(customer)
    choose(customer, "Dane kontrahenta", "Podgląd danych kontrahenta")
    expect(customer.get_by_text("601 222 333")).to_have_count(
        0
    )  # nothing changes before the office accepts it

    office = page_as("biuro", "/odoo")
    open_case(office, number)
    office.get_by_role("button", name=re.compile("Przyjmij wszystkie")).click()
    office.get_by_role("button", name="Zatwierdź", exact=True).click()
    expect(office.locator(".o_statusbar_status .o_arrow_button_current")).to_have_text("Załatwiona")
    screenshot(office, "approved")

    choose(customer, "Dane kontrahenta", "Podgląd danych kontrahenta")
    expect(customer.get_by_text("601 222 333")).to_be_visible()
    choose(customer, "Dane kontrahenta", "Wykaz wniosków o zmianę danych")
    expect(customer.locator("section").filter(has_text=number)).to_contain_text("Przyjęta")
    screenshot(customer, "seen")
