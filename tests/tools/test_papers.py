"""The papers name what exists: a feature's test that is not there, or a link that leads nowhere, fails here."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def named_tests():
    """Each test named in the last column of docs/features.md, with the folder that a shortened name inherits."""
    folder = None
    for line in (ROOT / "docs" / "features.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("| ") or line.startswith(("| function", "|---")):
            continue
        for name in re.findall(r"`([^`]+)`", line.split("|")[-2]):
            folder = name.rsplit("/", 1)[0] if "/" in name else folder
            yield name if "/" in name else f"{folder}/{name}"


def candidates(name):
    """Where a test of this name may lie."""
    path, _, function = name.partition("::")
    head, _, tail = path.partition("/")
    places = [
        ROOT / path,
        ROOT / "tests" / path,
        ROOT / "addons" / head / "tests" / tail,
        ROOT / "addons" / path,
    ]
    if head == "*":
        places = [next(iter(sorted((ROOT / "addons").glob(f"*/tests/{tail}.py"))), ROOT / "none")]
    return [candidate for place in places for candidate in (place, place.with_suffix(".py"))], function


@pytest.mark.parametrize("name", sorted(set(named_tests())))
def test_named_test_exists(name):
    places, function = candidates(name)
    found = next((place for place in places if place.exists()), None)
    assert found, f"docs/features.md names {name}, which is nowhere"
    if function:
        text = found.read_text(encoding="utf-8")
        assert f"def {function}(" in text or f"class {function}(" in text, name


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md", "docs/features.md"])
def test_links_lead_somewhere(paper):
    text = (ROOT / paper).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (ROOT / paper).parent.joinpath(target).exists(), target


def test_backup_copies_the_contents():
    """A folder that is copied by name goes into the one that is there: the second backup would be no backup."""
    text = (ROOT / "docs/operation.md").read_text(encoding="utf-8")
    copied = re.findall(r"docker compose cp odoo:(\S+) (\S+)", text)
    assert copied and all(source.endswith("/pwik/.") for source, _target in copied)
    restore = text[text.index("By compose the same is\n") :]
    for step in ("db createdb ", "db pg_restore ", "--entrypoint tar odoo"):
        assert step in restore, step


def test_the_house_has_all_its_rooms():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "addons").glob("*/__manifest__.py")}
    assert set(re.findall(r"^\| `addons/(\w+)` \|", text, re.M)) == rooms
    assert f"{['Six', 'Seven', 'Eight', 'Nine'][len(rooms) - 6]} addons" in text
