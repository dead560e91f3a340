"""The fuzzing's own parts: seeds go through, what was found once stays mended, and a finding would be seen."""

import pytest

from tests.fuzz.targets import REGRESSIONS, TARGETS, Target


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
