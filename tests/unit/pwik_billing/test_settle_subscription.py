"""Subscription: per contract, point or meter; per period, started month or day."""

import pytest
from billing_requests import (
    Q2_2025,
    SUBSCRIPTION,
    V1,
    V2,
    documents,
    garden,
    line,
    meter,
    point,
    request,
    rows,
    tariff,
)
from pwik_billing.domain import MissingRate


def still(id="W1", **more):
    return meter(id, ("2024-06-30", 5), ("2024-09-30", 5), **more)


def subscription(*points, per="point", time="period", **more):
    policy = {"subscription_per": per, "subscription_time": time}
    (document,) = documents(request(*points, policy=policy, **more))
    return [
        (row["point"], row["rate"], row["quantity"], row["price"], row["net"])
        for row in document["lines"]
        if row["component"] == "subscription"
    ]


DEARER = {
    **SUBSCRIPTION,
    "main": {"quarter": "30.00", "month": "12.40"},
    "deduction": {"quarter": "4.00", "month": "4.00"},
}


def test_two_points_each_of_two_parallel_meters():
    points = (point(still("A"), still("B")), point(still("C"), id="P2"))
    assert subscription(*points, per="contract") == [("P1", "main", "1", "24.12", "24.12")]
    assert subscription(*points, per="point") == [
        ("P1", "main", "1", "24.12", "24.12"),
        ("P2", "main", "1", "24.12", "24.12"),
    ]
    assert subscription(*points, per="meter") == [
        ("P1", "main", "2", "24.12", "48.24"),
        ("P2", "main", "1", "24.12", "24.12"),
    ]


def test_an_exchange_does_not_make_two_meters():
    old = meter("W1", ("2024-06-30", 5), ("2024-08-14", 5, "exchange"), end="2024-08-14")
    new = meter("W2", ("2024-08-14", 0, "exchange"), ("2024-09-30", 0), start="2024-08-14")
    assert subscription(point(old, new), per="meter") == [("P1", "main", "1", "24.12", "24.12")]


@pytest.mark.parametrize("per", ["contract", "point", "meter"])
def test_a_gardens_subscription_belongs_to_its_point(per):
    plot = garden(("2024-06-30", 0), ("2024-09-30", 0))
    found = subscription(point(still("A")), point(still("B"), plot, id="P2"), per=per)
    assert ("P2", "deduction", "1", "3.06", "3.06") in found
    assert len(found) == (2 if per == "contract" else 3)


def test_a_contract_of_a_unit_and_a_main_point_pays_as_main():
    unit = point(still("A", purpose="unit"), id="L1", kind="unit")
    assert subscription(unit, point(still("B")), per="contract") == [("P1", "main", "1", "24.12", "24.12")]
    assert subscription(unit, per="contract") == [("L1", "unit", "1", "5.33", "5.33")]


def test_unmetered_point_beside_a_metered_one():
    bare = point(id="P2", lump_sum={"persons": 0, "norm": "3", "months": 3})
    assert subscription(point(still()), bare, per="meter") == [
        ("P1", "main", "1", "24.12", "24.12"),
        ("P2", "unmetered", "1", "21.06", "21.06"),
    ]


def test_per_period_the_rate_of_the_last_day():
    body = {"period": Q2_2025, "tariffs": (V1, {**V2, "rates": {**V2["rates"], "subscription": DEARER}})}
    q2 = point(meter("W1", ("2025-03-31", 5), ("2025-06-30", 5)))
    assert subscription(q2, **body) == [("P1", "main", "1", "30.00", "30.00")]
    ended = point(meter("W1", ("2025-03-31", 5), ("2025-05-02", 5)))
    assert subscription(ended, contract={"end": "2025-05-02"}, **body) == [
        ("P1", "main", "1", "24.12", "24.12")
    ]


def test_per_period_one_even_for_a_part_of_it():
    cut = point(meter("W1", ("2024-08-15", 5), ("2024-09-30", 5)))
    assert subscription(cut, contract={"start": "2024-08-15"}) == [("P1", "main", "1", "24.12", "24.12")]


