"""B1, B2, B8: the import of dumps, done twice, by two at once, from files that move."""

import collections
import gzip
import io
import pathlib
import random
import threading
import time
import zipfile

from tests.proof import radio
from tests.proof.registry import proof


def zipped(content: bytes, inner: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(inner, content)
    return out.getvalue()


def run_drop_folder(stage, admin):
    cron = stage.sql("SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_drop_folder'")[0][0]
    admin.call("ir.cron", "method_direct_trigger", [cron])


@proof("B1", "the same dump again, renamed and packed anew", small=4, full=20)
def same_dump_again(stage, tally, count):
    stage.world("radio:make", overlays=50)
    content = radio.dump(50, 1)
    ways = [
        lambda n: (f"again-{n}.jsonl", content),
        lambda n: (f"again-{n}.jsonl.gz", gzip.compress(content, n % 9 + 1, mtime=n)),
        lambda n: (f"again-{n}.zip", zipped(content, f"inner-{n}.txt")),
        lambda n: (f"again-{n}.zip", zipped(gzip.compress(content), f"inner-{n}.gz")),
    ]
    with stage.serve():
        reader, admin = stage.client("odczyt"), stage.client("admin")
        radio.upload(reader, content, "first.jsonl")
        if not stage.wait(lambda: radio.is_done(stage)):
            raise TimeoutError("the first import did not end")
        first = radio.readings(stage)
        for number in range(count):
            name, data = ways[number % len(ways)](number)
            if number % 2:
                (stage.site.drop / name).write_bytes(data)
                time.sleep(1.3)
                run_drop_folder(stage, admin)
            else:
                radio.upload(reader, data, name)
            stage.wait(lambda: radio.is_done(stage))
            now = radio.readings(stage)
            tally.doubled += max(0, len(now) - len(first))
            tally.lost += max(0, len(first) - len(now))
            dumps = stage.sql("SELECT count(*) FROM pwik_radio_dump")[0][0]
            tally.check(len(first) == 50 and now == first and dumps == 1, f"{name}: {len(now)} readings")


@proof("B2", "two processes take in and work off one file", small=4, full=50, suite=True)
def two_importers(stage, tally, count):
    stage.world("radio:make", overlays=60, packet_lines=7, crons=2)
    with stage.serve(crons=3):
        readers = [stage.client("odczyt"), stage.client("biuro")]
        for number in range(count):
            content = radio.dump(60, number % 120 + 1)
            start, answers = threading.Barrier(2), []

            def send(client, name, content=content, start=start, answers=answers):
                start.wait()
                answers.append(radio.upload(client, content, name))

            threads = [
                threading.Thread(target=send, args=(reader, f"{number}-{place}.jsonl"))
                for place, reader in enumerate(readers)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(120)
            done = stage.wait(lambda: radio.is_done(stage))
            winners = sum(not answer["duplicate"] for answer in answers)
            one = len(answers) == 2 and len({answer["id"] for answer in answers}) == 1
            readings = len(radio.readings(stage))
            tally.doubled += max(0, readings - 60 * (number + 1))
            tally.lost += max(0, 60 * (number + 1) - readings)
            tally.check(
                done and winners == 1 and one and readings == 60 * (number + 1),
                f"round {number}: {answers}, {readings} readings",
            )
        seen = radio.lines(stage)
        if len(seen) != 60 * count or any(state != "done" for _number, state, _reason in seen):
            tally.check(False, f"lines: {len(seen)}, {collections.Counter(row[1] for row in seen)}")
        if failed := radio.failed_crons(stage):
            tally.check(False, f"scheduled actions failed: {failed}")


@proof("B8", "a file grows, or vanishes, while the drop folder is read", small=3, full=20)
def moving_files(stage, tally, count):
    chance = random.Random(8)
    stage.world("radio:make", overlays=50)
    with stage.serve():
        admin = stage.client("admin")
        for number in range(count):
            content = radio.dump(50, number + 1)
            path = stage.site.drop / f"moving-{number}.jsonl"
            vanishes = number % 3 == 2
            writer = threading.Thread(target=_write_slowly, args=(path, content, chance.random(), vanishes))
            writer.start()
            while writer.is_alive():
                run_drop_folder(stage, admin)
            time.sleep(1.3)
            run_drop_folder(stage, admin)
            run_drop_folder(stage, admin)
            stage.wait(lambda: radio.is_done(stage))
            _count_moving(stage, tally, number, content, vanishes)
        if failed := radio.failed_crons(stage):
            tally.check(False, f"scheduled actions failed: {failed}")


def _write_slowly(path: pathlib.Path, content: bytes, share: float, vanishes: bool) -> None:
    """Write a file in pieces over some seconds; one that vanishes is taken away before it is whole."""
    with path.open("wb", buffering=0) as file:
        place = 0
        while place < len(content):
            step = max(1, int(len(content) / 8))
            file.write(content[place : place + step])
            place += step
            time.sleep(0.3)
            if vanishes and place > share * len(content):
                path.unlink()
                return


def _count_moving(stage, tally, number, content, vanishes):
    rows = stage.sql("SELECT size, state FROM pwik_radio_dump WHERE name = %s", f"moving-{number}.jsonl")
    expected = [] if vanishes else [(len(content), "done")]
    tally.doubled += max(0, len(rows) - 1)
    tally.lost += max(0, len(expected) - len(rows))
    tally.check(rows == expected, f"file {number}{' (vanished)' if vanishes else ''}: {rows}")
