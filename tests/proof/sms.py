"""The optional addon pwik_sms: who asked for it is told by SMS once, in Odoo's queue; nothing leaves the machine."""

import datetime
import io
import json
import zipfile
import zoneinfo

from tests.proof.registry import proof
from tools.pwik_cli import databases

#: The reader sees telephone numbers masked.
CUSTOMER, NEIGHBOUR, READER = "klient", "sasiad", "odczyt"
PHONE = "+48 600 700 800"
SENT = "SELECT number, body, partner_id FROM sms_sms ORDER BY id"


@proof("SMS", "notices by SMS to those who asked for it, once; masked numbers stay masked", small=1, full=1)
def sms(stage, tally, _count):
    stage.world("portal:play")
    command = ("-c", stage.site.settings.conf, "-d", stage.database, "-i", "pwik_sms", "--skip-auto-install")
    databases.run_odoo(stage.site, "Installing pwik_sms", *command, "--stop-after-init", "--no-http")
    with stage.serve(crons=0) as server:
        person = stage.client(CUSTOMER)
        page = person.get(f"{server.base}/my/notices", timeout=60).text
        tally.check("sms_outage" not in page, "eBOK offers SMS though no kind has a text")
        stage.make("sms:configure")
        page = person.get(f"{server.base}/my/notices", timeout=60).text
        tally.check("Powiadamiaj mnie SMS-em" in page and 'name="sms_outage"' in page, "eBOK offers no SMS")
        tally.check(PHONE not in page and "•" in page, "the page shows the whole number")
        before = stage.make("sms:preferences")
        answer = person.post(
            f"{server.base}/my/notices",
            data={"sms_outage": "1", "email_outage": "1", "csrf_token": person.token("/my/notices")},
            timeout=60,
        )
        tally.check(
            answer.status_code == 200 and not before, f"choice: {answer.status_code}, before: {before}"
        )
        tally.check(
            stage.make("sms:preferences") == [[CUSTOMER, "outage", True]],
            "the choice is not the customer's own",
        )
        for _twice in range(2):
            stage.make("sms:tell")
        sent = stage.sql(SENT)
        tally.doubled += max(0, len(sent) - 1)
        tally.lost += not sent
        number, body, _partner = sent[0] if sent else ("", "", None)
        tally.check(number == PHONE.replace(" ", ""), f"number {number!r}")
        tally.check("Wyłączenie wody" in body and len(body) <= 160, f"text {body!r}")
        told = stage.make("sms:copy")
        tally.check(
            number and number in told, "the copy of the person's data does not say to which number it went"
        )
        night = stage.make("sms:night")
        tally.check(night == {"queued": 0, "waiting": 2, "held": True}, f"at night: {night}")
        behind = stage.make("sms:behind")
        tally.check(behind == {"urgent": "tried", "others": "waiting"}, f"behind what waits: {behind}")
        morning = stage.make("sms:morning")
        tally.check(morning == {"queued": 1, "waiting": 0, "reasons": 1}, f"in the morning: {morning}")
        over = stage.make("sms:over")
        tally.check(over == {"queued": 0, "waiting": 0, "reasons": 1}, f"of what is over: {over}")
        tally.check(stage.make("sms:urgent") == 1, "what cannot wait waited")
        page = person.get(f"{server.base}/my/notices", timeout=60).text
        tally.check("także w nocy" in page, "eBOK does not say what comes at night")
        reader = stage.client(READER)
        for name, value in (("phone_sanitized", "600700"), ("phone_mobile_search", "600700800")):
            found = reader.call("res.partner", "search_count", [[name, "ilike", value]])
            tally.check(found == 0, f"{READER} finds {found} people by {name}")
        seen = reader.call("res.partner", "search_read", [["phone", "!=", False]], ["phone_sanitized"])
        tally.check(PHONE.replace(" ", "") not in str(seen), f"{READER} reads the number")
        tally.check(stage.make("sms:forget") == 0, "the queue keeps what was erased")


def configure(env):
    """The office gives a text to one kind; customer and neighbour have a number; the customer's language is Polish."""
    env["pwik.notice.kind"]._get_by_code("outage").sms_template_id = env.ref("pwik_sms.sms_template_notice")
    env.company.write({"pwik_sms_quiet_from": 0, "pwik_sms_quiet_to": 0})  # at whatever hour this runs
    for login in (CUSTOMER, NEIGHBOUR):
        env["res.users"].search([("login", "=", login)]).partner_id.write({"phone": PHONE, "lang": "pl_PL"})


def preferences(env):
    chosen = env["pwik.notice.preference"].search([("channel", "=", "sms")])
    users = env["res.users"].search([])
    login = {user.partner_id: user.login for user in users}
    return [[login.get(one.recipient_id, "?"), one.kind_id.code, one.wanted] for one in chosen]


def tell(env):
    """An outage is told to both, as the scheduled action does it."""
    kind = env["pwik.notice.kind"]._get_by_code("outage")
    outage = env["pwik.outage"].search([], limit=1)
    people = env["res.users"].search([("login", "in", (CUSTOMER, NEIGHBOUR))])
    links = env["pwik.ebok.link"].search([("user_id", "in", people.ids), ("state", "=", "active")])
    notices = env["pwik.notice"]._queue(
        kind, [(customer, f"sms:{outage.id}", outage) for customer in links.partner_id]
    )
    notices._hand_over()
    env["pwik.notice"].search([("key", "=", f"sms:{outage.id}")])._hand_over()
    return len(notices)


