"""Runs proofs: python -m tests.proof REQUEST (see tools/pwik_cli/proving.py, which makes the request)."""

import importlib
import json
import pathlib
import signal
import sys
import time
import traceback

from tests.proof.registry import PROOFS, Tally
from tests.proof.stage import Stage

HERE = pathlib.Path(__file__).parent


def load():
    """Import every program: each registers its proofs."""
    for path in sorted(
        (*HERE.glob("b[0-9]*.py"), HERE / "hosts.py", HERE / "replica.py", HERE / "jobs.py", HERE / "sms.py")
    ):
        importlib.import_module(f"tests.proof.{path.stem}")


def chosen(request):
    wanted = [proof for proof in PROOFS if not request["targets"] or proof.target in request["targets"]]
    return [proof for proof in wanted if proof.suite or not request["suite"]]


def run_one(proof, request):
    """One proof on a stage of its own. An exception is a proof that failed."""
    tally, begin = Tally(), time.monotonic()
    count = proof.full if request["full"] else proof.small
    stage = Stage(request["template"], own_cluster=request["own_cluster"])
    try:
        with stage:
            proof.run(stage, tally, count)
    except Exception as error:
        traceback.print_exc()
        tally.note(f"{type(error).__name__}: {error}")
        tally.broken = True
    return {
        "target": proof.target,
        "what": proof.what,
        **tally.row(),
        "seconds": round(time.monotonic() - begin),
    }


def heed_signals():
    """Whoever asks us to end has what was begun (servers, mounts, hosts, databases) put away first."""
    signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def end(number, _frame):
        for sign in signals:  # nothing more interrupts the putting away
            signal.signal(sign, signal.SIG_IGN)
        sys.exit(128 + number)

    for sign in signals:
        signal.signal(sign, end)


def main(request):
    heed_signals()
    load()
    bad = 0
    with open(request["report"], "w", encoding="utf-8") as report:
        for proof in chosen(request):
            print(f"... {proof.target} {proof.what}", file=sys.stderr, flush=True)
            row = run_one(proof, request)
            bad += not row["ok"]
            report.write(json.dumps(row, ensure_ascii=False) + "\n")
            report.flush()
            mark = "!! " if not row["ok"] else "-- " if row["skipped"] else "ok "
            print(
                f"{mark} {row['target']} {row['what']}: tried {row['tried']}, survived {row['survived']}, lost {row['lost']},"
                f" doubled {row['doubled']} ({row['seconds']} s) {row['skipped'] or ''}",
                *row["notes"],
                sep="\n      ",
                file=sys.stderr,
                flush=True,
            )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
