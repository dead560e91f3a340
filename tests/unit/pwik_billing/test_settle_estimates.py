"""Estimates, and what the next reading makes of them."""

import pytest
from billing_requests import (
    Q1_2025,
    Q2_2025,
    Q3,
    Q4,
    V2,
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
    trimmed,
)
from pwik_billing.domain import BadRequest, MissingReading

JUNE = ("2024-06-30", 700)
GUESS = {"to": "2024-09-30", "days": 91, "m3": "18"}


def w1(*readings, **more):
    return meter("W1", *readings, **more)


def q3_estimated(id="E1"):
    """18 m³ / 91 days × 92 days = 18.198 → 18; estimated value 718."""
    return issued(request(point(w1(JUNE), estimate=GUESS)), id)


def q4(*readings, billed, **more):
    return documents(request(point(w1(JUNE, *readings)), period=Q4, billed=billed, **more))


def test_the_estimate_says_so():
    (document,) = q3_estimated()
    water = line(document, "water")
    assert (water["method"], water["from"], water["to"], water["days"]) == (
        "estimate",
        "2024-07-01",
        "2024-09-30",
        92,
    )
    assert "18 m³ w poprzednim okresie / 91 dni × 92 dni = 18 m³" in water["how"]


@pytest.mark.parametrize(
    ("m3_before", "expected"), [("18", 18), ("1", 1), ("0", 0), ("91", 92), ("45", 45), ("46", 47)]
)
def test_the_estimate_is_whole_half_up(m3_before, expected):
    """46 × 92 / 91 = 46.505… → 47; 45 × 92 / 91 = 45.49… → 45."""
    (document,) = documents(request(point(w1(JUNE), estimate={**GUESS, "m3": m3_before})))
    assert m3(document) == expected


def test_the_days_run_from_the_last_reading():
    """The last reading was on 26 June: 96 days to bill: 18 × 96 / 91 = 18.99 → 19."""
    (document,) = documents(request(point(w1(("2024-06-26", 700)), estimate=GUESS)))
    assert (m3(document), line(document, "water")["days"]) == (19, 96)


def test_a_reading_makes_the_estimate_superfluous():
    body = request(point(w1(JUNE, ("2024-09-30", 711)), estimate=GUESS))
    (document,) = documents(body)
    assert (m3(document), line(document, "water")["method"]) == (11, "reading")


def test_what_was_read_counts_and_the_rest_is_estimated():
    """7 m³ up to 31 July; 61 days to come: 18 × 61 / 91 = 12.07 → 12; together 19."""
    (document,) = documents(request(point(w1(JUNE, ("2024-07-31", 707)), estimate=GUESS)))
    water = line(document, "water")
    assert (m3(document), water["method"], water["days"]) == (19, "estimate", 92)


def test_an_exchange_and_then_an_estimate():
    """13 m³ on the old meter; 47 days from 15 August: 18 × 47 / 91 = 9.30 → 9; together 22."""
    old = w1(JUNE, ("2024-08-14", 713, "exchange"), end="2024-08-14")
    new = meter("W2", ("2024-08-14", 2, "exchange"), start="2024-08-14")
    (document,) = documents(request(point(old, new, estimate=GUESS)))
    assert m3(document) == 22


def test_the_first_interval_of_a_contract_estimated():
    """From 15 August, its opening reading included: 47 days: 9.30 → 9."""
    body = request(point(w1(("2024-08-15", 700)), estimate=GUESS), contract={"start": "2024-08-15"})
    (document,) = documents(body)
    assert (m3(document), line(document, "water")["days"]) == (9, 47)


def test_an_estimate_up_to_the_end_of_the_contract():
    """51 days to 20 August: 18 × 51 / 91 = 10.09 → 10."""
    (document,) = documents(request(point(w1(JUNE), estimate=GUESS), contract={"end": "2024-08-20"}))
    assert (m3(document), line(document, "water")["to"]) == (10, "2024-08-20")


def test_an_estimated_value_closes_as_well():
    (document,) = documents(request(point(w1(JUNE, ("2024-09-30", 718, "estimate")))))
    assert (m3(document), line(document, "water")["method"]) == (18, "estimate")


