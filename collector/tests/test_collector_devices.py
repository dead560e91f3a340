"""The dongles' protocols: any split of the bytes gives the same events, noise loses no telegram."""

import io
import time
from types import SimpleNamespace

import pytest
from collector_help import telegram
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pwik_collector.devices import Ready, Received, Refused, Send, dongles
from pwik_collector.devices.base import crc_x25
from pwik_collector.listen import Listener, Options
from pwik_collector.telegram import is_intact, looks_like_start, with_crc_a, without_crc

CODES = sorted(dongles())
bodies = st.binary(min_size=1, max_size=200).map(lambda body: telegram(12345678, body=body))
numbers = st.integers(0, 99999999).map(telegram)
telegrams = st.lists(st.one_of(bodies, numbers), min_size=1, max_size=4)
levels = st.integers(-100, -40)


def started(code):
    """A dongle and its simulated side, set up as the listener does it; gives the events of the set-up too."""
    dongle = dongles()[code]()
    simulated = dongle.simulated()
    queue, events = list(dongle.startup()), []
    while queue:
        for event in dongle.feed(simulated.feed(queue.pop(0))):
            events.append(event)
            if isinstance(event, Send):
                queue.append(event.data)
    return dongle, simulated, events


def cut(data, places):
    """The same bytes in pieces."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in zip(edges, edges[1:], strict=False)]


def expected(dongle, telegram):
    return with_crc_a(telegram) if dongle.keeps_crc else without_crc(telegram)


def test_the_four_dongles_are_found_by_lying_there():
    assert CODES == ["amb8465", "cul", "im871a", "iu891a"]
    for code, dongle in dongles().items():
        assert dongle.code == code and dongle.default_mode in dongle.modes and dongle.baudrate >= 9600


@pytest.mark.parametrize("code", CODES)
def test_set_up_is_confirmed(code):
    dongle, simulated, events = started(code)
    assert simulated.listening
    assert events[-1] == Ready()


@pytest.mark.parametrize("code", CODES)
def test_a_mode_it_lacks_is_refused(code):
    with pytest.raises(ValueError):
        dongles()[code]("s2")


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=60, deadline=None)
@given(items=telegrams, level=levels, places=st.lists(st.integers(0, 4000), max_size=8))
def test_any_split_gives_the_same_events(code, items, level, places):
    dongle, simulated, _events = started(code)
    data = b"".join(simulated.frame(item, level) for item in items)
    pieces = [event for piece in cut(data, places) for event in dongle.feed(piece)]
    assert pieces == [Received(expected(dongle, item), level, dongle.mode_label) for item in items]
    assert dongle.skipped == 0 and not dongle.pending
    single, _simulated, _events = started(code)
    assert [event for byte in data for event in single.feed(bytes([byte]))] == pieces


def begins_nothing(code, noise):
    """Leaves out noise which this protocol cannot tell from a message: the AMB's check is a single byte, CUL lines are text."""
    if code == "amb8465":
        return b"\xff" not in noise and not any(looks_like_start(noise[n : n + 3]) for n in range(len(noise)))
    if code == "cul":
        return not noise.endswith((b"b", b"bY", b"Y"))
    return True


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=80, deadline=None)
@given(
    items=telegrams,
    noises=st.lists(st.binary(max_size=24), min_size=5, max_size=5),
    places=st.lists(st.integers(0, 4000)),
)
def test_noise_between_frames_loses_no_telegram(code, items, noises, places):
    assume(all(begins_nothing(code, noise) for noise in noises))
    dongle, simulated, _events = started(code)
    data = (
        b"".join(noise + simulated.frame(item, -70) for noise, item in zip(noises, items, strict=False))
        + noises[-1]
    )
    events = [event for piece in cut(data, places) for event in dongle.feed(piece)] + dongle.idle()
    found = [event.telegram for event in events if isinstance(event, Received) and event.intact]
    assert found == [expected(dongle, item) for item in items]


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=60, deadline=None)
@given(first=numbers, second=numbers, data=st.data())
def test_a_frame_cut_short_does_not_take_the_next_one_with_it(code, first, second, data):
    dongle, simulated, _events = started(code)
    frame = simulated.frame(first, -70)
    size = data.draw(st.integers(1, len(frame) - 1))
    events = (
        dongle.feed(frame[:size]) + dongle.idle() + dongle.feed(simulated.frame(second, -71)) + dongle.idle()
    )
    assert expected(dongle, second) in [event.telegram for event in events if isinstance(event, Received)]


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=150, deadline=None)
@given(noise=st.lists(st.binary(max_size=80), max_size=5))
def test_noise_alone_never_raises_and_is_let_go(code, noise):
    dongle = dongles()[code]()
    for piece in noise:
        dongle.feed(piece)
    dongle.idle()
    assert not dongle.pending


def test_im871a_frames_as_real_ones_send_them():
    dongle = dongles()["im871a"]()
    assert dongle.startup() == [bytes.fromhex("A50103060002 0A 300100")]
    assert dongle.feed(bytes.fromhex("A58102004CA3")) == []  # the answer to a ping
    assert dongle.feed(bytes.fromhex("A58104009CF7")) == [Ready()]
    assert dongles()["im871a"]("t1").startup() == [bytes.fromhex("A5010306000203300100")]


