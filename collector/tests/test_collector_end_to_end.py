"""The collector as a process, on a simulated dongle behind a pseudo-terminal."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time

import pytest
from collector_help import (
    command,
    environment,
    ids,
    rows,
    run,
    running,
    telegram,
    tour,
    wait_for,
    write_telegrams,
    write_tour,
)

from pwik_collector import link
from pwik_collector.devices import dongles
from pwik_collector.simulate import Recorded, SimulatedPort, load, play
from pwik_collector.telegram import with_crc_a, without_crc

COUNT = 12
TELEGRAMS = [telegram(10000000 + number) for number in range(COUNT)]


@pytest.fixture
def here(tmp_path):
    write_tour(tmp_path / "tour.json", COUNT)
    write_telegrams(tmp_path / "air.jsonl", TELEGRAMS)
    return tmp_path


def listen(here, code="im871a", *more):
    return ("listen", "--port", here / "dongle", "--device", code, "--tour", here / "tour.json",
            "--out", here / "tour.jsonl", *more)  # fmt: skip


def simulate(here, code="im871a", *more):
    return ("simulate", "--device", code, "--link", here / "dongle", "--telegrams", here / "air.jsonl", *more)


@pytest.mark.parametrize("code", sorted(dongles()))
def test_each_dongle_from_air_to_disk(here, code):
    with running(*simulate(here, code, "--interval", 0, "--noise", 0.5)):
        wait_for((here / "dongle").is_symlink, what="the simulated port")
        done = run(*listen(here, code, "--until-complete", "--duration", 15))
    assert done.returncode == 0, done.stdout + done.stderr
    found = rows(here / "tour.jsonl")
    assert [without_crc(bytes.fromhex(row["telegram"])) for row in found] == TELEGRAMS
    assert {row["device"] for row in found} == {code} and {row["rssi"] for row in found} == {-70.0}
    assert all(row["ts"].endswith("+00:00") and row["mode"] for row in found)
    assert (
        f"Usłyszano {COUNT} z {COUNT}" in done.stdout and "ul. Łąkowa 7, Żywiec (APA 10000006)" in done.stdout
    )


def test_a_damaged_telegram_is_kept_but_proves_nobody(here):
    damaged = bytearray(with_crc_a(TELEGRAMS[3]))
    damaged[-4] ^= 0x01
    write_telegrams(here / "air.jsonl", [*TELEGRAMS[:3], bytes(damaged)])
    with running(*simulate(here, "cul", "--interval", 0)):
        wait_for((here / "dongle").is_symlink)
        done = run(*listen(here, "cul", "--silence", 1))
    assert f"Usłyszano 3 z {COUNT}" in done.stdout
    assert rows(here / "tour.jsonl")[3]["telegram"] == damaged.hex().upper()
    again = run(*listen(here, "cul", "--duration", 0.2))  # nor after a new start
    assert f"Usłyszano 3 z {COUNT}" in again.stdout and "dotąd telegramów 4" in again.stdout


def test_killed_while_it_writes_the_file_is_valid_and_it_goes_on(here):
    dump = here / "tour.jsonl"
    many = [telegram(10000000 + number % COUNT) for number in range(400)]
    write_telegrams(here / "air.jsonl", many)
    with running(*simulate(here, "im871a", "--interval", 0.002)):
        wait_for((here / "dongle").is_symlink)
        for least in (20, 60, 100):
            with running(*listen(here)) as process:
                wait_for(
                    lambda least=least: dump.exists() and dump.read_bytes().count(b"\n") >= least,
                    what="lines",
                )
                process.send_signal(signal.SIGKILL)
                process.wait()
            rows(dump)
        written = dump.read_bytes()
        dump.write_bytes(written + b'{"ts":"2026-03-05T10:')  # what a power cut could leave
        done = run(*listen(here, "im871a", "--silence", 1.5))
    assert done.returncode == 0 and "był urwany; odcięto bajtów: 21" in done.stdout
    assert dump.read_bytes().startswith(written)
    assert len(rows(dump)) > 200 and f"Usłyszano {COUNT} z {COUNT}" in done.stdout


def test_unplugged_it_waits_and_goes_on(here):
    with running(*simulate(here, "im871a", "--interval", 0.02, "--unplug-after", 5, "--unplugged", 0.8)):
        wait_for((here / "dongle").is_symlink)
        done = run(*listen(here, "im871a", "--until-complete", "--duration", 15))
    assert ids(here / "tour.jsonl") == [f"{10000000 + number:08d}" for number in range(COUNT)]
    assert re.search("nasłuch.*brak odbiornika.*nasłuch", done.stdout, re.DOTALL)
    assert done.returncode == 0


def test_started_before_the_dongle_is_plugged_in(here):
    with running(*listen(here, "iu891a", "--until-complete", "--duration", 15)) as process:
        time.sleep(0.6)
        with running(*simulate(here, "iu891a", "--interval", 0)):
            assert process.wait(12) == 0
        assert "podłącz go" in process.stdout.read()
    assert len(rows(here / "tour.jsonl")) == COUNT


def test_the_wrong_kind_of_dongle_is_named(monkeypatch):
    """A port on which nobody answers as this dongle would."""
    monkeypatch.setattr(link, "_CONFIRM", 0.2)
    master, slave = pty.openpty()
    line = link.Link(os.ttyname(slave), dongles()["im871a"])
    try:
        wait_for(lambda: not line.poll() and line.state == link.UNCONFIRMED)
        assert "czy to na pewno IMST iM871A?" in line.problem
        os.write(master, dongles()["im871a"].simulated().frame(TELEGRAMS[0], -70))  # it was only slow
        assert wait_for(line.poll)[0].telegram == TELEGRAMS[0]
        assert line.state == link.LISTENING and not line.problem
    finally:
        line.close()
        os.close(master)
        os.close(slave)


def test_stopped_in_order_by_a_signal(here):
    with running(*simulate(here, "im871a", "--interval", 0)), running(*listen(here)) as process:
        wait_for(lambda: (here / "tour.jsonl").exists() and len(rows(here / "tour.jsonl")) == COUNT)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert f"Telegramów {COUNT} w pliku" in process.stdout.read()


def test_two_collectors_on_one_dump_are_refused(here):
    with running(*listen(here)):
        wait_for((here / "tour.jsonl").exists)
        time.sleep(0.2)
        second = run(*listen(here))
    assert second.returncode == 1 and "inny program odczytu" in second.stderr


def test_the_disk_fills_up_and_is_freed(here):
    """A file size limit stands in for the full disk; when it is lifted, the lines that waited are written."""
    write_telegrams(here / "air.jsonl", TELEGRAMS)
    with (
        running(*simulate(here, "im871a", "--interval", 0)),
        running(*listen(here, "im871a", "--until-complete")) as process,
    ):
        import resource

        soft, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (700, hard))
        assert process.wait(12) == 1  # heard all, but could not write all: says so
        assert "Nie udało się zapisać" in process.stdout.read()
        assert 0 < len(rows(here / "tour.jsonl")) < COUNT


class Screen:
    """The collector on a terminal of 80 by 24, with what it drew kept as a grid of characters."""

    def __init__(self, arguments, width=80, height=24):
        self.grid = [[" "] * width for _row in range(height)]
        self.raw = ""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.process = subprocess.Popen(
            command(*arguments),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment(TERM="xterm"),
            close_fds=True,
        )
        os.close(slave)

    def rows(self):
        """Read what came and give the screen's lines."""
        while select.select([self.master], [], [], 0)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                break
            if not data:
                break
            self.raw += data.decode("utf-8", "replace")
        for line, text in re.findall(r"\x1b\[(\d+);1H((?:\x1b\[[0-9;]*m|[^\x1b])*)", self.raw):
            plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
            self.grid[int(line) - 1][: len(plain)] = plain
        return ["".join(row) for row in self.grid]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