def test_an_estimate_outside_the_period():
    for to in ("2024-06-30", "2024-10-01"):
        with pytest.raises(BadRequest, match="outside the period") as caught:
            documents(request(point(w1(JUNE), estimate={**GUESS, "to": to})))
        assert caught.value.where == "points[0].estimate.to"


def test_price_change_under_an_estimate():
    """18 / 90 × 91 = 18.2 → 18; 18 × 32 / 91 = 6.33 → 6, 12."""
    body = request(
        point(w1(("2025-03-31", 700)), estimate={"to": "2025-06-30", "days": 90, "m3": "18"}), period=Q2_2025
    )
    (document,) = documents(body)
    assert rows(document, "water") == [("V1", "6", "28.56"), ("V2", "12", "60.72")]


# Settled by a reading


@pytest.mark.parametrize("cut", [list, trimmed])
@pytest.mark.parametrize("value", [(("2024-09-30", 718, "estimate"),), ()])
def test_the_reading_settles_what_was_estimated(cut, value):
    """33 used in both, 18 billed: 15 left, with or without the estimated value among the readings."""
    (document,) = q4(*value, ("2024-12-31", 733), billed=cut(q3_estimated()))
    assert (document["kind"], sums(document)) == ("invoice", ("227.22", "18.18", "245.40"))
    water = line(document, "water")
    assert (water["from"], water["to"]) == ("2024-10-01", "2024-12-31")
    assert "zafakturowano wcześniej według szacunku 18 m³, pozostaje 15 m³" in water["how"]


def test_the_estimated_value_alone_is_enough():
    """The billed document is not given: 733 − 718."""
    (document,) = q4(("2024-09-30", 718, "estimate"), ("2024-12-31", 733), billed=[])
    assert m3(document) == 15


def test_what_was_billed_decides_not_the_value_written_down():
    (document,) = q4(("2024-09-30", 720, "estimate"), ("2024-12-31", 733), billed=q3_estimated())
    assert m3(document) == 15


@pytest.mark.parametrize("cut", [list, trimmed])
@pytest.mark.parametrize("value", [(("2024-09-30", 718, "estimate"),), ()])
def test_a_reading_below_the_estimate(cut, value):
    """15 used in both quarters, 18 billed: −3 × 4.76 = −14.28; −3 × 8.78 = −26.34; −40.62; VAT −3.2496 → −3.25."""
    correction, invoice = q4(*value, ("2024-12-31", 715), billed=cut(q3_estimated()))
    assert (correction["kind"], correction["corrects"]) == ("correction", "E1")
    assert correction["period"] == {"from": Q3[0], "to": Q3[1]}
    assert rows(correction) == [("water", "P1", "V1", "-3", "-14.28"), ("sewage", "P1", "V1", "-3", "-26.34")]
    assert sums(correction) == ("-40.62", "-3.25", "-43.87")
    assert (line(correction, "water")["before"], line(correction, "water")["after"]) == ("18", "15")
    assert (invoice["kind"], invoice["corrects"]) == ("invoice", None)
    assert invoice["period"] == {"from": Q4[0], "to": Q4[1]}
    assert rows(invoice) == [("subscription", "P1", "main", "1", "24.12")]


def test_a_reading_at_the_estimate():
    (document,) = q4(("2024-12-31", 718), billed=q3_estimated())
    assert rows(document) == [("subscription", "P1", "main", "1", "24.12")]


def test_nothing_was_used_at_all():
    """All 18 come back."""
    correction, invoice = q4(("2024-12-31", 700), billed=q3_estimated())
    assert m3(correction) == -18
    assert sums(invoice) == ("24.12", "1.93", "26.05")


def test_below_the_estimate_without_the_document_to_correct():
    with pytest.raises(BadRequest, match="lies below the estimate") as caught:
        q4(("2024-09-30", 718, "estimate"), ("2024-12-31", 715), billed=[])
    assert caught.value.where == "billed"


def test_after_the_correction_the_new_reading_is_where_it_goes_on():
    first = q3_estimated()
    correction, invoice = q4(("2024-12-31", 715), billed=first)
    billed = [*first, {"id": "C1", **correction}, {"id": "I2", **invoice}]
    for history in (billed, trimmed(billed)):
        body = request(
            point(w1(JUNE, ("2024-12-31", 715), ("2025-03-31", 731))), period=Q1_2025, billed=history
        )
        (document,) = documents(body)
        assert m3(document) == 16
        assert line(document, "water")["from"] == "2025-01-01"


