"""Prices: one for each day, shared by days where they change inside an interval."""

from decimal import Decimal

import pytest
from billing_requests import (
    Q2_2025,
    V1,
    V2,
    documents,
    garden,
    line,
    m3,
    meter,
    point,
    request,
    rows,
    sums,
    tariff,
)
from pwik_billing.domain import BadRequest, MissingRate, OverlappingTariffs
from pwik_billing.domain.tariff import share_by_days


def plain(tariffs, *readings, **more):
    readings = readings or (("2025-03-31", 2100), ("2025-06-30", 2130))
    return request(point(meter("W1", *readings)), period=Q2_2025, tariffs=tariffs, **more)


# 1 April to 2 May are 32 days, 3 May to 30 June 59, together 91


def test_each_segment_says_its_days():
    (document,) = documents(plain((V1, V2)))
    first, second = line(document, "water"), line(document, "water", 1)
    assert (first["from"], first["to"], first["days"]) == ("2025-04-01", "2025-05-02", 32)
    assert (second["from"], second["to"], second["days"]) == ("2025-05-03", "2025-06-30", 59)
    assert "01.04–02.05.2025: 11 z 30 m³ (32 z 91 dni)" in first["how"]


def test_the_order_of_the_tariffs_does_not_matter():
    assert documents(plain((V2, V1))) == documents(plain((V1, V2)))


def test_three_prices_on_cumulative_sums():
    """30 m³ over 32, 29 and 30 days: 30×32/91 = 10.55 → 11; 30×61/91 = 20.11 → 20, so 9; the rest 10."""
    third = tariff("V3", "2025-06-01", None, "6.00", "10.00")
    (document,) = documents(plain((V1, {**V2, "to": "2025-05-31"}, third)))
    assert rows(document, "water") == [("V1", "11", "52.36"), ("V2", "9", "45.54"), ("V3", "10", "60.00")]


def test_half_a_cubic_metre_goes_up():
    """1 m³ over 45 and 45 days: 0.5 → 1, the rest 0: a line of 0 m³ is not invoiced."""
    body = plain(
        (tariff("A", "2025-01-01", "2025-05-15"), tariff("B", "2025-05-16", None, "5.00")),
        ("2025-03-31", 10),
        ("2025-06-29", 11),
    )
    (document,) = documents(body)
    assert rows(document, "water") == [("A", "1", "4.76")]


def test_shares_are_whole_even_where_rounding_one_by_one_would_not_close():
    """2 m³ over three equal parts: one by one 0.67 each would give 3; cumulative 0.67 → 1, 1.33 → 1, 2."""
    assert share_by_days(Decimal(2), [30, 30, 30], Decimal(1)) == [1, 0, 1]


def test_three_decimals_are_shared_to_three_decimals():
    """30.5 × 32/91 = 10.72527…"""
    body = plain((V1, V2), ("2025-03-31", "0"), ("2025-06-30", "30.5"), policy={"quantity": "decimal3"})
    (document,) = documents(body)
    assert [row[1] for row in rows(document, "water")] == ["10.725", "19.775"]


def test_exchange_and_price_change():
    """(889 − 876) + (11 − 2) = 22 over the whole interval: 22×32/91 = 7.74 → 8, then 14."""
    meters = (
        meter("W1", ("2025-03-31", 876), ("2025-05-14", 889, "exchange"), end="2025-05-14"),
        meter("W2", ("2025-05-14", 2, "exchange"), ("2025-06-30", 11), start="2025-05-14"),
    )
    (document,) = documents(request(point(*meters), period=Q2_2025))
    assert rows(document) == [
        ("water", "P1", "V1", "8", "38.08"),
        ("water", "P1", "V2", "14", "70.84"),
        ("sewage", "P1", "V1", "8", "70.24"),
        ("sewage", "P1", "V2", "14", "127.96"),
        ("subscription", "P1", "main", "1", "24.12"),
    ]
    # 331.24 × 8 % = 26.4992
    assert sums(document) == ("331.24", "26.50", "357.74")


