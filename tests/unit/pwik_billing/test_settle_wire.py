"""The form of requests and answers: strict, and each refusal says where."""

import copy
import io
import json
from decimal import Decimal

import pytest
from billing_requests import V1, V2, documents, garden, issued, meter, point, request
from hypothesis import given, settings
from hypothesis import strategies as st
from pwik_billing.domain import cli
from pwik_billing.domain.errors import BadRequest
from pwik_billing.domain.wire import load_request, parse

CODES = {"missing_rate", "missing_reading", "overlapping_tariffs", "implausible", "bad_request"}


def full():
    """A request with everything that can be in one."""
    first = issued(
        request(
            point(meter("W1", ("2024-05-02", 1200), ("2024-06-30", 1234))),
            period=("2024-05-03", "2024-06-30"),
        ),
        "I0",
    )
    return request(
        point(
            meter("W1", ("2024-06-30", 1234), ("2024-09-30", 1261)),
            garden(("2024-06-30", 0), ("2024-09-30", 5)),
        ),
        point(id="P2", lump_sum={"persons": 3, "norm": "3.0", "months": 3}),
        point(
            meter("W3", ("2024-06-30", 5)),
            id="P3",
            broken={"months": 3, "before": ["1"], "year_before": None, "last_year": None},
        ),
        point(meter("W4", ("2024-06-30", 5)), id="P4", estimate={"to": "2024-09-30", "days": 91, "m3": "18"}),
        point(meter("W5", ("2024-06-30", 5), ("2024-09-30", 105)), id="P5", units_m3=["12", "13"]),
        billed=first,
        correct=None,
    )


def places(value, path=()):
    """Every (path, value) below ``value``."""
    yield path, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from places(item, (*path, key))


def put(body, path, change):
    """A copy of ``body`` with ``change(container, key)`` done at ``path``."""
    found = copy.deepcopy(body)
    container = found
    for key in path[:-1]:
        container = container[key]
    change(container, path[-1])
    return found


def answer(body):
    return cli.answer(json.dumps(body))


def written(path):
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


FULL = full()
PLACES = [(path, value) for path, value in places(FULL) if path]
OBJECTS = [path for path, value in places(FULL) if isinstance(value, dict)]
OPTIONAL = {
    "billed",
    "correct",
    "estimate",
    "broken",
    "lump_sum",
    "units_m3",
    "before",
    "year_before",
    "last_year",
}


def test_the_full_request_is_settled():
    assert "documents" in answer(FULL)


@pytest.mark.parametrize("path", OBJECTS, ids=written)
def test_an_unknown_key_is_refused_everywhere(path):
    found = answer(put(FULL, (*path, "colour"), lambda container, key: container.update({key: "blue"})))
    assert found["error"] == "bad_request"
    assert found["where"].endswith("colour")
    if "subscription" not in path:
        assert found["where"] == written((*path, "colour"))


@pytest.mark.parametrize(
    "path",
    [
        path
        for path, _ in PLACES
        if isinstance(path[-1], str) and not set(path) & {"rates", "billed"} and path[-1] not in OPTIONAL
    ],
    ids=written,
)
def test_a_missing_key_is_named(path):
    found = answer(put(FULL, path, lambda container, key: container.pop(key)))
    assert (found["error"], found["where"]) == ("bad_request", written(path))


