"""What several tests need: made-up telegrams, tours, and the collector as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from pwik_collector.telegram import address

SOURCES = Path(__file__).resolve().parent.parent / "src"


def maker(letters: str) -> int:
    """The 16-bit maker field of three letters."""
    a, b, c = (ord(letter) - 64 for letter in letters)
    return a << 10 | b << 5 | c


def telegram(number: int, letters: str = "APA", version: int = 0x14, body: bytes | None = None) -> bytes:
    """A plain telegram (no CRC) of a water meter: link layer, then unencrypted volume records."""
    if body is None:
        body = (
            bytes.fromhex("7A010000000413")
            + (number % 100000).to_bytes(4, "little")
            + b"\x02\xfd\x17\x00\x00"
        )
    ident = bytes.fromhex(f"{number:08d}")[::-1]
    head = b"\x44" + maker(letters).to_bytes(2, "little") + ident + bytes((version, 0x07))
    return bytes((len(head) + len(body),)) + head + body


def tour(count: int, *, first: int = 10000000) -> dict:
    """A tour over the overlays ``first`` … in order."""
    stops = [
        {"order": n + 1, "address": f"ul. Łąkowa {n + 1}, Żywiec", "module": f"APA/{first + n}/14"}
        for n in range(count)
    ]
    return {"tour": "T-7", "name": "Osiedle Słoneczne", "due": "2026-04-30", "stops": stops}


def write_tour(path: Path, count: int) -> Path:
    path.write_text(json.dumps(tour(count), ensure_ascii=False), encoding="utf-8")
    return path


def write_telegrams(path: Path, telegrams: list[bytes], rssi: float = -70) -> Path:
    rows = ({"telegram": item.hex(), "rssi": rssi} for item in telegrams)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def rows(path: Path) -> list[dict]:
    """The lines of a dump; fails when one is no JSON or the end is torn."""
    raw = path.read_bytes()
    assert raw.endswith(b"\n") or not raw
    return [json.loads(line) for line in raw.splitlines()]


def ids(path: Path) -> list[str]:
    """Who is in a dump, in order."""
    return [address(bytes.fromhex(row["telegram"])).id for row in rows(path)]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "pwik_collector", *map(str, arguments)]


def environment(**extra: str) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("PWIK_LANG", "PWIK_API_KEY")
    }
    return {**inherited, "PYTHONPATH": str(SOURCES), "PYTHONUTF8": "1", **extra}


def run(*arguments: object, **extra: str) -> subprocess.CompletedProcess:
    """The collector to its end."""
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=25, env=environment(**extra), check=False
    )


@contextmanager
def running(*arguments: object, **extra: str):
    """The collector as a process, ended with the block."""
    process = subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(**extra),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def wait_for(condition, seconds: float = 12.0, what: str = "condition"):
    """Wait until something holds; gives its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come true in {seconds} s")
