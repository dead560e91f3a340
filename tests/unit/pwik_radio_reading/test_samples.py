"""Every kind of telegram in every frame: what was encoded comes out."""

import pytest
from pwik_radio_reading.domain.wmbus import address, decode
from radio_samples import NOW, SAMPLES

from tests.wmbus_encoder import with_crc_a, with_crc_b

FRAMES = {"none": lambda plain: plain, "A": with_crc_a, "B": with_crc_b}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_decode(sample, frame):
    found = decode(FRAMES[frame](sample.telegram), sample.key)
    meter = sample.meter
    assert (found.manufacturer, found.id, found.version, found.medium) == (
        meter.manufacturer,
        meter.id,
        meter.version,
        meter.medium,
    )
    assert (found.total_m3, found.target_m3, found.target_date, found.time) == (
        sample.total,
        sample.target,
        sample.target_date,
        sample.time,
    )
    assert found.frame == frame
    assert found.alarms == ()


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_address_needs_no_key(sample):
    found = address(with_crc_a(sample.telegram))
    assert (found.manufacturer, found.id) == (sample.meter.manufacturer, sample.meter.id)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_reception_time(sample):
    assert decode(sample.telegram, sample.key, received=NOW).total_m3 == sample.total


def test_radio_adapter_is_told_apart():
    found = next(decode(one.telegram, one.key) for one in SAMPLES if one.name == "mode 5 with adapter")
    assert (found.manufacturer, found.id) == ("FIO", "17392507")
    assert (found.link_manufacturer, found.link_id) == ("TCH", "87654321")
