"""The tour file: what is taken, and what is refused with which words."""

import json
from pathlib import Path

import pytest
from collector_help import tour as make
from collector_help import write_tour

from pwik_collector import tour
from pwik_collector.errors import TourError
from pwik_collector.telegram import Address, addresses


def test_stops_come_in_walking_order(tmp_path):
    data = make(3)
    data["stops"].reverse()
    path = tmp_path / "tour.json"
    path.write_text("\ufeff" + json.dumps(data), encoding="utf-8")
    found = tour.load(path)
    assert [stop.order for stop in found.stops] == [1, 2, 3]
    assert (found.id, found.name, found.due.isoformat()) == ("T-7", "Osiedle Słoneczne", "2026-04-30")
    assert tour.load(write_tour(path, 2)).stops[0].module == "APA 10000000"


@pytest.mark.parametrize(
    ("module", "maker", "ident"),
    [
        ("APA/12345678/14", "APA", "12345678"),
        ("apa/345678/05/07", "APA", "00345678"),
        ("KAM/12345678", "KAM", "12345678"),
        ("12345678", "", "12345678"),
        (345678, "", "00345678"),
    ],
)
def test_modules_are_understood(module, maker, ident):
    (stop,) = tour.parse({"tour": 1, "stops": [{"order": 1, "address": "x", "module": module}]}).stops
    assert (stop.manufacturer, stop.id) == (maker, ident)


def test_a_speaker_is_found_by_maker_and_id_or_by_id_alone():
    rows = [{"address": "a", "module": "APA/12345678/14"}, {"address": "b", "module": "87654321"}]
    index = tour.parse({"tour": "x", "stops": rows}).index()
    assert tour.find(index, Address("APA", "12345678", 5, 7)) == 0
    assert tour.find(index, Address("KAM", "12345678", 5, 7)) is None
    assert tour.find(index, Address("KAM", "87654321", 5, 7)) == 1


STOP = {"order": 1, "address": "ul. Długa 1", "module": "APA/12345678/14"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "jeden obiekt"),
        ({"stops": [STOP]}, "brakuje pola „tour”"),
        ({"tour": "x", "stops": []}, "nie zawiera punktów"),
        ({"tour": "x", "stops": [[]]}, "Punkt 1: musi być obiektem"),
        ({"tour": "x", "stops": [{**STOP, "address": " "}]}, "Punkt 1: brakuje adresu"),
        ({"tour": "x", "stops": [STOP, {**STOP, "module": "APA"}]}, "Punkt 2: „module”"),
        ({"tour": "x", "stops": [{**STOP, "module": None}]}, "Punkt 1: „module”"),
        ({"tour": "x", "stops": [{**STOP, "order": "pierwszy"}]}, "„order” musi być liczbą"),
        ({"tour": "x", "stops": [STOP, STOP]}, "występuje na trasie dwa razy: punkty 1 i 2"),
        ({"tour": "x", "due": "jutro", "stops": [STOP]}, "musi być datą"),
        ({"tour": "x", "stops": [{**STOP, "key": "00" * 16}]}, "zawiera klucze („key”, punkt 1)"),
        ({"tour": "x", "aes_key": "00" * 16, "stops": [STOP]}, "zawiera klucze („aes_key”, trasa)"),
    ],
)
def test_mistakes_are_named_in_polish(data, words):
    with pytest.raises(TourError) as error:
        tour.parse(data)
    assert words in str(error.value)
    assert "00" * 16 not in str(error.value)


def test_files_that_are_no_tour(tmp_path):
    path = tmp_path / "tour.json"
    for content, words in (
        (b"{", "JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"", "JSON"),
        (b"[" * 100000, "JSON"),
    ):
        path.write_bytes(content)
        with pytest.raises(TourError, match=words):
            tour.load(path)
    with pytest.raises(TourError, match="nie ma takiego pliku"):
        tour.load(tmp_path / "missing.json")
    with pytest.raises(TourError, match="folder"):
        tour.load(tmp_path)


def test_texts_cannot_drive_the_terminal():
    stop = {**STOP, "address": "ul.\x1b[2J Długa\n7"}
    assert tour.parse({"tour": "x", "stops": [stop]}).stops[0].address == "ul.[2J Długa 7"


SAMPLES = Path(__file__).resolve().parents[2] / "tests/unit/pwik_radio_reading/data/synthetic.jsonl"


@pytest.mark.parametrize(
    "row", [json.loads(row) for row in SAMPLES.read_text().splitlines()], ids=lambda row: row["family"]
)
@pytest.mark.parametrize("shape", ["telegram", "telegram_format_a"])
def test_every_clear_address_of_a_telegram_finds_its_stop(row, shape):
    """The office names the meter as its decoder does, which is not always what the link layer says."""
    if not row.get(shape):
        pytest.skip("not in this shape")
    found = addresses(bytes.fromhex(row[shape]))
    assert row["id"].upper() in {one.id for one in found}
    assert tour.find({one.key: place for place, one in enumerate(found)}, *found) == 0
    assert tour.find({row["id"].upper(): 7}, *found) == 7