def test_garden_and_price_change_share_sewage_from_its_own_total():
    """Water 45×32/91 = 15.82 → 16, 29; sewage 33×32/91 = 11.60 → 12, 21."""
    body = request(
        point(
            meter("W1", ("2025-03-31", 500), ("2025-06-30", 545)),
            garden(("2025-03-31", 120), ("2025-06-30", 132)),
        ),
        period=Q2_2025,
    )
    (document,) = documents(body)
    assert rows(document) == [
        ("water", "P1", "V1", "16", "76.16"),
        ("water", "P1", "V2", "29", "146.74"),
        ("sewage", "P1", "V1", "12", "105.36"),
        ("sewage", "P1", "V2", "21", "191.94"),
        ("subscription", "P1", "main", "1", "24.12"),
        ("subscription", "P1", "deduction", "1", "3.06"),
    ]
    assert sums(document) == ("547.38", "43.79", "591.17")


def test_rollover_and_price_change():
    (document,) = documents(plain((V1, V2), ("2025-03-31", 99990), ("2025-06-30", 20)))
    assert rows(document, "water") == [("V1", "11", "52.36"), ("V2", "19", "96.14")]
    assert line(document, "water", 1)["flags"] == ["rollover"]


def test_lump_sum_and_price_change():
    """27×32/91 = 9.49 → 9, 18."""
    body = request(point(lump_sum={"persons": 3, "norm": "3.0", "months": 3}), period=Q2_2025)
    (document,) = documents(body)
    assert rows(document, "water") == [("V1", "9", "42.84"), ("V2", "18", "91.08")]


def test_broken_meter_and_price_change():
    body = request(
        point(meter("W1", ("2025-03-31", 876)), broken={"months": 3, "before": ["9", "10", "11"]}),
        period=Q2_2025,
    )
    (document,) = documents(body)
    assert rows(document, "water") == [("V1", "11", "52.36"), ("V2", "19", "96.14")]


def test_units_and_price_change():
    """40 − 10 = 30."""
    body = request(
        point(meter("W1", ("2025-03-31", 0), ("2025-06-30", 40)), units_m3=["4", "6"]), period=Q2_2025
    )
    (document,) = documents(body)
    assert rows(document, "water") == [("V1", "11", "52.36"), ("V2", "19", "96.14")]


def test_the_first_interval_counts_its_first_day():
    """Contract from 15 April, opening reading of that day: 18 of 77 days at V1: 30×18/77 = 7.01 → 7, 23."""
    body = plain((V1, V2), ("2025-04-15", 2100), ("2025-06-30", 2130), contract={"start": "2025-04-15"})
    (document,) = documents(body)
    assert [row[1] for row in rows(document, "water")] == ["7", "23"]
    assert line(document, "water")["days"] == 18


def test_the_last_day_of_the_contract_decides_what_prices_there_are():
    body = plain((V1, V2), ("2025-03-31", 2100), ("2025-05-02", 2110), contract={"end": "2025-05-02"})
    (document,) = documents(body)
    assert rows(document, "water") == [("V1", "10", "47.60")]


def test_a_reading_of_the_last_day_of_a_price_leaves_nothing_to_share():
    """Known: 20 m³ up to 2 May, 10 after; by days it would be 11 and 19."""
    readings = (("2025-03-31", 2100), ("2025-05-02", 2120, "customer"), ("2025-06-30", 2130))
    (document,) = documents(plain((V1, V2), *readings))
    assert rows(document, "water") == [("V1", "20", "95.20"), ("V2", "10", "50.60")]
    assert rows(document, "sewage") == [("V1", "20", "175.60"), ("V2", "10", "91.40")]
    assert "odczyt w dniu zmiany ceny" in line(document, "water")["how"]


def test_a_reading_of_any_other_day_changes_nothing():
    readings = (("2025-03-31", 2100), ("2025-05-05", 2128), ("2025-06-30", 2130))
    (document,) = documents(plain((V1, V2), *readings))
    assert [row[1] for row in rows(document, "water")] == ["11", "19"]


