"""B17: requests that another site forges, and pages that write when they are read."""

import re

from tests.proof import portal
from tests.proof.registry import proof

PARAMETER = re.compile(r"<(?:(?P<converter>[^:<>]+):)?(?P<name>\w+)>")
#: Parameters of routes by the model whose record they name.
RECORDS = {
    "contract_id": "pwik.contract",
    "meter_id": "pwik.meter",
    "case_id": "pwik.case",
    "invoice_id": "account.move",
    "past_id": "pwik.past.invoice",
    "file_id": "ir.attachment",
    "attachment_id": "ir.attachment",
    "partner_id": "res.partner",
    "address_id": "res.partner",
    "message_id": "mail.message",
    "payment_id": "account.payment",
    "thread_id": "pwik.case",
    "res_id": "pwik.case",
    "note_id": "pwik.interest.note",
    "reminder_id": "pwik.dunning.notice",
    "link_id": "pwik.ebok.link",
    "invitation_id": "pwik.ebok.invitation",
    "customer_id": "res.partner",
    "docids": "account.move",
}
#: Texts for parameters that are no ids.
TEXTS = {
    "model": "pwik.case",
    "thread_model": "pwik.case",
    "field": "raw",
    "reportname": "account.report_invoice",
    "what": "balance",
}


def paths_of(route, ids):
    """The route's paths with the victim's records filled in."""
    path_sets = [route["rule"]]
    for match in PARAMETER.finditer(route["rule"]):
        name, converter = match["name"], match["converter"] or ""
        model = re.search(r"model\(['\"]?([\w.]+)", converter)
        owner = model[1] if model else RECORDS.get(name)
        if owner in ids:
            values = ids[owner]
        elif name == "id":
            values = sorted({one for some in ids.values() for one in some})[:6]
        else:
            values = [TEXTS.get(name, "1")]
        path_sets = [path.replace(match[0], str(value)) for path in path_sets for value in values]
    return path_sets


#: What a page may write: that a file was fetched, as docs/adr/0028 has it.
NOTED = "pwik_audit_event"


@proof("B17", "our writing routes without a token; pages that write when read", small=1, full=1)
def forged(stage, tally, _count):
    stage.world("portal:play")
    ids, routes = stage.ask("portal:victim_ids", "portal:routes")
    ours = [route for route in routes if route["ours"]]
    with stage.serve(crons=0):
        client = stage.client(portal.VICTIM)
        watch = portal.Watch(stage, portal.fingerprint)
        for route in ours:
            for path in paths_of(route, ids)[:1]:
                if "POST" in route["methods"] and route["type"] == "http":
                    _forge(watch, tally, client, path)
        _forge_json(tally, client, ours, ids)
        # Once before, one page of Odoo's own: what the first request of a session makes is no write of ours. Each page of
        # ours is then asked for the first time: what it made only once would be a write too.
        client.get(client.url("/my/home"), timeout=60)
        audited = stage.sql("SELECT coalesce(max(id), 0) FROM pwik_audit_event")[0][0]
        watch = portal.Watch(stage, lambda stage: portal.fingerprint(stage, ignored=(NOTED,)))
        for route in ours:
            if "GET" in route["methods"]:
                path = paths_of(route, ids)[0]
                client.get(client.url(path), timeout=60)
                wrong = portal.changed(*watch.since())
                tally.check(not wrong, f"GET {path} writes {wrong}")
        kinds = stage.sql("SELECT DISTINCT kind FROM pwik_audit_event WHERE id > %s", audited)
        tally.check({kind for (kind,) in kinds} <= {"download", "export"}, f"GETs note {kinds}")


def _forge(watch, tally, client, path):
    """A POST as another site would make it: with the cookie, without the token, or with a wrong one."""
    for token in (None, "0" * 40 + "o9999999999"):
        data = {"name": "x", "description": "x", "reading_value": "1"}
        answer = client.post(
            client.url(path), data={**data, **({"csrf_token": token} if token else {})}, timeout=60
        )
        wrong = portal.changed(*watch.since())
        tally.check(
            not wrong and answer.status_code >= 400, f"POST {path}: {answer.status_code}, changed {wrong}"
        )


def _forge_json(tally, client, ours, ids):
    """Routes that take JSON have no token: a form of another site can send them text only, and that must be refused."""
    for route in ours:
        if route["type"] != "http":
            path = paths_of(route, ids)[0]
            for kind in ("text/plain", "application/x-www-form-urlencoded"):
                body = '{"jsonrpc": "2.0", "method": "call", "params": {}}'
                answer = client.post(client.url(path), data=body, headers={"Content-Type": kind}, timeout=60)
                tally.check(answer.status_code >= 400, f"POST {path} as {kind}: {answer.status_code}")
