"""B15: somebody guesses at the linking of customers, from many addresses and logins, on two workers and across a restart."""

import re
import threading

from tests.proof.registry import proof
from tests.proof.stage import Client, tell

PASSWORD = "Zgaduje-Zawziecie-2026"
LOGINS, ADDRESSES, CUSTOMERS, THREADS = 30, 50, 10, 4
A_DAY = 5
#: What differs from page to page whoever asks: tokens, nonces, what was typed, moments.
VARIES = re.compile(
    r'csrf_token: "[^"]*"|name="csrf_token"[^>]*|nonce="[^"]*"|value="[^"]*"|/web/assets/[^"]*|"uid": ?\d+'
    r"|[\w.-]*zgaduje\d+[\w.@-]*|Zgadujący \d+"
)


@proof("B15", "tries at linking, by 30 logins from 50 addresses", small=240, full=10_000)
def brute_force(stage, tally, count):
    stage.world("portal:play")
    facts = stage.make("b15_linking:prepare", logins=LOGINS, customers=CUSTOMERS)
    answers, statuses = set(), set()
    with stage.serve("--proxy-mode", crons=0) as server:
        clients = [Client(server.base, f"zgaduje{n}", PASSWORD) for n in range(LOGINS)]
        for part in range(2):
            _guess(clients, facts, range(part, count, 2), answers, statuses)
            if not part:
                server.kill()
                server.await_page()
                tell(f"{count // 2} tries, then a restart")
        _correct_ones(clients, facts, answers, statuses)
    _judge(stage, tally, count, answers, statuses)
    tally.check(stage.make("b15_linking:tell_owners") >= 1, "no owner was told")


def _guess(clients, facts, numbers, answers, statuses):
    """Wrong amounts, spread over threads, so that both workers have some at the same moment."""

    def work(share):
        for number in numbers[share::THREADS]:
            fact = facts[number % len(facts)]
            answer = _send(
                clients[number // 7 % LOGINS], {**fact, "amount": f"{number % 9000 + 1},99"}, number
            )
            answers.add(VARIES.sub("", answer.text))
            statuses.add(answer.status_code)

    threads = [threading.Thread(target=work, args=(share,)) for share in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _correct_ones(clients, facts, answers, statuses):
    """The right data, once the tries are used up, get the answer of the wrong ones."""
    for number, fact in enumerate(facts):
        answer = _send(clients[number], fact, number)
        answers.add(VARIES.sub("", answer.text))
        statuses.add(answer.status_code)
    nobody = {"customer_number": "0000000", "invoice_number": "NIE/MA", "amount": "1,00"}
    answers.add(VARIES.sub("", _send(clients[0], nobody, 1).text))


def _send(client, fact, number):
    client.csrf = getattr(client, "csrf", None) or client.token("/my/link/invoice")
    headers = {
        "X-Forwarded-For": f"198.51.100.{number % ADDRESSES + 1}",
        "X-Forwarded-Host": client.base.removeprefix("http://"),
    }
    form = {**fact, "role": "owner", "csrf_token": client.csrf}
    return client.post(
        client.url("/my/link/invoice"), data=form, headers=headers, allow_redirects=False, timeout=120
    )


def _judge(stage, tally, count, answers, statuses):
    """At most five tries a day were looked at for each customer and each login; nobody was linked; one answer for all."""
    evaluated = "SELECT {0}, count(*) FROM pwik_audit_event WHERE kind = 'link_failed' GROUP BY 1"
    for column in ("customer_ref", "user_ref"):
        for who, number in stage.sql(evaluated.format(column)):
            tally.check(number <= A_DAY, f"{column} {who}: {number} tries were looked at")
    links = stage.sql(
        "SELECT count(*) FROM pwik_ebok_link l JOIN res_users u ON u.id = l.user_id WHERE u.login LIKE 'zgaduje%%'"
    )
    tally.check(links[0][0] == 0, f"{links[0][0]} links were made")
    tally.check(len(answers) == 1, f"{len(answers)} different answers")
    tally.check(statuses == {422}, f"statuses {statuses}")
    looked = stage.sql("SELECT count(*) FROM pwik_audit_event WHERE kind = 'link_failed'")[0][0]
    tally.check(looked > 0, "no try was looked at: nothing was tried")
    tally.note(f"{count} tries, {looked} of them looked at")


# Inside Odoo


def prepare(env, logins, customers):
    """Logins that guess, and what would be right: customer number, invoice number, gross amount."""
    from odoo.tests import new_test_user

    env["ir.config_parameter"].set_param("base.login_cooldown_after", 0)
    for number in range(logins):
        new_test_user(
            env,
            login=f"zgaduje{number}",
            password=PASSWORD,
            groups="base.group_portal",
            name=f"Zgadujący {number}",
            email=f"zgaduje{number}@example.com",
        )
    out = []
    found = env["account.move"].search(
        [("move_type", "=", "out_invoice"), ("state", "=", "posted"), ("pwik_contract_id", "!=", False)],
        order="invoice_date desc, id desc",
    )
    for move in found:
        customer = move.pwik_contract_id.partner_id
        if (
            customer.pwik_customer_number in [fact["customer_number"] for fact in out]
            or len(out) == customers
        ):
            continue
        customer.email = customer.email or f"odbiorca{customer.id}@example.com"
        out.append(
            {
                "customer_number": customer.pwik_customer_number,
                "invoice_number": move.name,
                "amount": f"{move.amount_total:.2f}".replace(".", ","),
            }
        )
    return out


def tell_owners(env):
    """The schedule tells the owners. Returns the number of letters."""
    before = env["mail.mail"].search([], order="id desc", limit=1).id
    env["pwik.ebok.link"]._cron_tell_owners()
    return env["mail.mail"].search_count([("id", ">", before)])
