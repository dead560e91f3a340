"""B11: files that somebody puts into the drop folder, or uploads, in order to break or to read what is not his."""

import base64
import gzip
import io
import os
import pathlib
import random
import shutil
import tarfile
import tempfile
import threading
import time
import zipfile

from tests.proof import radio
from tests.proof.b01_import import run_drop_folder, zipped
from tests.proof.registry import proof

MOST_MEMORY = 512 << 20
OVERLAYS = 20
MEGABYTE = 1 << 20
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">' + b"".join(
    b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10)
)
BILLION = ENTITIES + b"]><MetersInOrder><Meter><SerialNo>&e9;</SerialNo></Meter></MetersInOrder>"


def external_entity(secret: pathlib.Path) -> bytes:
    return (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file://%s">]>' % str(secret).encode()
        + b"<MetersInOrder><Meter><SerialNo>&x;</SerialNo><DEK>&x;</DEK></Meter></MetersInOrder>"
    )


def contents(secret: pathlib.Path) -> dict[str, bytes]:
    """Contents that are hostile by themselves; none holds a telegram of an overlay of ours."""
    stranger = radio.line(OVERLAYS + 5, 1)
    bomb = gzip.compress(bytes(300 * MEGABYTE), 9)
    nested = gzip.compress(gzip.compress(gzip.compress(gzip.compress(stranger))))
    return {
        "gzip bomb": bomb,
        "zip bomb": zipped(bytes(300 * MEGABYTE), "a"),
        "bomb in a zip": zipped(bomb, "a.gz"),
        "nested": nested,
        "many members": many_members(),
        "climbing names": zipped(stranger, "../../../../tmp/proof-climbed"),
        "absolute name": zipped(stranger, "/tmp/proof-climbed"),
        "tar": tarred(secret),
        "one long line": stranger + b"x" * (100 * MEGABYTE),
        "one long telegram": b'{"telegram": "' + b"0" * (30 * MEGABYTE) + b'"}\n',
        "deep": stranger + b'{"a":' * MEGABYTE,
        "numbers without end": stranger + b'{"telegram": ' + b"9" * MEGABYTE + b"}\n",
        "nul": stranger + b"\x00" * MEGABYTE,
        "utf-16": stranger.decode().encode("utf-16"),
        "utf-7": stranger.decode().encode("utf-7"),
        "surrogates": stranger + b'{"telegram": "\\ud800\\udfff\xed\xa0\x80"}\n',
        "external entity": external_entity(secret),
        "entity bomb": BILLION,
        "workbook with entities": workbook(external_entity(secret)),
        "workbook bomb": workbook(b"<sst>" + b"<si><t>" + b"A" * (200 * MEGABYTE) + b"</t></si></sst>"),
        "cut archive": zipped(stranger * 1000, "a")[:-30],
        "pickle": b"\x80\x04cos\nsystem\n(S'touch /tmp/proof-climbed'\ntR.",
        "nothing": b"",
        "blank lines": b"\n" * (4 * MEGABYTE),
    }


def many_members() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.txt", b"")
    return out.getvalue()


