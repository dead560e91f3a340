"""Anna pays online: what she owes, the invoices she chooses, the confirmation, the balance after it."""

import re
from decimal import Decimal

from ebok import choose
from playwright.sync_api import expect


def amount(text):
    """The first sum in złoty of a text, as Decimal."""
    found = re.search(r"(\d[\d\s\xa0\u202f]*,\d\d)\s*zł", text)
    return Decimal(re.sub(r"\s", "", found[1]).replace(",", "."))


def test_a_part_of_two_invoices_and_a_neighbour_who_sees_none_of_it(page_as, screenshot):
    page = page_as("klient")
    choose(page, "Faktury i saldo", "Saldo")
    before = amount(page.locator(".o_ebok_amount").first.inner_text())

    choose(page, "Faktury i saldo", "Zapłać online")
    page.get_by_label("Wybrane faktury").check()
    chosen = page.locator("input[name=invoice]:not([disabled])")
    for box in chosen.all():
        box.check()
    number = page.locator("li label strong").first.inner_text()
    page.locator("#pay_amount").fill("1,00")
    screenshot(page, "what")
    page.locator("form.o_ebok_pay button").click()
    expect(page.locator("#o_payment_form, .o_payment_form").first).to_be_visible()
    expect(page.locator("dd").filter(has_text=number).first).to_be_visible()
    order = page.url
    screenshot(page, "how")
    demo = page.get_by_role("radio", name=re.compile("Demo", re.I))
    if demo.count():
        demo.first.check()
    page.locator("[name=o_payment_submit_button]").click()

    page.wait_for_url("**/my/pay/receipt?payment=*", timeout=20_000)
    expect(page.get_by_role("status")).to_contain_text("otrzymaliśmy wpłatę")
    expect(page.locator(".o_ebok_amount").first).to_contain_text("1,00")
    expect(page.get_by_role("row").filter(has_text=number)).to_be_visible()
    receipt = page.url
    screenshot(page, "receipt")

    choose(page, "Faktury i saldo", "Saldo")
    assert amount(page.locator(".o_ebok_amount").first.inner_text()) == before - 1
    expect(page.get_by_role("link").filter(has_text=number).first).to_be_visible()

    neighbour = page_as("sasiad")
    assert neighbour.request.get(receipt).status == 404
    refused = neighbour.request.get(order)
    assert refused.status in (404, 422), "Anna's order is nothing that a neighbour may open"
    assert number not in refused.text()
