"""B9: a tour of which a tenth was damaged on its way; the sound part is taken, the rest is kept with its reasons."""

import json
import random

from tests.proof import radio
from tests.proof.registry import proof

SHARE = 10  # one line in so many is damaged
HEAD = 50  # sound lines at the beginning, by which the format is known
MONTH = 3


def hex_of(line: bytes) -> str:
    return json.loads(line)["telegram"]


def with_hex(line: bytes, text: str) -> bytes:
    return json.dumps({**json.loads(line), "telegram": text}).encode() + b"\n"


def flip(chance, line, _overlays):
    text = list(hex_of(line))
    place = chance.randrange(len(text))
    text[place] = format(int(text[place], 16) ^ chance.randint(1, 15), "x")
    return with_hex(line, "".join(text))


def cut(chance, line, _overlays):
    text = hex_of(line)
    return with_hex(line, text[: 2 * chance.randrange(1, len(text) // 2)])


def no_hex(chance, line, _overlays):
    text = hex_of(line)
    place = chance.randrange(len(text))
    return with_hex(line, text[:place] + chance.choice("ghxyz .\u0142") + text[place + 1 :])


def torn(chance, line, _overlays):
    return line[: chance.randrange(1, len(line) - 3)] + b"\n"


def noise(chance, _line, _overlays):
    return (
        bytes(chance.choice(b'abc{}[]:,"\x00\x01\xff\xfe09 ;') for _ in range(chance.randint(3, 80))) + b"!\n"
    )


def unknown(chance, _line, overlays):
    return radio.line(overlays + chance.randrange(1, 10**6), MONTH)


def other_key(chance, line, overlays):
    """An overlay of ours whose telegram was made with another key."""
    from tests.wmbus_encoder import Meter, encode_oms, records, with_crc_a

    number = chance.randrange(overlays)
    content = records.volume(radio.litres(number, MONTH))
    meter = Meter("BMT", f"{number:08d}", 0x01, 0x07)
    return with_hex(line, with_crc_a(encode_oms(meter, content, key=bytes(16), mode=5, access=7)).hex())


KINDS = (flip, cut, no_hex, torn, noise, unknown, other_key)


def damaged_tour(lines, overlays, chance):
    """(content of the dump, {number of a damaged line: what was done to it})"""
    sound = [radio.line(number, MONTH) for number in range(overlays)]
    out, damaged = [], {}
    for number in range(1, lines + 1):
        line = sound[(number - 1) % overlays]
        # Each time round it hits other overlays: every one is heard soundly at least once.
        if number > HEAD and (number + number // overlays) % SHARE == 0:
            kind = KINDS[number // SHARE % len(KINDS)]
            line, damaged[number] = kind(chance, line, overlays), kind.__name__
        out.append(line)
    return b"".join(out), damaged


@proof("B9", "damaged lines in a tour, one in ten", small=1_500, full=100_000)
def mutated(stage, tally, lines):
    overlays = min(lines // 5, 1_000)
    stage.world("radio:make", overlays=overlays, packet_lines=2_000, crons=2)
    content, damaged = damaged_tour(lines, overlays, random.Random(9))
    with stage.serve():
        radio.upload(stage.client("odczyt"), content, "damaged.jsonl")
        if not stage.wait(lambda: radio.is_done(stage), 1_200):
            raise TimeoutError("the import did not end")
    seen = {
        number: rest
        for number, *rest in stage.sql(
            "SELECT number, state, reason, has_value, value, raw FROM pwik_radio_dump_line"
        )
    }
    for number in range(1, lines + 1):
        state, reason, has_value, value, raw = seen.get(number, ("missing", "", False, 0, ""))
        if number in damaged:
            tally.check(
                state in ("error", "quarantine") and bool(reason) and raw is not None,
                f"line {number} ({damaged[number]}): {state}, {reason}",
            )
            continue
        right = has_value and round(float(value) * 1000) == radio.litres((number - 1) % overlays, MONTH)
        if not tally.check(
            state in ("done", "seen") and right, f"sound line {number}: {state}, {reason}, {value}"
        ):
            tally.lost += 1
    readings = radio.readings(stage)
    wanted = {f"P{n:08d}": radio.litres(n, MONTH) for n in range(overlays)}
    got = {serial: round(float(value) * 1000) for serial, _moment, value, *_rest in readings}
    tally.doubled += len(readings) - len(got)
    tally.check(got == wanted, f"{len(got)} of {len(wanted)} meters have their reading")
    reasons = stage.sql(
        "SELECT reason, count(*) FROM pwik_radio_dump_line WHERE state IN ('error', 'quarantine') GROUP BY 1 ORDER BY 1"
    )
    tally.note(f"{len(damaged)} damaged lines: {dict(reasons)}")
