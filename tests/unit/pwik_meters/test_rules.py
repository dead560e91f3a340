"""Each rule at its boundary: just below, at, just above."""

from datetime import datetime, time, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_meters.domain.validation import (
    RULES,
    Billed,
    Finding,
    History,
    Installation,
    Limits,
    Meter,
    Past,
    Reading,
    Severity,
    validate,
)
from pwik_meters.domain.validation.past import Series

T0 = datetime(2025, 1, 1, 12)
LIMITS = Limits()
HERE = Installation(date_from=T0.date(), start_value=D(0))


def past(day, value, **kw):
    return Past(T0 + timedelta(days=day), D(str(value)), **kw)


def reading(day, value, **kw):
    moment = T0 + timedelta(days=day)
    return Reading(moment, moment.date(), D(str(value)), **kw)


def billed(day, value, **kw):
    at = T0 + timedelta(days=day)
    return Billed(at.date(), datetime.combine(at.date(), time()), D(str(value)), **kw)


def history(*previous, **kw):
    kw.setdefault("now", T0 + timedelta(days=3650))
    kw.setdefault("installation", HERE)
    return History(previous=previous, **kw)


# Three periods of 30 days, 10 m³ each.
STEADY = (past(0, 0), past(30, 10), past(60, 20), past(90, 30))


def codes(read, hist, limits=LIMITS):
    return [finding.code for finding in validate(read, hist, limits)]


def only(code, read, hist, limits=LIMITS):
    return [finding for finding in validate(read, hist, limits) if finding.code == code]


def test_rules_are_found_in_order():
    assert [rule.code for rule in RULES] == [
        "V02", "V03", "V04", "V06", "V07", "V08", "V09", "V10", "V11", "V12", "V13", "V14", "V16", "V20", "V21", "V22",
    ]  # fmt: skip


def test_an_ordinary_reading_meets_no_rule():
    assert validate(reading(120, 40), history(*STEADY), LIMITS) == ()


def test_an_equal_reading_is_no_error():
    assert codes(reading(95, 30), history(*STEADY)) == []


def test_v02_v03_same_moment():
    same = history(*STEADY, same_moment=(past(120, 40, source="radio"),))
    assert validate(reading(120, 40), same, LIMITS) == (
        Finding("V02", Severity.INFO, False, params={"source": "radio"}),
    )
    (finding,) = validate(reading(120, "40.001"), same, LIMITS)
    assert (finding.code, finding.severity, finding.blocks_billing) == ("V03", Severity.ERROR, True)


@pytest.mark.parametrize(("seconds", "hit"), [(899, False), (900, False), (901, True)])
def test_v04_future(seconds, hit):
    read = reading(120, 40)
    hist = history(*STEADY, now=read.moment - timedelta(seconds=seconds))
    assert bool(only("V04", read, hist)) is hit


@pytest.mark.parametrize(("value", "hit"), [("30.000", False), ("29.990", False), ("29.989", True)])
def test_v06_negative(value, hit):
    assert bool(only("V06", reading(120, value), history(*STEADY))) is hit


@pytest.mark.parametrize(("value", "hit"), [("40.000", False), ("40.010", False), ("40.011", True)])
def test_v06_above_the_one_that_follows(value, hit):
    hist = history(*STEADY, following=past(130, 40))
    assert bool(only("V06", reading(120, value), hist)) is hit


def test_v06_takes_the_last_real_reading_not_the_estimate():
    hist = history(*STEADY, past(120, 45, source="estimate"))
    assert codes(reading(150, 44), hist) == []
    assert "V06" in codes(reading(150, 29), hist)


@pytest.mark.parametrize(
    ("previous", "value", "rollover"),
    [
        (90000, 10000, True),
        (89999, 9999, False),  # not near the top
        (90000, 10001, False),  # not near zero
        (99990, 5, True),
    ],
)
def test_v07_share_of_the_range(previous, value, rollover):
    hist = history(past(0, previous), meter=Meter(q3=D(1000), digits=5))
    found = codes(reading(30, value), hist)
    assert ("V07" in found) is rollover
    assert ("V06" in found) is not rollover


