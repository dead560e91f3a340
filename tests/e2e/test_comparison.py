"""What the demo shows only because of what came before: a campaign beside another, the cut-off after a year of arrears."""

import json

from playwright.sync_api import expect


def call(page, model, method, *arguments, **named):
    """What the server answers to a call as the web client makes them: ``{"result": …}`` or ``{"error": …}``."""
    params = {"model": model, "method": method, "args": arguments, "kwargs": named}
    body = json.dumps({"jsonrpc": "2.0", "params": params})
    headers = {"Content-Type": "application/json"}
    return page.request.post("/web/dataset/call_kw", data=body, headers=headers).json()


def test_a_campaign_stands_beside_the_one_before(page_as, screenshot):
    page = page_as("biuro", "/odoo")
    fields = ["name", "lost_count", "previous_id", "previous_progress", "early_count"]
    domain = [["state", "=", "running"], ["name", "like", "Październik"]]
    (campaign,) = call(page, "pwik.radio.campaign", "search_read", domain, fields)["result"]
    assert campaign["previous_id"] and 90 < campaign["previous_progress"] < 100
    assert (campaign["lost_count"], campaign["early_count"]) == (
        4,
        2,
    )  # two of the four came before the start

    page.goto(f"/odoo/pwik.radio.campaign/{campaign['id']}")
    expect(page.locator(".o_field_widget[name=previous_progress]")).to_be_visible()
    screenshot(page, "campaign")
    page.locator("button[name=action_view_stops][class*=btn-link]").last.click()
    expect(page.locator(".o_data_row")).to_have_count(4)
    screenshot(page, "lost")


def test_a_cutoff_is_announced_to_three(page_as, screenshot):
    page = page_as("kierownik", "/odoo")
    domain = [["state", "=", "announced"]]
    (order,) = call(page, "pwik.cutoff.order", "search_read", domain, ["unpaid_count", "notice_ids"])[
        "result"
    ]
    assert order["unpaid_count"] == 2
    page.goto(f"/odoo/pwik.cutoff.order/{order['id']}")
    expect(page.locator(".o_field_widget[name=notice_ids] .o_data_row")).to_have_count(3)
    screenshot(page, "order")
    for notice in order["notice_ids"]:
        answer = page.request.get(f"/report/pdf/pwik_billing.report_cutoff_notice/{notice}")
        assert answer.body().startswith(b"%PDF-")
