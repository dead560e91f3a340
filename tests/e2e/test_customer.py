"""Anna Kowalska in eBOK: what she owes, what she used, what she asks for."""

import io
import re

import pypdf
from ebok import choose, sent_case
from playwright.sync_api import expect


def test_from_the_start_page_to_the_readings_of_a_meter(page_as, screenshot):
    page = page_as("klient")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dzień dobry, Anna Kowalska")
    expect(page.get_by_role("region", name="Do zapłaty")).to_contain_text("625,53 zł")
    screenshot(page, "start")

    choose(page, "Umowy", "Wykaz umów")
    page.get_by_role("link", name="U/2019/000001").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("U/2019/000001")
    expect(page.get_by_text("dostarczanie wody, odprowadzanie ścieków")).to_be_visible()
    page.get_by_role("row").filter(has_text="D24100300").get_by_role("link", name="Odczyty").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wykaz odczytów dla licznika D24100300")
    radio = page.get_by_role("row").filter(has_text="30.09.2026")
    expect(radio).to_contain_text("789,746")
    expect(radio).to_contain_text("Radio")
    screenshot(page, "readings")

    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with open(download.value.path(), encoding="utf-8-sig") as file:
        assert "2026-09-30;789,746;" in file.read()


def test_invoice_its_pdf_and_the_balance(page_as, screenshot):
    page = page_as("klient")
    choose(page, "Faktury i saldo", "Wykaz faktur")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    newest = rows.first
    expect(newest).to_contain_text("Po terminie")
    number = newest.get_by_role("link").first.inner_text()
    newest.get_by_role("link").first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    for text in ("01.07.2026 – 30.09.2026", "Indywidualny rachunek", "Woda, taryfa V3", "Odczyty wodomierzy"):
        expect(page.get_by_text(text).first).to_be_visible()
    for text in ("Odoo", "Pay", "Salesperson", "Sprzedawca"):
        assert text not in page.locator("body").inner_text()
    screenshot(page, "invoice")

    with page.expect_download() as download:
        page.get_by_role("link", name="Pobierz PDF").click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"%PDF")
    text = "\n".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(content)).pages)
    assert number in text
    assert "Anna Kowalska" in text
    assert "625,53" in text

    choose(page, "Faktury i saldo", "Saldo")
    expect(page.get_by_text("Zaksięgowano na dzień")).to_be_visible()
    expect(page.get_by_text("w tym po terminie")).to_be_visible()
    expect(page.get_by_text("02 9999 0000 5730 0038 0000 0001")).to_be_visible()
    screenshot(page, "balance")


def test_too_large_files_are_told_before_sending(page_as, screenshot, tmp_path):
    photos = [tmp_path / name for name in ("pierwsze.txt", "drugie.txt")]
    for photo in photos:
        photo.write_bytes(b"a" * (7 * 1024 * 1024))
    page = page_as("klient")
    choose(page, "Sprawy", "Zgłoszenie uwagi")
    page.wait_for_load_state("networkidle")  # the script that looks at files comes after the page
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.get_by_label("Opis").fill("Kran przy ławce kapie od poniedziałku.")
    page.get_by_label("Pliki").set_input_files(photos)
    page.get_by_role("button", name="Wyślij").click()
    summary = page.locator(".o_ebok_too_large")
    expect(summary).to_contain_text("10 MB")
    expect(summary).to_be_focused()
    screenshot(page, "too-large")
    assert not [address for address in sent if address.endswith("/my/cases/new")]
    expect(page.get_by_label("Opis")).to_have_value("Kran przy ławce kapie od poniedziałku.")
    page.get_by_label("Pliki").set_input_files(photos[:1])
    page.get_by_role("button", name="Wyślij").click()
    expect(page.locator("#error_summary, [role=status]").first).to_be_visible()


def test_remark_with_a_file_and_an_answer(page_as, screenshot, tmp_path):
    file = tmp_path / "kran.txt"
    file.write_text("Zdjęcie kranu, opisane słowami.", encoding="utf-8")
    page = page_as("klient")
    choose(page, "Sprawy", "Zgłoszenie uwagi")
    page.get_by_role("button", name="Wyślij").click()
    summary = page.locator("#error_summary")
    expect(summary).to_contain_text("Prosimy o poprawienie")
    expect(summary).to_be_focused()
    screenshot(page, "mistakes")

    page.get_by_label("Temat").fill("Kapiący kran na skwerze")
    page.get_by_label("Opis").fill("Kran przy ławce kapie od poniedziałku.")
    page.get_by_label("Pliki").set_input_files(file)
    page.get_by_role("button", name="Wyślij").click()
    number = sent_case(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="kran.txt").click()
    assert download.value.path().read_text(encoding="utf-8").startswith("Zdjęcie kranu")

    composer = page.locator(".o-mail-Composer-input").first
    composer.fill("Dziś kapie już mocniej.")
    page.get_by_role("button", name="Wyślij").click()
    expect(page.locator(".o-mail-Message").filter(has_text="Dziś kapie już mocniej.")).to_be_visible()
    screenshot(page, "conversation")

    choose(page, "Sprawy", "Wszystkie sprawy")
    page.get_by_role("link", name="Zamknięte").click()
    expect(page.get_by_text(number)).to_have_count(0)
    page.get_by_role("link", name="Otwarte").click()
    expect(page.get_by_role("link", name=number)).to_be_visible()


def test_change_of_password(new_page, passwords, screenshot):
    """In a session of its own: a new password ends the others."""
    page = new_page()
    page.goto("/web/login?redirect=/my")
    page.fill("input[name=login]", "zarzadca")
    page.fill("input[name=password]", passwords["zarzadca"])
    page.get_by_role("button", name="Zaloguj").click()
    choose(page, "Dane kontrahenta", "Zmiana hasła")
    assert "Usuń konto" not in page.locator("body").inner_text()
    page.fill("input[name=old]", passwords["zarzadca"])
    page.fill("input[name=new1]", "Nowe-Haslo-2026-x")
    page.fill("input[name=new2]", "Nowe-Haslo-2026-x")
    page.get_by_role("button", name="Zmień hasło").click()
    expect(page.locator(".alert-success")).to_be_visible()
    screenshot(page, "changed")
    page.fill("input[name=old]", "Nowe-Haslo-2026-x")
    page.fill("input[name=new1]", passwords["zarzadca"])
    page.fill("input[name=new2]", passwords["zarzadca"])
    page.get_by_role("button", name="Zmień hasło").click()
    expect(page.locator(".alert-success")).to_be_visible()


def test_a_page_that_is_not_there_leads_back(page_as):
    page = page_as("klient")
    answer = page.goto("/my/contracts/999999")
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Nie ma takiej strony")
    page.get_by_role("link", name="Wróć do eBOK").click()
    expect(page).to_have_url(re.compile(r"/my$"))
