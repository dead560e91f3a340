"""The billing world of the proofs: households read monthly, runs over them, and what must hold of the invoices."""

import datetime as dt
from itertools import pairwise

CONTRACTS = 40
PACKET = 4
FIRST = dt.date(2022, 6, 1)  # as in the addon's own kill test, whose world this is

# Inside Odoo


def make(env, months, contracts=CONTRACTS, packet=PACKET):
    """The world of the addon's own kill test, whose runs the scheduled actions work off."""
    from odoo.addons.pwik_billing.tests.kill_server import make_world

    make_world(env, contracts, months)
    env.company.pwik_packet_size = packet
    for number in (1, 2):  # what failed for want of a disk or a database is taken up at the next minute
        cron = env.ref(f"pwik_billing.ir_cron_billing_run_{number}")
        cron.write({"interval_number": 1, "interval_type": "minutes"})


# As the office does it


def approve(stage, client, month: int) -> int:
    """A run over the world's contracts for the n-th month, previewed and approved by the buttons. Returns its id.

    Raises TimeoutError where the preview does not end.
    """
    run = client.call("pwik.billing.run", "create", [values_of(stage, month)])[0]
    client.call("pwik.billing.run", "action_preview", [run])
    if not stage.wait(lambda: state_of(stage, run) == "ready"):
        raise TimeoutError(f"the preview of run {run} did not end")
    client.call("pwik.billing.run", "action_approve", [run])
    return run


def values_of(stage, month: int) -> dict:
    start = dt.date(FIRST.year + (FIRST.month - 1 + month) // 12, (FIRST.month - 1 + month) % 12 + 1, 1)
    end = (start + dt.timedelta(days=40)).replace(day=1) - dt.timedelta(days=1)
    return {
        "period_from": str(start),
        "period_to": str(end),
        "billing_cycle": "month",
        "contract_ids": [(6, 0, contracts(stage))],
        "invoice_date": str(end),
    }


# Looked at from outside


def contracts(stage) -> list[int]:
    query = """
        SELECT c.id FROM pwik_contract c JOIN res_partner p ON p.id = c.partner_id
         WHERE p.name LIKE 'Odbiorca %' ORDER BY 1"""
    return [row[0] for row in stage.sql(query)]


def state_of(stage, run: int) -> str:
    return stage.sql("SELECT state FROM pwik_billing_run WHERE id = %s", run)[0][0]


def is_done(stage, *runs: int) -> bool:
    return all(state_of(stage, run) == "done" for run in runs)


def billed(stage, run: int) -> int:
    query = "SELECT count(*) FROM pwik_billing_run_item WHERE run_id = %s AND state = 'done'"
    return stage.sql(query, run)[0][0]


SETTLED = """
    SELECT s.contract_id, s.state, m.state, m.amount_total = s.gross,
           (SELECT sum(l.balance) FROM account_move_line l WHERE l.move_id = m.id)
      FROM pwik_settlement s LEFT JOIN account_move m ON m.pwik_settlement_id = s.id AND m.id = s.move_id
     WHERE s.run_id = ANY(%s)"""
TWICE = """
    SELECT count(*) FROM (
        SELECT FROM pwik_settlement GROUP BY contract_id, period_from, kind HAVING count(*) > 1) t"""
ORPHANS = """
    SELECT count(*) FROM account_move
     WHERE journal_id = %s AND (state <> 'posted' OR pwik_settlement_id IS NULL)"""
NUMBERS = """
    SELECT array_agg(sequence_number ORDER BY sequence_number)
      FROM account_move WHERE journal_id = %s GROUP BY sequence_prefix"""


def count(stage, tally, runs, note, in_time=True):
    """One try: each contract was billed once by `runs` together, sums are equal, numbers have no gap."""
    rows = stage.sql(SETTLED, list(runs))
    journal = stage.sql("SELECT pwik_billing_journal_id FROM res_company ORDER BY id LIMIT 1")[0][0]
    wanted, found = contracts(stage), [row[0] for row in rows]
    lost = len(set(wanted) - set(found))
    doubled = len(found) - len(set(found)) + stage.sql(TWICE)[0][0]
    tally.lost += lost
    tally.doubled += doubled
    wrong = [row for row in rows if row[1:4] != ("issued", "posted", True) or row[4]]
    orphans = stage.sql(ORPHANS, journal)[0][0]
    gaps = [
        first
        for (numbers,) in stage.sql(NUMBERS, journal)
        for first, then in pairwise(numbers)
        if then - first != 1
    ]
    held = in_time and sorted(found) == wanted and not (wrong or orphans or gaps or doubled)
    tally.check(
        held,
        f"{note}: in time {in_time}, {len(found)} of {len(wanted)}, doubled {doubled}, wrong {wrong[:2]}, orphans {orphans},"
        f" gaps after {gaps[:3]}",
    )