@pytest.mark.parametrize(("value", "rollover"), [(1796, True), (1800, True), ("1800.001", False)])
def test_v07_flow_limit(value, rollover):
    """Q3 2.5 m³/h in 30 days: 1800 m³ at most. From 99 999.999 … the way to ``value`` is one thousandth longer."""
    hist = history(past(0, "99999.999"), meter=Meter(q3=D("2.5"), digits=5))
    read = reading(30, D(str(value)) - D("0.001"))
    assert ("V07" in codes(read, hist)) is rollover


def test_v07_waits_for_a_person():
    hist = history(past(0, 99990))
    (finding,) = only("V07", reading(30, 5), hist)
    assert finding.severity == Severity.WARNING
    assert finding.blocks_billing
    assert finding.params["use"] == 15


@pytest.mark.parametrize(("value", "hit"), [("35.000", False), ("34.999", True), ("36", False)])
def test_v08_below_billed(value, hit):
    hist = history(*STEADY, last_billed=billed(100, 35))
    assert bool(only("V08", reading(120, value), hist)) is hit


def test_v08_not_for_a_day_before_the_invoice():
    assert "V08" not in codes(reading(99, 33), history(*STEADY, last_billed=billed(100, 35)))


def test_v08_names_the_day_of_the_invoice():
    hist = history(*STEADY, last_billed=Billed(T0.date(), T0 - timedelta(hours=13), D(35)))
    assert only("V08", reading(120, 34), hist)[0].params["day"] == T0.date()


def test_v08_after_a_rollover():
    """What was invoiced lies before the rollover that a person confirmed: each value after it is smaller, and right."""
    rolled = (past(0, 99955), past(30, 99975), past(60, 5, rolled_over=True))
    assert "V08" in codes(reading(90, 20), history(*rolled, last_billed=billed(30, 99975)))
    assert codes(reading(90, 20), history(*rolled, last_billed=billed(30, 99975, rolled_over=True))) == []


def test_v08_earlier_on_the_billed_day():
    """A telegram of nine o'clock that comes after the value of noon was invoiced."""
    noon, early = past(120, "40.400"), reading(120 - 1 / 8, "40.380")
    assert early.day == noon.moment.date()
    bill = billed(120, "40.400")
    assert codes(early, history(*STEADY, last_billed=bill, following=noon)) == []
    assert "V08" in codes(reading(120 + 1 / 8, "40.380"), history(*STEADY, last_billed=bill))
    assert "V08" in codes(early, history(*STEADY, last_billed=bill)), (
        "what was invoiced was corrected to this"
    )
    assert "V08" in codes(early, history(*STEADY, last_billed=bill, following=past(150, 50)))


def test_one_rollover_counts_once():
    """Two readings waited for the same word: both are marked, only the first went down."""
    values = (past(0, 99965), past(30, 99975), past(60, 5, rolled_over=True), past(90, 20, rolled_over=True))
    assert [period.use for period in Series.of(values).get_periods(5)] == [10, 30, 15]


@pytest.mark.parametrize(("use", "hit"), [("16.999", False), ("17.000", False), ("17.001", True)])
def test_v09_share(use, hit):
    """Expected 10 m³: more than 70 % over."""
    assert bool(only("V09", reading(120, 30 + D(use)), history(*STEADY))) is hit


@pytest.mark.parametrize(("use", "hit"), [("5.999", False), ("6.000", False), ("6.001", True)])
def test_v09_cubic_metres(use, hit):
    """Expected 1 m³: many times as much, yet only above 5 m³ over it."""
    quiet = history(expected_per_day=D(1) / D(30), installation=HERE, now=T0 + timedelta(days=99))
    hist = quiet._replace(previous=(past(0, 0),))
    found = only("V09", reading(30, use), hist)
    assert bool(found) is hit


@pytest.mark.parametrize(("use", "hit"), [("49.999", False), ("50.000", False), ("50.001", True)])
def test_v10_median(use, hit):
    found = codes(reading(120, 30 + D(use)), history(*STEADY))
    assert ("V10" in found) is hit
    assert ("V09" in found) is not hit  # said once


