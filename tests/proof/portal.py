"""The portal's world: the played demo, whose customer is attacked by his neighbour and by guests."""

import html
import inspect
import io
import json
import re
import tempfile
import threading

VICTIM, ATTACKER = "klient", "sasiad"
#: What only the victim may read, as SQL that yields texts; %(user)s is the login's id.
SECRETS = """
    WITH mine AS (SELECT partner_id AS id FROM pwik_ebok_link WHERE user_id = %(user)s),
         contracts AS (SELECT c.id FROM pwik_contract c JOIN mine ON c.partner_id = mine.id)
    SELECT p.name FROM res_partner p JOIN mine USING (id)
     UNION SELECT p.email FROM res_partner p JOIN mine USING (id)
     UNION SELECT p.phone FROM res_partner p JOIN mine USING (id)
     UNION SELECT c.number FROM pwik_contract c JOIN contracts USING (id)
     UNION SELECT m.name FROM account_move m JOIN contracts ON contracts.id = m.pwik_contract_id
     UNION SELECT c.number FROM pwik_case c JOIN mine ON c.partner_id = mine.id
     UNION SELECT c.name FROM pwik_case c JOIN mine ON c.partner_id = mine.id
           WHERE NOT EXISTS (SELECT FROM pwik_case_type t, jsonb_each_text(t.name) word WHERE word.value = c.name)
     UNION SELECT m.serial FROM pwik_meter m JOIN pwik_meter_installation i ON i.meter_id = m.id
           JOIN pwik_contract_point cp ON cp.service_point_id = i.service_point_id
           JOIN contracts ON contracts.id = cp.contract_id
     UNION SELECT i.number FROM pwik_past_invoice i JOIN mine ON i.partner_id = mine.id"""
#: What no case's name or number tells, as `play` writes it.
CONTENTS = ("Treść poufna", "Plik poufny ofiary", "/OFIARY/1", "Pismo poufne", "OBRAZ-POUFNY")
#: Traces that the program leaves of any caller: session, presence, counted tries, schedule. All other tables are watched.
TRACES = re.compile(
    r"^(pwik_ebok_attempt|res_device_log|res_users_log|bus_\w+|mail_presence|ir_cron(_trigger|_progress)?"
    r"|base_registry_signaling|orm_signaling_\w+)$"
)


def secrets(stage) -> list[str]:
    user = stage.sql("SELECT id FROM res_users WHERE login = %s", VICTIM)[0][0]
    with stage.connect() as connection, connection.cursor() as cr:
        cr.execute(SECRETS, {"user": user})
        return sorted({text for (text,) in cr.fetchall() if text and len(text) > 4} | set(CONTENTS))


def told(answer) -> str:
    """What an answer says, whatever it was written in: the letters of JSON and of HTML as they are read."""
    kind = answer.headers.get("Content-Type", "")
    text = answer.content.decode("utf-8", "replace")
    if "json" in kind and text:
        return json.dumps(json.loads(text), ensure_ascii=False)
    return html.unescape(text) if "html" in kind else text


