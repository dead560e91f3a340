"""The optional addon pwik_sms: who asked for it is told by SMS once, in Odoo's queue; nothing leaves the machine."""

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


def forget(env):
    """What erasure and retention do with the notices of a person."""
    env["pwik.notice"].search([("sms_number", "!=", False)]).unlink()
    return env["sms.sms"].search_count([])
