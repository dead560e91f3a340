"""B18: sequences of what happens to contracts, down to the posted moves, in a database of its own."""

from tests.proof.registry import proof

STEPS = 50


@proof(
    "B18",
    "sequences of readings, exchanges, estimates, bills and corrections in Odoo",
    small=1,
    full=20,
    suite=True,
)
def money(stage, tally, count):
    stage.fresh()
    done = {}
    for seed in range(count):
        answer = stage.make("b18_money:live", seed=seed, steps=STEPS)
        tally.check(not answer["wrong"], f"seed {seed}: {answer['wrong']}")
        for what, number in answer["done"].items():
            done[what] = done.get(what, 0) + number
    tally.note(f"{STEPS} steps each: {done}")


# Inside Odoo


def _world(env):
    from odoo.addons.pwik_billing.tests.common import BillingCommon

    return type("World", (BillingCommon,), {"env": env(context={**env.context, "tracking_disable": True})})


def live(env, seed, steps):
    """A contract through `steps` random events. Returns {"wrong": what did not hold, "done": {event: count}}."""
    from tests.proof.money_life import Life

    world = _world(env)
    world.make_utility()
    world.make_prices()
    life = Life(world, seed)
    for _number in range(steps):
        life.step()
        if life.wrong:
            break
    env.cr.rollback()
    return {"wrong": life.wrong, "done": life.done}
