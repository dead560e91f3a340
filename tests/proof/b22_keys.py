"""B22: keys of overlays where they have no place."""

import base64
import json
import re
import secrets

from tests.proof.registry import proof

LOGINS = ("kierownik", "biuro", "odczyt", "klient", "admin")


@proof("B22", "keys of overlays in the database, the log, chatter, exports and by RPC", small=2, full=20)
def keys(stage, tally, count):
    stage.world("portal:play")
    stage.make("b22_keys:make_keeper")
    with stage.serve(crons=0) as server:
        keeper = stage.client_of("kierownik")
        modules = keeper.call("pwik.radio.module", "search", [], limit=count)
        tally.check(len(modules) == count, f"{len(modules)} overlays of {count}")
        entered = {module: secrets.token_hex(16).upper() for module in modules}
        for module, key in entered.items():
            keeper.call("pwik.radio.module", "set_key", [module], key)
            for login in LOGINS:
                _ask(tally, stage.client_of(login), login, module, key)
        first, key = next(iter(entered.items()))
        _import_file(stage, tally, keeper, first, key)
        log = server.log.read_text(encoding="utf-8", errors="replace").lower()
        tally.check(not any(key.lower() in log for key in entered.values()), "in the log")
        decoy = _decoy(stage)
        found = places_with(stage, *entered.values()) + files_with(stage, *entered.values())
        tally.check(not found, f"in {found}")
        found = places_with(stage, decoy) + files_with(stage, decoy)
        tally.check(
            "res_partner" in found and len(found) > 1, f"a key that was put there is found in {found} only"
        )


def _ask(tally, client, login, module, key):
    """All that this login is told of the overlay by RPC; nor may it learn the key by conditions."""
    asked = [
        ("read", [module]),
        ("export_data", [module], ["serial", "aes_key"]),
        ("web_read", [module], {"aes_key": {}}),
        ("web_search_read", [["id", "=", module]], {"aes_key": {}, "display_name": {}}),
        ("search_read", [["id", "=", module]], ["aes_key"]),
        ("formatted_read_group", [["id", "=", module]], ["aes_key"], ["__count"]),
    ]
    seen = json.dumps([client.rpc("pwik.radio.module", *question) for question in asked])
    tally.check(key.lower() not in seen.lower(), f"{login} reads a key")
    tally.check("gAAAA" not in seen, f"{login} reads a key in its encrypted form")
    for condition in (["aes_key", "=like", "gAAAA%"], ["aes_key", "!=", "x"]):
        answer = client.rpc("pwik.radio.module", "search_count", [["id", "=", module], condition])
        tally.check("error" in answer, f"{login} asks by {condition}: {answer.get('result')}")
    answer = client.rpc("pwik.radio.module", "search", [["id", "=", module]], order="aes_key")
    tally.check("error" in answer, f"{login} sorts by keys")


def _decoy(stage) -> str:
    """A key in a text and in a file of the store: what looks for keys has to find it. Returns it."""
    decoy = secrets.token_hex(16).upper()
    admin = stage.client_of("admin")
    admin.call("res.partner", "create", [{"name": "Decoy", "comment": f"<p>key {decoy.lower()}</p>"}])
    content = base64.b64encode(f"a key: {decoy}".encode()).decode()
    admin.call("ir.attachment", "create", [{"name": "decoy.txt", "datas": content}])
    return decoy


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


def places_with(stage, *keys: str) -> list[str]:
    """Tables in which a text or a binary column holds one of the keys, however it is written."""
    tables = stage.sql(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    # One pattern, not many: it goes over each row once.
    wanted = "|".join(re.escape(form) for key in keys for form in forms_of(key))
    out = []
    with stage.connect() as connection, connection.cursor() as cr:
        for (table,) in tables:
            cr.execute(f'SELECT EXISTS (SELECT FROM "{table}" t WHERE t::text ~* %s)', [wanted])
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


def files_with(stage, *keys: str) -> list[str]:
    """Files of the file store that hold one of the keys."""
    wanted = re.compile(b"|".join(re.escape(form.encode()) for key in keys for form in forms_of(key)), re.I)
    return [
        path.name
        for path in stage.site.filestore(stage.database).rglob("*")
        if path.is_file() and wanted.search(path.read_bytes())
    ]
