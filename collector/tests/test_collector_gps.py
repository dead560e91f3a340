"""Positions from NMEA sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pwik_collector.gps import Gps, position

RMC = b"$GPRMC,081836,A,3751.65,S,14507.36,E,000.0,360.0,130998,011.3,E*62\r\n"
GGA = b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n"


def test_positions_of_known_sentences():
    assert position(RMC) == (-37.860833, 145.122667)
    assert position(GGA) == (48.1173, 11.516667)


@pytest.mark.parametrize(
    "sentence",
    [RMC.replace(b"*62", b"*63"), b"$GPRMC,,V,,,,,,,,,,N*53", b"", b"$", b"*", b"$GPGGA*56", RMC[:30]],
)
def test_no_fix_or_no_sound_sentence_gives_none(sentence):
    assert position(sentence) is None


@given(st.lists(st.integers(0, 200), max_size=6), st.binary(max_size=40))
def test_any_split_and_noise(places, noise):
    data = noise.replace(b"\n", b"") + b"\r\n" + RMC + GGA
    edges = [0, *sorted(place % len(data) for place in places), len(data)]
    gps = Gps("/nowhere")
    for a, b in zip(edges, edges[1:], strict=False):
        gps.feed(data[a:b])
    assert gps.position == (48.1173, 11.516667)


def test_a_missing_receiver_is_no_trouble():
    gps = Gps("/dev/does-not-exist")
    gps.poll()
    gps.poll()
    assert gps.position is None
    gps.close()
