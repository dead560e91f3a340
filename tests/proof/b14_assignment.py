"""B14: every field of partners and users, sent along with every form that a customer may submit."""

from tests.proof import portal
from tests.proof.b13_routes import LEFT_OUT, PREFIXES, values_for
from tests.proof.b17_forged import paths_of
from tests.proof.registry import proof

#: What a form changes because that is what it is for: fields of the victim's own record of a table.
NAMED = {
    "/my/customer/einvoice": ("res_partner", {"pwik_einvoice_email", "pwik_einvoice_consent_date"}),
    "/my/access/<int:link_id>/end": ("pwik_ebok_link", {"state", "date_to"}),
}
#: Bodies that the forms of the portal take, so that what rides along reaches the code that writes. `{customer}` and the
#: like are the customer's own. A form that takes none of its requests was not tried, which counts as failed.
TAKEN = {
    "/my/cases/new": {"kind": "remark", "name": "Uwaga", "description": "Opis"},
    "/my/customer/request": {
        **{
            "customer": "{customer}",
            "phone": "+48 600 700 800",
            "email": "nowy@example.com",
            "description": "Nowe",
        },
        **{"street": "ul. Nowa 1", "zip": "00-001", "city": "Warszawa"},
    },
    "/my/customer/einvoice": {
        "customer": "{customer}",
        "action": "given",
        "email": "nowy@example.com",
        "agreed": "1",
    },
    "/my/privacy/copy": {"customer": "{customer}"},
    "/my/privacy/erasure": {"customer": "{customer}", "description": "Proszę", "sure": "1"},
    "/my/access/invite": {"customer": "{customer}", "email": "inny@example.com", "role": "proxy"},
    "/my/meters/<int:meter_id>/submit": {
        **{"reading_value": "{reading}", "confirmed": "{reading}", "reading_date": "{today}"},
    },
    "/my/notices": {},
    "/ebok/signup": {"name": "Jan Nowy", "email": "jan.nowy@example.com"},
}
#: What a form answers to too many tries; they are forgotten then: what rides along is tried, not how often one may.
TOO_MANY = (422, 429)
#: What a form answers that cannot make sense of what it was sent; one of JSON says so with 200.
NOT_UNDERSTOOD = (200, 400, 422, 500)
#: What a form did that it cannot do twice is taken back, so that each packet comes as far as the first.
TAKEN_BACK = {
    "/my/access/<int:link_id>/end": "UPDATE pwik_ebok_link SET state = 'active', date_to = NULL WHERE id = {pwik_ebok_link}"
}
#: Written by Odoo when somebody is there: no field of a form.
PASSING = {"write_date", "write_uid"}


@proof("B14", "fields of partners and users sent along with every form", small=40, full=8)
def assignment(stage, tally, at_once):
    """`at_once`: how many fields ride on one request; fewer, down to one, where a form takes a request without them only."""
    stage.world("portal:play")
    routes, fields, own, customer, words = stage.ask(
        *("portal:routes", "portal:field_values", "portal:own_ids"),
        *("b14_assignment:customer", "b14_assignment:words"),
    )
    words["customer"] = customer
    forms = [
        route
        for route in routes
        if "POST" in route["methods"]
        and route["auth"] in ("user", "public")
        and not LEFT_OUT.search(route["rule"])
        and (route["ours"] or PREFIXES.match(route["rule"]))
    ]
    theirs = {"res_partner": customer, "pwik_ebok_link": own["pwik.ebok.link"][0]}
    with stage.serve(crons=0):
        client, taken, named, refusals = stage.client(portal.VICTIM), set(), set(), {}
        token = client.token("/my")
        # The form that ends an access last: the others need it.
        for route in sorted(forms, key=lambda one: one["rule"].endswith("/end")):
            path, values = paths_of(route, own)[0], values_for(own, 0, route)
            body = {name: text.format(**words) for name, text in TAKEN.get(route["rule"], {}).items()}
            watch = portal.Watch(stage, people)
            packets = [{}, *riders(fields, at_once, body)]
            while packets:
                extra = packets.pop(0)
                answer = send(client, route, path, {**values, **body}, extra, token)
                if answer.status_code in TOO_MANY:
                    stage.sql("DELETE FROM pwik_ebok_attempt")
                    answer = send(client, route, path, {**values, **body}, extra, token)
                why = refused(answer)
                if not why:
                    taken.add(route["rule"])
                elif route["rule"] in taken and answer.status_code in NOT_UNDERSTOOD:
                    packets[:0] = halves(extra)  # one of them keeps the others from the code that writes
                refusals.setdefault(route["rule"], why)
                found = differences(*watch.since())
                meant = [one for one in found if is_named(route, theirs, *one)]
                wrong = [one for one in found if one not in meant]
                named |= {field for _record, field in meant}
                if route["rule"] in TAKEN_BACK:
                    stage.sql(TAKEN_BACK[route["rule"]].format(**theirs))
                    watch.since()
                tally.check(not wrong, f"{path} with {sorted(extra)[:4]}: {wrong[:4]}")
    known = {route["rule"] for route in forms}
    for rule in TAKEN:
        tally.check(rule in known & taken, f"{rule} took none of its requests: nothing was tried")
    tally.check(len(named) > 2, f"of what forms are there to change only {sorted(named)} was seen to change")
    tally.note(f"{len(forms)} forms, {len(taken)} of which took a request; {len(fields)} fields")
    tally.note(
        "took none: " + ", ".join(f"{rule} ({why})" for rule, why in refusals.items() if rule not in taken)
    )


