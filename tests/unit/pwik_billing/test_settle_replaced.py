"""Quantities that no meter gave: broken meter, lump sum by norms; and what is behind or beside the main meter."""

import pytest
from billing_requests import Q4, documents, garden, issued, line, m3, meter, point, request, rows, sums
from pwik_billing.domain import BadRequest, Implausible, MissingReading

STUCK = meter("W1", ("2024-06-30", 1000), ("2024-09-30", 1000))


def broken(**basis):
    (document,) = documents(request(point(STUCK, broken=basis)))
    return document


def test_mean_of_the_months_before():
    """(9 + 10 + 11) / 3 × 3 = 30: 30×4.76 = 142.80; 30×8.78 = 263.40; + 24.12 = 430.32; VAT 34.4256."""
    document = broken(months=3, before=["9", "10", "11"], year_before="99", last_year="999")
    assert rows(document) == [
        ("water", "P1", "V1", "30", "142.80"),
        ("sewage", "P1", "V1", "30", "263.40"),
        ("subscription", "P1", "main", "1", "24.12"),
    ]
    assert sums(document) == ("430.32", "34.43", "464.75")
    assert line(document, "water")["method"] == "average"
    assert "(9 + 10 + 11) / 3 × 3 miesiące = 30 m³" in line(document, "water")["how"]


def test_multiplied_first_then_rounded():
    """31 × 2 / 3 = 20.67 → 21; the rounded mean 10 × 2 would be 20."""
    assert m3(broken(months=2, before=["10", "10", "11"])) == 21


def test_half_up():
    """(1 + 2 + 2) / 3 × 1.5 = 2.5 → 3."""
    assert m3(broken(months="1.5", before=["1", "2", "2"])) == 3


def test_the_same_period_of_the_year_before():
    assert m3(broken(months=3, before=[], year_before="28", last_year="999")) == 28


def test_a_year_before_of_zero_counts():
    assert m3(broken(months=3, before=[], year_before="0", last_year="999")) == 0


def test_the_monthly_mean_of_last_year():
    """130 / 12 × 3 = 32.5 → 33."""
    assert m3(broken(months=3, before=[], year_before=None, last_year="130")) == 33
    assert m3(broken(months=3, last_year="130")) == 33


def test_no_history_is_an_error():
    with pytest.raises(MissingReading, match="a broken meter needs") as caught:
        broken(months=3, before=[], year_before=None, last_year=None)
    assert caught.value.where == "points[0].broken"


def test_the_readings_of_the_broken_meter_do_not_count():
    for readings in ((), (("2024-06-30", 1000),), (("2024-06-30", 1000), ("2024-09-30", 1005))):
        (document,) = documents(
            request(point(meter("W1", *readings), broken={"months": 3, "before": ["9", "10", "11"]}))
        )
        assert m3(document) == 30


def test_the_meter_put_on_instead_counts_by_its_readings():
    """Two months by average, (9 + 10 + 11) / 3 × 2 = 20, then 12 m³ on the new meter."""
    old = meter("W1", ("2024-06-30", 1000), ("2024-08-31", 1000, "exchange"), end="2024-08-31")
    new = meter("W2", ("2024-08-31", 3, "exchange"), ("2024-09-30", 15), start="2024-08-31")
    (document,) = documents(request(point(old, new, broken={"months": 2, "before": ["9", "10", "11"]})))
    assert m3(document) == 20 + 12
    assert rows(document, "subscription") == [("main", "1", "24.12")]


def test_broken_meter_with_a_garden():
    body = request(
        point(
            STUCK,
            garden(("2024-06-30", 120), ("2024-09-30", 132)),
            broken={"months": 3, "before": ["9", "10", "11"]},
        )
    )
    (document,) = documents(body)
    assert (m3(document), m3(document, "sewage")) == (30, 18)


# Lump sum


def test_lump_sum_is_rounded_like_any_quantity():
    """1 × 2.5 × 3 = 7.5 → 8 whole, 7.500 by three decimals."""
    norm = {"persons": 1, "norm": "2.5", "months": 3}
    (document,) = documents(request(point(lump_sum=norm)))
    assert m3(document) == 8
    (document,) = documents(request(point(lump_sum=norm), policy={"quantity": "decimal3"}))
    assert rows(document, "water") == [("V1", "7.500", "35.70")]