def test_the_rate_of_the_cycle():
    assert subscription(point(still()), cycle="month") == [("P1", "main", "1", "11.59", "11.59")]
    with pytest.raises(
        MissingRate, match="V1 has no subscription rate main for the cycle half_year"
    ) as caught:
        subscription(point(still()), cycle="half_year")
    assert caught.value.where == "tariffs[0].rates.subscription.main.half_year"


def test_per_started_month_the_monthly_rate():
    """3 × 11.59 = 34.77, not a third of the quarter's 24.12."""
    assert subscription(point(still()), time="started_month") == [("P1", "main", "3", "11.59", "34.77")]


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2024-08-31", None, 2),
        ("2024-09-30", None, 1),
        ("2020-01-01", "2024-07-01", 1),
        ("2020-01-01", "2024-08-01", 2),
    ],
)
def test_a_month_of_a_day_is_started(start, end, months):
    first = max(start, "2024-06-30")
    last = end or "2024-09-30"
    readings = ((first, 5),) if first == last else ((first, 5), (last, 5))
    found = subscription(
        point(meter("W1", *readings)), time="started_month", contract={"start": start, "end": end}
    )
    assert found == [("P1", "main", str(months), "11.59", f"{months * 11.59:.2f}")]


def test_per_started_month_each_month_at_its_own_rate():
    """April ends with V1, May and June with V2: 11.59 + 2 × 12.40."""
    dear = {**V2, "rates": {**V2["rates"], "subscription": DEARER}}
    q2 = point(meter("W1", ("2025-03-31", 5), ("2025-06-30", 5)))
    found = subscription(q2, time="started_month", period=Q2_2025, tariffs=(V1, dear))
    assert found == [("P1", "main", "1", "11.59", "11.59"), ("P1", "main", "2", "12.40", "24.80")]


def test_per_started_month_one_line_where_the_rate_stays():
    q2 = point(meter("W1", ("2025-03-31", 5), ("2025-06-30", 5)))
    found = subscription(q2, time="started_month", period=Q2_2025)
    assert found == [("P1", "main", "3", "11.59", "34.77")]


def test_per_day_month_by_month_rounded_at_the_end():
    """15 to 31 August 17 of 31 days, September whole: 11.59×17/31 + 11.59 = 6.35580… + 11.59 = 17.9458 → 17.95."""
    cut = point(meter("W1", ("2024-08-15", 5), ("2024-09-30", 5)))
    found = subscription(cut, time="day", contract={"start": "2024-08-15"})
    assert found == [("P1", "main", "1", "17.95", "17.95")]


def test_per_day_rounded_once():
    """10 to 31 July 22/31 and 1 to 10 August 10/31 of 11.59: 11.59×32/31 = 11.96387 → 11.96; by month 8.23 + 3.74 = 11.97."""
    short = point(meter("W1", ("2024-07-10", 5), ("2024-08-10", 5)))
    found = subscription(short, time="day", contract={"start": "2024-07-10", "end": "2024-08-10"})
    assert found == [("P1", "main", "1", "11.96", "11.96")]


def test_per_day_of_whole_months_is_the_monthly_rate():
    assert subscription(point(still()), time="day") == [("P1", "main", "1", "34.77", "34.77")]


def test_per_day_over_a_price_change():
    """April 11.59; May 2/31 of it and 29/31 of 12.40: 0.74774 + 11.6; June 12.40: 36.33774 → 36.34."""
    dear = {**V2, "rates": {**V2["rates"], "subscription": DEARER}}
    q2 = point(meter("W1", ("2025-03-31", 5), ("2025-06-30", 5)))
    found = subscription(q2, time="day", period=Q2_2025, tariffs=(V1, dear))
    assert found == [("P1", "main", "1", "36.34", "36.34")]


