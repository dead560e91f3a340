"""Every text that is shown has its Polish, and the Polish fits."""

import ast
import errno
import re
import socket
import ssl
from pathlib import Path

import pytest

import pwik_collector
from pwik_collector import texts
from pwik_collector.texts_pl import CATALOGUE

SOURCES = sorted(Path(pwik_collector.__file__).parent.rglob("*.py"))


def used():
    """The texts in the code: the first arguments of tr(), and argparse's."""
    found = {text for _pattern, text in texts._ARGPARSE}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                if isinstance(node.args[0], ast.Constant):
                    found.add(node.args[0].value)
                else:
                    assert path.name == "texts.py", f"{path}: tr() needs a literal text"
    return found


def test_the_catalogue_is_complete_and_has_no_leftovers():
    assert used() - set(CATALOGUE) == set()
    assert set(CATALOGUE) - used() == set()


@pytest.mark.parametrize("english", sorted(CATALOGUE))
def test_names_in_braces_are_kept(english):
    names = re.findall(r"\{(\w+)\}", english)
    assert sorted(names) == sorted(re.findall(r"\{(\w+)\}", CATALOGUE[english]))


def test_polish_is_the_default_and_english_can_be_had(monkeypatch):
    assert texts.tr("listening") == "nasłuch"
    monkeypatch.setenv("PWIK_LANG", "en")
    assert texts.tr("listening") == "listening"


def test_values_are_not_templates():
    assert (
        texts.tr("Cannot write {path}: {reason}", path="{reason}", reason="{0}")
        == "Nie można zapisać {reason}: {0}"
    )


def test_foreign_texts_are_cleaned():
    assert texts.clean("a\x1b]0;x\x07b\u202ec\r\nd") == "a]0;xbc  d"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "brak miejsca na dysku"),
        (OSError(errno.EFBIG, "File too large"), "plik nie może być większy"),
        (PermissionError(errno.EACCES, "Permission denied"), "brak uprawnień"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "nikt nie odpowiada"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "połączenie zostało przerwane"),
        (TimeoutError("timed out"), "brak odpowiedzi na czas"),
        (socket.gaierror(-2, "Name or service not known"), "nie ma takiego adresu"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "brak sieci"),
        (ssl.SSLError(1, "wrong version number"), "bezpiecznego połączenia"),
    ],
)
def test_what_the_system_refuses_is_said_in_polish(error, words):
    assert words in texts.os_reason(error)
