"""The office and the reader at the radio's screens: keys, a vendor's file, an exchanged overlay, the collector's page."""

from playwright.sync_api import expect

ACTION = "/odoo/action-pwik_radio_reading."
KEY = "00112233445566778899AABBCCDDEEFF"
VENDOR = (
    "Raport odczytów – Zakład Wodociągów;;;\n"
    "\n"
    "Lp.;Nr nakładki;Stan [m3];Data odczytu\n"
    "1;10250000;1 300,125;20.11.2026 11:05\n"
    "2;10250137;brak;20.11.2026 11:06\n"
)


def test_keys_are_imported_by_who_keeps_them_and_by_nobody_else(page_as, screenshot, tmp_path):
    rows = tmp_path / "klucze.csv"
    rows.write_bytes(
        f"Producent;Nr nakładki;Klucz\nAPA;99999999;{KEY}\nAPA;1025013Z;{KEY}\n".encode("cp1250")
    )
    page = page_as("kierownik", f"{ACTION}pwik_radio_key_wizard_action")
    dialog = page.locator(".o_dialog")
    button = dialog.get_by_role("button", name="Importuj", exact=True)
    button.click()
    expect(page.locator(".modal")).to_contain_text(["Najpierw wybierz plik z kluczami."])
    page.goto(f"{ACTION}pwik_radio_key_wizard_action")
    dialog.locator("input[type=file]").set_input_files(rows)
    button.click()
    expect(dialog).to_contain_text("Nie ustawiono żadnego klucza")
    expect(dialog).to_contain_text("Brak nakładki o tym numerze: 99999999")
    expect(dialog).to_contain_text("Wiersz 3: numer radiowy może mieć najwyżej 8 cyfr")
    screenshot(page, "report")

    for login in ("odczyt", "biuro", "admin"):
        page = page_as(login, f"{ACTION}pwik_radio_module_action")
        expect(page.locator(".o_list_view .o_data_row").first).to_be_visible()
        expect(page.get_by_role("button", name="Importuj klucze")).to_have_count(0)


def test_a_vendors_file_fills_in_its_profile(page_as, screenshot, tmp_path):
    file = tmp_path / "Zakład 2026.csv"
    file.write_bytes(VENDOR.encode("cp1250"))
    page = page_as("biuro", f"{ACTION}pwik_dump_profile_action")
    page.get_by_role("button", name="Nowe").click()
    form = page.locator(".o_form_view")
    form.locator(".o_field_widget[name=sample] input[type=file]").set_input_files(file)
    preview = form.locator(".o_field_widget[name=sample_html]")
    expect(preview).to_contain_text("1300,125")
    expect(preview).to_contain_text("to nie jest liczba: brak")
    screenshot(page, "preview")
    page.get_by_role("button", name="Zapisz ręcznie").click()
    expect(page.locator(".o_breadcrumb, .o_last_breadcrumb_item").first).to_contain_text("Zakład 2026")


def test_an_overlay_is_exchanged_and_put_back(page_as, screenshot):
    page = page_as("biuro", f"{ACTION}pwik_radio_module_action")
    page.locator(".o_data_row").last.locator("td[name=serial]").click()
    title = page.locator(".oe_title")
    expect(title).to_be_visible()
    page.get_by_role("button", name="Wymień nakładkę").click()
    dialog = page.locator(".o_dialog")
    dialog.locator(".o_field_widget[name=reason] input").fill("próba")
    screenshot(page, "exchange")
    dialog.get_by_role("button", name="Zapisz").click()
    expect(page.get_by_role("button", name="Załóż na wodomierz")).to_be_visible()
    expect(page.locator(".o-mail-Message").first).to_contain_text("zdjęto z wodomierza")
    page.get_by_role("button", name="Cofnij").click()
    page.locator(".modal").get_by_role("button", name="OK").click()
    expect(page.get_by_role("button", name="Wymień nakładkę")).to_be_visible()


def test_the_collectors_page_has_this_servers_names(page_as, passwords, screenshot):
    page = page_as("odczyt", f"{ACTION}pwik_radio_collector_action_open")
    expect(page.locator(".o_field_widget[name=upload_command]")).to_contain_text("--login odczyt")
    screenshot(page, "collector")
    page.get_by_role("button", name="Utwórz klucz").click()
    # Odoo asks for the password before it makes a key, and shows the key once
    dialog = page.locator(".modal-content")
    dialog.get_by_placeholder("Wprowadź swoje hasło").fill(passwords["odczyt"])
    dialog.get_by_role("button", name="Potwierdź hasło").click()
    expect(page.locator(".modal-content .o_field_widget[name=duration]")).to_be_visible()
    screenshot(page, "key")


def test_reception_is_drawn_from_strong_to_weak(page_as, screenshot):
    page = page_as("odczyt", f"{ACTION}pwik_radio_campaign_action")
    page.locator(".o_data_row td[name=name]").first.click()
    page.get_by_role("button", name="Zasięg").click()
    expect(page.locator(".o_graph_renderer canvas")).to_be_visible()
    series = page.evaluate(
        "() => Chart.getChart(document.querySelector('.o_graph_renderer canvas')).data.datasets"
        ".map((one) => [one.label, one.backgroundColor])"
    )
    screenshot(page, "reception")
    order = ["Silny", "Dobry", "Słaby", "Bardzo słaby", "Brak"]
    drawn = [label for label, _colour in series if label in order]
    assert len(drawn) > 2 and drawn == [label for label in order if label in drawn]
    assert dict(map(tuple, series))["Silny"] == "#1e7e34"
