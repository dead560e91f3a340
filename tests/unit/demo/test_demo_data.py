"""The demo data of the addons are what the generator makes, and the tour tells the story that it shall tell."""

import collections
import datetime
import json
import pathlib

import pytest
from pwik_radio_reading.domain import wmbus
from pwik_radio_reading.domain.errors import DomainError

from tests.demo import build, tour, world

ADDONS = pathlib.Path(__file__).resolve().parents[3] / "addons"


@pytest.mark.parametrize("path", sorted(build.contents()))
def test_file_is_what_the_generator_makes(path):
    assert (ADDONS / path).read_text(encoding="utf-8") == build.contents()[path], (
        "run: python -m tests.demo.build"
    )


def test_forty_overlays_in_four_families():
    families = collections.Counter(meter.overlay.family for meter in world.all_meters())
    assert families == {"oms5": 10, "na1": 10, "apator162": 10, "kamstrup": 10}


def test_the_tour_holds_each_kind_of_trouble_once():
    keys = {meter.overlay.serial: bytes.fromhex(meter.overlay.key) for meter in world.all_meters()}
    del keys[world.all_meters()[world.NO_KEY].overlay.serial]
    last = {meter.overlay.serial: meter.values[-1] for meter in world.all_meters()}
    seen = collections.defaultdict(set)
    for line in tour.dump(tour.OCTOBER).splitlines():
        row = json.loads(line)
        telegram, received = bytes.fromhex(row["telegram"]), datetime.datetime.fromisoformat(row["ts"])
        try:
            serial = wmbus.address(telegram).id
            got = wmbus.decode(telegram, keys.get(serial), received=received)
        except DomainError as error:
            seen[error.code].add(telegram[4:8][::-1].hex())
            continue
        if got.id not in last:
            seen["unknown"].add(got.id)
        elif got.total_m3 < last[got.id]:
            seen["below"].add(got.id)
        else:
            seen["good"].add(got.id)
    assert {kind: len(serials) for kind, serials in seen.items()} == {
        "good": 36, "below": 1, "no_key": 1, "unknown": 1, "bad_crc": 1,
    }  # fmt: skip


def test_the_tour_before_heard_others():
    serials = [meter.overlay.serial for meter in world.all_meters()]
    heard = {
        one: {telegram_of(line) for line in tour.dump(one).splitlines()}
        for one in (tour.SEPTEMBER, tour.OCTOBER)
    }
    lost = {serials[index] for index in world.READ_BY_HAND}
    assert heard[tour.SEPTEMBER] - heard[tour.OCTOBER] == lost
    assert heard[tour.OCTOBER] & set(serials) - heard[tour.SEPTEMBER] == {serials[12]}


def telegram_of(line):
    """Serial of the sender, as it stands in the header."""
    return bytes.fromhex(json.loads(line)["telegram"])[4:8][::-1].hex()


def test_tax_numbers_have_right_check_digits():
    for customer in world.customers():
        if customer.vat:
            assert world.nip(customer.vat.removeprefix("PL")) == customer.vat.removeprefix("PL")
