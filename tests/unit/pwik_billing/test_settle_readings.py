"""From register values to m³: whole m³, exchange, rollover, the first and the last interval of a contract."""

import pytest
from billing_requests import Q4, documents, garden, issued, line, m3, meter, point, request, rows, sums
from pwik_billing.domain import BadRequest, Implausible, MissingReading


def water(*readings, **more):
    (document,) = documents(request(point(meter("W1", *readings, **more))))
    return m3(document)


def test_fractions_stay_on_the_register():
    assert water(("2024-06-30", "1234.9"), ("2024-09-30", "1261.1")) == 27  # 1261 − 1234, not round(26.2)
    assert water(("2024-06-30", "1234.1"), ("2024-09-30", "1261.9")) == 27


def test_three_decimals_as_a_policy():
    body = request(
        point(meter("W1", ("2024-06-30", "1234.100"), ("2024-09-30", "1261.649"))),
        policy={"quantity": "decimal3"},
    )
    (document,) = documents(body)
    # 27.549 × 4.76 = 131.13324; × 8.78 = 241.88022; + 24.12 = 397.13; VAT 31.7704
    assert rows(document, "water") == [("V1", "27.549", "131.13")]
    assert rows(document, "sewage") == [("V1", "27.549", "241.88")]
    assert sums(document) == ("397.13", "31.77", "428.90")


def test_values_between_change_nothing_and_order_does_not_matter():
    assert (
        water(("2024-09-30", 1261), ("2024-07-31", "1240.5"), ("2024-06-30", 1234), ("2024-08-31", 1251))
        == 27
    )


def test_a_value_of_the_same_day_twice_counts_once():
    assert (
        water(("2024-06-30", 1234), ("2024-09-30", "1261.0", "manual"), ("2024-09-30", "1261.4", "radio"))
        == 27
    )


def test_two_different_values_of_one_day_are_refused():
    with pytest.raises(BadRequest, match="two values for 2024-09-30"):
        water(("2024-06-30", 1234), ("2024-09-30", 1261), ("2024-09-30", 1262, "radio"))


def test_a_measured_value_beats_the_estimate_of_its_day():
    assert water(("2024-06-30", 1234), ("2024-09-30", 1270, "estimate"), ("2024-09-30", 1261)) == 27


@pytest.mark.parametrize("order", [1, -1])
def test_exchange_is_the_sum_of_the_installations(order):
    meters = [
        meter("W1", ("2024-06-30", 876), ("2024-08-14", 889, "exchange"), end="2024-08-14"),
        meter("W2", ("2024-08-14", 2, "exchange"), ("2024-09-30", 11), start="2024-08-14"),
    ][::order]
    (document,) = documents(request(point(*meters)))
    # (889 − 876) + (11 − 2) = 22, one line, one subscription
    assert sums(document) == ("322.00", "25.76", "347.76")
    assert line(document, "water")["from"] == "2024-07-01"
    assert line(document, "water")["to"] == "2024-09-30"
    assert {pair["meter"]: pair["quantity"] for pair in line(document, "water")["values"]} == {
        "W1": "13",
        "W2": "9",
    }


def test_exchange_on_the_last_day_before_and_the_last_day_of_the_period():
    meters = [
        meter("W1", ("2024-03-31", 800), ("2024-06-30", 876, "exchange"), end="2024-06-30"),
        meter(
            "W2",
            ("2024-06-30", 2, "exchange"),
            ("2024-09-30", 24, "exchange"),
            start="2024-06-30",
            end="2024-09-30",
        ),
        meter("W3", ("2024-09-30", 0, "exchange"), start="2024-09-30"),
    ]
    (document,) = documents(request(point(*meters)))
    assert m3(document) == 22
    assert rows(document, "subscription") == [("main", "1", "24.12")]


