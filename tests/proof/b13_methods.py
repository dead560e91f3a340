"""B13: foreign ids at every public method of every model, called as a browser calls them."""

import itertools
import json

from tests.proof import portal
from tests.proof.registry import proof
from tests.proof.stage import Client

READ = {
    "read": [["id", "display_name"]],
    "web_read": [{"display_name": {}}],
    "export_data": [["id", "display_name"]],
    "write": [{"active": False}],
    "web_save": [{"active": False}, {"display_name": {}}],
    "unlink": [],
    "copy": [],
    "message_post": [],
    "action_archive": [],
    "check_access": ["read"],
}

#: Methods that are given a condition instead of ids: whatever they find or count is a leak.
SEARCH = {
    "search_read": lambda ids: [[["id", "in", ids]], ["display_name"]],
    "search_count": lambda ids: [[["id", "in", ids]]],
    "name_search": lambda ids: ["", [["id", "in", ids]]],
    "web_search_read": lambda ids: [[["id", "in", ids]], {"display_name": {}}],
    "formatted_read_group": lambda ids: [[["id", "in", ids]], [], ["__count"]],
}


def arguments_of(method, ids, ours):
    """(arguments, named arguments) of a call about the records `ids`."""
    if method not in ours:
        return [ids, *READ[method]], {}
    return ([] if ours[method]["model"] else [ids], ours[method]["arguments"])


def told(answer) -> bool:
    """Whether the answer to a search found something."""
    result = answer.get("result")
    if isinstance(result, dict):
        return bool(result.get("length"))
    if isinstance(result, list):
        return any(not isinstance(row, dict) or row.get("__count", 1) for row in result)
    return bool(result)


@proof("B13", "foreign ids at every public method of every model", small=150, full=100_000)
def foreign_methods(stage, tally, count):
    stage.world("portal:play")
    ids, methods = stage.ask("portal:victim_ids", "portal:methods")
    secrets = portal.secrets(stage)
    probes = [
        (model, method, *arguments_of(method, ids[model], methods.get(model, {})))
        for model in ids
        for method in sorted({*READ, *methods.get(model, ())})
    ]
    step = max(1, len(probes) // count)
    with stage.serve(crons=0) as server:
        for who, client in (("neighbour", stage.client(portal.ATTACKER)), ("guest", Client(server.base))):
            before = portal.fingerprint(stage)
            for model, method, arguments, named in probes[::step]:
                answer = client.rpc(model, method, *arguments, **named)
                text = json.dumps(answer.get("result"), ensure_ascii=False)
                found = [secret for secret in secrets if secret in text]
                # `check_access` gives nothing where it refuses nothing: the answer itself is the test
                refused = "error" in answer or not answer.get("result")
                tally.check(
                    not found and (refused or method not in READ), f"{who} {model}.{method}: {text[:200]}"
                )
            for model, method in itertools.product(ids, SEARCH):
                answer = client.rpc(model, method, *SEARCH[method](ids[model]))
                tally.check(not told(answer), f"{who} {model}.{method}: {str(answer.get('result'))[:200]}")
            wrong = portal.changed(before, portal.fingerprint(stage))
            tally.check(not wrong, f"{who}: something changed {wrong}")
