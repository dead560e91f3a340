"""axe-core on each page of eBOK, in normal, error and empty state; a picture of each; nothing is wider than the screen."""

import re

import pytest
from ebok import FUNCTIONS, MODULES
from playwright.sync_api import expect

WIDTHS = {
    "wide": {"width": 1280, "height": 900},
    "narrow": {"width": 390, "height": 844},
    "least": {"width": 320, "height": 640},
}
#: Forms that are sent as they are not meant: page, what is filled in, the button.
MISTAKES = (
    ("/my/customer/request", {"email": "nie adres", "zip": "x"}, "form.o_ebok_form button.btn-primary"),
    ("/my/cases/new", {}, "form.o_ebok_form button.btn-primary"),
    ("/my/link/invoice", {}, "main form[method=post] button.btn-primary"),
    ("/my/link/code", {}, "main form[method=post] button.btn-primary"),
    ("/my/access/invite", {"email": "nie adres"}, "main form[method=post] button.btn-primary"),
    ("/my/privacy", {}, "form[action='/my/privacy/erasure'] button"),
)


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_customer(page_as, barriers, screenshot, width):
    page = page_as("klient", viewport=WIDTHS[width])
    paths = ["/my", *FUNCTIONS.values(), "/my/link/invoice", "/my/link/code", "/my/access/invite"]
    for start, part in (
        ("/my/invoices", "/my/invoices/"),
        ("/my/contracts", "/my/contracts/"),
        ("/my/cases", "/my/cases/"),
        ("/my/readings", "/my/meters/"),
        ("/my/reading", "/my/meters/"),
    ):
        page.goto(start)
        links = [link.get_attribute("href") for link in page.locator(f"main a[href^='{part}']").all()]
        known = [path for path in links if path.split("/")[3].isdigit()]
        assert known, f"{start} leads to no record: {links}"
        paths.append(known[0])
    paths += ["/my/simulation?way=m3&amount=12", "/my/simulation?way=m3&amount=abc"]
    problems = []
    for path in paths:
        page.goto(path)
        problems += look_at(page, barriers, width, path)
        if page.locator("html").get_attribute("lang") != "pl-PL":
            problems.append(f"{path} does not tell its language")
        screenshot(page, f"{width}-{re.sub(r'[^a-z0-9]+', '-', path.strip('/'))}")
    assert not problems, "\n".join(problems)


def look_at(page, barriers, width, path):
    """What is wrong with the page as it stands, a line each."""
    page.wait_for_load_state("networkidle")
    problems = barriers(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > WIDTHS[width]["width"]:
        problems.append(f"{path} is {wide} px wide")
    if page.locator("h1").count() != 1:
        problems.append(f"{path} has {page.locator('h1').count()} headings of the first level")
    return problems


@pytest.mark.parametrize("width", ["wide", "least"])
def test_pages_that_tell_of_mistakes(page_as, barriers, screenshot, width):
    """A form sent wrongly: the summary stands there, focused, and the page is as free of barriers as before."""
    page = page_as("klient", viewport=WIDTHS[width])
    problems = []
    for path, values, button in MISTAKES:
        page.goto(path)
        for name, value in values.items():
            page.fill(f"main [name={name}]", value)
        page.locator(button).first.click()
        expect(page.locator("#error_summary")).to_be_visible()
        problems += look_at(page, barriers, width, path)
        screenshot(page, f"{width}-mistake-{path.strip('/').replace('/', '-')}")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("width", ["wide", "least"])
def test_pages_without_anything(page_as, barriers, screenshot, width):
    """A login that no customer is linked to yet: every page says so and leads on."""
    page = page_as("nowy", viewport=WIDTHS[width])
    problems = []
    for path in ("/my", *FUNCTIONS.values(), "/my/access/invite"):
        page.goto(path)
        problems += look_at(page, barriers, width, path)
        screenshot(page, f"{width}-empty-{path.strip('/').replace('/', '-')}")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_door(new_page, barriers, screenshot, width):
    page = new_page(viewport=WIDTHS[width])
    problems = []
    doors = (
        *("/web/login", "/web/reset_password", "/ebok/signup", "/nie-ma-takiej", "/awarie", "/sprawa"),
        "/deklaracja-dostepnosci",
    )
    for path in doors:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        problems += barriers(page)
        screenshot(page, f"{width}-{path.strip('/').replace('/', '-')}")
    page.goto("/web/login")
    expect(page.get_by_role("heading", level=1)).to_have_text("Zaloguj się do eBOK")
    assert "Odoo" not in page.locator("body").inner_text()
    assert not problems, "\n".join(problems)


def test_every_function_is_in_the_menu(page_as):
    page = page_as("klient")
    menu = page.get_by_role("navigation", name="eBOK")
    for module in MODULES:
        menu.get_by_role("button", name=module).click()
    links = {
        link.inner_text().strip(): link.get_attribute("href")
        for link in menu.locator("a.dropdown-item").all()
    }
    assert {name: FUNCTIONS[name] for name in FUNCTIONS} == {
        name: menu.locator(f"a.dropdown-item[href='{FUNCTIONS[name]}']").get_attribute("href")
        for name in FUNCTIONS
    }
    assert len(links) <= len(FUNCTIONS)
