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
    "docids": "account.move",
}
#: Texts for parameters that are no ids.
TEXTS = {
    "model": "pwik.case",
    "thread_model": "pwik.case",
    "field": "raw",
    "reportname": "account.report_invoice",
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


@proof("B17", "our writing routes without a token; pages that write when read", small=1, full=1)
def forged(stage, tally, _count):
    stage.world("portal:play")
    ids, routes = stage.make("portal:victim_ids"), stage.make("portal:routes")
    ours = [route for route in routes if route["ours"]]
    with stage.serve(crons=0):
        client = stage.client(portal.VICTIM)
        for route in ours:
            for path in paths_of(route, ids)[:1]:
                if "POST" in route["methods"] and route["type"] == "http":
                    _forge(stage, tally, client, path)
        for route in (
            ours
        ):  # once before: what a first visit makes (a token of the session's device) is no write of the page
            if "GET" in route["methods"]:
                client.get(client.url(paths_of(route, ids)[0]), timeout=60)
        audited = stage.sql("SELECT coalesce(max(id), 0) FROM pwik_audit_event")[0][0]
        for route in ours:
            if "GET" in route["methods"]:
                path = paths_of(route, ids)[0]
                before = portal.fingerprint(stage, ignored=("pwik_audit_event",))
                client.get(client.url(path), timeout=60)
                wrong = portal.changed(before, portal.fingerprint(stage, ignored=("pwik_audit_event",)))
                tally.check(not wrong, f"GET {path} writes {wrong}")
        kinds = stage.sql("SELECT DISTINCT kind FROM pwik_audit_event WHERE id > %s", audited)
        # That a file was fetched is noted, as docs/adr/0028 has it; nothing else may be.
        tally.check({kind for (kind,) in kinds} <= {"download", "export"}, f"GETs note {kinds}")


def _forge(stage, tally, client, path):
    """A POST as another site would make it: with the cookie, without the token, or with a wrong one."""
    for token in (None, "0" * 40 + "o9999999999"):
        before = portal.fingerprint(stage)
        data = {"name": "x", "description": "x", "reading_value": "1"}
        answer = client.post(
            client.url(path), data={**data, **({"csrf_token": token} if token else {})}, timeout=60
        )
        wrong = portal.changed(before, portal.fingerprint(stage))
        tally.check(
            not wrong and answer.status_code >= 400, f"POST {path}: {answer.status_code}, changed {wrong}"
        )