@pytest.mark.parametrize(("use", "hit"), [("1799.999", False), ("1800", False), ("1800.001", True)])
def test_v10_flow(use, hit):
    hist = history(past(0, 0), meter=Meter(q3=D("2.5")))
    (finding,) = only("V10", reading(30, use), hist) or (None,)
    assert bool(finding) is hit
    assert not hit or finding.params["why"] == "flow"


@pytest.mark.parametrize(("use", "hit"), [("5.1", False), ("5.1001", True)])
def test_v10_small_uses_stay_quiet(use, hit):
    hist = history(past(0, 0), past(30, "0.1"), past(60, "0.2"), past(90, "0.3"))
    assert bool(only("V10", reading(120, D("0.3") + D(use)), hist)) is hit


@pytest.mark.parametrize(("use", "hit"), [("6.001", False), ("6.000", False), ("5.999", True)])
def test_v11_share(use, hit):
    (finding,) = only("V11", reading(120, 30 + D(use)), history(*STEADY)) or (None,)
    assert bool(finding) is hit
    assert not hit or not finding.blocks_billing


@pytest.mark.parametrize(("use", "hit"), [("1.001", False), ("1.000", False), ("0.999", True)])
def test_v11_cubic_metres(use, hit):
    """Expected 4 m³: more than 3 m³ under it."""
    hist = history(past(0, 0), past(30, 4), past(60, 8), past(90, 12))
    assert bool(only("V11", reading(120, 12 + D(use)), hist)) is hit


def test_v12_first_zero_informs_second_warns():
    first = only("V12", reading(120, 30), history(*STEADY))
    assert [finding.severity for finding in first] == [Severity.INFO]
    again = only("V12", reading(150, 30), history(*STEADY, past(120, 30)))
    assert [finding.severity for finding in again] == [Severity.WARNING]
    assert not again[0].blocks_billing
    closed = only("V12", reading(150, 30), history(*STEADY, past(120, 30), contract_active=False))
    assert [finding.severity for finding in closed] == [Severity.INFO]


@pytest.mark.parametrize(("days", "hit"), [(19, False), (20, True), (21, True)])
def test_v12_short_periods_say_nothing(days, hit):
    assert bool(only("V12", reading(90 + days, 30), history(*STEADY))) is hit


def test_v12_any_water_is_not_zero():
    assert not only("V12", reading(120, "30.001"), history(*STEADY))


@pytest.mark.parametrize(("use", "hit"), [("0.099", False), ("0.100", False), ("0.101", True)])
def test_v13_inactive(use, hit):
    read = reading(120, 30 + D(use))
    assert bool(only("V13", read, history(*STEADY, contract_active=False))) is hit
    assert not only("V13", read, history(*STEADY))


@pytest.mark.parametrize(
    ("use", "factor"),
    [
        ("79.999", None), ("80", 10), ("100", 10), ("120", 10), ("120.001", None),
        ("799.999", None), ("800", 100), ("1200", 100), ("1200.001", None),
        ("7999.999", None), ("8000", 1000), ("12000", 1000), ("12000.001", None),
    ],
)  # fmt: skip
def test_v14_unit(use, factor):
    (finding,) = only("V14", reading(120, 30 + D(use)), history(*STEADY)) or (None,)
    assert (finding and finding.params["factor"]) == factor


def test_v16_exchange():
    read = reading(120, 40)
    whole = Installation(T0.date() - timedelta(days=400), D(0), T0.date(), D(500))
    assert codes(read, history(*STEADY, predecessor=whole)) == []
    gaps = {
        "end": history(*STEADY, predecessor=whole._replace(end_value=None)),
        "start": history(*STEADY, installation=HERE._replace(start_value=None)),
        "installation": history(*STEADY, installation=None),
    }
    for missing, hist in gaps.items():
        (finding,) = validate(read, hist, LIMITS)
        assert (finding.code, finding.params["missing"], finding.final) == ("V16", missing, True)


