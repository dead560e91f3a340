"""The customer of the demo who has paid nothing for a year: asked in vain, the cut-off of his water is announced."""

import datetime

#: The last quarter before the demo's first, billed for him alone: first day, last day, day of the invoice.
QUARTER = ("2025-10-01", "2025-12-31", "2025-12-31")
REMINDED, DEMANDED, RECEIVED = "2026-01-29", "2026-02-19", "2026-02-24"
#: The least days from today to the planned cut-off, a Tuesday: the law wants 20 from the receipt of the last notice, a letter
#: may take three weeks to be fetched.
AHEAD, TUESDAY = 42, 1


def begin(env, contract, bill, dun):
    """The arrears and the demand, received before the second quarter of 2026 began: that one and the third count in full.

    :param bill: ``bill(env, first_day, last_day, invoice_date, contracts)``
    :param dun: ``dun(env, kind, day)`` returns the reminders of a run
    """
    bill(env, *QUARTER, contract)
    dun(env, "reminder", REMINDED)
    dun(env, "reminder", DEMANDED).delivered_on = RECEIVED


def end(env, contract):
    """The cut-off is announced to the three whom the law names. Who plays the demo before the law allows it sees why not."""
    day = env["pwik.case"]._today() + datetime.timedelta(AHEAD)
    day += datetime.timedelta((TUESDAY - day.weekday()) % 7)
    order = env["pwik.cutoff.order"].create(
        {
            "contract_id": contract.id,
            "planned_date": day,
            "substitute_point_id": env.ref("pwik_billing.demo_substitute_point").id,
        }
    )
    if order.obstacles:
        return
    order.action_announce()
    order.action_send_notices()
    env["mail.mail"].search([("model", "=", "pwik.cutoff.notice")]).state = "cancel"
