"""Corrections: only the difference, line by line, at the price of the line."""

import pytest
from billing_requests import (
    Q1_2025,
    Q2_2025,
    Q3,
    Q4,
    documents,
    garden,
    issued,
    line,
    m3,
    meter,
    point,
    request,
    rows,
    sums,
    tariff,
    trimmed,
)
from pwik_billing.domain import BadRequest, MissingReading


def quarter(value, *more, **extra):
    return request(point(meter("W1", ("2024-06-30", 1234), ("2024-09-30", value)), *more), **extra)


def billed(value=1261, id="I1"):
    return issued(quarter(value), id)


@pytest.mark.parametrize("cut", [list, trimmed])
def test_a_reading_that_was_too_high(cut):
    """1261 should be 1251: −10 × 4.76 = −47.60; −10 × 8.78 = −87.80; −135.40; VAT −10.832 → −10.83."""
    (document,) = documents(quarter(1251, billed=cut(billed()), correct="I1"))
    assert (document["kind"], document["corrects"]) == ("correction", "I1")
    assert document["period"] == {"from": Q3[0], "to": Q3[1]}
    assert rows(document) == [("water", "P1", "V1", "-10", "-47.60"), ("sewage", "P1", "V1", "-10", "-87.80")]
    assert sums(document) == ("-135.40", "-10.83", "-146.23")
    assert line(document, "water")["price"] == "4.76"
    assert line(document, "water")["how"].startswith("Było 27 m³, powinno być 17 m³, różnica −10 m³")


def test_a_reading_that_was_too_low():
    """+5: 23.80 + 43.90 = 67.70; VAT 5.416 → 5.42."""
    (document,) = documents(quarter(1266, billed=billed(), correct="I1"))
    assert (document["kind"], document["corrects"]) == ("correction", "I1")
    assert rows(document) == [("water", "P1", "V1", "5", "23.80"), ("sewage", "P1", "V1", "5", "43.90")]
    assert sums(document) == ("67.70", "5.42", "73.12")


def test_nothing_changes_nothing_comes_out():
    assert documents(quarter(1261, billed=billed(), correct="I1")) == []
    assert documents(quarter(1261, billed=trimmed(billed()), correct="I1")) == []


def test_down_to_zero_and_up_from_zero():
    """To 0 m³: the lines go; from 0 m³: they come, at the price in force."""
    (document,) = documents(quarter(1234, billed=billed(), correct="I1"))
    assert rows(document, "water") == [("V1", "-27", "-128.52")]
    (document,) = documents(quarter(1261, billed=billed(1234), correct="I1"))
    assert rows(document, "water") == [("V1", "27", "128.52")]


def test_vat_is_that_of_the_sum_of_the_differences():
    """−1: −4.76 − 8.78 = −13.54; VAT −1.0832 → −1.08. The VATs of the two invoices differ by 31.18 − 30.09 = 1.09."""
    (document,) = documents(quarter(1260, billed=billed(), correct="I1"))
    assert sums(document) == ("-13.54", "-1.08", "-14.62")
    ((_net, vat, _gross),) = [sums(found) for found in documents(quarter(1260))]
    assert vat == "30.09"


def test_a_second_correction_goes_on_from_the_first():
    first = billed()
    down = documents(quarter(1251, billed=first, correct="I1"))
    history = [*first, {"id": "K1", **down[0]}]
    assert documents(quarter(1251, billed=history, correct="I1")) == []
    (document,) = documents(quarter(1255, billed=history, correct="I1"))
    assert rows(document, "water") == [("V1", "4", "19.04")]
    assert (line(document, "water")["before"], line(document, "water")["after"]) == ("17", "21")


def test_to_correct_a_correction_is_to_correct_its_invoice():
    first = billed()
    history = [{"id": "K1", **documents(quarter(1251, billed=first, correct="I1"))[0]}, *first]
    (document,) = documents(quarter(1255, billed=history, correct="K1"))
    assert (document["corrects"], m3(document)) == ("I1", 4)


