"""Whatever the engine says of a file or a line is known to what puts it in the user's words."""

import ast
import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
from pwik_radio_reading import domain

DOMAIN = Path(domain.__file__).parent
# Not of a dump: the wizard for keys says itself what is wrong, the command line speaks English only
ELSEWHERE = {"keys.py", "cli.py"}
# What stands for a value of the sentence, where a number cannot
SAMPLES = {"group": ",", "point": "."}


def load_words():
    """The module by its path: it needs no Odoo, its neighbours do."""
    path = DOMAIN.parent / "models" / "engine_words.py"
    spec = importlib.util.spec_from_file_location("pwik_radio_reading.models.engine_words", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


words = load_words()
SAID = words._texts(SimpleNamespace(_=lambda text: text))


def spell(node):
    """The sentence that an expression makes, with samples for its values; None where it begins with no literal."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) else SAMPLES.get(ast.unparse(part.value), "7")
            for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left = spell(node.left)
        return left and left + "7"
    return None


def find_sentences():
    """``(file, sentence)`` of each error that is made with a literal in the domain, the telegrams' decoder left out."""
    for path in sorted(DOMAIN.rglob("*.py")):
        if "wmbus" in path.relative_to(DOMAIN).parts or path.name in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith("Error"):
                sentence = spell(node.args[0])
                if sentence:
                    yield path.name, sentence


SENTENCES = sorted(set(find_sentences()))


def test_sentences_are_found():
    """Of each way to write them one, so that none of the ways is looked past."""
    assert {
        ("__init__.py", "a workbook needs a mapping profile"),
        ("elvaco_2001.py", "7 fields, not 7"),
        ("_common.py", "not a time: 7"),
        ("profile.py", "7: , where . is expected"),
    } <= set(SENTENCES)


@pytest.mark.parametrize(("name", "sentence"), SENTENCES)
def test_every_sentence_is_put_in_words(name, sentence):
    detail = sentence.rstrip(".")
    found = {key: match for key, one in words._PATTERNS.items() if (match := one.fullmatch(detail))}
    assert len(found) == 1, f"{name}: {sentence!r} is known as {list(found)}"
    ((key, match),) = found.items()
    assert SAID[key] % match.groupdict()


def test_each_pattern_has_its_words():
    assert set(SAID) == set(words._PATTERNS)