def test_the_sewage_is_known_on_that_day_only_if_the_garden_is():
    """Water 20 and 10; garden unread on 2 May: sewage 30 − 5 = 25 by days: 25×32/91 = 8.79 → 9, 16."""
    readings = (("2025-03-31", 2100), ("2025-05-02", 2120), ("2025-06-30", 2130))
    unread = garden(("2025-03-31", 0), ("2025-06-30", 5))
    (document,) = documents(request(point(meter("W1", *readings), unread), period=Q2_2025))
    assert [row[1] for row in rows(document, "water")] == ["20", "10"]
    assert [row[1] for row in rows(document, "sewage")] == ["9", "16"]
    read = garden(("2025-03-31", 0), ("2025-05-02", 1), ("2025-06-30", 5))
    (document,) = documents(request(point(meter("W1", *readings), read), period=Q2_2025))
    assert [row[1] for row in rows(document, "sewage")] == ["19", "6"]


def test_one_of_two_changes_is_read():
    """2 May read at 2106 (6 m³); the other 24 over 29 and 30 days: 24×29/59 = 11.80 → 12, 12."""
    tariffs = (V1, {**V2, "to": "2025-05-31"}, tariff("V3", "2025-06-01", None))
    readings = (("2025-03-31", 2100), ("2025-05-02", 2106), ("2025-06-30", 2130))
    (document,) = documents(plain(tariffs, *readings))
    assert [row[1] for row in rows(document, "water")] == ["6", "12", "12"]


# What is missing, what is too much


def test_a_gap_between_tariffs_names_its_first_day():
    with pytest.raises(MissingRate, match="no tariff is in force on 2025-05-03 for water") as caught:
        documents(plain((V1, {**V2, "from": "2025-05-10"})))
    assert (caught.value.code, caught.value.where) == ("missing_rate", "tariffs")


def test_an_expired_tariff_is_not_stretched_in_silence():
    with pytest.raises(MissingRate, match="2025-05-03"):
        documents(plain((V1,)))
    (document,) = documents(plain(({**V1, "to": None},)))
    assert m3(document) == 30


def test_no_tariff_at_all():
    with pytest.raises(MissingRate, match="2025-04-01"):
        documents(plain(()))


@pytest.mark.parametrize("service", ["water", "sewage"])
@pytest.mark.parametrize("used", [0, 30])
def test_a_missing_rate_is_named_even_if_nothing_was_used(service, used):
    lame = {**V2, "rates": {key: rate for key, rate in V2["rates"].items() if key != service}}
    with pytest.raises(MissingRate, match=f"tariff V2 has no rate for {service}") as caught:
        documents(plain((V1, lame), ("2025-03-31", 2100), ("2025-06-30", 2100 + used)))
    assert caught.value.where == f"tariffs[1].rates.{service}"


def test_a_rate_nobody_needs_may_be_missing():
    dry = {**V1, "to": None, "rates": {key: rate for key, rate in V1["rates"].items() if key != "sewage"}}
    (document,) = documents(plain((dry,), contract={"services": ["water"]}))
    assert [row[0] for row in rows(document)] == ["water", "subscription"]


def test_overlapping_tariffs_are_refused_wherever_they_overlap():
    far = tariff("V0", "2020-01-01", "2024-05-03")
    with pytest.raises(OverlappingTariffs, match="V0 and V1 are both in force on 2024-05-03") as caught:
        documents(plain((V1, V2, far)))
    assert (caught.value.code, caught.value.where) == ("overlapping_tariffs", "tariffs[0].from")
    with pytest.raises(OverlappingTariffs, match="V1 and V2"):
        documents(plain(({**V1, "to": None}, V2)))


@pytest.mark.parametrize("price", ["-0.01", "4.765"])
def test_prices_have_two_decimals_and_no_sign(price):
    with pytest.raises(BadRequest) as caught:
        documents(plain((tariff("V1", "2024-05-03", None, water=price),)))
    assert caught.value.where == "tariffs[0].rates.water"