@pytest.mark.parametrize("cut", [list, trimmed])
def test_only_the_lines_that_change(cut):
    """30 was 11 and 19; 29 × 32 / 91 = 10.20 → 10, 19: the second line stays. 28: 9.85 → 10, 18."""
    body = request(point(meter("W1", ("2025-03-31", 2100), ("2025-06-30", 2130))), period=Q2_2025)
    first = cut(issued(body, "I1"))
    body = request(
        point(meter("W1", ("2025-03-31", 2100), ("2025-06-30", 2129))),
        period=Q2_2025,
        billed=first,
        correct="I1",
    )
    (document,) = documents(body)
    assert rows(document) == [("water", "P1", "V1", "-1", "-4.76"), ("sewage", "P1", "V1", "-1", "-8.78")]
    body["points"][0]["meters"][0]["readings"][1]["value"] = "2128"
    (document,) = documents(body)
    assert rows(document, "water") == [("V1", "-1", "-4.76"), ("V2", "-1", "-5.06")]


def test_a_forgotten_exchange():
    old = meter("W1", ("2024-06-30", 1234), ("2024-08-14", 1250, "exchange"), end="2024-08-14")
    new = meter("W2", ("2024-08-14", 2, "exchange"), ("2024-09-30", 11), start="2024-08-14")
    (document,) = documents(request(point(old, new), billed=billed(), correct="I1"))
    assert m3(document) == (16 + 9) - 27


def test_a_forgotten_garden_meter():
    """Sewage 27 − 12 = 15, and the additional meter's subscription comes."""
    plot = garden(("2024-06-30", 0), ("2024-09-30", 12))
    body = request(
        point(meter("W1", ("2024-06-30", 1234), ("2024-09-30", 1261)), plot), billed=billed(), correct="I1"
    )
    (document,) = documents(body)
    assert rows(document) == [
        ("sewage", "P1", "V1", "-12", "-105.36"),
        ("subscription", "P1", "deduction", "1", "3.06"),
    ]
    assert sums(document) == ("-102.30", "-8.18", "-110.48")


def test_a_wrong_reading_of_the_garden_changes_the_sewage_only():
    wrong = request(
        point(
            meter("W1", ("2024-06-30", 500), ("2024-09-30", 545)),
            garden(("2024-06-30", 120), ("2024-09-30", 132)),
        )
    )
    right = request(
        point(
            meter("W1", ("2024-06-30", 500), ("2024-09-30", 545)),
            garden(("2024-06-30", 120), ("2024-09-30", 130)),
        ),
        billed=issued(wrong, "I1"),
        correct="I1",
    )
    (document,) = documents(right)
    assert rows(document) == [("sewage", "P1", "V1", "2", "17.56")]


def test_a_wrong_tariff():
    """The same m³ at another price: the old lines go, the new come."""
    dear = tariff("V1", "2024-05-03", "2025-05-02", "5.00")
    (document,) = documents(quarter(1261, billed=billed(), correct="I1", tariffs=(dear,)))
    assert [(row["quantity"], row["price"]) for row in document["lines"]] == [("-27", "4.76"), ("27", "5.00")]
    # −128.52 + 135.00 = 6.48; VAT 0.5184
    assert sums(document) == ("6.48", "0.52", "7.00")


def test_a_tariff_replaced_by_one_with_another_water_price():
    """Water 4.76 is 4.67, sewage costs the same: only the water is taken back and billed anew."""
    replaced = [tariff("V1/2", "2024-05-03", None, "4.67", "8.78")]
    (document,) = documents(quarter(1261, billed=billed(), correct="I1", tariffs=replaced))
    assert rows(document) == [
        ("water", "P1", "V1", "-27", "-128.52"),
        ("water", "P1", "V1/2", "27", "126.09"),
    ]
    assert (
        documents(
            quarter(
                1261,
                billed=billed(),
                correct="I1",
                tariffs=[tariff("V1/3", "2024-05-03", None, "4.76", "8.78")],
            )
        )
        == []
    )


def test_an_estimate_by_the_reading_of_its_day():
    """18 estimated; read 710 on the very day: −8."""
    w1 = ("2024-06-30", 700)
    guess = {"to": "2024-09-30", "days": 91, "m3": "18"}
    first = issued(request(point(meter("W1", w1), estimate=guess)), "E1")
    body = request(point(meter("W1", w1, ("2024-09-30", 710)), estimate=guess), billed=first, correct="E1")
    (document,) = documents(body)
    assert (m3(document), m3(document, "sewage")) == (-8, -8)


