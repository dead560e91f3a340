"""B18: sequences of what happens to contracts: in the domain alone, and down to the posted moves in a database."""

import concurrent.futures
import os
import random
import re
import subprocess

from tests.proof.registry import proof
from tests.proof.stage import tell

STEPS = 50
DOMAIN = "tests/unit/pwik_billing/test_settle_stateful.py"
A_PART = 100  # sequences of one process: about a minute and a half
TRIED = re.compile(r"generate phase.*?(\d+) passing\b.*?(\d+) failing\b", re.DOTALL)


@proof(
    "B18",
    "sequences of readings, exchanges, estimates, bills and corrections in the domain",
    small=20,
    full=2_000,
)
def domain(stage, tally, count):
    """Each sequence counts as a try; other seeds each time, which are named."""
    first = random.randrange(1_000_000)
    parts = [min(A_PART, count - done) for done in range(0, count, A_PART)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for seed, (passed, failed, words) in enumerate(
            pool.map(lambda part: _part(stage, *part), enumerate(parts, start=first)), start=first
        ):
            tally.tried += passed + failed
            tally.survived += passed
            tell(f"seed {seed}: {passed} sequences held, {failed} did not")
            if words:
                tally.note(f"--hypothesis-seed={seed}: {words}")
    tally.check(tally.tried >= count, f"{tally.tried} of {count} sequences were tried")
    tally.note(f"up to {STEPS} steps each; seeds {first} to {first + len(parts) - 1}")


def _part(stage, seed, sequences):
    """So many sequences in a process of its own. Returns (how many held, how many did not, the end of its words if so)."""
    settings = stage.site.settings
    done = subprocess.run(
        [
            *(settings.venv / "bin/python", "-m", "pytest", "-q", "-p", "no:odoo", "-p", "no:cacheprovider"),
            *("--hypothesis-show-statistics", f"--hypothesis-seed={seed}", DOMAIN),
        ],
        cwd=settings.root,
        env={**os.environ, "PWIK_SEQUENCES": str(sequences)},
        capture_output=True,
        text=True,
        check=False,
    )
    counts = TRIED.search(done.stdout)
    passed, failed = map(int, counts.groups()) if counts else (0, 0)
    if done.returncode == 0:
        return passed, failed, ""
    return passed, failed or 1, (done.stdout + done.stderr).strip()[-800:]


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
    for answer in stage.make("b18_money:live", seeds=list(range(count)), steps=STEPS):
        steps = sum(answer["done"].values())
        tally.check(
            steps == STEPS and not answer["wrong"],
            f"seed {answer['seed']}, {steps} steps: {answer['wrong']}",
        )
        for what, number in answer["done"].items():
            done[what] = done.get(what, 0) + number
    tally.note(f"{STEPS} steps each: {done}")


# Inside Odoo


def _world(env):
    from odoo.addons.pwik_billing.tests.common import BillingCommon

    return type("World", (BillingCommon,), {"env": env(context={**env.context, "tracking_disable": True})})


def live(env, seeds, steps):
    """For each seed a contract through `steps` random events. Returns [{"seed", "wrong": what did not hold, "done"}].

    All in one process, which starts Odoo once; each is rolled back, so that none sees another's.
    """
    return [{"seed": seed, **_life(env, seed, steps)} for seed in seeds]


def _life(env, seed, steps):
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
    env.registry.clear_all_caches()  # ids of what was rolled back
    return {"wrong": life.wrong, "done": life.done}
