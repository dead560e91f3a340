"""B13: foreign ids at every route that a browser can ask for, taken from the routing map."""

import itertools
import re

from tests.proof import portal
from tests.proof.b17_forged import RECORDS, TEXTS, paths_of
from tests.proof.registry import proof
from tests.proof.stage import Client

#: Routes by which a neighbour could come at somebody's records; the office's own (/web, /odoo) ask for an internal user.
PREFIXES = re.compile(
    r"^/(my|ebok|portal|payment|invoice|account|mail|report|web/(content|image|binary|dataset))(/|$)"
)
#: These end the session or hold it up; what they do is tried by Odoo's own tests.
LEFT_OUT = re.compile(r"logout|/websocket|/bus/|/totp|passkey|/web/dataset/call_")
#: Rows that belong to whoever asks, or to nobody: for each table those that do not, as a condition of SQL.
#: %(user)s and %(partner)s are the asker's (NULL for a guest), %(victims)s the victim's customers.
STRANGE_ROWS = {
    "pwik_notice_preference": "recipient_id IS DISTINCT FROM %(partner)s",
    "pwik_ebok_signup": "FALSE",  # an address that asks for a login; it is linked to nobody
    "mail_mail": "EXISTS (SELECT FROM mail_message m WHERE m.id = mail_message_id AND m.res_id > 0"
    " AND m.model <> 'pwik.ebok.signup' AND (m.model <> 'res.users' OR m.res_id IS DISTINCT FROM %(user)s))",
    "res_users_settings": "user_id IS DISTINCT FROM %(user)s",  # how he likes his discussions
    "mail_message": "res_id > 0 AND model <> 'pwik.ebok.signup'"
    " AND (model <> 'res.users' OR res_id IS DISTINCT FROM %(user)s)",
    # Of others only that somebody failed to link them; that a file went out is an event of its customer.
    "pwik_audit_event": "kind <> 'link_failed' AND (customer_ref = ANY(%(victims)s)"
    " OR user_ref <> 0 AND user_ref IS DISTINCT FROM %(user)s)",
}
#: Kinds of content in which a secret is not seen as text.
CLOSED_CONTENT = re.compile(r"application/(pdf|zip|octet-stream|xml)|text/csv")


#: Models whose records have a thread: what is asked of one of them by name is asked of each in turn.
THREADS = ("pwik.case", "account.move", "pwik.contract", "res.partner", "pwik.meter")
#: Routes of discussions that are given a list of what is wanted; the others take bounds for a list of messages.
WANTED = ("/mail/data", "/mail/action")
THREAD = [
    "activities",
    "attachments",
    "contact_fields",
    "followers",
    "scheduledMessages",
    "suggestedRecipients",
]


def values_for(ids, number, route):
    """What is sent as parameters beside the path: the victim's record of each kind, the n-th of it."""
    values = {name: ids[model][number % len(ids[model])] for name, model in RECORDS.items() if model in ids}
    attachment = ids.get("ir.attachment", [1])
    model = THREADS[number % len(THREADS)] if THREADS[number % len(THREADS)] in ids else THREADS[0]
    thread = ids[model][0]
    wanted = ["mail.thread", {"thread_model": model, "thread_id": thread, "request_list": THREAD}]
    return {
        **dict.fromkeys(route["required"], 1),
        **values,
        **TEXTS,
        **dict.fromkeys(("model", "thread_model", "res_model"), model),
        **dict.fromkeys(("thread_id", "res_id"), thread),
        "follower_id": ids.get("mail.followers", [1])[0],
        "partner_ids": ids["res.partner"],
        "pid": ids["res.partner"][0],
        "token": "x" * 36,
        "amount": 1.0,
        "flow": "direct",
        "content": "👍",
        "action": "add",
        "zip_name": "pliki.zip",
        "payment_reference": "obca",
        "customer": values.get("partner_id", 1),
        "attachments": attachment[0],
        "file_ids": str(attachment[0]),
        "ids": list(itertools.islice(itertools.chain(*ids.values()), 5)),
        "id": attachment[0],
        "access_token": "x" * 36,
        "body": "obcy dopisek",
        "post_data": {"body": "obcy dopisek", "message_type": "comment"},
        "update_data": {"body": "obcy dopisek"},
        "fetch_params": [wanted] if route["rule"] in WANTED else {"limit": 30},
        "name": "Obcy",
        "description": "obce",
        "email": "obcy@example.com",
        "reading_value": "1",
        "reading_date": "2026-10-01",
        "emails": ["obcy@example.com"],
        "counters": ["invoice_count", "case_count", "contract_count"],
        "values": {},
        "data": f'["/report/pdf/pwik_billing.report_invoice/{values.get("invoice_id", 1)}", "qweb-pdf"]',
    }