def test_floors_are_taken_meter_by_meter():
    meters = [
        meter("W1", ("2024-06-30", "876.6"), ("2024-08-14", "889.5", "exchange"), end="2024-08-14"),
        meter("W2", ("2024-08-14", "0.6", "exchange"), ("2024-09-30", "9.9"), start="2024-08-14"),
    ]
    (document,) = documents(request(point(*meters)))
    assert m3(document) == (889 - 876) + (9 - 0)


def test_exchange_without_an_end_or_a_start_value():
    old = meter("W1", ("2024-06-30", 876), end="2024-08-14")
    new = meter("W2", ("2024-08-14", 2, "exchange"), ("2024-09-30", 11), start="2024-08-14")
    with pytest.raises(MissingReading, match="W1 has no closing reading for 2024-08-14") as caught:
        documents(request(point(old, new)))
    assert caught.value.where == "points[0].meters[0].readings"
    old = meter("W1", ("2024-06-30", 876), ("2024-08-14", 889, "exchange"), end="2024-08-14")
    new = meter("W2", ("2024-09-30", 11), start="2024-08-14")
    with pytest.raises(MissingReading, match="W2 has no opening reading for 2024-08-14"):
        documents(request(point(old, new)))
    new = meter("W2", ("2024-08-14", 2), start="2024-08-14")
    with pytest.raises(MissingReading, match="W2 has no closing reading for 2024-09-30"):
        documents(request(point(old, new)))


# Rollover


def test_rollover_is_accepted_and_flagged():
    body = request(point(meter("W1", ("2024-06-30", 99985), ("2024-09-30", 12))))
    (document,) = documents(body)
    # 12 + 100000 − 99985 = 27
    assert sums(document) == ("389.70", "31.18", "420.88")
    assert line(document, "water")["flags"] == line(document, "sewage")["flags"] == ["rollover"]
    assert line(document, "water")["values"][0]["rollover"] is True
    assert "przez zero" in line(document, "water")["how"]


def test_no_flag_without_rollover():
    (document,) = documents(request(point(meter("W1", ("2024-06-30", 1234), ("2024-09-30", 1261)))))
    assert "flags" not in line(document, "water")


def test_rollover_by_the_number_of_digits_and_with_fractions():
    assert water(("2024-06-30", "9985.7"), ("2024-09-30", "12.2"), digits=4) == 27
    assert water(("2024-06-30", "999999.9"), ("2024-09-30", "0.1"), digits=6) == 1


def test_rollover_with_a_value_on_either_side():
    assert water(("2024-06-30", 99985), ("2024-08-01", 99999), ("2024-08-31", 5), ("2024-09-30", 12)) == 27


def test_rollover_and_exchange():
    meters = [
        meter("W1", ("2024-06-30", 99990), ("2024-08-14", 3, "exchange"), end="2024-08-14"),
        meter("W2", ("2024-08-14", 2, "exchange"), ("2024-09-30", 11), start="2024-08-14"),
    ]
    (document,) = documents(request(point(*meters)))
    assert m3(document) == 13 + 9
    assert line(document, "water")["flags"] == ["rollover"]


@pytest.mark.parametrize(
    ("previous", "current", "accepted"),
    [
        (90000, 10000, True),
        (89999, 10000, False),
        (90000, 10001, False),
        (1261, 1234, False),
        (50000, 49999, False),
    ],
)
def test_rollover_only_from_the_last_tenth_into_the_first(previous, current, accepted):
    if accepted:
        assert water(("2024-06-30", previous), ("2024-09-30", current)) == current + 100000 - previous
        return
    with pytest.raises(Implausible, match="went down") as caught:
        water(("2024-06-30", previous), ("2024-09-30", current))
    assert caught.value.code == "implausible"
    assert caught.value.params["meter"] == "W1"


def test_a_step_back_between_two_good_values_is_not_hidden():
    with pytest.raises(Implausible, match=r"from 1300 \(2024-07-31\) to 1250 \(2024-08-31\)"):
        water(("2024-06-30", 1234), ("2024-07-31", 1300), ("2024-08-31", 1250), ("2024-09-30", 1310))