def copy(env):
    """What the customer's own copy of his data holds of his notices, as text."""
    user = env["res.users"].search([("login", "=", CUSTOMER)])
    customer = (
        env["pwik.ebok.link"]
        .search([("user_id", "=", user.id), ("state", "=", "active")], limit=1)
        .partner_id
    )
    content, _name = customer._pwik_make_data_copy(user)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sections = json.loads(archive.read("dane.json"))
    return json.dumps(sections)


def _queue_one(env, key):
    kind, outage = env["pwik.notice.kind"]._get_by_code("outage"), env["pwik.outage"].search([], limit=1)
    user = env["res.users"].search([("login", "=", CUSTOMER)])
    links = env["pwik.ebok.link"].search([("user_id", "=", user.id), ("state", "=", "active")])
    notice = env["pwik.notice"]._queue(kind, [(links.partner_id[:1], key, outage)])
    notice = notice.filtered(lambda one: one.recipient_id == user.partner_id)
    notice._hand_over()
    return notice


def _count(env, prefix):
    notices = env["pwik.notice"].search([("key", "=like", f"{prefix}%"), ("sms_due", "=", False)])
    told = notices.filtered("sms_number")
    return {
        "queued": len(told.sms_id),
        "waiting": env["pwik.notice"].search_count(
            [("key", "=like", f"{prefix}%"), ("sms_due", "!=", False)]
        ),
        "reasons": len(notices.filtered("sms_error")),
    }


def night(env):
    """It is night for three hours: two messages about one outage wait; what Odoo's queue holds already waits too."""
    earlier = env["pwik.notice"].search([("sms_id", "!=", False)], limit=1)
    zone = zoneinfo.ZoneInfo(env.company.partner_id.tz or "Europe/Warsaw")
    hour = datetime.datetime.now(zone).hour
    env.company.write({"pwik_sms_quiet_from": (hour - 1) % 24, "pwik_sms_quiet_to": (hour + 2) % 24})
    for key in ("night:1", "night:2"):
        _queue_one(env, key)
    env["sms.sms"]._process_queue()
    answer = _count(env, "night:")
    held = bool(earlier.sms_due) and not earlier.sms_id and not earlier.sms_number
    return {"queued": answer["queued"], "waiting": answer["waiting"], "held": held}


def behind(env):
    """Odoo's queue takes the oldest first: one that may go at once goes, however many were put in before the quiet hours."""
    env["ir.config_parameter"].set_param("sms.session.batch.size", "2")
    env["ir.config_parameter"].set_param("sms.endpoint", "http://127.0.0.1:9")  # nobody answers there
    hours = env.company.read(["pwik_sms_quiet_from", "pwik_sms_quiet_to"])[0]
    env.company.write({"pwik_sms_quiet_from": 0, "pwik_sms_quiet_to": 0})
    others = env["pwik.notice"].union(*(_queue_one(env, f"behind:{number}") for number in range(3)))
    kind = env["pwik.notice.kind"]._get_by_code("outage")
    leak = env["pwik.notice.kind"]._get_by_code("leak")
    leak.write({"sms_template_id": kind.sms_template_id.id, "sms_at_night": True})
    urgent = _queue_one(env, "behind:urgent")
    urgent.kind_id = leak
    env.company.write({name: hours[name] for name in ("pwik_sms_quiet_from", "pwik_sms_quiet_to")})
    env["sms.sms"]._process_queue()
    answer = {
        "urgent": "tried" if urgent.sms_id.state == "error" else urgent.sms_id.state,
        "others": "waiting" if all(others.mapped("sms_due")) else others.mapped("sms_id.state"),
    }
    (others | urgent).unlink()
    leak.sms_at_night = False
    return answer


def _release(env, prefix):
    due = env["pwik.notice"].search([("key", "=like", f"{prefix}%"), ("sms_due", "!=", False)])
    env["pwik.notice"]._release_sms(max(due.mapped("sms_due")))
    return _count(env, prefix)


def morning(env):
    """The hours are over: one message of the two, the later one."""
    return _release(env, "night:")


def over(env):
    """What ended while everybody slept is not told any more."""
    notice = _queue_one(env, "over:1")
    outage = env["pwik.outage"].browse(notice.res_id)
    days = outage.date_from, outage.date_to
    _move(env, outage, notice.sms_due - datetime.timedelta(hours=1), notice.sms_due)
    answer = _release(env, "over:")
    _move(env, outage, *days)
    return answer


def _move(env, outage, start, end):
    """Past the office's own checks, which would tell everybody of the change."""
    query = "UPDATE pwik_outage SET date_from = %s, date_to = %s WHERE id = %s"
    env.cr.execute(query, [start, end, outage.id])
    outage.invalidate_recordset()


def urgent(env):
    """A kind that cannot wait goes in the quiet hours."""
    env["pwik.notice.kind"]._get_by_code("outage").sms_at_night = True
    _queue_one(env, "urgent:1")
    return _count(env, "urgent:")["queued"]


def forget(env):
    """What erasure and retention do with the notices of a person."""
    env["pwik.notice"].search([("sms_number", "!=", False)]).unlink()
    return env["sms.sms"].search_count([])