def test_lump_sum_says_how():
    (document,) = documents(request(point(lump_sum={"persons": 3, "norm": "3.0", "months": 3})))
    assert line(document, "water")["method"] == "lump_sum"
    assert "3 os. × 3 m³ × 3 miesiące = 27 m³" in line(document, "water")["how"]


def test_lump_sum_of_nobody_is_the_subscription():
    (document,) = documents(request(point(lump_sum={"persons": 0, "norm": "3.0", "months": 3})))
    assert rows(document) == [("subscription", "P1", "unmetered", "1", "21.06")]


def test_a_meter_that_was_there_once_does_not_make_the_point_metered():
    old = meter("W1", ("2024-03-31", 1), ("2024-05-31", 2), end="2024-05-31")
    (document,) = documents(request(point(old, lump_sum={"persons": 3, "norm": "3.0", "months": 3})))
    assert rows(document, "subscription") == [("unmetered", "1", "21.06")]


# Main minus units


def test_the_manager_pays_what_the_units_do_not():
    """100 − (12 + 20 + 33) = 35, water and sewage."""
    main = meter("W1", ("2024-06-30", 5000), ("2024-09-30", 5100))
    (document,) = documents(request(point(main, units_m3=["12", "20", "33"])))
    assert (m3(document), m3(document, "sewage")) == (35, 35)
    assert "100 m³ − lokale 65 m³ = 35 m³" in line(document, "water")["how"]


def test_units_as_much_as_the_main_meter():
    main = meter("W1", ("2024-06-30", 5000), ("2024-09-30", 5100))
    (document,) = documents(request(point(main, units_m3=["60", "40"])))
    assert [row[0] for row in rows(document)] == ["subscription"]


def test_a_main_meter_below_its_units_is_a_finding():
    main = meter("W1", ("2024-06-30", 5000), ("2024-09-30", 5100))
    with pytest.raises(Implausible, match="measured 100 m³, its units 101 m³") as caught:
        documents(request(point(main, units_m3=["60", "41"])))
    assert caught.value.where == "points[0].units_m3"


def test_no_units_behind_it():
    main = meter("W1", ("2024-06-30", 5000), ("2024-09-30", 5100))
    (document,) = documents(request(point(main, units_m3=[])))
    assert m3(document) == 100


def test_units_and_garden():
    """100 − 65 = 35; sewage 35 − 5 = 30."""
    main = meter("W1", ("2024-06-30", 5000), ("2024-09-30", 5100))
    (document,) = documents(
        request(point(main, garden(("2024-06-30", 0), ("2024-09-30", 5)), units_m3=["12", "20", "33"]))
    )
    assert (m3(document), m3(document, "sewage")) == (35, 30)


def test_a_unit_with_its_own_contract():
    """12 × 4.76 = 57.12; 12 × 8.78 = 105.36; 5.33; net 167.81; VAT 13.4248."""
    unit = meter("L1", ("2024-06-30", 10), ("2024-09-30", 22), purpose="unit")
    (document,) = documents(request(point(unit, kind="unit")))
    assert rows(document, "subscription") == [("unit", "1", "5.33")]
    assert sums(document) == ("167.81", "13.42", "181.23")


def test_main_and_unit_meters_on_one_point_are_refused():
    unit = meter("L1", ("2024-06-30", 10), ("2024-09-30", 22), purpose="unit")
    with pytest.raises(BadRequest, match="main and unit meters"):
        documents(request(point(STUCK, unit)))


# Garden, devices, services


def test_the_garden_never_takes_the_sewage_below_zero():
    body = request(
        point(
            meter("W1", ("2024-06-30", 500), ("2024-09-30", 510)),
            garden(("2024-06-30", 0), ("2024-09-30", 12)),
        )
    )
    (document,) = documents(body)
    assert m3(document) == 10
    assert rows(document, "sewage") == []
    assert rows(document, "subscription") == [("main", "1", "24.12"), ("deduction", "1", "3.06")]


def test_two_gardens_and_an_exchanged_one():
    """45 − (12 + 3 + 4) = 26; two places, so two subscriptions of additional meters."""
    gardens = (
        garden(("2024-06-30", 120), ("2024-09-30", 132)),
        garden(("2024-06-30", 7), ("2024-07-31", 10, "exchange"), id="G2", end="2024-07-31"),
        garden(("2024-07-31", 0, "exchange"), ("2024-09-30", 4), id="G3", start="2024-07-31"),
    )
    (document,) = documents(request(point(meter("W1", ("2024-06-30", 500), ("2024-09-30", 545)), *gardens)))
    assert m3(document, "sewage") == 26
    assert rows(document, "subscription") == [("main", "1", "24.12"), ("deduction", "2", "6.12")]


