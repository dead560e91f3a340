"""The demo's tour is driven by the real collector on a simulated dongle."""

import json
import pathlib

import pytest

from tools.demo import drive

RECORDED = (
    pathlib.Path(__file__).resolve().parents[2] / "addons/pwik_radio_reading/demo/tour_2026_10_01.jsonl"
)
TOUR = {
    "tour": "PWIK-1",
    "name": "Październik",
    "due": "2026-10-05",
    "stops": [{"order": 1, "address": "ul. Wodna 1", "module": "APA/25112441"}],
}


def test_what_is_played_is_in_the_dump_at_the_moments_of_the_recording():
    made = [json.loads(line) for line in drive.drive(TOUR, RECORDED).splitlines()]
    air = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
    assert [(row["ts"], row["telegram"].upper()) for row in made] == [
        (row["ts"], row["telegram"].upper()) for row in air
    ]
    assert {row["device"] for row in made} == {"im871a"}
    assert max(abs(row["rssi"] - there["rssi"]) for row, there in zip(made, air, strict=True)) <= 1


def test_a_tour_that_the_collector_refuses_is_told(monkeypatch):
    with pytest.raises(drive.NotDriven, match="ended early"):
        drive.drive({**TOUR, "stops": []}, RECORDED)