@pytest.mark.parametrize(
    "wrong", [True, 1.5, "no", "", {}, "2024-02-30", "-1", "1e3", " 1", "１", "NaN", None, []], ids=repr
)
def test_a_wrong_value_is_an_error_or_a_settlement(wrong):
    """Whatever stands anywhere: an answer, and an error only of the published kinds."""
    for path, _value in PLACES:
        found = answer(put(FULL, path, lambda container, key: container.__setitem__(key, wrong)))
        assert "documents" in found or (found["error"] in CODES and found["message"]), path


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("period", "from"), "2024-10-01"),
        (("period", "from"), "20240701"),
        (("period", "from"), "2024-W27-1"),
        (("period", "from"), "2024-07-01T00:00"),
        (("period", "to"), "2024-06-31"),
        (("period",), None),
        (("cycle",), "year"),
        (("cycle",), "week"),
        (("vat_rate",), "-8"),
        (("vat_rate",), "101"),
        (("vat_rate",), "8%"),
        (("vat_rate",), 8.0),
        (("vat_rate",), True),
        (("policy", "quantity"), "decimal2"),
        (("policy", "subscription_per"), "house"),
        (("policy", "subscription_time"), "week"),
        (("contract", "end"), "2019-12-31"),
        (("contract", "services"), []),
        (("contract", "services"), ["water", "water"]),
        (("contract", "services"), ["gas"]),
        (("contract", "services"), "water"),
        (("tariffs", 0, "to"), "2024-05-02"),
        (("tariffs", 1, "id"), "V1"),
        (("tariffs", 0, "rates", "water"), 4.76),
        (("tariffs", 0, "rates", "water"), "4,76"),
        (("tariffs", 0, "rates", "water"), "+4.76"),
        (("tariffs", 0, "rates", "subscription"), {"big": {"quarter": "1"}}),
        (("tariffs", 0, "rates", "subscription"), {"main": {"year": "1"}}),
        (("points",), []),
        (("points",), {}),
        (("points", 1, "id"), "P1"),
        (("points", 0, "kind"), "deduction"),
        (("points", 0, "meters", 0, "purpose"), "garden"),
        (("points", 0, "meters", 0, "digits"), 0),
        (("points", 0, "meters", 0, "digits"), 10),
        (("points", 0, "meters", 0, "digits"), -5),
        (("points", 0, "meters", 0, "digits"), "five"),
        (("points", 0, "meters", 0, "digits"), 5.0),
        (("points", 0, "meters", 0, "to"), "2019-01-01"),
        (("points", 0, "meters", 0, "from"), "2024-07-01"),
        (("points", 0, "meters", 0, "to"), "2024-09-29"),
        (("points", 0, "meters", 1, "id"), "W1"),
        (("points", 2, "meters", 0, "id"), "W1"),
        (("points", 0, "meters", 0, "readings", 0, "value"), "-1"),
        (("points", 0, "meters", 0, "readings", 0, "value"), "1234,5"),
        (("points", 0, "meters", 0, "readings", 0, "value"), "1e3"),
        (("points", 0, "meters", 0, "readings", 0, "value"), None),
        (("points", 0, "meters", 0, "readings", 0, "source"), "guess"),
        (("points", 0, "meters", 0, "readings", 0, "date"), ""),
        (("points", 0, "lump_sum"), {"persons": 1, "norm": "3", "months": 3, "colour": 1}),
        (("points", 1, "lump_sum", "persons"), -1),
        (("points", 1, "lump_sum", "persons"), "1.5"),
        (("points", 1, "lump_sum", "norm"), "-3"),
        (("points", 2, "broken", "months"), "-3"),
        (("points", 2, "broken", "before"), ["-3"]),
        (("points", 2, "broken", "before"), "3"),
        (("points", 2, "broken", "year_before"), "-3"),
        (("points", 3, "estimate", "days"), 0),
        (("points", 3, "estimate", "days"), -91),
        (("points", 3, "estimate", "m3"), "-18"),
        (("points", 3, "estimate", "m3"), 18.5),
        (("points", 3, "broken"), {"months": 1}),
        (("points", 4, "units_m3"), ["-1"]),
        (("points", 4, "units_m3"), "25"),
        (("billed", 0, "kind"), "refund"),
        (("billed", 0, "kind"), "correction"),
        (("billed", 0, "corrects"), "I9"),
        (("billed", 0, "period", "to"), "2024-01-01"),
        (("billed", 0, "lines", 0, "tariff"), None),
        (("billed", 0, "lines", 0, "rate"), "main"),
        (("billed", 0, "lines", 0, "quantity"), 27.0),
        (("billed", 0, "lines", 0, "method"), "magic"),
        (("correct",), "I9"),
        (("correct",), 5),
        (("id",), 7),
        (("id",), None),
    ],
)
def test_nonsense_is_a_bad_request(path, wrong):
    found = answer(put(FULL, path, lambda container, key: container.__setitem__(key, wrong)))
    assert found.get("error") == "bad_request", found
    assert found["where"].startswith(written(path)[:6])


def test_a_billed_id_twice():
    body = {**FULL, "billed": FULL["billed"] * 2}
    assert answer(body)["where"] == "billed[1].id"