def test_less_than_a_cubic_metre_back_is_nothing_to_bill():
    (document,) = documents(request(point(meter("W1", ("2024-06-30", "10.9"), ("2024-09-30", "10.2")))))
    assert rows(document) == [("subscription", "P1", "main", "1", "24.12")]


def test_a_value_that_the_register_cannot_show():
    with pytest.raises(Implausible, match="5 digits and cannot show 100000") as caught:
        water(("2024-06-30", 1234), ("2024-09-30", 100000))
    assert caught.value.where == "points[0].meters[0].readings[1].value"


# Missing readings


def test_no_closing_reading():
    with pytest.raises(MissingReading, match="W1 has no closing reading for 2024-09-30"):
        water(("2024-06-30", 1234))


def test_no_opening_reading():
    with pytest.raises(MissingReading, match="W1 has no opening reading for 2024-06-30"):
        water(("2024-09-30", 1234))


def test_no_readings_and_no_meter():
    with pytest.raises(MissingReading):
        water()
    with pytest.raises(MissingReading, match="P1 has no meter for water and no lump sum") as caught:
        documents(request(point()))
    assert caught.value.where == "points[0].meters"


def test_a_meter_taken_off_before_the_period_measures_nothing_in_it():
    with pytest.raises(MissingReading, match="no meter for water"):
        water(("2024-03-31", 1234), ("2024-05-15", 1240), end="2024-05-15")


def test_garden_meter_unread():
    body = request(point(meter("W1", ("2024-06-30", 500), ("2024-09-30", 545)), garden(("2024-06-30", 120))))
    with pytest.raises(MissingReading, match="G1 has no closing reading") as caught:
        documents(body)
    assert caught.value.where == "points[0].meters[1].readings"


def test_readings_beside_the_ends_of_the_period_make_their_own_interval():
    """The interval runs from the day after the previous reading to the day of the current one; the next one goes on there."""
    readings = (("2024-06-27", 100), ("2024-09-28", 127), ("2024-12-29", 150))
    (document,) = documents(request(point(meter("W1", *readings[:2]))))
    assert m3(document) == 27
    assert (line(document, "water")["from"], line(document, "water")["to"]) == ("2024-06-28", "2024-09-28")
    assert document["period"] == {"from": "2024-07-01", "to": "2024-09-30"}
    (document,) = documents(request(point(meter("W1", *readings)), period=Q4))
    assert m3(document) == 23
    assert line(document, "water")["from"] == "2024-09-29"


# The contract's own dates


def test_the_first_interval_begins_with_the_contract():
    body = request(
        point(meter("W1", ("2024-06-30", 90), ("2024-08-15", 100), ("2024-09-30", 112))),
        contract={"start": "2024-08-15"},
    )
    (document,) = documents(body)
    # the opening reading is of the first day: 112 − 100; what was used before is not this customer's
    assert document["period"] == {"from": "2024-08-15", "to": "2024-09-30"}
    assert m3(document) == 12
    assert (line(document, "water")["from"], line(document, "water")["days"]) == ("2024-08-15", 47)


def test_the_opening_reading_may_be_the_predecessors_last():
    body = request(
        point(meter("W1", ("2024-08-14", 100), ("2024-09-30", 112))), contract={"start": "2024-08-15"}
    )
    (document,) = documents(body)
    assert (m3(document), line(document, "water")["from"]) == (12, "2024-08-15")


def test_a_new_contract_does_not_open_with_an_old_reading():
    body = request(
        point(meter("W1", ("2024-06-30", 100), ("2024-09-30", 112))), contract={"start": "2024-08-15"}
    )
    with pytest.raises(MissingReading, match="W1 has no opening reading for 2024-08-15"):
        documents(body)


