"""A browser on the server that `./pwik test` has started, on a database on which the demo was played."""

import json
import os
import pathlib
import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = [
    "--no-sandbox",  # as root, as in a container, Chromium has no other way
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
# The reader of the texts below is the customer: the pages speak Polish.
LOCALE, ZONE = "pl-PL", "Europe/Warsaw"
# How long a page may take to show what is asked for (ms): the server shares its cores with the other stages, and a test that
# gives up early says nothing about the page.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


def _from_environ(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.exit(f"{name} is not set: run these tests by ./pwik test e2e", returncode=2)
    return value


@pytest.fixture(scope="session")
def server() -> str:
    """The server's address, without a slash at its end."""
    return _from_environ("PWIK_E2E_URL")


@pytest.fixture(scope="session")
def passwords() -> dict[str, str]:
    """The demo's passwords by login."""
    return json.loads(pathlib.Path(_from_environ("PWIK_PASSWORDS")).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, headless."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.exit("No Chromium here: ./pwik test installs it where there is apt.", returncode=2)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser, server):
    """A function that opens a page in a session of its own; every error of its scripts fails the test."""
    contexts, errors = [], []

    def note_refusal(page, text):
        """What the browser did not run because the page's own policy forbids it: a script of ours without the nonce."""
        if "Content Security Policy" in text:
            errors.append(f"{page.url}: {text}")

    def open_page(**options) -> Page:
        context = browser.new_context(base_url=server, locale=LOCALE, timezone_id=ZONE, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.on("console", lambda message: note_refusal(page, message.text))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture(scope="session")
def signed_in(browser, server, passwords):
    """A function that signs a demo user in, once for all tests: `signed_in("klient")` is the state of that session."""
    states: dict[str, dict] = {}

    def state_of(login: str) -> dict:
        if login not in states:
            context = browser.new_context(base_url=server, locale=LOCALE, timezone_id=ZONE)
            page = context.new_page()
            page.goto("/web/login")
            page.fill("input[name=login]", login)
            page.fill("input[name=password]", passwords[login])
            page.click(".oe_login_form button[type=submit]")
            # the first page of a fresh server builds its scripts and styles, on a busy machine for a minute
            page.wait_for_url(re.compile(r"^(?!.*/web/login)"), timeout=120_000)
            states[login] = context.storage_state()
            context.close()
        return states[login]

    return state_of


@pytest.fixture
def page_as(new_page, signed_in):
    """A function that opens a page as a demo user: `page_as("klient", "/my/invoices")`."""

    def open_page(login: str, path: str = "/my", **options) -> Page:
        page = new_page(storage_state=signed_in(login), **options)
        page.goto(path)
        return page

    return open_page


@pytest.fixture
def screenshot(request):
    """A function that keeps a picture of a page: `screenshot(page, "invoice")`. Returns the file's path."""
    folder = pathlib.Path(_from_environ("PWIK_SCREENSHOTS"))

    def take(page: Page, name: str) -> pathlib.Path:
        test = re.sub(r"\W+", "_", request.node.name)
        path = folder / f"{test}-{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return take


@pytest.fixture(scope="session")
def barriers():
    """A function that asks axe-core about a page: its findings (WCAG 2.0 to 2.2, A and AA, best practices), a line each."""
    axe = Axe()
    levels = [f"wcag{version}{level}" for version in ("2", "21", "22") for level in ("a", "aa")]
    rules = {"runOnly": {"type": "tag", "values": [*levels, "best-practice"]}, "resultTypes": ["violations"]}

    def find(page: Page) -> list[str]:
        return [
            f"{page.url}: {one['id']} ({one['impact']}): {one['help']}: {node['html'][:150]}"
            for one in axe.run(page, options=rules).response["violations"]
            for node in one["nodes"]
        ]

    return find