def test_whole_numbers_need_no_quotes():
    body = put(FULL, ("points", 2, "broken", "before"), lambda c, key: c.__setitem__(key, [9, 10, 11]))
    found = [
        row for row in documents(body)[0]["lines"] if row["point"] == "P3" and row["component"] == "water"
    ]
    assert found[0]["quantity"] == "30"


def test_counts_may_be_text():
    body = put(FULL, ("points", 3, "estimate", "days"), lambda c, key: c.__setitem__(key, "91"))
    assert documents(body) == documents(FULL)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "null",
        "[]",
        "3",
        '"text"',
        "{",
        "{}",
        "{'id': 1}",
        "NaN",
        '{"id": NaN}',
        '{"id": "a", "id": "b"}',
        "\x00",
        "[" * 100_000,
        '{"a":' * 100_000,
        "1" * 10_000,
        "\ufffd",
        '{"vat_rate": Infinity}',
        "{}{}",
    ],
)
def test_a_line_that_is_no_request(text):
    found = cli.answer(text)
    assert (found["id"], found["error"]) == (None, "bad_request")


def test_a_doubled_key_is_refused():
    text = json.dumps(FULL)[:-1] + ', "cycle": "month"}'
    with pytest.raises(BadRequest, match="'cycle' is given twice"):
        parse(text)


def test_the_id_comes_back_with_an_error():
    assert answer({"id": "żółw", "period": {}})["id"] == "żółw"


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_any_json_gets_an_answer(value):
    found = cli.answer(json.dumps(value))
    assert found["error"] == "bad_request"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_mangled_request_gets_an_answer(data):
    body = FULL
    for _ in range(data.draw(st.integers(1, 3))):
        choices = [path for path, _ in places(body) if path]
        path = data.draw(st.sampled_from(choices))
        other = data.draw(st.sampled_from([value for _, value in places(FULL)]))
        body = put(body, path, lambda container, key, other=other: container.__setitem__(key, other))
    found = answer(body)
    assert "documents" in found or found["error"] in CODES


# The command


def run(*lines, encoding="utf-8"):
    buffer = io.BytesIO()
    out = io.TextIOWrapper(buffer, encoding=encoding)
    assert cli.main(lines, out) == 0
    out.flush()
    return buffer.getvalue().decode(encoding)


def test_a_line_for_each_line_in_the_same_order():
    good = [json.dumps({**FULL, "id": str(number)}) for number in range(3)]
    answers = run(good[0], "oops", good[1], "", good[2]).splitlines()
    assert [json.loads(text)["id"] for text in answers] == ["0", None, "1", None, "2"]


@pytest.mark.parametrize("encoding", ["utf-8", "iso8859-2", "ascii"])
def test_the_answer_can_be_written_anywhere(encoding):
    body = {**FULL, "id": "\ud800 żółw → m³"}
    (text,) = run(json.dumps(body), encoding=encoding).splitlines()
    assert json.loads(text)["id"] == body["id"]
    (text,) = run(json.dumps({**FULL, "id": "żółw"}), encoding=encoding).splitlines()
    assert ("żółw" in text) == (encoding == "utf-8")


def test_a_fault_of_ours_costs_one_line(monkeypatch, capsys):
    def broken(_request):
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(cli, "settle", broken)
    (text,) = run(json.dumps(FULL)).splitlines()
    assert json.loads(text)["error"] == "internal_error"
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_numbers_are_written_plainly():
    """No exponents, no negative zero, two decimals for money."""
    text = json.dumps(documents(request(point(meter("W1", ("2024-06-30", 0), ("2024-09-30", 90000))))))
    assert '"quantity": "90000"' in text
    assert '"net": "428400.00"' in text
    assert "E+" not in text


def test_documents_go_back_in_as_they_came_out():
    for document in documents(FULL):
        body = request(
            point(meter("W1", ("2024-06-30", 1234), ("2024-12-31", 1300))),
            period=("2024-10-01", "2024-12-31"),
            billed=[{"id": "I1", **document}],
            tariffs=(V1, V2),
        )
        load_request(json.loads(json.dumps(body)))


def test_values_of_the_python_side_are_checked_as_well():
    """Who builds a Request by hand gets the same refusals."""
    from dataclasses import replace

    from pwik_billing.domain import settle

    good = load_request(FULL)
    with pytest.raises(BadRequest) as caught:
        settle(replace(good, vat_rate=Decimal(-1)))
    assert caught.value.where == "vat_rate"