def settled_estimate():
    w1 = (("2024-06-30", 700), ("2024-09-30", 718, "estimate"))
    first = issued(
        request(point(meter("W1", w1[0]), estimate={"to": "2024-09-30", "days": 91, "m3": "18"})), "E1"
    )
    second = issued(request(point(meter("W1", *w1, ("2024-12-31", 733))), period=Q4, billed=first), "I2")
    return w1, first + second


@pytest.mark.parametrize("cut", [list, trimmed])
def test_a_wrong_reading_that_had_settled_an_estimate(cut):
    """33 − 18 = 15 were billed; 730 gives 30 − 18 = 12: −3."""
    w1, history = settled_estimate()
    body = request(point(meter("W1", *w1, ("2024-12-31", 730))), period=Q4, billed=cut(history), correct="I2")
    (document,) = documents(body)
    assert (document["corrects"], m3(document)) == ("I2", -3)


def test_a_wrong_reading_that_now_undercuts_the_estimate_it_settled():
    """715: 15 in all; of the second invoice all 15 go, of the estimate 3."""
    w1, history = settled_estimate()
    body = request(point(meter("W1", *w1, ("2024-12-31", 715))), period=Q4, billed=history, correct="I2")
    estimate, invoice = documents(body)
    assert (estimate["corrects"], m3(estimate)) == ("E1", -3)
    assert (invoice["corrects"], m3(invoice)) == ("I2", -15)


def test_later_documents_do_not_disturb():
    """A wrong reading between two quarters: one correction for each, together nothing."""
    readings = (("2024-06-30", 1234), ("2024-09-30", 1261), ("2024-12-31", 1290))
    first = issued(request(point(meter("W1", *readings[:2]))), "I1")
    second = issued(request(point(meter("W1", *readings)), period=Q4, billed=first), "I2")
    right = point(meter("W1", readings[0], ("2024-09-30", 1251), readings[2]))
    history = first + second
    (down,) = documents(request(right, billed=history, correct="I1"))
    (up,) = documents(request(right, period=Q4, billed=[*history, {"id": "K1", **down}], correct="I2"))
    assert (m3(down), m3(up)) == (-10, 10)
    assert (up["corrects"], up["period"]) == ("I2", {"from": Q4[0], "to": Q4[1]})


def test_the_period_is_that_of_the_document():
    """The request may be of a later quarter: what is corrected is the document's own."""
    body = request(
        point(meter("W1", ("2024-06-30", 1234), ("2024-09-30", 1251), ("2024-12-31", 1300))),
        period=Q4,
        billed=billed(),
        correct="I1",
    )
    (document,) = documents(body)
    assert (document["period"], m3(document)) == ({"from": Q3[0], "to": Q3[1]}, -10)


def test_a_contract_that_had_ended_earlier():
    """Ended on 20 August at 1250: 16 m³ instead of 27."""
    body = request(
        point(meter("W1", ("2024-06-30", 1234), ("2024-08-20", 1250), ("2024-09-30", 1261))),
        contract={"end": "2024-08-20"},
        billed=billed(),
        correct="I1",
    )
    (document,) = documents(body)
    assert m3(document) == -11


def test_several_documents_of_one_period():
    """Each of two points has an invoice of its own: the correction of one leaves the other alone."""
    p1 = point(meter("W1", ("2024-06-30", 1234), ("2024-09-30", 1261)))
    p2 = point(meter("W2", ("2024-06-30", 0), ("2024-09-30", 9)), id="P2")
    history = issued(request(p1), "I1") + issued(request(p2), "I2")
    right = (
        point(meter("W1", ("2024-06-30", 1234), ("2024-09-30", 1260))),
        point(meter("W2", ("2024-06-30", 0), ("2024-09-30", 4)), id="P2"),
    )
    (document,) = documents(request(*right, billed=history, correct="I1"))
    assert rows(document) == [("water", "P1", "V1", "-1", "-4.76"), ("sewage", "P1", "V1", "-1", "-8.78")]
    (document,) = documents(request(*right, billed=history, correct="I2"))
    assert (document["corrects"], rows(document, "water")) == ("I2", [("V1", "-5", "-23.80")])