def tarred(secret: pathlib.Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        link = tarfile.TarInfo("dump.jsonl")
        link.type, link.linkname = tarfile.SYMTYPE, str(secret)
        archive.addfile(link)
    return out.getvalue()


def workbook(strings: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("xl/workbook.xml", strings)
        archive.writestr("xl/sharedStrings.xml", strings)
    return out.getvalue()


def special(folder: pathlib.Path, secret: pathlib.Path, number: int) -> str:
    """Put an entry into the folder that is no plain file, or leads out of it. Returns what it is."""
    name = folder / f"special-{number}.jsonl"
    match number % 8:
        case 0:
            name.symlink_to(secret)
            return "symbolic link"
        case 1:
            os.link(secret, name)
            return "hard link"
        case 2:
            os.mkfifo(name)
            return "pipe"
        case 3:
            name.symlink_to(secret.parent)
            return "link to a folder"
        case 4:
            name.mkdir()
            shutil.copy(secret, name / "inside.jsonl")
            return "folder"
        case 5:
            os.symlink("/proc/self/environ", name)
            return "link into /proc"
        case 6:
            (folder / ("a" * 240 + f"{number}.jsonl")).write_bytes(b"\n")
            return "long name"
        case _:
            (folder / f"\n;$(touch proof-climbed){number}\x1b[31m.jsonl").write_bytes(b"\n")
            return "name of commands"


@proof("B11", "hostile files in the drop folder and uploaded", small=32, full=200)
def hostile(stage, tally, count):
    stage.world("radio:make", overlays=OVERLAYS)
    chance, peak = random.Random(11), 0
    with tempfile.TemporaryDirectory(dir=stage.site.drop.parent) as outside:
        # What a link leads to would be taken in, were it followed: it holds readings of overlays of ours.
        secret = pathlib.Path(outside) / "secret.jsonl"
        secret.write_bytes(radio.dump(OVERLAYS, 2))
        os.utime(secret, (1, 1))
        every = contents(secret)
        with stage.serve() as server:
            admin, watch = stage.client("admin"), Memory(server)
            with watch:
                for number in range(count):
                    what, waits = put(stage, admin, every, secret, number, chance)
                    if waits:
                        time.sleep(1.2)
                        run_drop_folder(stage, admin)
                    done = stage.wait(lambda: radio.is_done(stage), 60)
                    alive = admin.get(admin.url("/web/login"), timeout=60).status_code == 200
                    taken = len(radio.readings(stage))
                    tally.check(
                        done and alive and not taken, f"{what}: done {done}, alive {alive}, {taken} readings"
                    )
            peak = watch.peak
            _still_works(stage, tally, admin)
            if failed := radio.failed_crons(stage):
                tally.check(False, f"scheduled actions failed: {failed}")
        climbed = list(pathlib.Path("/tmp").glob("proof-climbed*")) + list(
            pathlib.Path.cwd().glob("proof-climbed*")
        )
        tally.check(not climbed, f"written outside: {climbed}")
    tally.check(peak < MOST_MEMORY, f"a process held {peak / MEGABYTE:.0f} MB")
    tally.note(
        f"{len(every)} contents and 8 kinds of entries; the largest process held {peak / MEGABYTE:.0f} MB"
    )


def put(stage, admin, every, secret, number, chance):
    """One hostile thing. Returns what it is, and whether the drop folder has to be read for it."""
    kinds = sorted(every)
    if number % 4 == 3:
        return special(stage.site.drop, secret, number // 4), True
    plain = number - number // 4  # how many plain contents came before
    what = kinds[plain % len(kinds)]
    # The same content again would be known: it comes with another end.
    again = b"\n" + bytes(chance.choices(b"abcdef", k=8)) if plain >= len(kinds) else b""
    content = every[what] + again
    if number % 2 and len(content) < 5 * MEGABYTE:
        body = {"filename": f"{what}.jsonl", "content": base64.b64encode(content).decode()}
        admin.rpc("pwik.radio.dump", "upload", **body)
        admin.rpc("pwik.radio.module", "import_keys", base64.b64encode(content).decode())
        return f"{what}, uploaded", False
    (stage.site.drop / f"{number}-{what}.jsonl").write_bytes(content)
    return f"{what}, dropped", True


def _still_works(stage, tally, admin):
    """After all that, a sound dump is taken."""
    radio.upload(admin, radio.dump(OVERLAYS, 4), "sound.jsonl")
    stage.wait(lambda: radio.is_done(stage))
    tally.check(len(radio.readings(stage)) == OVERLAYS, "a sound dump afterwards was not taken")


class Memory:
    """Watches what the largest process of a server holds."""

    def __init__(self, server):
        self.server, self.peak = server, 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exc):
        self._end.set()
        self._thread.join(10)

    def _watch(self):
        while not self._end.wait(0.05):
            self.peak = max(self.peak, self.server.memory())
