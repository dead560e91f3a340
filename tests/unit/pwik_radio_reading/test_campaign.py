"""The tour file is what the collector reads; grades of reception."""

import json
from datetime import date

import pytest
from pwik_collector import tour as collector
from pwik_radio_reading.domain.campaign import GRADES, Stop, build_tour, grade

STOPS = [
    Stop("APA", "12345678", "14", "ul. Kasztanowa 7, Częstochowa"),
    Stop("KAM", "00000042", "", "ul. Kasztanowa 5, Częstochowa"),
]


def test_the_collector_reads_the_tour():
    text = json.dumps(build_tour("PWIK-7", "Październik", date(2026, 10, 5), STOPS), ensure_ascii=False)
    tour = collector.parse(json.loads(text))
    assert (tour.id, tour.name, tour.due) == ("PWIK-7", "Październik", date(2026, 10, 5))
    assert [(stop.manufacturer, stop.id, stop.address) for stop in tour.stops] == [
        (stop.manufacturer, stop.serial, stop.address) for stop in STOPS
    ]


def test_a_tour_without_a_due_day():
    assert collector.parse(build_tour("1", "x", None, STOPS)).due is None


@pytest.mark.parametrize(
    "rssi, code",
    [
        (-50, "strong"),
        (-75, "strong"),
        (-76, "good"),
        (-85, "good"),
        (-95, "weak"),
        (-96, "poor"),
        (0, None),
        (None, None),
    ],
)
def test_grades(rssi, code):
    assert grade(rssi) == code


def test_grades_go_down():
    limits = [least for _code, least in GRADES[:-1]]
    assert limits == sorted(limits, reverse=True)
    assert GRADES[-1][1] is None