@pytest.mark.parametrize(("estimates", "hit"), [(0, False), (1, False), (2, True)])
def test_v20_estimation(estimates, hit):
    before = [past(120 + 30 * n, 40 + 10 * n, source="estimate") for n in range(estimates)]
    read = reading(120 + 30 * estimates, 40 + 10 * estimates, source="estimate")
    assert bool(only("V20", read, history(*STEADY, *before))) is hit
    assert not only("V20", read._replace(source="manual"), history(*STEADY, *before))


def test_v21_open_error():
    assert codes(reading(120, 40), history(*STEADY, open_error=True)) == ["V21"]


@pytest.mark.parametrize(
    ("behind", "hit"), [("10.204", False), ("10.205", True), ("9", False), (None, False)]
)
def test_v22_balance(behind, hit):
    """The main meter measured 10 m³: 98 % of 10.204 are 9.99992, 98 % of 10.205 are 10.0009."""
    hist = history(*STEADY, sub_use=behind and D(behind))
    assert bool(only("V22", reading(120, 40), hist)) is hit


def test_v22_at_the_boundary():
    assert not only("V22", reading(120, "39.8"), history(*STEADY, sub_use=D(10)))
    assert only("V22", reading(120, "39.799"), history(*STEADY, sub_use=D(10)))


def test_limits_are_data():
    strict = Limits({("V09", "share"): D("0.1"), ("V09", "min_over"): D(0)})
    assert codes(reading(120, "41.001"), history(*STEADY), strict) == ["V09"]


def test_another_room_appends_rules():
    class Tamper:
        code, mutes = "V17", ()

        def check(self, case):
            return Finding(self.code, Severity.WARNING, False) if case.history.extra.get("tamper") else None

    hist = history(*STEADY, extra={"tamper": True})
    found = validate(reading(120, 30), hist, LIMITS, (*RULES, Tamper()))
    assert [finding.code for finding in found] == ["V11", "V12", "V17"]


def test_the_first_reading_has_nothing_to_be_compared_with():
    assert validate(reading(5, 123), history(), LIMITS) == ()


class Always:
    """A rule that is asked whether or not there is what it says it needs."""

    def __init__(self, rule):
        self.code, self.mutes, self.check = rule.code, rule.mutes, rule.check


AMOUNTS = st.sampled_from(
    ("0", "0.05", "9.99", "10", "10.001", "20", "31.5", "120", "1300", "99990", "99999")
)
PASTS = st.builds(
    lambda day, value, source, rolled: past(day, value, source=source, rolled_over=rolled),
    st.integers(0, 100),
    AMOUNTS,
    st.sampled_from(("manual", "radio", "estimate")),
    st.sampled_from((False, False, False, True)),
)


@given(
    previous=st.lists(PASTS, max_size=5),
    read=st.builds(
        lambda day, value, source: reading(day, value, source=source),
        st.integers(90, 4000),
        AMOUNTS,
        st.sampled_from(("manual", "estimate")),
    ),
    facts=st.fixed_dictionaries(
        {
            "installation": st.sampled_from((HERE, None)),
            "following": st.none() | PASTS,
            "same_moment": st.lists(PASTS, max_size=2).map(tuple),
            "last_billed": st.none()
            | st.builds(billed, st.integers(0, 100), AMOUNTS, rolled_over=st.booleans()),
            "expected_per_day": st.sampled_from((None, D(0), D("0.3"))),
            "contract_active": st.booleans(),
            "open_error": st.booleans(),
            "sub_use": st.sampled_from((None, D(0), D(400))),
        }
    ),
)
def test_a_rule_that_is_not_asked_had_nothing_to_say(previous, read, facts):
    hist = history(*sorted(previous), **facts)
    assert validate(read, hist, LIMITS) == validate(read, hist, LIMITS, tuple(map(Always, RULES)))


@given(previous=st.lists(PASTS, max_size=6))
def test_past_use_is_the_sum_of_the_periods(previous):
    values = tuple(sorted(previous))
    series = Series.of(values)
    periods, whole = series.get_periods(5), series.get_use(5)
    if not periods:
        assert whole is None
    else:
        assert whole.use == sum(period.use for period in periods)
        assert abs(whole.days - sum(period.days for period in periods)) < D("1e-20")
