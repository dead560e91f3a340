"""B14: every field of partners and users, sent along with every form that a customer may submit."""

from tests.proof import portal
from tests.proof.b13_routes import LEFT_OUT, PREFIXES, values_for
from tests.proof.b17_forged import paths_of
from tests.proof.registry import proof

#: What a form changes because that is what it is for.
NAMED = {
    "/my/security": {"password", "partner_id"},
    "/my/access/<int:link_id>/end": {"rows"},
    "/my/access/<int:link_id>/approve": {"rows"},
}
#: Written by Odoo when somebody is there: no field of a form.
PASSING = {"write_date", "write_uid"}


@proof("B14", "fields of partners and users sent along with every form", small=40, full=1)
def assignment(stage, tally, at_once):
    """`at_once`: how many fields ride on one request."""
    stage.world("portal:play")
    routes, fields = stage.make("portal:routes"), stage.make("portal:field_values")
    own = stage.make("portal:own_ids")
    forms = [
        route
        for route in routes
        if "POST" in route["methods"]
        and route["auth"] in ("user", "public")
        and not LEFT_OUT.search(route["rule"])
        and (route["ours"] or PREFIXES.match(route["rule"]))
    ]
    names = sorted(fields)
    with stage.serve(crons=0):
        client = stage.client(portal.VICTIM)
        token = client.token("/my")
        for route in forms:
            path, values = paths_of(route, own)[0], values_for(own, 0)
            before = people(stage)
            for start in range(0, len(names), at_once):
                extra = {name: fields[name] for name in names[start : start + at_once]}
                send(client, route, path, values, extra, token)
                after = people(stage)
                wrong = differences(before, after)
                before = after
                wrong = [one for one in wrong if one[1] not in NAMED.get(route["rule"], ())]
                tally.check(not wrong, f"{path} with {sorted(extra)[:4]}: {wrong[:4]}")


def send(client, route, path, values, extra, token):
    if route["type"] != "http":
        client.post(
            client.url(path),
            json={"jsonrpc": "2.0", "method": "call", "params": {**values, **extra}},
            timeout=60,
        )
        return
    form = {name: value for name, value in values.items() if isinstance(value, (str, int))}
    client.post(
        client.url(path), data={**form, **extra, "csrf_token": token}, allow_redirects=False, timeout=60
    )


def people(stage) -> dict:
    """{(table, id): row} of all partners and users, and who is in which group."""
    out = {}
    with stage.connect() as connection, connection.cursor() as cr:
        for table in ("res_partner", "res_users"):
            cr.execute(f"SELECT to_jsonb(t) FROM {table} t")
            out.update({(table, row["id"]): row for (row,) in cr.fetchall()})
        for table in ("res_groups_users_rel", "res_company_users_rel", "pwik_ebok_link"):
            cr.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            out[table, 0] = {"rows": cr.fetchone()[0]}
    return out


def differences(before: dict, after: dict) -> list[tuple]:
    """(record, field) of what changed; new records count as changed."""
    out = [(key, "new or gone") for key in sorted(set(before) ^ set(after))]
    for key in set(before) & set(after):
        changed = {name for name in before[key] if before[key][name] != after[key].get(name)}
        out += [(key, name) for name in sorted(changed - PASSING)]
    return out