def two_estimates():
    """Two estimated quarters: 18, then 18 / 91 × 92 = 18.2 → 18 more."""
    first = q3_estimated()
    guess = {**GUESS, "to": "2024-12-31"}
    for readings in ((JUNE,), (JUNE, ("2024-09-30", 718, "estimate"))):
        second = issued(request(point(w1(*readings), estimate=guess), period=Q4, billed=first), "E2")
        assert m3(second[0]) == 18
        assert line(second[0], "water")["days"] == 92
    return first + second


@pytest.mark.parametrize("cut", [list, trimmed])
def test_two_estimates_in_a_row_settled_by_one_reading(cut):
    """60 used, 36 billed: 24 left."""
    body = request(point(w1(JUNE, ("2025-03-31", 760))), period=Q1_2025, billed=cut(two_estimates()))
    (document,) = documents(body)
    assert (m3(document), line(document, "water")["from"]) == (24, "2025-01-01")


@pytest.mark.parametrize("cut", [list, trimmed])
def test_two_estimates_undercut_give_back_the_last_first(cut):
    """25 used, 36 billed: −11 of the second. 10 used: all 18 of the second, 8 of the first."""
    body = request(point(w1(JUNE, ("2025-03-31", 725))), period=Q1_2025, billed=cut(two_estimates()))
    correction, invoice = documents(body)
    assert (correction["corrects"], m3(correction), m3(invoice)) == ("E2", -11, 0)
    body = request(point(w1(JUNE, ("2025-03-31", 710))), period=Q1_2025, billed=cut(two_estimates()))
    first, second, invoice = documents(body)
    assert [(first["corrects"], m3(first)), (second["corrects"], m3(second))] == [("E1", -8), ("E2", -18)]
    assert m3(invoice) == 0


def test_an_estimate_after_an_estimate_with_a_reading_between():
    """40 days after the first estimate it was read: 25 used by 9 November, 18 billed; 52 days to come: 10.29 → 10; 17."""
    body = request(
        point(w1(JUNE, ("2024-11-09", 725)), estimate={**GUESS, "to": "2024-12-31"}),
        period=Q4,
        billed=q3_estimated(),
    )
    (document,) = documents(body)
    assert m3(document) == 17
    assert line(document, "water")["from"] == "2024-10-01"


def test_an_exchange_after_an_estimate():
    """720 − 700 on the old, 9 on the new: 29, less 18."""
    old = w1(JUNE, ("2024-11-10", 720, "exchange"), end="2024-11-10")
    new = meter("W2", ("2024-11-10", 2, "exchange"), ("2024-12-31", 11), start="2024-11-10")
    (document,) = documents(request(point(old, new), period=Q4, billed=q3_estimated()))
    assert m3(document) == 11


def test_an_exchange_within_the_estimated_period_that_became_known_later():
    """713 − 700 on the old; 12 on the new since 14 August: 25, less 18."""
    old = w1(JUNE, ("2024-08-14", 713, "exchange"), end="2024-08-14")
    new = meter("W2", ("2024-08-14", 2, "exchange"), ("2024-12-31", 14), start="2024-08-14")
    (document,) = documents(request(point(old, new), period=Q4, billed=q3_estimated()))
    assert (m3(document), line(document, "water")["from"]) == (7, "2024-10-01")


def test_a_reading_of_the_estimated_day_that_came_late():
    """Read at 710 on 30 September after 718 were estimated: what is billed in the end is 33 in all."""
    (document,) = q4(("2024-09-30", 710), ("2024-12-31", 733), billed=q3_estimated())
    assert m3(document) == 15


def test_rollover_under_an_estimate():
    """From 99990: 18 estimated, 20 at the end of the year: 30 used, 12 left."""
    first = issued(request(point(w1(("2024-06-30", 99990)), estimate=GUESS)), "E1")
    body = request(point(w1(("2024-06-30", 99990), ("2024-12-31", 20))), period=Q4, billed=first)
    (document,) = documents(body)
    assert m3(document) == 12