def probes_of(routes, ids, rounds):
    """(route, method, path, parameters): every route with the victim's records in the path and beside it."""
    for route in routes:
        if LEFT_OUT.search(route["rule"]) or not (route["ours"] or PREFIXES.match(route["rule"])):
            continue
        for number, path in enumerate(itertools.islice(itertools.cycle(paths_of(route, ids)), rounds)):
            for method in route["methods"] if route["type"] == "http" else ["POST"]:
                if method in ("GET", "POST"):
                    yield route, method, path, values_for(ids, number, route)


def ask(client, route, method, path, values, token):
    if route["type"] != "http":
        body = {"jsonrpc": "2.0", "method": "call", "params": values}
        return client.post(client.url(path), json=body, timeout=60)
    if method == "GET":
        few = {
            name: values[name]
            for name in ("customer", "id", "model", "res_id", "access_token")
            if name in values
        }
        return client.get(client.url(path), params=few, allow_redirects=False, timeout=60)
    form = {name: value for name, value in values.items() if isinstance(value, (str, int, float))}
    return client.post(
        client.url(path), data={**form, "csrf_token": token}, allow_redirects=False, timeout=60
    )


@proof("B13", "foreign ids at every route of the routing map", small=2, full=6)
def foreign_routes(stage, tally, count):
    stage.world("portal:play")
    ids, routes = stage.ask("portal:victim_ids", "portal:routes")
    secrets = portal.secrets(stage)
    with stage.serve(crons=0) as server:
        for who, client in (("neighbour", stage.client(portal.ATTACKER)), ("guest", Client(server.base))):
            token = client.token("/my") or client.token("/web/login")
            newest, before = portal.newest(stage), None
            before = portal.fingerprint(stage, upto=newest)
            for route, method, path, values in probes_of(routes, ids, count):
                answer = ask(client, route, method, path, values, token)
                text = portal.told(answer)
                found = [secret for secret in secrets if secret in text]
                broken = answer.status_code >= 500 and route["ours"]
                file = answer.status_code == 200 and CLOSED_CONTENT.search(answer.headers["Content-Type"])
                tally.check(
                    not (found or broken or file),
                    f"{who} {method} {path}: {answer.status_code} {file and file[0]} {found[:3]}",
                )
            wrong = portal.changed(before, portal.fingerprint(stage, upto=newest))
            tally.check(not wrong, f"{who}: something of others changed in {wrong}")
            new = strange_rows(stage, newest, who)
            tally.check(not new, f"{who}: something was made in {new}")
        _show_the_owner(stage, tally, routes, ids, secrets)


def _show_the_owner(stage, tally, routes, ids, secrets):
    """The same pages for whom they are: were nothing found on them, nothing would be found on those of others either."""
    owner, pages, telling, found = stage.client(portal.VICTIM), 0, set(), set()
    for route, method, path, values in probes_of(routes, ids, 1):
        if method == "GET" and route["ours"] and route["type"] == "http":
            text = portal.told(ask(owner, route, method, path, values, ""))
            seen = {secret for secret in secrets if secret in text}
            pages, found = pages + 1, found | seen
            if seen:
                telling.add(route["rule"])
    tally.check(len(telling) > 10, f"the owner himself is told something of his by {sorted(telling)} only")
    missing = len(secrets) - len(found)
    tally.note(f"of {pages} pages {len(telling)} told the owner {len(found)} of his {len(secrets)} secrets")
    tally.check(missing < len(secrets) / 2, f"{missing} of {len(secrets)} secrets were seen nowhere")


def strange_rows(stage, newest, who) -> list[str]:
    """Tables with new rows that are neither the asker's own nor nobody's."""
    asker = stage.sql("SELECT id, partner_id FROM res_users WHERE login = %s", portal.ATTACKER)[0]
    user, partner = asker if who == "neighbour" else (None, None)
    victims = stage.sql(
        "SELECT l.partner_id FROM pwik_ebok_link l JOIN res_users u ON u.id = l.user_id WHERE u.login = %s",
        portal.VICTIM,
    )
    values = {"user": user, "partner": partner, "victims": [one for (one,) in victims]}
    out = []
    for name in portal.grown(stage, newest):
        condition = STRANGE_ROWS.get(name, "TRUE")
        with stage.connect() as connection, connection.cursor() as cr:
            cr.execute(
                f'SELECT count(*) FROM "{name}" WHERE id > %(newest)s AND ({condition})',
                {**values, "newest": newest.get(name, 0)},
            )
            if number := cr.fetchone()[0]:
                out.append(f"{name} ({number})")
    return out
