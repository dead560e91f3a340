"""Customers pay online: a part, all, several invoices at once, by the promise of a transfer. The balance follows."""

import io
import re
from decimal import Decimal

import zxingcpp
from ebok import choose
from PIL import Image
from playwright.sync_api import Locator, Page, expect

NARROW = {"width": 390, "height": 844}


def amount(text: str) -> Decimal:
    """The first sum in złoty of a text."""
    found = re.search(r"(-?\d[\d\s\xa0\u202f]*,\d\d)\s*zł", text)
    return Decimal(re.sub(r"\s", "", found[1]).replace(",", "."))


def balance(page: Page) -> Decimal:
    """The balance, as the page of it says."""
    choose(page, "Faktury i saldo", "Saldo")
    return amount(page.locator(".o_ebok_amount").first.inner_text())


def read_codes(picture: Locator) -> list[str]:
    """Texts of the QR codes in a picture of a page, as a telephone would read them."""
    with Image.open(io.BytesIO(picture.screenshot())) as image:
        return [code.text for code in zxingcpp.read_barcodes(image.convert("L"))]


def pictures(page: Page, screenshot, name: str) -> None:
    """The page as on a desk and on a telephone; none may be wider than its window."""
    wide = page.viewport_size
    screenshot(page, name)
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], (
        f"{name} scrolls sideways"
    )
    screenshot(page, f"{name}-390")
    page.set_viewport_size(wide)


def pay(page: Page, way: str) -> None:
    """From the choice of what to pay, over Odoo's form, to the receipt."""
    page.get_by_role("button", name="Przejdź do płatności").click()
    page.locator("label").filter(has_text=way).click()
    page.get_by_role("button", name="Zapłać").click()
    page.wait_for_url("**/my/pay/receipt?payment=*")


def test_a_part_and_then_all(page_as, screenshot):
    page = page_as("klient")
    owed = balance(page)
    assert owed > 1
    choose(page, "Faktury i saldo", "Zapłać online")
    pictures(page, screenshot, "what")

    page.get_by_label("Kwota w złotych").fill(f"{owed + 1}".replace(".", ","))
    page.get_by_role("button", name="Przejdź do płatności").click()
    expect(page.get_by_role("alert")).to_contain_text(f"od 0,01 do {owed}".replace(".", ","))
    pictures(page, screenshot, "mistake")

    page.get_by_label("Kwota w złotych").fill("1,00")
    pay(page, "Demo")
    expect(page.get_by_role("status")).to_contain_text("otrzymaliśmy wpłatę")
    assert amount(page.locator(".o_ebok_amount").inner_text()) == 1
    pictures(page, screenshot, "receipt")
    receipt = page.url
    assert balance(page) == owed - 1

    choose(page, "Faktury i saldo", "Zapłać online")
    pay(page, "Demo")
    assert balance(page) == 0
    expect(page.get_by_text("wszystko opłacone")).to_be_visible()
    pictures(page, screenshot, "balance")
    choose(page, "Faktury i saldo", "Zapłać online")
    expect(page.get_by_text("Wszystko zapłacone")).to_be_visible()
    pictures(page, screenshot, "nothing")

    neighbour = page_as("sasiad")
    assert neighbour.request.get(receipt).status == 404


def test_several_invoices_at_once(page_as, screenshot):
    """The neighbour owes two; he takes both by their boxes, which is not the whole balance with its other items."""
    page = page_as("sasiad")
    owed = balance(page)
    choose(page, "Faktury i saldo", "Zapłać online")
    boxes = page.locator("input[name=invoice]")
    expect(boxes).to_have_count(2)
    boxes.first.uncheck()
    boxes.first.check()
    expect(page.get_by_label("Wybrane faktury")).to_be_checked()
    pictures(page, screenshot, "what")
    numbers = [text.split()[0] for text in page.locator(".o_ebok_pay li label").all_inner_texts()]
    both = sum(amount(text) for text in page.locator(".o_ebok_pay li").all_inner_texts())
    pay(page, "Demo")
    assert amount(page.locator(".o_ebok_amount").inner_text()) == both
    for number in numbers:
        expect(page.get_by_role("row").filter(has_text=number)).to_contain_text("Opłacona")
    pictures(page, screenshot, "receipt")
    assert balance(page) == owed - both
    pictures(page, screenshot, "balance")

    choose(page, "Faktury i saldo", "Zapłać online")
    expect(boxes).to_have_count(0)
    pay(page, "Demo")
    assert balance(page) == 0


def test_the_promise_of_a_transfer(page_as, screenshot):
    page = page_as("zarzadca")
    owed = balance(page)
    choose(page, "Faktury i saldo", "Zapłać online")
    pictures(page, screenshot, "what")
    pay(page, "Przelew bankowy")
    expect(page.get_by_role("status")).to_contain_text("Czekamy na przelew")
    pictures(page, screenshot, "receipt")
    transfer = page.get_by_role("region", name="Dane do przelewu")
    expect(transfer).to_contain_text("9999 0000 5730 0038")
    assert amount(transfer.inner_text()) == owed
    [code] = read_codes(transfer.get_by_role("img", name="Kod z danymi do przelewu"))
    assert code.split("|")[:4] == ["5730003841", "PL", "11999900005730003800000033", f"{int(owed * 100):06}"]
    assert balance(page) == owed, "a promise is no payment"
    pictures(page, screenshot, "balance")
