"""The reader brings a dump home and imports it; customers and invoices are not his business."""

import json
import pathlib

from playwright.sync_api import expect

TOUR = pathlib.Path(__file__).resolve().parents[2] / "addons/pwik_radio_reading/demo/tour_2026_10_01.jsonl"


def test_reader_imports_a_dump_by_the_wizard(page_as, screenshot, tmp_path):
    lines = TOUR.read_text(encoding="utf-8").splitlines(keepends=True)
    dump = tmp_path / "objazd.jsonl"
    dump.write_text(
        "".join(lines[: len(lines) // 2]), encoding="utf-8"
    )  # a dump of its own, with telegrams known before

    page = page_as("odczyt", "/odoo")
    page.goto("/odoo/action-pwik_radio_reading.pwik_radio_import_wizard_action")
    dialog = page.locator(".o_dialog, .o_form_view").first
    with page.expect_file_chooser() as chooser:
        dialog.locator(".o_attach, .o_file_input_trigger, .o_attachments button").first.click()
    chooser.value.set_files(dump)
    expect(dialog.get_by_text("objazd.jsonl").first).to_be_visible()
    screenshot(page, "preview")
    page.get_by_role("button", name="Importuj", exact=True).click()
    expect(page.locator(".o_action_manager")).to_contain_text("objazd")
    screenshot(page, "imported")


def call(page, model, method, *arguments, **named):
    """What the server answers to a call as the web client makes them: ``{"result": …}`` or ``{"error": …}``."""
    body = {
        "jsonrpc": "2.0",
        "params": {"model": model, "method": method, "args": arguments, "kwargs": named},
    }
    headers = {"Content-Type": "application/json"}
    return page.request.post("/web/dataset/call_kw", data=json.dumps(body), headers=headers).json()


def test_a_running_campaign_brings_itself_up_to_date(page_as, screenshot):
    office = page_as("biuro", "/odoo")
    (campaign,) = call(
        office, "pwik.radio.campaign", "search_read", [["state", "=", "running"]], ["name"], limit=1
    )["result"]
    page = page_as("odczyt", f"/odoo/pwik.radio.campaign/{campaign['id']}")
    title = page.locator(".oe_title .o_field_widget[name=name]")
    expect(title).to_have_text(campaign["name"])
    screenshot(page, "campaign")
    for name in (f"{campaign['name']} (na żywo)", campaign["name"]):
        assert call(office, "pwik.radio.campaign", "write", [campaign["id"]], {"name": name})["result"]
        expect(title).to_have_text(name)


def test_reader_reaches_no_customer_and_no_invoice(page_as):
    page = page_as("odczyt", "/odoo")
    page.wait_for_selector(".o_web_client")
    for model in ("account.move", "pwik.settlement", "pwik.contract", "pwik.case", "pwik.ebok.link"):
        assert not call(page, model, "search_read", [], ["display_name"], limit=1).get("result"), model
    partners = call(page, "res.partner", "search_read", [], ["pwik_customer_number"])["result"]
    assert partners  # colleagues and those who sign in
    assert not [partner for partner in partners if partner["pwik_customer_number"]]