def test_im871a_signal_and_attached_time():
    dongle = dongles()["im871a"]()
    item = telegram(12345678)
    body = bytes([0xE2, 0x03, len(item) - 1]) + item[1:] + b"\x01\x02\x03\x04" + bytes([65])
    frame = b"\xa5" + body + crc_x25(body).to_bytes(2, "little")
    assert dongle.feed(frame) == [Received(item, -90.0, "C1+T1")]
    bare = b"\xa5" + bytes([0x02, 0x03, len(item) - 1]) + item[1:]
    assert dongle.feed(bare) == []  # one that sent a CRC once always does
    assert dongles()["im871a"]().feed(bare) == [Received(item, None, "C1+T1")]


def test_crc_of_the_imst_dongles():
    assert crc_x25(b"123456789") == 0x906E  # the check value of CRC-16/X.25
    assert crc_x25(b"") == 0


@pytest.mark.parametrize("code", CODES)
def test_bytes_that_look_like_starts_cost_little_time(code):
    """A second's worth of the worst line noise (all of it message starts) is let go in well under a second."""
    starts = {
        "im871a": b"\xa5\x81\xff\xff",
        "amb8465": b"\xff\x03\xff\x44",
        "iu891a": b"\xc0\x09",
        "cul": b"bYb\n",
    }[code]
    dongle = dongles()[code]()
    begun = time.process_time()
    dongle.feed(starts * (dongle.baudrate // 10 // len(starts)))
    dongle.idle()
    assert time.process_time() - begun < 1 and not dongle.pending


def test_im871a_with_a_wrong_crc_is_noise():
    dongle, simulated, _events = started("im871a")
    frame = bytearray(simulated.frame(telegram(1), -70))
    frame[12] ^= 1
    assert dongle.feed(bytes(frame)) + dongle.idle() == [] and dongle.skipped == len(frame)


def test_amb8465_asks_whether_the_signal_is_appended():
    dongle = dongles()["amb8465"]()
    assert [command.hex() for command in dongle.startup()] == ["ff0a02008077", "ff040109f3"]
    # A configuration as a real module gave it, with RSSI_Enable (byte 45) set.
    config = bytes.fromhex(
        "FF8A7A0078 0080710200010000FFFFFA00FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF0C3200026400FFFFFFFFFF010004000000FFFFFF01"
        "440000000000000000FFFF0B060100FFFFFFFFFF01030000FFFFFFFFFFFFFF0000"
    )
    config = config.ljust(125, b"\xff") + b"\x69"
    assert dongle.feed(config) == []
    item = telegram(12345678)
    bare = bytes([len(item)]) + item[1:] + bytes([(-70 + 74) * 2 & 0xFF])
    assert dongle.feed(bare) == [Received(item, -70.0, "C1+T1")]


def xored(body):
    check = 0
    for byte in body:
        check ^= byte
    return body + bytes([check])


def test_amb8465_takes_each_form_of_data():
    item = telegram(12345678)
    level = (-90 + 74) * 2 & 0xFF
    plain = Received(item, None, "C1+T1")
    signal = Received(item, -90.0, "C1+T1")
    data = b"\xff\x03"
    forms = {
        "bare": (item, plain),
        "command": (xored(data + item), plain),
        "command, signal not counted": (xored(data + item + bytes([level])), signal),
        "command, length repeated": (xored(data + bytes([len(item)]) + item), plain),
        "command, length repeated, signal": (
            xored(data + bytes([len(item) + 1]) + item + bytes([level])),
            signal,
        ),
    }
    for name, (frame, event) in forms.items():
        dongle = dongles()["amb8465"]()
        assert dongle.feed(frame) + dongle.idle() == [event], name


def test_amb8465_holds_telegrams_until_it_knows_whether_the_signal_is_appended():
    first, second = telegram(1), telegram(2)
    simulated = dongles()["amb8465"].simulated()
    (ask, _set_mode) = dongles()["amb8465"]().startup()
    dongle = dongles()["amb8465"]()
    assert dongle.feed(simulated.frame(first, -70)) == [] and dongle.pending
    answer = simulated.feed(ask)
    assert dongle.feed(answer + simulated.frame(second, -71)) == [
        Received(first, -70.0, "C1+T1"),
        Received(second, -71.0, "C1+T1"),
    ]
    silent = dongles()["amb8465"]()  # a module that never tells: as from the factory
    events = [event for number in range(9) for event in silent.feed(xored(b"\xff\x03" + telegram(number)))]
    assert events == [Received(telegram(number), None, "C1+T1") for number in range(9)]


def test_amb8465_refusing_the_mode():
    assert dongles()["amb8465"]().feed(xored(bytes.fromhex("FF840101"))) == [Refused("01")]
    assert dongles()["amb8465"]().feed(bytes.fromhex("FF8401007A")) == [Ready()]


def test_iu891a_changes_only_what_must_be_and_only_if_needed():
    dongle, simulated, events = started("iu891a")
    send = [event for event in events if isinstance(event, Send)]
    assert len(send) == 1  # the dongle was off: one change
    again = dongles()["iu891a"]()
    answers = [event for command in again.startup() for event in again.feed(simulated.feed(command))]
    assert answers == [Ready()]  # and none once it is right


def test_iu891a_frame_with_escapes():
    dongle, simulated, _events = started("iu891a")
    item = telegram(12345678, body=b"\x7a\xc0\xdb\xdc\xdd\xc0\xc0")
    frame = simulated.frame(item, -64)
    assert frame.count(b"\xc0") == 2
    assert dongle.feed(frame) == [Received(item, -64.0, "C1+T1")]


def test_cul_takes_lines_with_and_without_signal_and_both_formats():
    dongle = dongles()["cul"]("c1")
    assert dongle.startup() == [b"brc\r\n", b"X21\r\n"]
    assert dongle.feed(b"CMODE\r\n") == [Ready()]
    frame_b = "25442D2C170935741B168D209622C841224F8B33D377F4560BB4B332CB9469E50AA16CAC5296"
    raw = bytes.fromhex(frame_b)
    assert dongle.feed(f"bY{frame_b}83FA\r\n".encode()) == [Received(raw, -77.0, "C1")]
    assert dongle.feed(f"bY{frame_b}\r\n".encode()) == [Received(raw, None, "C1")]
    sealed = with_crc_a(telegram(12345678))
    assert dongle.feed(f"b{sealed.hex().upper()}8004\n".encode()) == [Received(sealed, -72.0, "C1")]


def test_cul_tells_damaged_telegrams_and_drops_cut_ones():
    dongle = dongles()["cul"]()
    sealed = bytearray(with_crc_a(telegram(12345678)))
    sealed[-5] ^= 0x10
    (event,) = dongle.feed(f"b{sealed.hex().upper()}8004\r\n".encode())
    assert not event.intact and not is_intact(event.telegram)
    assert dongle.feed(f"b{sealed.hex().upper()[:-3]}\r\n".encode()) == []
    assert dongle.feed(b"OFF\r\n") == [Refused("OFF")]


@pytest.mark.parametrize("size", range(10))
def test_amb8465_an_acknowledgement_is_no_telegram(size):
    """It has no CI field (L = 9); with the RSSI byte it is as long as a telegram, and must not end the tour."""
    dongle, _simulated, _events = started("amb8465")
    body = bytes.fromhex("44AE4C401800166807")[:size] + b"\xb0"
    events = [*dongle.feed(xored(bytes((0xFF, 0x03, len(body))) + body)), *dongle.idle()]
    assert not [event for event in events if isinstance(event, Received)]


def test_what_is_too_short_for_an_address_is_counted_as_damaged_and_not_written(tmp_path):
    options = Options("/dev/null", dongles()["cul"], None, None, tmp_path / "tour.jsonl")
    listener = Listener(options, io.StringIO())
    listener._take(Received(bytes.fromhex("0944AE4C401800166807"), -70.0, "T1"), None)
    assert (listener.progress.telegrams, listener.progress.damaged, listener.writer.lines) == (1, 1, 0)
    listener.writer.close()


HEAD = bytes.fromhex("44AE4C4018001668077A0100")


def short_frame(code, size):
    """What a dongle sends of a telegram that ends ``size`` bytes after L: an acknowledgement, or one cut on the air."""
    body = HEAD[:size]
    if code == "amb8465":
        return xored(bytes((0xFF, 0x03, size + 1)) + body + b"\xb0")
    if code == "cul":
        return b"b" + (bytes((size,)) + body).hex().upper().encode() + b"80FA\r\n"
    if code == "im871a":
        inner = bytes((0xC2, 0x03, size)) + body + b"\x41"
        return b"\xa5" + inner + crc_x25(inner).to_bytes(2, "little")
    inner = bytes.fromhex("0920 01000000 020505 B8") + bytes((size,)) + body
    return b"\xc0" + inner + crc_x25(inner).to_bytes(2, "little") + b"\xc0"


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("size", range(10))
def test_a_frame_that_is_too_short_is_no_telegram_and_takes_none_with_it(code, size, tmp_path):
    dongle, simulated, _events = started(code)
    before, after = telegram(11111111), telegram(22222222)
    data = simulated.frame(before, -70) + short_frame(code, size) + simulated.frame(after, -71)
    events = [event for piece in cut(data, [40, 60]) for event in dongle.feed(piece)] + dongle.idle()
    found = [event for event in events if isinstance(event, Received) and event.intact]
    assert [event.telegram for event in found] == [expected(dongle, before), expected(dongle, after)]
    listener = Listener(
        Options("/dev/null", dongles()[code], None, None, tmp_path / "tour.jsonl"), io.StringIO()
    )
    for event in events:
        if isinstance(event, Received):
            listener._take(event, SimpleNamespace(note=lambda *_args: None))
    assert listener.writer.lines == 2
    listener.writer.close()
