"""A process of the billing bench: billing_worker.py CONFIGURATION DATABASE bill RUN | recurring COUNT

``bill`` says ``ready``, begins at a line on standard input, shares the run with others, and tells its packets and the
processor time that they took.
``recurring`` gets OCA's addon ``contract`` by pip (for this measurement only, beside the configuration), puts it into the
database, and says at what rate it makes and posts as many invoices. Answers are JSON.
"""

import json
import pathlib
import subprocess
import sys
import time
from datetime import date

WHEEL = "odoo-addon-contract==19.0.*"
BATCH = 250
START, DUE = date(2024, 7, 1), date(2024, 10, 1)
# What a household's quarter consists of: water, sewage, subscription.
LINES = ((25, 4.76), (25, 8.11), (1, 24.12))
# A packet that starts anew shows up beside the figures.
SHOW = ("--log-handler=odoo.addons.pwik_billing.models.pwik_billing_run_task:INFO",)


def say(**answer):
    print(json.dumps(answer), flush=True)


def load(configuration, database):
    import odoo
    from odoo.service import server

    odoo.tools.config.parse_config(
        ["-c", configuration, "-d", database, "--no-http", "--log-level=error", *SHOW], setup_logging=True
    )
    server.load_server_wide_modules()


def open_environment(registry):
    from odoo import SUPERUSER_ID, api

    return api.Environment(registry.cursor(), SUPERUSER_ID, {})


def bill(configuration, database, run_id):
    from odoo.modules.registry import Registry

    load(configuration, database)
    env = open_environment(Registry(database))
    run, tasks = env["pwik.billing.run"].browse(int(run_id)), env["pwik.billing.run.task"]
    warm(env, run)
    print("ready", flush=True)
    sys.stdin.readline()
    packets, before = 0, time.process_time()
    while tasks._process_next(run):
        packets += 1
    say(packets=packets, processor=time.process_time() - before)


def warm(env, run):
    """A contract is billed and taken back: what a process loads once is loaded."""
    task = run.task_ids.filtered(lambda task: task.state == "pending")[:1]
    task.with_company(run.company_id).with_context(lang="pl_PL")._bill_items(task.item_ids[:1])
    env.flush_all()
    env.cr.rollback()
    env.invalidate_all()


def recurring(configuration, database, count):
    count = int(count)
    lib = pathlib.Path(configuration).parent / "oca-bench"
    if not (lib / "odoo/addons/contract").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", lib, WHEEL]
        subprocess.run(pip, check=True, stdout=sys.stderr)
    import odoo.addons
    from odoo.modules.registry import Registry

    odoo.addons.__path__.append(str(lib / "odoo/addons"))
    load(configuration, database)
    registry = Registry.new(database, update_module=True, install_modules=["contract"])
    env = open_environment(registry)
    make_contracts(env, "warm", 5)
    measure(env, 5)
    make_contracts(env, "bench", count)
    print("ready", flush=True)
    say(rate=count / measure(env, count))


def make_contracts(env, name, count):
    """Contracts of customers of their own, due for their first quarter."""
    partners = env["res.partner"].create(
        [{"name": f"{name} {n}", "street": "ul. Miarowa", "city": "Bench"} for n in range(count)]
    )
    products = [env.ref(f"pwik_billing.product_{one}") for one in ("water", "sewage", "subscription")]
    journal = env.company.pwik_billing_journal_id
    env["contract.contract"].create(
        [
            {
                "name": partner.name,
                "partner_id": partner.id,
                "journal_id": journal.id,
                "line_recurrence": False,
                "recurring_rule_type": "monthly",
                "recurring_interval": 3,
                "recurring_invoicing_type": "post-paid",
                "date_start": START,
                "recurring_next_date": DUE,
                "contract_line_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "name": product.name,
                            "uom_id": product.uom_id.id,
                            "quantity": quantity,
                            "price_unit": price,
                            "date_start": START,
                            "recurring_next_date": DUE,
                        },
                    )
                    for product, (quantity, price) in zip(products, LINES, strict=True)
                ],
            }
            for partner in partners
        ]
    )
    env.flush_all()
    env.cr.commit()
    env.invalidate_all()


def measure(env, count):
    """Seconds of the addon's scheduled action and of posting what it made."""
    drafts = [("move_type", "=", "out_invoice"), ("state", "=", "draft")]
    drafts.append(("id", "not in", env["account.move"].search(drafts).ids))
    start = time.perf_counter()
    env["contract.contract"].cron_recurring_create_invoice(DUE)
    env.cr.commit()
    moves = env["account.move"].search(drafts)
    for first in range(0, len(moves), BATCH):
        moves[first : first + BATCH].action_post()
        env.cr.commit()
    seconds = time.perf_counter() - start
    check(moves, count)
    return seconds


def check(moves, count):
    """:raise RuntimeError: not an invoice of three lines for each contract due"""
    made = {(move.state, len(move.invoice_line_ids)) for move in moves}
    if len(moves) != count or made != {("posted", 3)}:
        raise RuntimeError(f"{len(moves)} of {count} recurring invoices, as (state, lines): {made}")


if __name__ == "__main__":
    sys.path.pop(0)
    {"bill": bill, "recurring": recurring}[sys.argv[3]](*sys.argv[1:3], *sys.argv[4:])
