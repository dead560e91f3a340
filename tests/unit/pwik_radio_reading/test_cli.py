"""``./pwik decode``: one JSON line out for each line in."""

import io
import json

import pytest
from pwik_radio_reading.domain import cli
from radio_samples import KEY, SAMPLES

from tests.wmbus_encoder import Meter

BY_NAME = {sample.name: sample for sample in SAMPLES}


def answers(*requests) -> list[dict]:
    out = io.StringIO()
    lines = [request if isinstance(request, str) else json.dumps(request) for request in requests]
    assert cli.main((line + "\n" for line in lines), out) == 0
    rows = out.getvalue().splitlines()
    assert len(rows) == len(requests)
    return [json.loads(row) for row in rows]


def request(name: str) -> dict:
    sample = BY_NAME[name]
    return {"telegram": sample.telegram.hex(), "key": sample.key.hex() if sample.key else None}


def test_contract():
    (found,) = answers(request("mode 5"))
    assert found == {
        "id": "17392507",
        "manufacturer": "FIO",
        "version": "01",
        "medium": "water",
        "total_m3": 4225.404,
        "target_m3": 4200.001,
        "target_date": "2026-05-31",
        "time": "2026-06-20T13:05:00",
        "alarms": [],
        "driver": "oms",
    }


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", "bad_line"),
        ("nonsense", "bad_line"),
        ("[" * 100_000, "bad_line"),
        ("[]", "bad_line"),
        ("{}", "bad_hex"),
        ({"telegram": 5}, "bad_hex"),
        ({"telegram": "0g"}, "bad_hex"),
        ({"telegram": ""}, "truncated"),
        ({**request("mode 5"), "key": None}, "no_key"),
        ({**request("mode 5"), "key": "00" * 16}, "wrong_key"),
        ({**request("mode 5"), "key": "00"}, "bad_key"),
        ({**request("mode 5"), "key": "zz"}, "bad_key"),
        ({**request("mode 5"), "key": 7}, "bad_key"),
        ({**request("mode 0"), "received": "yesterday"}, "bad_line"),
        ({**request("mode 0"), "received": 5}, "bad_line"),
    ],
)
def test_errors(line, code):
    bad, good = answers(line, request("mode 0"))
    assert bad["error"] == code and bad["message"]
    assert good["total_m3"] == 4225.404


def test_no_key_in_any_message():
    secret = KEY.hex()
    for name in BY_NAME:
        (found,) = answers({**request(name), "key": secret[::-1]})
        assert secret[::-1] not in json.dumps(found)


def test_received_judges_what_has_no_check_bytes():
    meter = Meter("APA", "17392507", 0x14, 0x07)
    row = request("apator na1")
    near, far = answers(
        {**row, "received": "2026-06-20T11:05:10Z"}, {**row, "received": "2024-06-20T11:05:10+00:00"}
    )
    assert near["id"] == meter.id and near["total_m3"] == 4225.404
    assert far["error"] == "wrong_key"


def test_six_decimals_without_noise():
    out = io.StringIO()
    telegram = "1C441486069C14000F0FA0" + (1_372_738).to_bytes(4, "little").hex() + "00" * 14
    cli.main([json.dumps({"telegram": telegram})], out)
    assert '"total_m3": 457.579333,' in out.getvalue()
