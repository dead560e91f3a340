"""The parsers, what each may raise, and the files to begin from, most of them made by our own encoder.

A new parser is one more entry of TARGETS.
"""

import gzip
import io
import pathlib
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from pwik_meters.domain import migration
from pwik_radio_reading.domain import errors, keys, profile
from pwik_radio_reading.domain.formats import FORMATS, read_dump
from pwik_radio_reading.domain.wmbus import Layouts, address, decode

from tests.unit.pwik_radio_reading.radio_samples import SAMPLES

HERE = pathlib.Path(__file__).parent
DUMPS = HERE.parent / "unit" / "pwik_radio_reading" / "data" / "formats"
REGRESSIONS = HERE / "regressions"
KEY = bytes(range(16))
TODAY = date(2026, 6, 30)
PROFILE = profile.Profile(columns={"id": 1, "total": 2, "received": 3, "alarms": 4}, header_row=0)


@dataclass(frozen=True)
class Target:
    """`run(data)` gives back or raises one of `declared`; anything else is a finding.

    `large(size)`: sound files of about so many bytes (unpacked), where a seed again and again would be none.
    """

    name: str
    run: Callable[[bytes], None]
    declared: tuple[type[Exception], ...]
    seeds: Callable[[], Iterable[bytes]]
    large: Callable[[int], Iterable[bytes]] = lambda size: ()

    def try_one(self, data: bytes) -> None:
        """Raises whatever is a finding."""
        try:
            self.run(data)
        except self.declared:
            pass

    def regressions(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted((REGRESSIONS / self.name).glob("*")) if path.is_file()]


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


# Telegrams


def run_telegram(data: bytes) -> None:
    """The first byte chooses the key: none, the encoder's, another."""
    which, telegram = data[:1], data[1:]
    key = (None, KEY, bytes(16))[which[0] % 3] if which else None
    try:
        address(telegram)
    except errors.DomainError:
        pass
    decode(telegram, key, layouts=Layouts())


def telegram_seeds():
    for sample in SAMPLES:
        yield (b"\x01" if sample.key else b"\x00") + sample.telegram


# Dumps


def run_dump(data: bytes) -> None:
    for line in read_dump(data):
        if not (line.error or line.telegram or line.value):
            raise AssertionError("a line that says nothing")
        if "\x00" in line.raw:
            raise AssertionError("a line that PostgreSQL does not take")


def dump_seeds(code: str):
    def seeds():
        content = (DUMPS / f"{code}.txt").read_bytes()
        yield content
        yield gzip.compress(content, mtime=0)
        yield zipped(("a.txt", content), ("b.gz", gzip.compress(content, mtime=0)))

    return seeds


def run_profile(data: bytes) -> None:
    for line in read_dump(data, parser=profile.parser(PROFILE)):
        if not (line.error or line.value):
            raise AssertionError("a line that says nothing")


def profile_seeds():
    yield b"17392507;1.225,4;2026-06-20 13:05;x\n42;7;2026-06-20;\n"
    yield workbook([["17392507", 1225.4, "2026-06-20 13:05", "x"], ["42", 7, "2026-06-20", ""]])


def workbook(rows) -> bytes:
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def large_profile(size: int):
    yield workbook(
        [["17392507", 1225.4, "2026-06-20 13:05", "x"]] * (size // 250)
    )  # what such a row has in XML


# Files of keys


def run_keys(data: bytes) -> None:
    keys.read_keys(data, "secret")


def key_seeds():
    yield (
        b"<MetersInOrder><Meter><SerialNo>42</SerialNo><DEK>" + b"0F" * 16 + b"</DEK></Meter></MetersInOrder>"
    )
    yield b"id;key\n42;" + b"0F" * 16 + b"\n"


def large_keys(size: int):
    meter = b"<Meter><SerialNo>%08d</SerialNo><DEK>" + b"0F" * 16 + b"</DEK></Meter>"
    meters = b"".join(meter % number for number in range(size // len(meter)))
    yield b"<MetersInOrder>" + meters + b"</MetersInOrder>"
    yield b"id;key\n" + b"".join(b"%d;" % number + b"0F" * 16 + b"\n" for number in range(size // 40))


# Tables of the migration


def run_table(data: bytes) -> None:
    """A file as the migration reads it: table, header, cells of each kind."""
    lines = migration.read_table(data)
    header = next(lines, None)
    if header is None:
        return
    for kind in migration.KINDS.values():
        try:
            names, _strange = migration.match_header(kind, header.cells, {})
        except migration.FileError:
            continue
        for line in migration.read_table(data):
            cells = {name: cell for name, cell in zip(names, line.cells, strict=False) if name}
            migration.check_row(kind, cells, TODAY)


def table_seeds():
    for kind in migration.KINDS.values():
        titles = [column.name for column in kind.columns]
        example = [column.example for column in kind.columns]
        yield migration.write_csv(titles, [example])
        yield workbook([titles, example])


def large_table(size: int):
    for kind in migration.KINDS.values():
        titles = [column.name for column in kind.columns]
        example = [column.example for column in kind.columns]
        row = len(migration.write_csv((), [example]))
        yield migration.write_csv(titles, [example] * (size // row))
        yield workbook([titles] + [example] * (size // (row + 60 * len(example))))


TARGETS = {
    target.name: target
    for target in (
        Target("telegram", run_telegram, (errors.DomainError,), telegram_seeds),
        *(
            Target(f"dump_{code}", run_dump, (errors.DumpError,), dump_seeds(code))
            for code in sorted(FORMATS)
        ),
        Target("profile", run_profile, (errors.DomainError,), profile_seeds, large_profile),
        Target("keys", run_keys, (errors.KeyFileError,), key_seeds, large_keys),
        Target("migration", run_table, (migration.FileError,), table_seeds, large_table),
    )
}
