"""B7: a disk without room, under the files and under the database."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time

import psycopg2

from tests.proof import billing, radio
from tests.proof.b01_import import run_drop_folder
from tests.proof.registry import proof
from tests.proof.stage import NOT_OURS, tell
from tools.pwik_cli.postgres import OWNER

MEGABYTE = 1 << 20
RESUMED_WITHIN = 180.0  # seconds after there is room: the actions look each minute
OVERLAYS = 200


@contextlib.contextmanager
def small_disk(folder: pathlib.Path, megabytes: int):
    """A file system of its own in memory, mounted at `folder`, for the block. Raises OSError where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", os.fspath(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise OSError(done.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", os.fspath(folder)], check=False)


@contextlib.contextmanager
def full(folder: pathlib.Path):
    """No byte of room in the folder's file system for the block."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (MEGABYTE, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass
    try:
        yield
    finally:
        ballast.unlink()


def may_mount(stage) -> str:
    """Why a small disk cannot be had here; empty where it can."""
    try:
        with small_disk(stage.site.settings.local / "proof-disk", 1):
            return ""
    except OSError as error:
        return f"no small disk can be mounted: {error}"


@proof("B7", "no room for files while dumps come in", small=1, full=3)
def files(stage, tally, count):
    if reason := may_mount(stage):
        tally.skip(reason)
        return
    for number in range(count):
        stage.world("radio:make", overlays=OVERLAYS)
        store = stage.site.filestore(stage.database)
        with tempered(store), stage.serve() as server:
            reader, admin = stage.client("odczyt"), stage.client("admin")
            content = radio.dump(OVERLAYS, 1)
            dropped = stage.site.drop / "dropped.jsonl"
            with full(store):
                answer = reader.rpc("pwik.radio.dump", "upload", filename="a.jsonl", content=_base64(content))
                refused = "error" in answer and not stage.sql("SELECT count(*) FROM pwik_radio_dump")[0][0]
                dropped.write_bytes(radio.dump(OVERLAYS, 2))
                time.sleep(1.3)
                with contextlib.suppress(RuntimeError):
                    run_drop_folder(stage, admin)
                kept = dropped.exists()
                serving = reader.get(reader.url("/web/login"), timeout=60).status_code == 200
            tell(f"full: refused {refused}, the dropped file stays {kept}, pages {serving}")
            radio.upload(reader, content, "a.jsonl")
            done = stage.wait(
                lambda: len(radio.readings(stage)) >= 2 * OVERLAYS and radio.is_done(stage), RESUMED_WITHIN
            )
            found = len(radio.readings(stage))
            tally.lost += max(0, 2 * OVERLAYS - found)
            tally.doubled += max(0, found - 2 * OVERLAYS)
            tally.check(
                refused and kept and serving and done and not server.restarts,
                f"round {number}: refused {refused}, kept {kept}, serving {serving}, {found} of {2 * OVERLAYS} readings",
            )


def _base64(content: bytes) -> str:
    import base64

    return base64.b64encode(content).decode()


@contextlib.contextmanager
def tempered(store: pathlib.Path):
    """The file store on a small disk for the block, with what is in it."""
    aside = store.with_name(f"{store.name}_aside")
    shutil.rmtree(aside, ignore_errors=True)
    store.rename(aside) if store.exists() else aside.mkdir()
    size = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file()) // MEGABYTE
    try:
        with small_disk(store, 2 * size + 16):
            shutil.copytree(aside, store, dirs_exist_ok=True)
            yield store
    finally:
        shutil.rmtree(store, ignore_errors=True)
        aside.rename(store)


@proof("B7", "no room for the database during an import and a billing run", small=1, full=3)
def database(stage, tally, count):
    if reason := may_mount(stage) or ("" if stage.own_cluster else NOT_OURS):
        tally.skip(reason)
        return
    for number in range(count):
        stage.world("b07_full:make_both")
        with on_small_disk(stage) as disk, stage.serve() as server:
            _without_room(stage, tally, number, disk)
            tell(f"round {number}: whole; Odoo restarted {server.restarts} times")


def _without_room(stage, tally, number, disk):
    """An import and a run that meet a full disk, in the middle or at their beginning, and go on once there is room."""
    content, admin = radio.dump(OVERLAYS, 1), stage.client("admin")
    run = billing.approve(stage, admin, 0) if number % 2 else None
    with full(disk):
        with contextlib.suppress(RuntimeError):
            radio.upload(admin, content, "full.jsonl")
        if run is None:
            with contextlib.suppress(RuntimeError, TimeoutError):
                run = billing.approve(stage, admin, 0)
        time.sleep(20)
        with contextlib.suppress(Exception):
            tell(f"full: {len(radio.readings(stage))} readings")
    if not stage.sql("SELECT count(*) FROM pwik_radio_dump")[0][0]:
        radio.upload(admin, content, "full.jsonl")
    run = run or _the_run(stage) or billing.approve(stage, admin, 0)
    if billing.state_of(stage, run) in ("preview", "ready", "draft"):
        _go_on(stage, admin, run)
    ready = stage.wait(lambda: radio.is_done(stage) and billing.is_done(stage, run), RESUMED_WITHIN)
    found = len(radio.readings(stage))
    tally.lost += max(0, OVERLAYS - found)
    tally.doubled += max(0, found - OVERLAYS)
    tally.check(ready and found == OVERLAYS, f"round {number}: ended {ready}, {found} readings")
    billing.count(stage, tally, [run], f"round {number}, billing", ready)


def _the_run(stage):
    rows = stage.sql(
        "SELECT max(id) FROM pwik_billing_run WHERE state <> 'cancelled' AND period_from = %s", billing.FIRST
    )
    return rows[0][0]


def _go_on(stage, client, run):
    """What the office does once there is room: the preview again where it did not come, then the approval."""
    if billing.state_of(stage, run) == "draft":
        client.call("pwik.billing.run", "action_preview", [run])
    if not stage.wait(lambda: billing.state_of(stage, run) == "ready", RESUMED_WITHIN):
        raise TimeoutError("the preview did not go on")
    client.call("pwik.billing.run", "action_approve", [run])


def make_both(env):
    """Overlays to import and households to bill, in one database."""
    radio.make(env, OVERLAYS, packet_lines=20, crons=2)
    billing.make(env, months=2)


@contextlib.contextmanager
def on_small_disk(stage):
    """The database moved to a tablespace on a small disk for the block."""
    disk = stage.site.settings.postgres.resolve() / "small"
    size = stage.sql("SELECT pg_database_size(current_database()) / 1048576")[0][0]
    where = stage.site.connection
    with small_disk(disk, int(size) + 64):
        inside = disk / "space"
        inside.mkdir(mode=0o700)
        owner = disk.parent.stat()
        os.chown(disk, owner.st_uid, owner.st_gid)
        os.chown(inside, owner.st_uid, owner.st_gid)
        with contextlib.closing(
            psycopg2.connect(dbname="postgres", host=where.host, port=where.port, user=OWNER)
        ) as connection:
            connection.autocommit = True
            with connection.cursor() as cr:
                cr.execute(f"CREATE TABLESPACE proof_small OWNER {where.user} LOCATION '{inside}'")
                try:
                    cr.execute(f'ALTER DATABASE "{stage.database}" SET TABLESPACE proof_small')
                    yield disk
                finally:
                    cr.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                        [stage.database],
                    )
                    cr.execute(f'ALTER DATABASE "{stage.database}" SET TABLESPACE pg_default')
                    cr.execute("DROP TABLESPACE proof_small")
