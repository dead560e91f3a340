"""The fuzzing's own parts: seeds go through, what was found once stays mended, and a finding would be seen."""

import itertools

import pytest

from tests.fuzz import limits
from tests.fuzz.targets import REGRESSIONS, TARGETS, Target
from tools.pwik_cli.fuzzing import too_much


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_seeds_are_read(name):
    target = TARGETS[name]
    seeds = list(target.seeds())
    assert seeds
    for seed in seeds:
        target.run(seed)  # not even a declared error: a seed that is refused opens no door


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_what_was_found_once(name):
    for content in TARGETS[name].regressions():
        TARGETS[name].try_one(content)


def test_regressions_belong_to_a_target():
    assert {path.name for path in REGRESSIONS.iterdir() if path.is_dir()} <= set(TARGETS)


def test_a_finding_is_seen():
    target = Target("x", lambda data: {}[data], (ValueError,), list)
    with pytest.raises(KeyError):
        target.try_one(b"x")


def test_an_input_that_takes_too_long_is_seen(monkeypatch):
    """The processor's time, as this process would have used it."""
    for seconds, size, slow in (
        (0.9, 10, False),
        (1.1, 10, True),
        (2.9, 1 << 20, False),
        (3.1, 1 << 20, True),
    ):
        monkeypatch.setattr(limits.time, "process_time", itertools.count(0, seconds).__next__)
        if slow:
            with pytest.raises(limits.TooSlowError):
                limits.in_time(lambda data: None, bytes(size))
        else:
            limits.in_time(lambda data: None, bytes(size))


@pytest.mark.parametrize(
    ("seconds", "mb", "words"), [(2.0, 256, ""), (2.1, 9, "2.1 s"), (0.1, 257, "257 MB")]
)
def test_a_large_file_that_takes_too_much_is_seen(seconds, mb, words):
    assert too_much({"seconds_per_mb": seconds, "mb": mb}).startswith(words)
    assert bool(too_much({"seconds_per_mb": seconds, "mb": mb})) == bool(words)
