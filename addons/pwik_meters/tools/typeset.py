"""Documents by Typst: a template of an addon and plain values make a tagged PDF/A-3a and PDF/UA-1.

Nothing but what is handed over goes in: values travel as JSON and are text to the template, never markup; pictures and attached
files are bytes; the root of the compiler is an empty folder, so that no file of the machine can be read; there are no packages.
"""

import functools
import json
import logging
import os
import re
import tempfile
import unicodedata
from collections import deque
from dataclasses import dataclass

import typst
from odoo.tools.misc import file_open, file_path
from reportlab.pdfbase.ttfonts import TTFontFile

_logger = logging.getLogger(__name__)

# Odoo's own letters, in two weights; its folder has them all. What they lack (arrows, a fixed width) Typst brings itself.
FONTS = "web/static/fonts/google/Open_Sans"
PRINTED = "Open_Sans-Regular.ttf"
ALSO_PRINTED = frozenset("→←↑↓\n\t")
UNKNOWN = "\ufffd"
# What a value puts between these two is printed strong.
STRONG = ("\x02", "\x03")
# Archivable (ISO 19005-3, level A) and readable aloud (ISO 14289-1).
STANDARDS = ["a-3a", "ua-1"]
_IMPORT = re.compile(r'^#import "/([\w/.]+\.typ)"', re.MULTILINE)
_MAIN, _VALUES = "main.typ", "values.json"


class DocumentError(Exception):
    """A template refuses its values: a fault of ours, with what Typst says about it."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF (PDF/A-3). ``relationship``: Source, Data, Alternative or Supplement."""

    name: str
    content: bytes
    description: str = ""
    relationship: str = "Supplement"
    mimetype: str = "application/octet-stream"


def strong(text):
    """``text`` as a part of a value that is printed strong."""
    return f"{STRONG[0]}{text}{STRONG[1]}"


# ------------------------------------------------------------------ compilers

# Compilers that nobody uses now. One must not be used by two threads at once, so each document takes one out.
_idle = deque(maxlen=4)


@functools.cache
def _fonts():
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[file_path(FONTS)])


@functools.cache
def _empty_folder():
    """Where the compiler may read files: there are none. It lives as long as the process."""
    return tempfile.TemporaryDirectory(prefix="pwik-typst-")


def _make_compiler():
    nowhere = _empty_folder().name
    return typst.Compiler(
        root=nowhere,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        package_path=nowhere,
        package_cache_path=nowhere,
    )


def _forget():
    """After a fork the child has compilers of its own: what the parent's threads were doing with theirs is not its."""
    _idle.clear()


os.register_at_fork(after_in_child=_forget)


# ------------------------------------------------------------------ what goes in


@functools.lru_cache(maxsize=64)
def _read_source(path, _version):
    with file_open(path, "rb", filter_ext=(".typ",)) as file:
        return file.read()


def read_sources(template):
    """The template with all that it imports.

    :param str template: ``addon/report/name.typ``; imports are written ``#import "/addon/report/name.typ"``
    :return: dict of bytes by path
    """
    sources, wanted = {}, [template]
    while wanted:
        path = wanted.pop()
        if path not in sources:
            # a changed file is read anew
            sources[path] = _read_source(path, os.stat(file_path(path)).st_mtime_ns)
            wanted += _IMPORT.findall(sources[path].decode())
    return sources


@functools.cache
def _known_letters():
    """What can be printed: the letters of the font, without what PDF/A forbids in a text."""
    letters = {chr(code) for code in TTFontFile(file_path(f"{FONTS}/{PRINTED}")).charToGlyph}
    forbidden = {c for c in letters if unicodedata.category(c) in ("Cc", "Co", "Cs")} | {"\ufeff", "\ufffe"}
    return frozenset(letters - forbidden | ALSO_PRINTED | set(STRONG))


def _to_printable(text):
    known = _known_letters()
    if known.issuperset(text):
        return text
    text = unicodedata.normalize("NFC", text)  # letters put together of parts
    strange = set(text) - known
    if strange:
        _logger.warning("A document has letters that cannot be printed: %s", ascii("".join(sorted(strange))))
    return "".join(UNKNOWN if c in strange else c for c in text)


def _prepare_bytes(content, files):
    """Address of a file for what is text (SVG, XML); else a list of numbers, which takes ten times as long: Typst's Python
    takes files of text alone."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return list(content)
    files.append(content)
    return f"/bytes/{len(files) - 1}"


def _prepare(value, files):
    """``value`` for JSON: texts as far as they can be printed, bytes as ``report/layout.typ`` reads them."""
    if isinstance(value, str):
        return _to_printable(value)
    if isinstance(value, bytes):
        return _prepare_bytes(value, files)
    if isinstance(value, dict):
        return {key: _prepare(item, files) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_prepare(item, files) for item in value]
    return value


def _prepare_attachment(one):
    return {
        "name": one.name,
        "content": one.content,
        "description": one.description,
        "relationship": one.relationship.lower(),
        "mimetype": one.mimetype,
    }


# ------------------------------------------------------------------ what comes out


def typeset(template, values, attachments=(), moment=None, form="pdf"):
    """Make one document.

    :param str template: path of a ``.typ`` file, see :func:`read_sources`; it finds its values in ``/values.json``
    :param dict values: of texts, numbers, bools, None, bytes (pictures), lists and dicts of these; what every document needs
        says ``report/layout.typ``
    :param attachments: iterable of :class:`Attachment`
    :param moment: ``datetime`` or seconds since 1970 that the PDF names as the time of its making (default: now); with the same
        one the same values give the same bytes
    :param str form: ``pdf``: tagged PDF/A-3a and PDF/UA-1; ``svg``: a picture of each page
    :return: bytes, or a list of bytes for ``svg``
    :raise DocumentError: the template does not compile with these values
    """
    files = []
    values = {**values, "attachments": [_prepare_attachment(one) for one in attachments]}
    data = json.dumps(_prepare(values, files), ensure_ascii=False).encode()
    given = {
        _MAIN: f'#include "/{template}"'.encode(),
        _VALUES: data,
        **read_sources(template),
        **{f"bytes/{number}": content for number, content in enumerate(files)},
    }
    kind = {"pdf_standards": STANDARDS, "timestamp": moment} if form == "pdf" else {}
    try:
        content = _compile(given, form, **kind)
    except typst.TypstError as error:
        raise DocumentError(f"{template}: {error.message} {' '.join(error.trace)}".strip()) from error
    if form == "pdf":
        return content
    return content if isinstance(content, list) else [content]


def can_draw(picture):
    """Whether an SVG (bytes) can stand in a document."""
    try:
        _compile({_MAIN: b'#image("/picture.svg")', "picture.svg": picture}, "svg")
    except (typst.TypstError, RuntimeError):  # no SVG; no text
        return False
    return True


def _compile(given, form, **kind):
    try:
        compiler = _idle.pop()
    except IndexError:
        compiler = _make_compiler()
    try:
        return compiler.compile(given, format=form, **kind)
    finally:
        _idle.append(compiler)