def test_price_change_when_the_estimate_is_settled():
    """Estimated to 31 March, read at the end of June: 15 left, shared by the days since: 15 × 32 / 91 = 5.27 → 5, 10."""
    guess = {"to": "2025-03-31", "days": 92, "m3": "18"}  # 18 / 92 × 90 = 17.6 → 18
    first = issued(request(point(w1(("2024-12-31", 700)), estimate=guess), period=Q1_2025), "E1")
    body = request(point(w1(("2024-12-31", 700), ("2025-06-30", 733))), period=Q2_2025, billed=first)
    (document,) = documents(body)
    assert rows(document, "water") == [("V1", "5", "23.80"), ("V2", "10", "50.60")]
    between = request(
        point(w1(("2024-12-31", 700), ("2025-05-02", 729), ("2025-06-30", 733))), period=Q2_2025, billed=first
    )
    (document,) = documents(between)
    # read on the last day of the old price: 29 − 18 = 11 up to then, 4 after
    assert [row[1] for row in rows(document, "water")] == ["11", "4"]


@pytest.mark.parametrize("cut", [list, trimmed])
def test_an_undercut_estimate_with_two_prices(cut):
    """Billed 6 and 12; 10 used: 10 × 32 / 91 = 3.52 → 4, 6: −2 and −6 of each."""
    guess = {"to": "2025-06-30", "days": 90, "m3": "18"}
    first = issued(request(point(w1(("2025-03-31", 700)), estimate=guess), period=Q2_2025), "E1")
    body = request(
        point(w1(("2025-03-31", 700), ("2025-09-30", 710))),
        period=("2025-07-01", "2025-09-30"),
        billed=cut(first),
    )
    correction, invoice = documents(body)
    assert rows(correction) == [
        ("water", "P1", "V1", "-2", "-9.52"),
        ("water", "P1", "V2", "-6", "-30.36"),
        ("sewage", "P1", "V1", "-2", "-17.56"),
        ("sewage", "P1", "V2", "-6", "-54.84"),
    ]
    # −112.28 × 8 % = −8.9824
    assert sums(correction) == ("-112.28", "-8.98", "-121.26")
    assert rows(invoice) == [("subscription", "P1", "main", "1", "24.12")]


def test_an_undercut_estimate_at_a_price_that_is_gone():
    """The request knows V2 only; the document says itself at what price it was billed."""
    guess = {"to": "2025-03-31", "days": 92, "m3": "18"}
    first = issued(request(point(w1(("2024-12-31", 700)), estimate=guess), period=Q1_2025), "E1")
    late = {**V2, "from": "2025-04-01"}
    body = request(
        point(w1(("2024-12-31", 700), ("2025-06-30", 710))),
        period=Q2_2025,
        billed=trimmed(first),
        tariffs=(late,),
    )
    correction, _invoice = documents(body)
    assert rows(correction, "water") == [("V1", "-8", "-38.08")]


# With a garden


def test_garden_read_when_the_main_meter_was_not():
    """Estimated water 18, garden 12 read: sewage 6. Then 33 used, garden 20: water 15; sewage 33 − 20 − 6 = 7."""
    plot = (("2024-06-30", 100), ("2024-09-30", 112))
    first = issued(request(point(w1(JUNE), garden(*plot), estimate=GUESS)), "E1")
    assert (m3(first[0]), m3(first[0], "sewage")) == (18, 6)
    body = request(
        point(w1(JUNE, ("2024-12-31", 733)), garden(*plot, ("2024-12-31", 120))), period=Q4, billed=first
    )
    (document,) = documents(body)
    assert (m3(document), m3(document, "sewage")) == (15, 7)


def test_garden_unread_like_the_main_meter_is_deducted_by_its_next_reading():
    """Estimated 18 and 18; then 33 used, garden 12: water 15; sewage 21 − 18 = 3."""
    first = issued(request(point(w1(JUNE), garden(("2024-06-30", 100)), estimate=GUESS)), "E1")
    assert (m3(first[0]), m3(first[0], "sewage")) == (18, 18)
    assert "odliczenie nastąpi przy najbliższym odczycie" in line(first[0], "sewage")["how"]
    plots = garden(("2024-06-30", 100), ("2024-12-31", 112))
    (document,) = documents(request(point(w1(JUNE, ("2024-12-31", 733)), plots), period=Q4, billed=first))
    assert (m3(document), m3(document, "sewage")) == (15, 3)


