"""The front door: signing in, being refused, and what a stranger sees."""

import pytest


def test_administrator_reaches_the_office(page_as, screenshot):
    page = page_as("admin", "/odoo")
    page.wait_for_selector(".o_web_client")
    screenshot(page, "office")


def test_wrong_password_is_refused(new_page, screenshot):
    page = new_page()
    page.goto("/web/login")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", "not the password")
    page.click(".oe_login_form button[type=submit]")
    page.wait_for_selector(".alert-danger")
    assert "/web/login" in page.url
    screenshot(page, "refused")


@pytest.mark.parametrize("path", ["/my", "/my/home", "/my/invoices", "/odoo"])
def test_stranger_is_sent_to_the_door(new_page, path):
    page = new_page()
    page.goto(path)
    assert "/web/login" in page.url


def test_database_manager_is_closed(new_page):
    page = new_page()
    page.goto("/web/database/manager")
    page.get_by_text("has been disabled by the administrator").wait_for()
    assert page.locator(".list-group-item").count() == 0  # no database is named
