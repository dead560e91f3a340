"""A person's copy of his data (RODO art. 15 and 20) as one ZIP: JSON for programs, HTML and CSV for people, his own files."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_STYLE = """
body{font-family:system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}
th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eef3f7}.wide{overflow-x:auto}
"""


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of record: ``columns`` are pairs of name and title, each row has as many cells (str, number, bool or None)."""

    code: str
    title: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Paper:
    """What surrounds the sections: the page's language, its title, and a line or two of explanation."""

    lang: str
    title: str
    notes: Sequence[str]
    files_title: str


def safe_name(text: str) -> str:
    """A text as the name of a file within the archive: no folders, no signs that a system forbids."""
    plain = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', "-", text).strip(" .-")
    return plain[-120:] or "plik"


def pack(paper: Paper, sections: Sequence[Section], files: Iterable[tuple[str, str, bytes]]) -> bytes:
    """The archive.

    :param files: triples of folder, name and content; equal names get a number
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        names = []
        for folder, name, content in files:
            path = _free_path(names, f"pliki/{safe_name(folder)}", safe_name(name))
            names.append(path)
            archive.writestr(path, content)
        archive.writestr("dane.json", to_json(sections))
        archive.writestr("dane.html", to_html(paper, sections, names))
        for section in sections:
            archive.writestr(f"csv/{safe_name(section.code)}.csv", to_csv(section))
    return out.getvalue()


def _free_path(taken: Sequence[str], folder: str, name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    path, number = f"{folder}/{name}", 1
    while path in taken:
        number += 1
        path = f"{folder}/{stem}-{number}.{ending}" if dot else f"{folder}/{name}-{number}"
    return path


def to_json(sections: Sequence[Section]) -> bytes:
    """``{code: [{name: value, …}, …], …}``, UTF-8."""
    data = {
        section.code: [
            dict(zip((name for name, _title in section.columns), row, strict=True)) for row in section.rows
        ]
        for section in sections
    }
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def to_csv(section: Section) -> bytes:
    """The section for a spreadsheet: semicolons, a byte order mark, decimal commas, and no cell that computes."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([title for _name, title in section.columns])
    for row in section.rows:
        writer.writerow([_cell(value) for value in row])
    return ("\ufeff" + out.getvalue()).encode()


def _cell(value: object) -> object:
    if isinstance(value, float):
        return str(value).replace(".", ",")
    if isinstance(value, str) and value.startswith(_DANGEROUS):
        return f"'{value}"
    return "" if value is None else value


def to_html(paper: Paper, sections: Sequence[Section], names: Sequence[str]) -> bytes:
    """A page without scripts that any browser shows, also without a network."""
    parts = [
        f'<!DOCTYPE html><html lang="{escape(paper.lang)}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(paper.title)}</title><style>{_STYLE}</style></head><body>",
        f"<main><h1>{escape(paper.title)}</h1>",
        *(f"<p>{escape(note)}</p>" for note in paper.notes),
        *(_html_of(section) for section in sections if section.rows),
    ]
    if names:
        links = (f'<li><a href="{escape(name, quote=True)}">{escape(name)}</a></li>' for name in names)
        parts.append(f"<h2>{escape(paper.files_title)}</h2><ul>{''.join(links)}</ul>")
    parts.append("</main></body></html>")
    return "".join(parts).encode()


def _html_of(section: Section) -> str:
    head = "".join(f'<th scope="col">{escape(title)}</th>' for _name, title in section.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{'' if value is None else escape(str(value))}</td>" for value in row) + "</tr>"
        for row in section.rows
    )
    return (
        f'<h2 id="{escape(section.code, quote=True)}">{escape(section.title)}</h2>'
        f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )
