"""B12 and B22: cells that a spreadsheet would compute, and keys of overlays where they have no place."""

import base64
import csv
import io
import json
import secrets

import openpyxl

from tests.proof.registry import proof

STARTS = ("=", "+", "-", "@", "\t", "\r")
PAYLOAD = '{}HYPERLINK("http://evil.example","x")'


def live(value) -> bool:
    """Whether a spreadsheet would compute this cell of a CSV file."""
    return isinstance(value, str) and value.startswith(STARTS)


@proof("B12", "cells that begin a formula, in every export", small=1, full=1)
def formula_cells(stage, tally, _count):
    stage.world("portal:play")
    stage.make("b12_exports:make_evil")
    with stage.serve(crons=0) as server:
        office = stage.client("biuro")
        token = office.token("/web/login") or office.token("/my")
        for model, field in (("res.partner", "name"), ("pwik.case", "name"), ("pwik.reading.route", "name")):
            ids = office.call(model, "search", [[field, "like", "HYPERLINK"]])
            fields = [{"name": field, "label": "Nazwa", "store": True, "type": "char"}]
            body = {
                "model": model,
                "fields": fields,
                "ids": ids,
                "domain": [],
                "groupby": [],
                "import_compat": False,
                "context": {},
            }
            for form in ("csv", "xlsx"):
                answer = office.post(
                    f"{server.base}/web/export/{form}",
                    data={"data": json.dumps(body), "csrf_token": token},
                    timeout=60,
                )
                cells = cells_of(form, answer.content) if answer.status_code == 200 else []
                tally.check(
                    len(cells) >= len(STARTS), f"{model} {form}: {answer.status_code}, {len(cells)} cells"
                )
                for cell, computed in cells:
                    tally.check(not computed, f"{model} {form}: {cell!r}")
    for name, content in stage.make("b12_exports:our_files").items():
        cells = cells_of("csv", content.encode())
        tally.check(len(cells) >= len(STARTS), f"{name}: {len(cells)} cells")
        for cell, computed in cells:
            tally.check(not computed, f"{name}: {cell!r}")


def cells_of(form, content):
    """The cells that hold one of our payloads, each with whether a spreadsheet computes it."""
    if form == "csv":
        text = content.decode("utf-8-sig")
        delimiter = ";" if text.split("\n", 1)[0].count(";") else ","
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [(cell, live(cell)) for row in rows for cell in row if "HYPERLINK" in cell]
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [
        (str(cell.value), cell.data_type == "f")
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value and "HYPERLINK" in str(cell.value)
    ]


def make_evil(env):
    """Records named by somebody who hopes that the office exports them."""
    export = env.ref("base.group_allow_export")
    env["res.users"].search([("login", "=", "biuro")]).group_ids += export
    names = [PAYLOAD.format(start) for start in STARTS]
    env["res.partner"].create([{"name": name} for name in names])
    kind = env["pwik.case.type"]._get_by_code("remark", env.company)
    customer = env["res.partner"].search([("name", "like", "HYPERLINK")], limit=1)
    env["pwik.case"].create(
        [{"type_id": kind.id, "partner_id": customer.id, "name": name, "description": name} for name in names]
    )
    env["pwik.reading.route"].create([{"name": name, "code": f"EVIL{n}"} for n, name in enumerate(names)])


def our_files(env):
    """Files that the addons write themselves, with the payloads in: {name: text}."""
    from odoo.addons.pwik_meters.domain.migration import write_csv

    names = [PAYLOAD.format(start) for start in STARTS]
    return {"rows that a migration refused": write_csv(names, [names]).decode("utf-8-sig")}


@proof("B22", "keys of overlays in the database, the log, chatter, exports and by RPC", small=2, full=20)
def keys(stage, tally, count):
    stage.world("portal:play")
    stage.make("b12_exports:make_keeper")
    with stage.serve(crons=0) as server:
        keeper = stage.client("kierownik")
        modules = keeper.call("pwik.radio.module", "search", [], limit=count)
        for number, module in enumerate(modules[:count]):
            key = secrets.token_hex(16).upper()
            keeper.call("pwik.radio.module", "set_key", [module], key)
            for login in ("kierownik", "biuro", "odczyt", "klient", "admin"):
                client = keeper if login == "kierownik" else stage.client(login)
                seen = json.dumps(client.rpc("pwik.radio.module", "read", [module]))
                seen += json.dumps(
                    client.rpc("pwik.radio.module", "export_data", [module], ["serial", "aes_key"])
                )
                seen += json.dumps(client.rpc("pwik.radio.module", "web_read", [module], {"aes_key": {}}))
                tally.check(key.lower() not in seen.lower(), f"{login} reads a key")
                tally.check("gAAAA" not in seen, f"{login} reads a key in its encrypted form")
            if number == 0:
                _import_file(stage, tally, keeper, module, key)
            found = places_with(stage, key) + files_with(stage, key)
            tally.check(not found, f"overlay {number}: in {found}")
            log = server.log.read_text(encoding="utf-8", errors="replace").lower()
            tally.check(key.lower() not in log, "in the log")


def _import_file(stage, tally, keeper, module, key):
    """The same key once more in a key file, by the wizard: neither the file nor its password may stay anywhere."""
    overlay = keeper.call("pwik.radio.module", "read", [module], ["manufacturer", "serial"])[0]
    rows = f"manufacturer;serial;key\n{overlay['manufacturer']};{overlay['serial']};{key}\n"
    wizard = keeper.call(
        "pwik.radio.key.wizard",
        "web_save",
        [],
        {"file": base64.b64encode(rows.encode()).decode(), "filename": "klucze.csv"},
        {"report": {}, "file": {}},
    )[0]
    tally.check(wizard["report"].endswith("1") and not wizard["file"], f"the key file: {wizard}")


def make_keeper(env):
    manager = env["res.users"].search([("login", "=", "kierownik")])
    manager.group_ids += env.ref("pwik_radio_reading.pwik_radio_group_keys")


def places_with(stage, key: str) -> list[str]:
    """Tables in which a text or a binary column holds the key, however it is written."""
    tables = stage.sql(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    out = []
    with stage.connect() as connection, connection.cursor() as cr:
        for (table,) in tables:
            cr.execute(
                f'SELECT EXISTS (SELECT FROM "{table}" t WHERE t::text ILIKE ANY(%s))',
                [[f"%{form}%" for form in forms_of(key)]],
            )
            if cr.fetchone()[0]:
                out.append(table)
    return out


def forms_of(key: str) -> list[str]:
    """The key as text, and what of it a binary column or base64 shows: the text's bytes in either case, the key's own."""
    written = [
        key,
        key.encode().hex(),
        key.lower().encode().hex(),
        base64.b64encode(bytes.fromhex(key)).decode()[:-3],
    ]
    # base64 of a longer text shows the key in one of three ways, as it begins at the first, second or third byte of a triple
    for text in (key, key.lower()):
        written += [base64.b64encode(b"\0" * skip + text.encode()).decode()[4:-4] for skip in range(3)]
    return written


def files_with(stage, key: str) -> list[str]:
    """Files of the file store that hold the key."""
    wanted = [form.lower().encode() for form in forms_of(key)]
    return [
        path.name
        for path in stage.site.filestore(stage.database).rglob("*")
        if path.is_file() and any(form in path.read_bytes().lower() for form in wanted)
    ]