def test_a_garden_can_undercut_the_sewage_alone():
    """33 used, garden 20: sewage 13, but 18 were billed: −5; the water goes on with 15."""
    first = issued(request(point(w1(JUNE), garden(("2024-06-30", 100)), estimate=GUESS)), "E1")
    plots = garden(("2024-06-30", 100), ("2024-12-31", 120))
    correction, invoice = documents(
        request(point(w1(JUNE, ("2024-12-31", 733)), plots), period=Q4, billed=first)
    )
    assert rows(correction) == [("sewage", "P1", "V1", "-5", "-43.90")]
    assert rows(invoice, "water") == [("V1", "15", "71.40")]
    assert rows(invoice, "sewage") == []


def test_garden_still_unread_when_the_main_meter_is_settled():
    first = issued(request(point(w1(JUNE), garden(("2024-06-30", 100)), estimate=GUESS)), "E1")
    body = request(point(w1(JUNE, ("2024-12-31", 733)), garden(("2024-06-30", 100))), period=Q4, billed=first)
    with pytest.raises(MissingReading, match="G1 has no closing reading"):
        documents(body)


def test_an_estimated_garden_value_is_settled_too():
    """Water 20 and 13; garden estimated at 12, then 5 in all: sewage 20 − 12 = 8, then 13 + 7 = 20; together 33 − 5."""
    plots = (("2024-06-30", 100), ("2024-09-30", 112, "estimate"))
    first = issued(request(point(w1(JUNE, ("2024-09-30", 720)), garden(*plots))), "I1")
    assert m3(first[0], "sewage") == 8
    body = request(
        point(w1(JUNE, ("2024-09-30", 720), ("2024-12-31", 733)), garden(*plots, ("2024-12-31", 105))),
        period=Q4,
        billed=first,
    )
    (document,) = documents(body)
    assert (m3(document), m3(document, "sewage")) == (13, 20)


# Several points, other histories


def test_one_point_estimated_the_other_read():
    p1, p2 = w1(JUNE), meter("W2", ("2024-06-30", 10), ("2024-09-30", 20))
    first = issued(request(point(p1, estimate=GUESS), point(p2, id="P2")), "E1")
    assert [row[3] for row in rows(first[0]) if row[0] == "water"] == ["18", "10"]
    p1, p2 = (
        w1(JUNE, ("2024-12-31", 712)),
        meter("W2", ("2024-06-30", 10), ("2024-09-30", 20), ("2024-12-31", 45)),
    )
    correction, invoice = documents(request(point(p1), point(p2, id="P2"), period=Q4, billed=first))
    assert rows(correction, "water") == [("V1", "-6", "-28.56")]
    assert [row[1:4:2] for row in rows(invoice) if row[0] == "water"] == [("P2", "25")]


@pytest.mark.parametrize("cut", [list, trimmed])
@pytest.mark.parametrize("order", [1, -1])
def test_another_points_invoice_of_the_same_period_settles_nothing(cut, order):
    other = meter("W2", ("2024-06-30", 10), ("2024-09-30", 20), ("2024-12-31", 45))
    history = (q3_estimated() + issued(request(point(other, id="P2")), "I2"))[::order]
    body = request(
        point(w1(JUNE, ("2024-12-31", 733))), point(other, id="P2"), period=Q4, billed=cut(history)
    )
    (document,) = documents(body)
    assert [row[1:4:2] for row in rows(document) if row[0] == "water"] == [("P1", "15"), ("P2", "25")]


def test_a_document_billed_by_readings_is_not_taken_off():
    first = issued(request(point(w1(JUNE, ("2024-09-30", 720)))), "I1")
    for billed in (first, trimmed(first)):
        (document,) = q4(("2024-09-30", 720), ("2024-12-31", 733), billed=billed)
        assert m3(document) == 13