def test_a_supplementary_invoice_of_the_same_period_counts():
    """27 on one invoice, 3 more on another of the same point: 26 are right, so −4."""
    history = billed()
    extra = {**billed(1237)[0], "id": "I1b"}
    extra["lines"] = [row for row in extra["lines"] if row["component"] != "subscription"]
    (document,) = documents(quarter(1260, billed=[*history, extra], correct="I1"))
    assert (document["corrects"], m3(document)) == ("I1", -4)


def test_an_invoice_taken_back_whole_may_be_billed_anew():
    first = billed()
    gone = {**first[0], "id": "K1", "kind": "correction", "corrects": "I1"}
    gone["lines"] = [
        {**row, "quantity": f"-{row['quantity']}", "net": f"-{row['net']}"} for row in first[0]["lines"]
    ]
    gone |= {key: f"-{first[0][key]}" for key in ("net", "vat", "gross")}
    (document,) = documents(quarter(1251, billed=[*first, gone]))
    assert (document["kind"], m3(document)) == ("invoice", 17)


def test_what_is_missing_today_is_missing_in_a_correction():
    body = request(point(meter("W1", ("2024-06-30", 1234))), billed=billed(), correct="I1")
    with pytest.raises(MissingReading):
        documents(body)


def test_an_unknown_document():
    with pytest.raises(BadRequest, match="X9, is not among the billed ones") as caught:
        documents(quarter(1251, billed=billed(), correct="X9"))
    assert caught.value.where == "correct"


def test_a_correction_without_its_invoice():
    lonely = documents(quarter(1251, billed=billed(), correct="I1"))[0]
    with pytest.raises(BadRequest, match="without the document itself") as caught:
        documents(quarter(1251, billed=[{"id": "K1", **lonely}], period=Q1_2025))
    assert caught.value.where == "billed[0].corrects"


def test_documents_that_correct_each_other():
    circle = [
        {**billed()[0], "id": a, "kind": "correction", "corrects": b} for a, b in (("A", "B"), ("B", "A"))
    ]
    with pytest.raises(BadRequest):
        documents(quarter(1251, billed=circle, correct="A"))


def test_subscription_per_day_is_corrected_by_the_two_amounts():
    """Per day 34.77; the contract had ended on 31 August: 23.18: the old amount goes, the new comes."""
    policy = {"subscription_time": "day"}
    w1 = (("2024-06-30", 5), ("2024-08-31", 5), ("2024-09-30", 5))
    first = issued(request(point(meter("W1", *w1)), policy=policy), "I1")
    body = request(
        point(meter("W1", *w1)), policy=policy, contract={"end": "2024-08-31"}, billed=first, correct="I1"
    )
    (document,) = documents(body)
    assert [(row["quantity"], row["price"]) for row in document["lines"]] == [("-1", "34.77"), ("1", "23.18")]
    assert document["net"] == "-11.59"


# Estimates that were settled since


def undercut_estimate():
    """40 m³ estimated for Q3, 33 in all by the reading of Q4: 7 given back. ``(meter, history)``"""
    w1 = meter("W1", ("2024-06-30", 100))
    guess = {"to": "2024-09-30", "days": 92, "m3": "40"}
    history = issued(request(point(w1, estimate=guess)), "E1")
    w1["readings"].append({"date": "2024-12-31", "value": "133", "source": "manual"})
    history += issued(request(point(w1), period=Q4, billed=history), "K1", "I2")
    return point(w1, estimate=guess), point(w1), history


def test_settled_estimate_is_not_estimated_again():
    """33 m³ stand: settling either document again changes nothing, as often as one asks."""
    third, fourth, history = undercut_estimate()
    assert [m3(document) for document in history] == [40, -7, 0]
    assert documents(request(third, billed=history, correct="E1")) == []
    assert documents(request(fourth, period=Q4, billed=history, correct="I2")) == []