def test_a_garden_meter_pays_for_its_own_days():
    """From 1 August: two started months; per day 3.06 × 2; per period one."""
    added = garden(("2024-08-01", 0, "exchange"), ("2024-09-30", 0), start="2024-08-01")
    there = point(still(), added)
    assert subscription(there)[1] == ("P1", "deduction", "1", "3.06", "3.06")
    assert subscription(there, time="started_month")[1] == ("P1", "deduction", "2", "3.06", "6.12")
    assert subscription(there, time="day")[1] == ("P1", "deduction", "1", "6.12", "6.12")


@pytest.mark.parametrize("rate", ["main", "deduction"])
def test_a_missing_rate_is_named(rate):
    lame = {name: prices for name, prices in SUBSCRIPTION.items() if name != rate}
    plot = garden(("2024-06-30", 0), ("2024-09-30", 0))
    with pytest.raises(MissingRate, match=f"no subscription rate {rate} for the cycle quarter"):
        subscription(point(still(), plot), tariffs=(tariff("V1", "2024-05-03", None, subscription=lame),))


def test_no_subscription_rates_at_all():
    lame = {**V1, "rates": {"water": "4.76", "sewage": "8.78"}}
    with pytest.raises(MissingRate, match="no subscription rate main"):
        subscription(point(still()), tariffs=(lame,))


def test_the_words():
    (document,) = documents(request(point(still()), policy={"subscription_time": "started_month"}))
    assert line(document, "subscription")["how"] == (
        "Opłata abonamentowa, 3 rozpoczęte miesiące (01.07–30.09.2024), stawka za miesiąc"
    )
    assert rows(document) == [("subscription", "P1", "main", "3", "34.77")]


# Several at one point, a point for a part of the period


def test_two_additional_meters_one_line():
    """One there all the time, one from 10 August: two subscriptions per period, in one line."""
    plots = (
        garden(("2024-06-30", 0), ("2024-09-30", 0)),
        garden(("2024-08-10", 0, "exchange"), ("2024-09-30", 0), id="G2", start="2024-08-10"),
    )
    there = point(still(), *plots)
    assert subscription(there)[1:] == [("P1", "deduction", "2", "3.06", "6.12")]
    # three months of the one, two of the other
    assert subscription(there, time="started_month")[1:] == [("P1", "deduction", "5", "3.06", "15.30")]
    # 9.18 and 3.06 × (22/31 + 1) = 5.23161 → 5.23: two amounts, two lines
    assert subscription(there, time="day")[1:] == [
        ("P1", "deduction", "1", "9.18", "9.18"),
        ("P1", "deduction", "1", "5.23", "5.23"),
    ]


def test_a_point_that_joined_within_the_period():
    """From 20 September: one started month of three, 11 days of 30 (11.59 × 11/30 = 4.2496…); per period one."""
    joined = point(
        meter("B", ("2024-09-20", 5), ("2024-09-30", 5), start="2024-09-20"),
        id="P2",
        **{"from": "2024-09-20"},
    )
    points = (point(still()), joined)
    assert subscription(*points)[1] == ("P2", "main", "1", "24.12", "24.12")
    assert subscription(*points, time="started_month")[1] == ("P2", "main", "1", "11.59", "11.59")
    assert subscription(*points, time="day")[1] == ("P2", "main", "1", "4.25", "4.25")
    assert subscription(*points, time="day")[0] == ("P1", "main", "1", "34.77", "34.77")
    assert subscription(*points, time="day", per="contract") == [("P1", "main", "1", "34.77", "34.77")]


def test_a_point_that_left_within_the_period():
    left = point(meter("B", ("2024-06-30", 5), ("2024-07-31", 5), end="2024-07-31"), id="P2", to="2024-07-31")
    points = (point(still()), left)
    assert subscription(*points, time="started_month")[1] == ("P2", "main", "1", "11.59", "11.59")
    assert subscription(*points, time="day")[1] == ("P2", "main", "1", "11.59", "11.59")
