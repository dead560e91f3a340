"""The clerk of billing imports the statements of the demo's bank, and the customers' invoices are paid."""

import os
import pathlib

from playwright.sync_api import expect

IMPORT = "/odoo/action-pwik_einvoice.pwik_bank_import_wizard_action"


def test_statements_of_the_demo_are_imported(page_as, screenshot):
    folder = pathlib.Path(os.environ["PWIK_BANK_FILES"])
    files = sorted(folder.glob("wyciag-*"))
    assert [path.suffix for path in files] == [".sta", ".xml"]

    page = page_as("faktury", IMPORT)
    page.locator("input[type=file]").set_input_files(files)
    rows = page.get_by_role("row")
    for path in files:
        expect(rows.filter(has_text=path.name)).to_be_visible()
    expect(rows.filter(has_text="wpłata").first).to_be_visible()
    screenshot(page, "preview")
    page.get_by_role("button", name="Importuj").click()
    expect(page.get_by_role("dialog")).to_have_count(
        0, timeout=180_000
    )  # each payment is booked and reconciled meanwhile
    expect(rows.filter(has_text=files[0].name)).to_contain_text("MT940")
    expect(rows.filter(has_text=files[1].name)).to_contain_text("camt.053")
    screenshot(page, "imported")

    page.goto("/odoo/action-pwik_einvoice.pwik_bank_transaction_action")
    expect(rows.filter(has_text="OPŁATA ZA PROWADZENIE RACHUNKU")).to_have_count(2)
    expect(rows.filter(has_text="KOWALSKI JAN")).to_have_count(2)
    screenshot(page, "for-a-person")

    # what was paid too much is paid back by itself
    page.goto("/odoo/action-pwik_einvoice.pwik_bank_transaction_action_all")
    page.get_by_role("searchbox").fill("Zwrot nadpłaty")
    page.get_by_role("searchbox").press("Enter")
    back = rows.filter(has_text="Zwrot nadpłaty")
    expect(back).to_have_count(1)
    expect(back).to_contain_text("Przypisana do klienta")
    back.get_by_role("cell", name="Zwrot nadpłaty").click()
    expect(page.get_by_role("heading", name="Zwrot nadpłaty")).to_be_visible()
    screenshot(page, "paid-back")