def test_a_garden_meter_put_in_during_the_period():
    added = garden(("2024-08-01", 3, "exchange"), ("2024-09-30", 8), start="2024-08-01")
    (document,) = documents(request(point(meter("W1", ("2024-06-30", 500), ("2024-09-30", 545)), added)))
    assert m3(document, "sewage") == 40


def test_a_device_measures_the_sewage_itself():
    """Nothing is taken off for the garden: that water never reached the device."""
    device = meter("S1", ("2024-06-30", 50), ("2024-09-30", 71), purpose="sewage")
    plot = garden(("2024-06-30", 0), ("2024-09-30", 12))
    (document,) = documents(
        request(point(meter("W1", ("2024-06-30", 500), ("2024-09-30", 545)), device, plot))
    )
    assert (m3(document), m3(document, "sewage")) == (45, 21)
    assert "Urządzenie pomiarowe ścieków" in line(document, "sewage")["how"]
    assert rows(document, "subscription") == [("main", "1", "24.12"), ("deduction", "1", "3.06")]


def test_sewage_alone_by_a_device():
    device = meter("S1", ("2024-06-30", 50), ("2024-09-30", 71), purpose="sewage")
    (document,) = documents(request(point(device), contract={"services": ["sewage"]}))
    assert [row[:1] + row[3:4] for row in rows(document)] == [("sewage", "21"), ("subscription", "1")]


def test_sewage_alone_from_an_own_well():
    body = request(
        point(meter("W1", ("2024-06-30", 500), ("2024-09-30", 545))), contract={"services": ["sewage"]}
    )
    (document,) = documents(body)
    assert [row[:1] + row[3:4] for row in rows(document)] == [("sewage", "45"), ("subscription", "1")]


def test_water_alone_needs_no_reading_of_the_garden():
    body = request(
        point(meter("W1", ("2024-06-30", 500), ("2024-09-30", 545)), garden(("2024-06-30", 0))),
        contract={"services": ["water"]},
    )
    (document,) = documents(body)
    assert [row[0] for row in rows(document)] == ["water", "subscription", "subscription"]


def test_water_by_a_device_for_sewage_is_no_water():
    device = meter("S1", ("2024-06-30", 50), ("2024-09-30", 71), purpose="sewage")
    with pytest.raises(MissingReading, match="no meter for water"):
        documents(request(point(device)))


# After an average


def test_new_meter_read_before_the_end_goes_on():
    """33 by average and 12 of the new meter, read on 28 September: its next 16 m³ are billed, it was measured all along."""
    old = meter("W1", ("2024-06-30", 1000), ("2024-08-14", 1000, "exchange"), end="2024-08-14")
    new = meter("W2", ("2024-08-14", 3, "exchange"), ("2024-09-28", 15), start="2024-08-14")
    basis = {"months": "1.5", "before": ["20", "22", "24"]}
    billed = issued(request(point(old, new, broken=basis)), "D1")
    assert m3(billed[0]) == 33 + 12
    new["readings"].append({"date": "2024-12-31", "value": "31", "source": "manual"})
    (document,) = documents(request(point(old, new), period=Q4, billed=billed))
    assert (m3(document), m3(document, "sewage")) == (16, 16)


def test_a_device_goes_on_after_an_average_of_the_water():
    device = meter("S1", ("2024-06-30", 50), ("2024-09-29", 50), ("2024-12-31", 71), purpose="sewage")
    new = meter("W2", ("2024-09-30", 3, "exchange"), ("2024-12-31", 31), start="2024-09-30")
    old = {**STUCK, "to": "2024-09-30"}
    basis = {"months": 3, "before": ["9", "10", "11"]}
    billed = issued(request(point(old, device, broken=basis)), "D1")
    (document,) = documents(request(point(old, new, device), period=Q4, billed=billed))
    assert (m3(document), m3(document, "sewage")) == (28, 21)


def test_the_broken_meter_itself_must_open_anew():
    billed = issued(request(point(STUCK, broken={"months": 3, "before": ["9", "10", "11"]})), "D1")
    on = meter("W1", ("2024-06-30", 1000), ("2024-09-28", 1000), ("2024-12-31", 1016))
    with pytest.raises(MissingReading, match="was billed by average"):
        documents(request(point(on), period=Q4, billed=billed))