def test_after_a_broken_meter_the_new_one_opens():
    first = issued(request(point(w1(JUNE), broken={"months": 3, "before": ["9", "10", "11"]})), "A1")
    old = w1(JUNE, ("2024-10-05", 700, "exchange"), end="2024-10-05")
    new = meter("W2", ("2024-10-05", 0, "exchange"), ("2024-12-31", 25), start="2024-10-05")
    (document,) = documents(request(point(old, new), period=Q4, billed=first))
    assert m3(document) == 25


def test_after_a_broken_meter_its_old_value_does_not_open():
    first = issued(request(point(w1(JUNE), broken={"months": 3, "before": ["9", "10", "11"]})), "A1")
    with pytest.raises(MissingReading, match="billed by average up to 2024-09-30"):
        q4(("2024-12-31", 733), billed=first)


def test_an_estimated_end_value_of_a_meter_taken_off_is_final():
    """Nobody will read it again: 13 (estimated) + 9, and nothing is settled later."""
    old = w1(JUNE, ("2024-08-14", 713, "estimate"), end="2024-08-14")
    new = meter(
        "W2", ("2024-08-14", 2, "exchange"), ("2024-09-30", 11), ("2024-12-31", 20), start="2024-08-14"
    )
    first = issued(request(point(old, new)), "I1")
    assert (m3(first[0]), line(first[0], "water")["method"]) == (22, "reading")
    (document,) = documents(request(point(old, new), period=Q4, billed=first))
    assert m3(document) == 9


@pytest.mark.parametrize("cut", [list, trimmed])
def test_a_new_meter_alone_tells_nothing_of_what_was_billed_before(cut):
    """The old meter, billed up to its end on 30 September, is not in the request any more."""
    first = issued(request(point(w1(JUNE, ("2024-09-30", 727, "exchange"), end="2024-09-30"))), "I1")
    for day in ("2024-09-30", "2024-10-05"):
        new = meter("W2", (day, 0, "exchange"), ("2024-12-31", 25), start=day)
        (document,) = documents(request(point(new), period=Q4, billed=cut(first)))
        assert m3(document) == 25


def test_a_stray_estimate_does_not_open_after_a_reading():
    """Billed by the reading of 27 September; an estimate written down for the 30th was never billed."""
    first = issued(request(point(w1(JUNE, ("2024-09-27", 725)))), "I1")
    (document,) = q4(("2024-09-27", 725), ("2024-09-30", 726, "estimate"), ("2024-12-31", 740), billed=first)
    assert m3(document) == 15


def test_an_estimate_whose_beginning_and_end_are_unknown():
    """Read 707 on 31 July, the rest estimated; the value before and the estimated one are not given: no guess."""
    first = issued(request(point(w1(JUNE, ("2024-07-31", 707)), estimate=GUESS)), "E1")
    body = request(point(w1(("2024-07-31", 707), ("2024-12-31", 733))), period=Q4, billed=first)
    with pytest.raises(MissingReading, match="W1 has no opening reading for 2024-06-30"):
        documents(body)


def test_an_estimate_of_nothing_is_settled_as_well():
    """Estimated at 18; exchanged at 700 and estimated again, nothing is left to bill; at the end 5 are used, 13 come back."""
    first = q3_estimated()
    old = w1(JUNE, ("2024-11-15", 700, "exchange"), end="2024-11-15")
    new = meter("W2", ("2024-11-15", 0, "exchange"), ("2025-03-31", 5), start="2024-11-15")
    guess = {"to": "2024-12-31", "days": 46, "m3": "18"}  # 46 days: 18
    second = issued(request(point(old, new, estimate=guess), period=Q4, billed=first), "E2")
    assert rows(second[0]) == [("subscription", "P1", "main", "1", "24.12")]
    assert second[0]["estimated"] == ["P1"]
    correction, invoice = documents(request(point(old, new), period=Q1_2025, billed=first + second))
    assert (correction["corrects"], m3(correction), m3(invoice)) == ("E1", -13, 0)


def test_a_period_that_is_billed_already():
    first = q3_estimated()
    with pytest.raises(BadRequest, match="E1 bills 2024-07-01 to 2024-09-30 already"):
        documents(request(point(w1(JUNE, ("2024-09-30", 720))), billed=first))