def test_the_last_interval_ends_with_the_contract():
    body = request(
        point(meter("W1", ("2024-06-30", 100), ("2024-08-20", 107), ("2024-09-30", 112))),
        contract={"end": "2024-08-20"},
    )
    (document,) = documents(body)
    assert document["period"] == {"from": "2024-07-01", "to": "2024-08-20"}
    assert m3(document) == 7


def test_a_contract_that_begins_and_ends_inside():
    body = request(
        point(meter("W1", ("2024-07-10", 100), ("2024-08-20", 107))),
        contract={"start": "2024-07-10", "end": "2024-08-20"},
    )
    (document,) = documents(body)
    assert (document["period"], m3(document)) == ({"from": "2024-07-10", "to": "2024-08-20"}, 7)


def test_a_contract_that_does_not_run_in_the_period():
    body = request(point(meter("W1", ("2024-06-30", 1), ("2024-09-30", 2))), contract={"start": "2024-10-01"})
    with pytest.raises(BadRequest, match="does not run between") as caught:
        documents(body)
    assert caught.value.where == "contract"


def test_zero_use_is_a_subscription_and_nothing_else():
    (document,) = documents(request(point(meter("W1", ("2024-06-30", 345), ("2024-09-30", 345)))))
    assert rows(document) == [("subscription", "P1", "main", "1", "24.12")]
    assert sums(document) == ("24.12", "1.93", "26.05")


# Readings that become known late


def test_late_reading_is_not_lost():
    """Billed up to 110 of 28 September; 113 of the 30th came later: the next period opens with 110."""
    early = [("2024-06-30", 100), ("2024-09-28", 110)]
    billed = issued(request(point(meter("W1", *early))), "D1")
    late = meter("W1", *early, ("2024-09-30", 113), ("2024-12-31", 130))
    (document,) = documents(request(point(late), period=Q4, billed=billed))
    assert (m3(document), m3(document, "sewage")) == (20, 20)
    values = line(document, "water")["values"][0]
    assert (values["opened"], values["previous"]) == ("2024-09-28", "110")
    # the reading of that day need not be given again
    (document,) = documents(
        request(point(meter("W1", ("2024-09-30", 113), ("2024-12-31", 130))), period=Q4, billed=billed)
    )
    assert m3(document) == 20


def test_late_reading_that_a_correction_billed():
    early = [("2024-06-30", 100), ("2024-09-28", 110)]
    billed = issued(request(point(meter("W1", *early))), "D1")
    late = meter("W1", *early, ("2024-09-30", 113), ("2024-12-31", 130))
    billed += issued(request(point(late), billed=billed, correct="D1"), "D2")
    assert m3(billed[1]) == 3
    (document,) = documents(request(point(late), period=Q4, billed=billed))
    assert m3(document) == 17


def test_late_reading_of_the_garden_is_not_lost():
    def body(plot, *water, **more):
        return request(point(meter("W1", ("2024-06-30", 500), *water), garden(*plot)), **more)

    read = ("2024-09-30", 545)
    billed = issued(body([("2024-06-30", 0), ("2024-09-20", 5)], read), "D1")
    plot = [("2024-06-30", 0), ("2024-09-20", 5), ("2024-09-30", 8), ("2024-12-31", 9)]
    (document,) = documents(body(plot, read, ("2024-12-31", 560), period=Q4, billed=billed))
    assert (m3(document), m3(document, "sewage")) == (15, 11)


def test_late_reading_corrected_down_to_nothing():
    """What was billed of W1 was taken back whole: the value that stands is that of today, not the one that was billed."""
    billed = issued(request(point(meter("W1", ("2024-06-30", 100), ("2024-09-28", 110)))), "D1")
    mended = [("2024-06-30", 100), ("2024-09-28", 100), ("2024-09-30", 100)]
    billed += issued(request(point(meter("W1", *mended)), billed=billed, correct="D1"), "D2")
    still = meter("W1", *mended, ("2024-12-31", 104))
    (document,) = documents(request(point(still), period=Q4, billed=billed))
    assert m3(document) == 4