def watched(stage, ignored=()) -> list[str]:
    """Names of the tables that are watched: all but those of traces."""
    tables = stage.sql(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    return sorted(name for (name,) in tables if not TRACES.match(name) and name not in ignored)


def newest(stage) -> dict[str, int]:
    """The highest id of each watched table that has ids."""
    with_id = stage.sql("SELECT table_name FROM information_schema.columns WHERE column_name = 'id'")
    return {
        name: stage.sql(f'SELECT coalesce(max(id), 0) FROM "{name}"')[0][0]
        for name in set(watched(stage)) & {name for (name,) in with_id}
    }


def grown(stage, before: dict[str, int]) -> list[str]:
    """Watched tables that have rows younger than `before` (see `newest`)."""
    return sorted(name for name, number in newest(stage).items() if number > before.get(name, 0))


def fingerprint(stage, ignored=(), upto: dict[str, int] | None = None) -> dict[str, tuple]:
    """Each watched table's number of rows and youngest transaction; `upto` leaves out rows younger than these ids.

    A row that is made or changed bears the number of a younger transaction, and one that is gone is missed in the count.
    """
    parts = []
    for name in watched(stage, ignored):
        old = f"WHERE id <= {int(upto[name])}" if upto and name in upto else ""
        parts.append(f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM \"{name}\" {old}")
    return {name: tuple(rest) for name, *rest in stage.sql(" UNION ALL ".join(parts))}


def changed(before: dict, after: dict) -> list[str]:
    return sorted(name for name in before if before[name] != after.get(name))


def next_transaction(stage) -> int:
    """The number that the next transaction that writes will have: while it stands, nothing was written at all."""
    return stage.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")[0][0]


class Watch:
    """What is written between two looks, by `look(stage)`, which is asked only where a transaction has written."""

    def __init__(self, stage, look):
        self.stage, self.look = stage, look
        self.number, self.before = next_transaction(stage), look(stage)

    def since(self):
        """(before, now) as `look` gives them; the same thing twice where nothing was written."""
        before, number = self.before, next_transaction(self.stage)
        if number != self.number:
            self.number, self.before = number, self.look(self.stage)
        return before, self.before


# Inside Odoo


def play(env):
    """The demo, and for the victim a case with a file."""
    from tools.demo.play import play as play_demo

    with tempfile.TemporaryDirectory() as statements:
        play_demo(env, statements)
    user = env["res.users"].search([("login", "=", VICTIM)])
    customer = env["pwik.ebok.link"].search([("user_id", "=", user.id)]).partner_id[:1]
    case = env["pwik.case"].create(
        {
            "type_id": env["pwik.case.type"]._get_by_code("remark", env.company).id,
            "name": "Sprawa poufna ofiary",
            "description": "Treść poufna",
            "partner_id": customer.id,
            "contract_id": env["pwik.contract"].search([("partner_id", "=", customer.id)], limit=1).id,
        }
    )
    for name, content in (("poufny.txt", b"Plik poufny ofiary"), ("poufny.png", picture("OBRAZ-POUFNY"))):
        env["ir.attachment"].with_user(user).sudo().create(
            {"name": name, "raw": content, "res_model": "pwik.case", "res_id": case.id}
        )
    _make_letters(env, customer)
    env["pwik.ebok.invitation"].with_user(user)._invite(customer, "zaproszony@example.com", "proxy", False)
    env["ir.config_parameter"].set_param("base.login_cooldown_after", 0)


def picture(text: str) -> bytes:
    """A PNG of one pixel that bears the text: Odoo's own in place of a picture that is refused does not."""
    from PIL import Image, PngImagePlugin

    told, out = PngImagePlugin.PngInfo(), io.BytesIO()
    told.add_text("Comment", text)
    Image.new("RGB", (1, 1)).save(out, "PNG", pnginfo=told)
    return out.getvalue()


def _make_letters(env, customer):
    """An interest note and a demand that the victim was sent: the demo's other customers have theirs."""
    values = {
        "company_id": env.company.id,
        "partner_id": customer.id,
        "state": "sent",
        "date": "2026-10-30",
        "date_due": "2026-11-13",
        "amount": 12.34,
    }
    level = env["pwik.dunning.level"].search([], limit=1)
    letters = (
        ("pwik.interest.note", {"number": "NO/OFIARY/1", "kind": "delay", "date_to": "2026-10-30"}),
        (
            "pwik.dunning.notice",
            {"number": "WZ/OFIARY/1", "level_id": level.id, "title": "Wezwanie", "text": "Pismo poufne"},
        ),
    )
    for model, more in letters:
        letter = env[model].create({**values, **more})
        letter.attachment_id = env["ir.attachment"].create(
            {"name": "pismo.pdf", "raw": b"%PDF-1.4 poufne", "res_model": model, "res_id": letter.id}
        )


def routes(env):
    """The routing map: what a browser could ask for."""
    threading.current_thread().dbname = env.cr.dbname  # the routing map reads it from there
    out = []
    for rule in env["ir.http"].routing_map().iter_rules():
        routing = rule.endpoint.routing
        out.append(
            {
                "rule": rule.rule,
                "methods": sorted(set(rule.methods or ("GET", "POST")) - {"HEAD", "OPTIONS"}),
                "type": routing["type"],
                "auth": routing["auth"],
                "csrf": routing.get("csrf", routing["type"] == "http"),
                "readonly": bool(routing.get("readonly")),
                "ours": rule.endpoint.func.__module__.startswith("odoo.addons.pwik_"),
                "arguments": sorted(rule.arguments),
                "required": _required(rule.endpoint.func),
            }
        )
    return out


def _required(function):
    """Names of what a route must be given, with those that it passes on to what it overrides."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(function).parameters.values()
    return [
        one.name
        for one in parameters
        if one.kind in kinds and one.default is one.empty and one.name != "self"
    ]


def victim_ids(env):
    """{parameter of a route or name of a model: ids of the victim's records, which the attacker cannot find}"""
    victim, attacker = (env["res.users"].search([("login", "=", login)]) for login in (VICTIM, ATTACKER))
    out = {}
    for name in sorted(env.registry):
        model = env[name]
        if model._abstract or model._transient or not model._auto:
            continue
        if not (name.startswith("pwik.") or name in CORE_MODELS):
            continue
        # What nobody may look for himself belongs to somebody all the same.
        theirs = _findable(model.with_user(attacker)) | (
            _owned(model, attacker) if name.startswith("pwik.ebok.") else set()
        )
        mine = _findable(model.with_user(victim)) - theirs
        others = set(model.with_context(active_test=False).search([], limit=50).ids) - theirs
        owned = _owned(model, victim) if name.startswith("pwik.ebok.") else set()
        if ids := sorted(mine or owned)[:3] or sorted(others)[:3]:
            out[name] = ids
    return out


CORE_MODELS = (
    "res.partner",
    "res.users",
    "account.move",
    "account.move.line",
    "account.payment",
    "mail.message",
    "mail.followers",
    "ir.attachment",
    "res.partner.bank",
)


def _findable(model):
    from odoo.exceptions import AccessError

    try:
        return set(model.search([]).ids)
    except AccessError:
        return set()


def methods(env):
    """What RPC lets a browser call of that which an addon of ours defines.

    {model: {public method: {"model": whether it takes no ids, "arguments": by name, as far as their names are known}}}
    """
    from odoo.addons.pwik_ebok.tests.probes import fill
    from odoo.addons.pwik_ebok.tests.test_generated_rpc import TestGeneratedRpc

    values = TestGeneratedRpc._values(None)
    out = {}
    for name in sorted(env.registry):
        if not (name.startswith("pwik.") or name in CORE_MODELS):
            continue
        out[name] = {}
        for base in type(env[name]).__mro__:
            if not base.__module__.startswith("odoo.addons.pwik_"):
                continue
            for key, function in vars(base).items():
                if (
                    callable(function)
                    and not key.startswith("_")
                    and not getattr(function, "_api_private", False)
                ):
                    function = getattr(type(env[name]), key)
                    out[name][key] = {
                        "model": getattr(function, "_api_model", False),
                        "arguments": fill(function, values)[0],
                    }
    return out


def field_values(env):
    """{field of partners or users: a text that would change it}, for the mass assignment."""
    by_type = {"boolean": "1", "integer": "1", "float": "1.5", "monetary": "1.5", "date": "2001-02-03"}
    out = {}
    for model in ("res.partner", "res.users"):
        for name, field in env[model]._fields.items():
            if (field.store or field.inverse) and name not in ("id", "display_name"):
                out[name] = _other_value(env, field, by_type)
    return out


def _other_value(env, field, by_type):
    if field.type == "selection":
        return (field.get_values(env) or ["x"])[-1]
    if field.relational:
        return "1"
    return by_type.get(field.type, "podmieniono@example.com")


def own_ids(env):
    """{model: ids of the victim's own records}: what the forms of the mass assignment are about."""
    victim = env["res.users"].search([("login", "=", VICTIM)])
    out = {}
    for name in sorted(env.registry):
        model = env[name]
        if model._abstract or model._transient or not (name.startswith("pwik.") or name in CORE_MODELS):
            continue
        if ids := sorted(_findable(model.with_user(victim)) or _owned(model, victim))[:3]:
            out[name] = ids
    return out


def _owned(model, user):
    """Ids of a user's records of a kind that nobody may look for himself: eBOK's pages show them."""
    links = model.env["pwik.ebok.link"].search([("user_id", "=", user.id)])
    for name, ids in (("user_id", user.ids), ("partner_id", links.partner_id.ids)):
        if name in model._fields and model._fields[name].store:
            return set(model.search([(name, "in", ids)]).ids)
    return set()
