"""The command line of `./pwik`."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Sequence

from .paths import Settings, prepare_local, read_settings
from .say import Problem, Stopped, say, tell_problem

ENVIRONMENT = """\
environment:
  ODOO_SOURCE      a folder with Odoo 19 (a git checkout, or the folder that holds `odoo`); else it is fetched from Debian
  PGHOST, PGPORT, PGUSER, PGPASSWORD
                   a PostgreSQL server (13 to 18) whose user may create databases; else an own one is run
  PWIK_DB          the database's name (else PGDATABASE, else pwik)
  PWIK_PORT        the port that is served, on 127.0.0.1 only (8069)
  PWIK_LOCAL       the folder for all that is made (.local in the checkout)
  PIP_*, http_proxy, https_proxy, no_proxy
                   as pip and apt know them
"""


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./pwik",
        description="Runs, tests, checks and measures this project.",
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, text: str, **more) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=text,
            description=more.pop("description", text),
            epilog=ENVIRONMENT,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **more,
        )

    run = add("run", "prepare what is absent, then serve on 127.0.0.1", description=RUN_TEXT)
    run.add_argument("--no-serve", action="store_true", help="prepare only")
    add("stop", "end a ./pwik run of this checkout")
    shell = add("shell", "Odoo's shell on the database (or a script on standard input)")
    shell.add_argument("database", nargs="?", help="another database than PWIK_DB")
    db = add("db", "work on the database").add_subparsers(dest="action", metavar="ACTION", required=True)
    reset = db.add_parser("reset", help="put the database aside; the next ./pwik run makes a new one")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.add_argument(
        "--cluster", action="store_true", help="delete our own PostgreSQL with all databases instead"
    )
    test = add("test", "run all tests; ends with the counts", description=TEST_TEXT)
    test.add_argument(
        "stage",
        nargs="*",
        help="unit, odoo, e2e, proof or odoo-own, an addon, a test file; the first three when none is named",
    )
    test.add_argument("-k", dest="keyword", help="only tests that match this expression of pytest")
    lint = add("lint", "run all checkers; 0 messages or a non-zero status")
    lint.add_argument("--fix", action="store_true", help="mend and format what ruff can, instead")
    lint.add_argument("path", nargs="*", help="with --fix: only these")
    bench = add("bench", "measure; one JSON object a line on standard output")
    bench.add_argument("what", choices=("register", "import", "billing", "documents", "portal", "crowd"))
    bench.add_argument("--size", type=_positive, help="how many (meters, telegrams, invoices ...)")
    bench.add_argument(
        "--only",
        nargs="+",
        metavar="PAGE",
        help="portal: only these pages, as its rows name them (/my/contracts/…)",
    )
    prove = add(
        "prove", "faults, attacks and hostile files against a server of its own", description=PROVE_TEXT
    )
    prove.add_argument("target", nargs="*", help="B1 to B23, HOSTS, REPLICA, QUEUE; all when none is named")
    prove.add_argument(
        "--full", action="store_true", help="the counts of docs/trust.md (hours) instead of small ones"
    )
    fuzz = add("fuzz", "coverage-guided fuzzing of every parser (atheris); one JSON object a line")
    fuzz.add_argument("parser", nargs="*", help="names of tests/fuzz/targets.py; all when none is named")
    fuzz.add_argument("--runs", type=_positive, default=100_000, help="inputs for each parser (100000)")
    add("decode", "telegrams as JSON lines on standard input, decoded on standard output")
    add("settle", "settlement requests as JSON lines on standard input, settlements on standard output")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("a size is a number above 0")
    return number


RUN_TEXT = """\
Gets Odoo 19, the Python packages and, where the machine has none, PostgreSQL; makes the demo database; serves it, and prints
the addresses and logins. What is there already is used as it is: a second run starts in seconds and needs no network.
Everything is made below .local/ and may be deleted. Ctrl-C or SIGTERM stops Odoo and then the database.
On a system without apt, name an Odoo 19 folder by ODOO_SOURCE, or use Docker (docker compose up).
"""
TEST_TEXT = """\
Prepares what is missing and runs the tests in three stages:
  unit   the domains, the collector, these tools: plain pytest, no Odoo
  odoo   the addons' tests, on a clone of a template database
  e2e    whole journeys in headless Chromium on a running server
Where there are two cores, the unit tests run while the databases are made, and the Odoo tests beside the journeys, then twice
side by side. And, where they are named:
  proof     the quick ones of ./pwik prove, with small counts
  odoo-own  Odoo's own tests of what the suite builds on, with the suite installed
"""
PROVE_TEXT = """\
Runs the targets of docs/trust.md as programs, each on a clone of the test database with Odoo's two workers and a supervisor.
Standard output has a JSON object a line: tried, survived, lost, doubled. What this machine does not allow is skipped.
"""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = build_parser().parse_args(argv)
    for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(sign, _stop)
    try:
        settings = read_settings()
        if arguments.command not in ("decode", "settle"):
            prepare_local(settings)
        return COMMANDS[arguments.command](settings, arguments) or 0
    except Problem as problem:
        tell_problem(problem)
        return 1
    except (KeyboardInterrupt, Stopped):
        say("\npwik: stopped.")
        return 130
    except OSError as error:
        from .process import advice_for

        tell_problem(Problem(f"{error.strerror or error}: {error.filename or ''}", advice_for(error)))
        return 1


def _stop(number: int, _frame: object) -> None:
    # From here on no signal interrupts the putting away.
    for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(sign, signal.SIG_IGN)
    raise Stopped(signal.Signals(number).name)


def _test(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import testing

    return testing.run(settings, arguments.stage, arguments.keyword)


def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import commands

    return commands.run(settings, serve=not arguments.no_serve)


def _stop_run(settings: Settings, _arguments: argparse.Namespace) -> int:
    from . import commands

    return commands.stop(settings)


def _shell(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import commands

    return commands.shell(settings, arguments.database)


def _db(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import commands

    return commands.reset(settings, arguments.yes, arguments.cluster)


def _bench(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import benching

    return benching.run(settings, arguments.what, arguments.size, arguments.only)


def _prove(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import proving

    return proving.run(settings, arguments.target, arguments.full)


def _fuzz(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import fuzzing

    return fuzzing.run(settings, arguments.parser, arguments.runs)


def _lint(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import linting

    return linting.fix(settings, arguments.path) if arguments.fix else linting.run(settings)


def _filter(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import filters

    return filters.run(settings, arguments.command)


COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
    "run": _run,
    "stop": _stop_run,
    "shell": _shell,
    "db": _db,
    "test": _test,
    "bench": _bench,
    "prove": _prove,
    "fuzz": _fuzz,
    "lint": _lint,
    "decode": _filter,
    "settle": _filter,
}
