"""Progress and the picture of it."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from collector_help import telegram
from collector_help import tour as make

from pwik_collector import link, screen, tour
from pwik_collector.dump import Line
from pwik_collector.progress import Progress, signal_class

MOMENT = datetime(2026, 4, 28, 10, 0, tzinfo=timezone.utc)


def line(number, rssi=-70.0, after=0):
    return Line(MOMENT + timedelta(seconds=after), telegram(number), rssi, "T1", "cul")


def progress(count=10, heard=()):
    state = Progress(tour.parse(make(count)))
    for number in heard:
        state.take(line(10000000 + number, after=number))
    return state


def view(shown, **changes):
    values = {
        "progress": shown,
        "device": "IMST iM871A",
        "port": "/dev/ttyUSB0",
        "state": link.LISTENING,
        "problem": "",
        "drops": 0,
        "file": "tour.jsonl",
        "lines": shown.telegrams,
        "size": 2048,
        "disk_problem": "",
        "waiting": 0,
        "now": MOMENT,
    }
    return screen.View(**{**values, **changes})


def picture(shown, width=80, height=24):
    """The screen without its colours."""
    return [re.sub(r"\x1b\[[0-9;]*m", "", row) for row in screen.render(shown, width, height)]


def test_missing_come_nearest_to_the_last_new_one():
    state = progress(10, heard=(0, 4))
    assert [stop.order for stop in state.missing()][:5] == [6, 4, 7, 3, 8]
    state.take(line(10000000))  # one heard before does not move the reader
    assert state.missing()[0].order == 6


def test_counts():
    state = progress(3, heard=(0, 1, 1))
    state.take(line(55555555))
    state.take(line(10000002), intact=False)
    assert (state.heard, state.total, state.telegrams, state.strangers, state.damaged) == (2, 3, 5, 1, 1)
    assert not state.complete
    state.take(line(10000002, rssi=None))
    assert state.complete and state.missing() == []


def test_signal_classes():
    assert [signal_class(value) for value in (-40, -75, -76, -85, -95, -96, -120, -300)] == [
        0,
        0,
        1,
        1,
        2,
        3,
        3,
        3,
    ]
    state = progress(3)
    for rssi in (-97.0, -60.0, -80.0):
        state.take(line(10000000, rssi))
    state.take(line(10000001, -90.0))
    assert state.signals() == (1, 0, 1, 0)  # the best signal of each counts


def test_the_screen_shows_what_the_reader_needs():
    rows = picture(view(progress(10, heard=(0, 1, 4))))
    text = "\n".join(rows)
    assert len(rows) == 24 and {len(row) for row in rows} == {80}
    assert "Osiedle Słoneczne" in rows[0] and "termin 30.04.2026 (dni: 2)" in rows[0]
    assert "nasłuch" in rows[1] and "/dev/ttyUSB0" in rows[1]
    assert "Usłyszano 3 z 10" in rows[2] and "30 %" in rows[2] and "telegramów 3" in rows[2]
    assert "ul. Łąkowa 5, Żywiec" in rows[4] and "APA 10000004" in rows[4] and "−70 dBm" in rows[4]
    missing = next(number for number, row in enumerate(rows) if "Brakuje 7, od najbliższych" in row)
    assert "6. ul. Łąkowa 6" in rows[missing + 1] and "4. ul. Łąkowa 4" in rows[missing + 2]
    assert "Sygnał: silny 3  dobry 0" in text and "Plik tour.jsonl: wierszy 3, 2 kB" in text
    assert "q koniec" in rows[-1]


def test_troubles_are_shown():
    state = progress(3)
    text = "\n".join(picture(view(state, state=link.WAITING, problem="Podłącz odbiornik", drops=2)))
    assert "brak odbiornika" in text and "Podłącz odbiornik" in text and "utrat odbiornika 2" in text
    text = "\n".join(picture(view(state, disk_problem="brak miejsca na dysku", waiting=12)))
    assert "NIE ZAPISANO (czeka 12): brak miejsca na dysku" in text


def test_scrolling_the_missing_stops_at_the_end():
    state = progress(100)
    assert "Brakuje 100, od najbliższych · 4–11" in "\n".join(picture(view(state, scroll=3)))
    assert "100. ul. Łąkowa 100" in "\n".join(picture(view(state, scroll=10**6)))


@pytest.mark.parametrize("size", [(80, 24), (132, 50), (40, 10), (20, 5), (1, 1), (200, 12)])
@pytest.mark.parametrize("with_tour", [True, False])
def test_any_size_is_filled_exactly(size, with_tour):
    state = progress(30, heard=range(8)) if with_tour else Progress()
    if not with_tour:
        for number in range(5):
            state.take(line(number))
    rows = picture(view(state), *size)
    assert len(rows) == size[1] and {screen.width_of(row) for row in rows} == {size[0]}


def test_terminals_without_unicode_get_ascii_drawings():
    rows = picture(view(progress(3, heard=(0,)), unicode=False))
    drawn = [row for row in rows if "[#" in row or "----" in row or "|||" in row]
    assert len(drawn) >= 5 and not any(char in "".join(rows) for char in "█░─▂")


def test_done():
    assert "Usłyszano wszystkie. Trasa gotowa." in "\n".join(picture(view(progress(2, heard=(0, 1)))))


def test_done_but_not_written():
    """Whoever switches off now loses what waits: the tour is not called done."""
    shown = view(progress(2, heard=(0, 1)), disk_problem="brak miejsca na dysku", waiting=1)
    rows = picture(shown)
    assert "Trasa gotowa" not in "".join(rows) and any("nie wyłączaj" in row for row in rows)
    assert "zwolnij miejsce, zapis ruszy sam" in rows[-2]
