"""Neighbour, former owner, property manager: each sees what is his, and nothing of Anna's."""

import pytest
from ebok import choose
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def addresses(browser, server, passwords):
    """Anna's own addresses, gathered from her pages."""
    context = browser.new_context(base_url=server, locale="pl-PL")
    page = context.new_page()
    page.goto("/web/login")
    page.fill("input[name=login]", "klient")
    page.fill("input[name=password]", passwords["klient"])
    page.click(".oe_login_form button[type=submit]")
    page.wait_for_url("**/my")
    found = set()
    for start in ("/my", "/my/contracts", "/my/invoices", "/my/cases", "/my/readings"):
        page.goto(start)
        found |= {link.get_attribute("href") for link in page.locator("main a[href*='/my/']").all()}
    for contract in [path for path in found if path.startswith("/my/contracts/")]:
        page.goto(contract)
        found |= {link.get_attribute("href") for link in page.locator("main a[href*='/my/']").all()}
    context.close()
    return sorted(path for path in found if any(part.isdigit() for part in path.split("?")[0].split("/")))


@pytest.mark.parametrize("login", ["sasiad", "zarzadca"])
def test_annas_addresses_do_not_exist_for_others(page_as, addresses, login):
    assert len(addresses) > 8, addresses
    page = page_as(login)
    for path in addresses:
        answer = page.request.get(path)
        assert answer.status == 404, path
        assert "Kowalska" not in answer.text()


def test_former_owner_sees_only_his_time(page_as, screenshot):
    page = page_as("poprzednik")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dzień dobry, Jan Nowak")
    choose(page, "Umowy", "Wykaz umów")
    cards = page.locator("main section")
    expect(cards).to_have_count(1)
    expect(cards).not_to_contain_text("Wiśniewski")
    screenshot(page, "contracts")
    page.locator("main section a").first.click()
    end = page.get_by_text("do 30.06.2025")
    expect(end.first).to_be_visible()
    links = page.get_by_role("link", name="Odczyty", exact=True)
    for href in {link.get_attribute("href") for link in links.all()}:
        page.goto(href)
        dates = page.locator("tbody tr td:first-child").all_inner_texts()
        assert dates
        for text in dates:
            day, month, year = text.split(".")
            assert (year, month, day) <= ("2025", "06", "30"), text
    choose(page, "Faktury i saldo", "Wykaz faktur")
    expect(page.locator("tbody tr")).to_have_count(0)


def test_manager_has_two_customers(page_as, screenshot):
    page = page_as("zarzadca")
    choose(page, "Dane kontrahenta", "Podgląd danych kontrahenta")
    expect(page.locator("main section")).to_have_count(2)
    choose(page, "Faktury i saldo", "Saldo")
    options = page.get_by_label("Klient").locator("option")
    expect(options).to_have_count(2)
    page.get_by_label("Klient").select_option(index=1)
    page.get_by_role("button", name="Pokaż").click()
    expect(page.get_by_text("Zaksięgowano na dzień")).to_be_visible()
    screenshot(page, "balance")
