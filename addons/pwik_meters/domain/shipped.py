"""Texts that the product brings and the office may rewrite: whose text is it that lies in the database?

A text is known by its digest, so that a database keeps no copy of what it was given. A record's texts are
``{field: {language: digest}}``; a field without translations has the one language ``""``.
"""

import hashlib
from collections.abc import Collection, Mapping

Texts = Mapping[str, Mapping[str, str]]


def digest(text: str) -> str:
    """Sixteen hexadecimal digits that stand for `text`; how its lines are broken and indented does not count."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def digests(values: Mapping[str, str | Mapping[str, str] | None]) -> dict[str, dict[str, str]]:
    """Digests of a record's texts.

    :param values: by field the text, or the texts by language, or None; empty texts are as good as none
    """
    by_language = {
        field: value if isinstance(value, Mapping) else {"": value} for field, value in values.items()
    }
    return {
        field: {language: digest(text) for language, text in texts.items() if text}
        for field, texts in by_language.items()
    }


def is_untouched(now: Texts, brought: Texts, languages: Collection[str] = ()) -> bool:
    """Whether the texts `now` are still those that were `brought`.

    :param languages: languages whose texts were brought just now; one that was not there before is no change
    """
    for field, texts in now.items():
        before = brought.get(field, {})
        added = {language for language in texts if language not in before and language in languages}
        if {language: text for language, text in texts.items() if language not in added} != before:
            return False
    return True


def is_one_of(now: Texts, known: Mapping[str, Collection[str]]) -> bool:
    """Whether each of the texts `now` is one that the product brought at some time.

    :param known: by field the digests of all texts that were ever brought, in whatever language
    """
    return all(text in known.get(field, ()) for field, texts in now.items() for text in texts.values())