def test_settled_estimate_is_priced_anew():
    """Another price of water: the 33 m³ that stand, not the 40 estimated; then nothing more."""
    third, _fourth, history = undercut_estimate()
    dear = tariff("V1/2", "2024-05-03", "2025-05-02", "5.00")
    body = {"correct": "E1", "tariffs": (dear,)}
    (document,) = documents(request(third, billed=history, **body))
    assert rows(document) == [
        ("water", "P1", "V1", "-33", "-157.08"),
        ("water", "P1", "V1/2", "33", "165.00"),
    ]
    assert documents(request(third, billed=[*history, {"id": "K2", **document}], **body)) == []


def test_settled_estimate_across_a_change_of_prices():
    """Cut by prices and undercut: each price keeps what stands of it."""
    w1 = meter("W1", ("2025-03-31", 100))
    guess = {"to": "2025-06-30", "days": 91, "m3": "40"}
    history = issued(request(point(w1, estimate=guess), period=Q2_2025), "E1")
    w1["readings"].append({"date": "2025-09-30", "value": "121", "source": "manual"})
    third = ("2025-07-01", "2025-09-30")
    history += issued(request(point(w1), period=third, billed=history), "K1", "I2")
    assert m3(history[0]) + m3(history[1]) == 21
    again = request(point(w1, estimate=guess), period=Q2_2025, billed=history, correct="E1")
    assert documents(again) == []


def test_an_estimate_that_nobody_settled_is_made_again():
    w1 = meter("W1", ("2024-06-30", 100))
    first = {"to": "2024-09-30", "days": 92, "m3": "40"}
    history = issued(request(point(w1, estimate=first)), "E1")
    more = point(w1, estimate={**first, "m3": "46"})
    (document,) = documents(request(more, billed=history, correct="E1"))
    assert m3(document) == 6


def test_a_reading_of_the_period_settles_what_a_later_one_had_settled():
    """25 of the 33 m³ were used in Q3, says a reading that came late: 8 go from its invoice to the next one."""
    _third, _fourth, history = undercut_estimate()
    known = point(meter("W1", ("2024-06-30", 100), ("2024-09-30", 125), ("2024-12-31", 133)))
    (down,) = documents(request(known, billed=history, correct="E1"))
    (up,) = documents(request(known, period=Q4, billed=[*history, {"id": "K2", **down}], correct="I2"))
    assert (m3(down), m3(up)) == (-8, 8)


def test_a_reading_mended_below_one_that_came_late():
    """Billed to the 28th (1261); the 30th shows 1261 too. The 28th was 1240: nobody owes more or less, now or next quarter."""
    early = meter("W1", ("2024-06-30", 1234), ("2024-09-28", 1261))
    billed = issued(request(point(early)), "I1")
    late = meter("W1", ("2024-06-30", 1234), ("2024-09-28", 1261), ("2024-09-30", 1261), ("2024-12-31", 1270))
    billed += issued(request(point(late), period=Q4, billed=billed), "I2")
    assert rows(billed[1])[0] == ("water", "P1", "V1", "9", "42.84")
    mended = meter(
        "W1", ("2024-06-30", 1234), ("2024-09-28", 1240), ("2024-09-30", 1261), ("2024-12-31", 1270)
    )
    assert documents(request(point(mended), billed=billed, correct="I1")) == []
    assert documents(request(point(mended), period=Q4, billed=billed, correct="I2")) == []


def test_a_correction_bears_the_rate_of_what_it_corrects():
    """Billed at 8 %, corrected when the rate is 23 %: −135.40 × 8 % = −10.83, not −31.14; the next one goes on at 8 %."""
    first = billed()
    (down,) = documents(quarter(1251, billed=first, correct="I1", vat_rate="23"))
    assert sums(down) == ("-135.40", "-10.83", "-146.23")
    history = [*first, {"id": "K1", **down}]
    (up,) = documents(quarter(1266, billed=history, correct="K1", vat_rate="23"))
    assert sums(up) == ("203.10", "16.25", "219.35")


def test_a_billed_document_that_tells_no_rate_takes_that_of_the_request():
    first = [{name: value for name, value in billed()[0].items() if name != "vat_rate"}]
    (document,) = documents(quarter(1251, billed=first, correct="I1", vat_rate="23"))
    assert sums(document) == ("-135.40", "-31.14", "-166.54")
