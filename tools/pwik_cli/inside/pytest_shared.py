"""A plugin by which several runs of pytest share one list of tests: each takes the next class that nobody has taken.

What is left for a run depends on how far the others are, so that all end at about the same time whatever each test takes, and a
run may join late. Classes that are tagged LONG come first: none of them begins when the others are about to end.
"""

import hashlib
import os
import pathlib
from itertools import groupby

LONG = "pwik_long"
# What each run leaves in the folder: how many tests there are, and how many of them it ran
LISTED, RAN = "listed", "ran-{}"


def pytest_addoption(parser):
    parser.addoption(
        "--shared-work", metavar="FOLDER", help="an empty folder that the runs note in what they take"
    )


def _group(item):
    return item.nodeid.rpartition("::")[0]


def _is_short(item):
    return LONG not in getattr(getattr(item, "cls", None), "test_tags", ())


def take(folder, items):
    """Yield the items of each class that was not taken yet, and take it."""
    ours = set()
    for name, group in groupby(sorted(items, key=_is_short), _group):
        try:
            (folder / hashlib.sha256(name.encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            # functions of a file need not stand side by side: what this run took it runs to the end
            if name not in ours:
                continue
        ours.add(name)
        yield from group


def count_left(folder):
    """How many of the listed tests no run has run."""
    ran = sum(int(note.read_text(encoding="ascii")) for note in folder.glob(RAN.format("*")))
    return int((folder / LISTED).read_text(encoding="ascii")) - ran


def pytest_runtestloop(session):
    """Run what this run takes. pytest's own loop wants to know the whole list before it begins."""
    folder = session.config.getoption("--shared-work")
    if not folder or session.config.option.collectonly:
        return None
    if session.testsfailed and not session.config.option.continue_on_collection_errors:
        raise session.Interrupted(f"{session.testsfailed} errors while the tests were looked for")
    folder, ran = pathlib.Path(folder), 0
    (folder / LISTED).write_text(str(len(session.items)), encoding="ascii")
    items = take(folder, session.items)
    item = next(items, None)
    while item is not None:
        # Taken one test early: pytest tears down what the next one does not share.
        following = next(items, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        item, ran = following, ran + 1
        (folder / RAN.format(os.getpid())).write_text(str(ran), encoding="ascii")
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
    return True
