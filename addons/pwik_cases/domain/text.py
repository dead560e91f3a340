"""Plain text that people type: cleaned, never interpreted."""

import re
import unicodedata

_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def clean_line(text: str | None) -> str:
    """One line: only characters that can be seen, blanks folded, Unicode composed (NFC)."""
    return _clean(re.sub(r"[\r\n\v\f\u0085\u2028\u2029]+", " ", text or ""))


def clean_text(text: str | None) -> str:
    """Several lines: as :func:`clean_line`, line breaks kept, at most one empty line in a row."""
    unified = re.sub(r"\r\n?|[\v\f\u0085\u2028\u2029]", "\n", text or "")
    return _EMPTY_LINES.sub("\n\n", "\n".join(_clean(line) for line in unified.split("\n"))).strip()


def _clean(line: str) -> str:
    """Without control characters and without invisible ones that turn or hide text (CVE-2021-42574)."""
    composed = unicodedata.normalize("NFC", _BLANKS.sub(" ", line))
    seen = "".join(char for char in composed if char.isprintable())
    return _BLANKS.sub(" ", seen).strip()