def refused(answer) -> str:
    """Why a form did not take a request, in a word; empty where it did."""
    if "/web/login" in answer.headers.get("Location", ""):
        return "signed out"
    if answer.status_code >= 400:
        return str(answer.status_code)
    in_json = "json" in answer.headers.get("Content-Type", "")
    error = answer.json().get("error", {}) if in_json else {}
    return error.get("data", {}).get("name", "").rpartition(".")[2] or ("error" if error else "")


def is_named(route, theirs, record, field):
    """Whether the form is there to change this; `theirs`: the victim's own record of each table."""
    table, fields = NAMED.get(route["rule"], ("", ()))
    return record == (table, theirs.get(table)) and field in fields


def riders(fields, at_once, body):
    """The fields in packets of `at_once`, without those that the form itself names."""
    names = sorted(set(fields) - set(body))
    for start in range(0, len(names), at_once):
        yield {name: fields[name] for name in names[start : start + at_once]}


def halves(packet) -> list[dict]:
    """The packet in two; nothing of one that has a single field."""
    names = sorted(packet)
    middle = len(names) // 2
    return [{name: packet[name] for name in part} for part in (names[:middle], names[middle:]) if middle]


def customer(env):
    """The id of the victim's own customer."""
    user = env["res.users"].search([("login", "=", portal.VICTIM)])
    links = env["pwik.ebok.link"].search([("user_id", "=", user.id), ("role", "=", "owner")], limit=1)
    return links.partner_id.id


def words(env):
    """What the bodies of the forms say of the day and of the victim's first meter: a reading that is plausible there."""
    meter = env["pwik.meter"].browse(portal.own_ids(env)["pwik.meter"][0])
    domain = [("meter_id", "=", meter.id), ("state", "=", "accepted"), ("superseded", "=", False)]
    last = env["pwik.reading"].search(domain, limit=1)
    today = env["pwik.case"]._today()
    return {"reading": str(int(last.value) + 1), "today": str(today)}


def send(client, route, path, values, extra, token):
    if route["type"] != "http":
        return client.post(
            client.url(path),
            json={"jsonrpc": "2.0", "method": "call", "params": {**values, **extra}},
            timeout=60,
        )
    form = {name: value for name, value in values.items() if isinstance(value, (str, int))}
    return client.post(
        client.url(path), data={**form, **extra, "csrf_token": token}, allow_redirects=False, timeout=60
    )


def people(stage) -> dict:
    """{(table, id): row} of all partners, users and their links, and who is in which group."""
    out = {}
    with stage.connect() as connection, connection.cursor() as cr:
        for table in ("res_partner", "res_users", "pwik_ebok_link"):
            cr.execute(f"SELECT to_jsonb(t) FROM {table} t")
            out.update({(table, row["id"]): row for (row,) in cr.fetchall()})
        for table in ("res_groups_users_rel", "res_company_users_rel"):
            cr.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            out[table, 0] = {"rows": cr.fetchone()[0]}
        # Kept by nobody's form: whoever is given rights by a record of another kind would be found here.
        cr.execute("SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM ir_config_parameter t")
        out["ir_config_parameter", 0] = {"rows": cr.fetchone()[0]}
    return out


def differences(before: dict, after: dict) -> list[tuple]:
    """(record, field) of what changed; new records count as changed."""
    out = [(key, "new or gone") for key in sorted(set(before) ^ set(after))]
    for key in set(before) & set(after):
        changed = {name for name in before[key] if before[key][name] != after[key].get(name)}
        out += [(key, name) for name in sorted(changed - PASSING)]
    return out
