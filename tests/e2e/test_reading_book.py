"""A reading book of 200 meters, entered as the reader does it: value, Enter, value, Enter.

PWIK_BOOK_ENTRIES=200 enters all of them, which takes minutes.
"""

import datetime
import json
import os
import re
import time

import pytest
from playwright.sync_api import expect

METERS = 200
ENTRIES = int(os.environ.get("PWIK_BOOK_ENTRIES", "40"))
START = 100
SLIP = 4  # in this row (from 0) a digit is forgotten


def make_call(page):
    """A function that calls a model's method as the page's user."""

    def call(model, method, *args, **kwargs):
        body = {
            "jsonrpc": "2.0",
            "params": {"model": model, "method": method, "args": args, "kwargs": kwargs},
        }
        answer = page.request.post(
            "/web/dataset/call_kw", data=json.dumps(body), headers={"Content-Type": "application/json"}
        ).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer.get("result")

    return call


@pytest.fixture
def book(page_as):
    """Id of a book of today on a route of METERS meters that the demo's reader walks."""
    call = make_call(page_as("admin", "/odoo"))
    (reader,) = call("res.users", "search", [["login", "=", "odczyt"]])
    municipality = call("pwik.municipality", "search", [], limit=1)[0]
    (route,) = call(
        "pwik.reading.route", "create", [{"name": "Długa", "code": "E2E-200", "reader_id": reader}]
    )
    points = call(
        "pwik.service.point",
        "create",
        [
            {
                "street": f"ul. Długa {number}",
                "city": "Częstochowa",
                "municipality_id": municipality,
                "route_id": route,
                "route_sequence": number,
            }
            for number in range(1, METERS + 1)
        ],
    )
    (customer,) = call("res.partner", "create", [{"name": "Spółdzielnia Długa"}])
    (contract,) = call(
        "pwik.contract",
        "create",
        [
            {
                "partner_id": customer,
                "date_start": "2025-01-01",
                "contract_point_ids": [[0, 0, {"service_point_id": point}] for point in points],
            }
        ],
    )
    call("pwik.contract", "action_activate", [contract])
    meters = call(
        "pwik.meter",
        "create",
        [
            {"serial": f"E2E{number:05d}", "manufacturer": "DIEHL", "state": "installed"}
            for number in range(1, METERS + 1)
        ],
    )
    call(
        "pwik.meter.installation",
        "create",
        [
            {"meter_id": meter, "service_point_id": point, "date_from": "2025-01-01", "start_value": START}
            for meter, point in zip(meters, points, strict=True)
        ],
    )
    today = datetime.date.today().isoformat()
    return call("pwik.reading.book", "create", [{"route_id": route, "date": today}])[0]


def test_many_meters_by_keyboard(page_as, screenshot, book):
    page = page_as("odczyt", f"/odoo/wodociagi-ksiazki/{book}")
    page.get_by_role("button", name="Wprowadź odczyty").click()
    rows = page.locator(".o_list_view .o_data_row")
    expect(rows).to_have_count(METERS)

    rows.first.locator("[name=entered]").click()
    start = time.monotonic()
    for number in range(ENTRIES):
        expect(rows.nth(number)).to_have_class(re.compile("o_selected_row"))
        page.keyboard.type(str(START - 50 if number == SLIP else START + number))
        page.keyboard.press("Enter")
        if number == SLIP:  # what the rules say stands there while the next one is typed
            expect(rows.nth(SLIP)).to_have_class(re.compile("text-danger"))
            expect(rows.nth(SLIP).locator("td[name=outcome]")).not_to_be_empty()
            screenshot(page, "finding")
    print(f"{ENTRIES} meters entered in {time.monotonic() - start:.0f} s")

    # the slip is typed again: the row says that all is well
    rows.nth(SLIP).locator("[name=entered]").click()
    expect(rows.nth(SLIP)).to_have_class(re.compile("o_selected_row"))
    page.keyboard.press("Control+A")
    page.keyboard.type(str(START + SLIP))
    page.keyboard.press("Enter")
    expect(rows.nth(SLIP)).not_to_have_class(re.compile("text-danger"))
    screenshot(page, "entered")

    page.goto(f"/odoo/wodociagi-ksiazki/{book}")
    expect(page.locator("[name=progress_text]")).to_have_text(f"odczytano {ENTRIES} z {METERS}")
    screenshot(page, "progress")
    call = make_call(page)
    lines = call(
        "pwik.reading.book.line", "search_read", [["book_id", "=", book]], fields=["entered", "state"]
    )
    assert sum(line["state"] == "read" for line in lines) == ENTRIES
    found = call("pwik.reading", "search_read", [["meter_id.serial", "=like", "E2E%"], ["source", "=", "manual"]],
                 fields=["value", "superseded"])  # fmt: skip
    living = sorted(reading["value"] for reading in found if not reading["superseded"])
    assert living == [START + number for number in range(ENTRIES)]
    assert [reading["value"] for reading in found if reading["superseded"]] == [
        START - 50
    ]  # never overwritten
