"""A process of its own that bills; ``test_kill`` starts it, tells it what to do, and kills what it forks.

Arguments: Odoo's options. Standard input: a JSON command a line; standard output: a JSON answer a line, and one for each
packet that a forked worker committed. One load of the registry serves any number of workers.
"""

import itertools
import json
import os
import sys
import time
from datetime import date

from dateutil.relativedelta import relativedelta

#: So long ago that the thirty-one months of a proof have tariffs and are over.
FIRST = date(2022, 6, 1)
PACKET = 2


def say(**answer):
    os.write(1, json.dumps(answer).encode() + b"\n")  # one write: workers share the pipe


def month(number):
    """First and last day of the n-th month that is billed."""
    start = FIRST + relativedelta(months=number)
    return start, start + relativedelta(months=1, days=-1)


def make_world(env, contracts, months):
    """Households with a reading at the end of each month."""
    # a script has no package to be relative to
    from odoo.addons.pwik_billing.tests.common import (  # pylint: disable=odoo-addons-relative-import
        BillingCommon,
    )

    world = type("World", (BillingCommon,), {"env": env(context={**env.context, "tracking_disable": True})})
    world.make_utility()
    world.make_prices()
    world.make_tariff("V0", "2022-05-03", "2024-05-02", "4.50", "8.50")
    world.company.pwik_packet_size = PACKET
    made = world.env["pwik.contract"]
    for number in range(contracts):
        readings = [(str(FIRST - relativedelta(days=1)), 100)]
        readings += [(str(month(m)[1]), 100 + (m + 1) * (number + 1)) for m in range(months)]
        made |= world.household(readings, name=f"Odbiorca {number}", billing_cycle="month")
    return {"contracts": made.ids, "journal": world.company.pwik_billing_journal_id.id}


def approve_run(env, contracts, number):
    """A run over the contracts for the n-th month, previewed and approved. :return: its id"""
    date_from, date_to = month(number)
    run = env["pwik.billing.run"].create(
        {
            "period_from": date_from,
            "period_to": date_to,
            "billing_cycle": "month",
            "contract_ids": [(6, 0, contracts)],
            "invoice_date": date_to,
        }
    )
    run.action_preview()
    run._process_all()
    run.action_approve()
    return {"run": run.id}


def bill(env, run_id):
    """What the scheduled action does: a packet, a commit, until none is left."""
    tasks, run = env["pwik.billing.run.task"], env["pwik.billing.run"].browse(run_id)
    done = 0
    while tasks._process_next(run):
        done += 1
        say(packet=done, pid=os.getpid())
    env.cr.commit()


def bill_and_hold(env, run_id):
    """As ``bill``, but the first packet is committed only once another process waits for its numbers."""
    tasks, run = env["pwik.billing.run.task"], env["pwik.billing.run"].browse(run_id)
    tasks._claim_next(run)._run_task()
    env.flush_all()
    wait_until_someone_waits(env.cr.dbname)
    env.cr.commit()
    bill(env, run_id)


def wait_until_someone_waits(database, seconds=60):
    """:raise TimeoutError: nobody came to wait for a lock"""
    import odoo.sql_db

    until = time.monotonic() + seconds
    with odoo.sql_db.db_connect(database).cursor() as cr:
        while time.monotonic() < until:
            cr.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cr.rowcount:
                return
            cr.rollback()
            time.sleep(0.05)
    raise TimeoutError("nobody waited")


def work(registry, function, *arguments):
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        return function(api.Environment(cr, SUPERUSER_ID, {}), *arguments)


def fork_worker(registry, function, run_id):
    pid = os.fork()
    if pid:
        return pid
    try:
        work(registry, function, run_id)
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)


def main(options):
    import odoo.sql_db
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(options, setup_logging=True)
    registry = Registry(config["db_name"][0])
    calls = {"world": make_world, "approve": approve_run}
    say(ready=True)
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        if command not in ("bill", "meet"):
            say(**work(registry, calls[command], *arguments))
            continue
        odoo.sql_db.close_all()  # a connection must not be shared with a child
        works = {"bill": itertools.repeat(bill), "meet": (bill_and_hold, bill)}[command]
        pids = [
            fork_worker(registry, function, run_id)
            for function, run_id in zip(works, arguments, strict=False)
        ]
        say(pids=pids)
        say(ended=[os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids])


if __name__ == "__main__":
    sys.path.pop(0)  # our own folder
    main(sys.argv[1:])
