"""Anna Kowalska in eBOK: what she sees, what she sends, what the office gets, and what her neighbour must not see."""

import re

import pytest

START_PAGES = (
    "/my",
    "/my/contracts",
    "/my/invoices",
    "/my/balance",
    "/my/readings",
    "/my/customer",
    "/my/cases",
    "/my/cases/new",
)


@pytest.mark.parametrize("path", START_PAGES)
def test_each_page_opens_and_is_accessible(page_as, accessible, screenshot, path):
    page = page_as("klient")
    answer = page.goto(path)
    assert answer.status == 200
    page.locator("h1").first.wait_for()
    screenshot(page, path.strip("/").replace("/", "-"))
    accessible(page)


def test_from_contract_to_meter_and_readings(page_as, accessible, screenshot):
    page = page_as("klient", "/my/contracts")
    page.locator("a[href*='/my/contracts/']").first.click()
    page.wait_for_url(re.compile(r"/my/contracts/\d+"))
    accessible(page)
    screenshot(page, "contract")
    page.locator("a[href*='/my/meters/'][href$='/readings']").first.click()
    page.wait_for_url(re.compile(r"/my/meters/\d+/readings"))
    assert page.locator("table tbody tr").count() >= 2
    accessible(page)
    screenshot(page, "readings")


def test_invoice_with_its_pdf(page_as, screenshot):
    page = page_as("klient", "/my/invoices")
    link = page.locator("table tbody a[href*='/my/invoices/']").first
    target = link.get_attribute("href").split("?")[0]
    page.goto(target)
    screenshot(page, "invoice")
    pdf = page.request.get(f"{target}?report_type=pdf&download=true")
    assert pdf.status == 200
    assert pdf.headers["content-type"].startswith("application/pdf")
    assert pdf.body().startswith(b"%PDF-")


def test_reading_is_sent_and_reaches_the_office(page_as, accessible, screenshot):
    page = page_as("klient", "/my/reading")
    if "/submit" not in page.url:
        page.locator("a[href$='/submit']").first.click()
        page.wait_for_url(re.compile(r"/submit"))
    accessible(page)
    last = page.locator("main, #wrap").get_by_text(re.compile(r"\d+ m³")).first.inner_text()
    value = int(re.search(r"(\d+) m³", last)[1]) + 4
    page.fill("input[name=reading_value]", str(value))
    page.click("form.o_ebok_form button.btn-primary")
    if page.locator("#reading_warning").count():  # "is it really so much?" is asked once
        screenshot(page, "asked-back")
        page.click("form.o_ebok_form button.btn-primary")
    page.wait_for_url(re.compile(r"/my/cases/\d+\?new=1"))
    number = page.locator("[role=status] strong").nth(1).inner_text()
    accessible(page)
    screenshot(page, "thanks")
    assert str(value) in page.locator("main, #wrap").first.inner_text()

    office = page_as("biuro", "/odoo")
    office.goto("/odoo/action-pwik_cases.pwik_case_action?view_type=list")
    office.wait_for_selector(".o_control_panel")
    office.get_by_text(number).first.wait_for()
    screenshot(office, "office")


def test_remark_is_sent_and_reaches_the_office(page_as, screenshot):
    page = page_as("klient", "/my/cases/new")
    page.fill("[name=name]", "Ciśnienie wody")
    page.fill("[name=description]", "Od tygodnia wieczorem słabo leci z kranu.")
    page.click("form.o_ebok_form button.btn-primary")
    page.wait_for_url(re.compile(r"/my/cases/\d+\?new=1"))
    number = page.locator("[role=status] strong").nth(1).inner_text()

    office = page_as("biuro", "/odoo")
    office.goto("/odoo/action-pwik_cases.pwik_case_action")
    office.wait_for_selector(".o_control_panel")
    office.get_by_text(number).first.wait_for()
    screenshot(office, "office")


def test_a_mistake_is_told_beside_its_field_and_nothing_is_sent(page_as, accessible, screenshot):
    page = page_as("klient", "/my/reading")
    if "/submit" not in page.url:
        page.locator("a[href$='/submit']").first.click()
        page.wait_for_url(re.compile(r"/submit"))
    page.fill("input[name=reading_value]", "abc")
    page.click("form.o_ebok_form button.btn-primary")
    page.locator(
        "#field_reading_value[aria-invalid=true], input[name=reading_value].is-invalid"
    ).first.wait_for()
    assert "/submit" in page.url
    accessible(page)
    screenshot(page, "mistake")


def test_the_neighbour_sees_none_of_it(page_as):
    page = page_as("klient", "/my/contracts")
    links = set()
    for path in ("/my/contracts", "/my/invoices", "/my/readings", "/my/cases"):
        page.goto(path)
        hrefs = page.locator("a[href*='/my/']").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        links |= {href.split("?")[0] for href in hrefs if re.search(r"/my/\w+/\d+", href)}
    assert links
    neighbour = page_as("sasiad")
    for link in sorted(links):
        answer = neighbour.request.get(link, max_redirects=0)
        assert answer.status in (302, 303, 403, 404), f"{link}: {answer.status}"
        if answer.status in (302, 303):  # Odoo sends a stranger to an invoice back to the start page
            assert answer.headers["location"].rstrip("/").endswith("/my"), link