def test_the_full_screen_on_a_terminal(here):
    screen = Screen(listen(here))
    try:
        with running(*simulate(here, "im871a", "--interval", 0)):
            wait_for(lambda: f"Usłyszano {COUNT} z {COUNT}" in screen.rows()[2], what="the whole tour")
            shown = screen.rows()
            assert "Osiedle Słoneczne" in shown[0] and "nasłuch" in shown[1]
            assert any("ul. Łąkowa 12, Żywiec" in row and "−70 dBm" in row for row in shown)
            assert "\x1b[?1049h" in screen.raw
            os.write(screen.master, b"q")
            assert (
                wait_for(lambda: screen.rows() and screen.process.poll() is not None, what="the end") is True
            )
            assert screen.process.returncode == 0
            screen.rows()
            assert "\x1b[?1049l" in screen.raw and "\x1b[?25h" in screen.raw  # the terminal is given back
    finally:
        screen.close()


def test_recorded_gaps_are_played_at_the_speed_asked_for(here):
    first, second = (
        f'{{"ts":"2026-03-05T10:00:{second:02d}Z","rssi":-80,"telegram":"{TELEGRAMS[0].hex()}"}}\n'
        for second in (0, 30)
    )
    (here / "air.jsonl").write_text(first + "# a comment\n\n" + second + TELEGRAMS[1].hex() + "\n")
    played = load(here / "air.jsonl", speed=60)
    assert [item.gap for item in played] == [0, 0.5, pytest.approx(0.1 / 60, abs=0.1)]
    assert [item.rssi for item in played] == [-80, -80, -70]


def test_what_cannot_be_played_is_named(here):
    (here / "air.jsonl").write_text(TELEGRAMS[0].hex() + "\nxyz\n")
    done = run(*simulate(here))
    assert done.returncode == 1 and "air.jsonl, wiersz 2: to nie jest telegram" in done.stderr


def test_the_simulator_touches_no_file_that_is_there(here):
    (here / "dongle").write_text("mine")
    done = run(*simulate(here))
    assert done.returncode == 1 and (here / "dongle").read_text() == "mine"


def test_the_simulator_as_a_library(here):
    """As the demo uses it: in a thread, stopped by an event."""
    stop = threading.Event()
    port = SimulatedPort(dongles()["cul"], here / "dongle")
    port.plug()
    player = threading.Thread(
        target=play, args=(port, [Recorded(item) for item in TELEGRAMS]), kwargs={"stop": stop}
    )
    player.start()
    try:
        done = run(*listen(here, "cul", "--until-complete", "--duration", 15))
    finally:
        stop.set()
        player.join()
        port.unplug()
    assert done.returncode == 0 and not (here / "dongle").exists()
    assert len(rows(here / "tour.jsonl")) == COUNT == len(tour(COUNT)["stops"])
