"""Interest on a debt that is paid in parts, while rates change."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_billing.domain import InterestRate, MissingRate, Paid, interest_on, interest_on_debt

RATES = (
    InterestRate(date(2025, 9, 4), date(2025, 10, 8), Decimal("10.25")),
    InterestRate(date(2025, 10, 9), date(2025, 11, 5), Decimal("10")),
    InterestRate(date(2025, 11, 6), None, Decimal("9.75")),
)
DUE = date(2025, 9, 30)
END = date(2025, 12, 31)


def debt(*payments, principal="1000", until=END, charged_until=None):
    return interest_on_debt(
        Decimal(principal),
        DUE,
        [Paid(day, Decimal(amount)) for day, amount in payments],
        until,
        RATES,
        charged_until,
    )


def test_without_payments_it_is_interest_on():
    assert debt() == interest_on(Decimal(1000), DUE, END, RATES)


def test_principal_falls_after_the_day_of_the_payment():
    found = debt((date(2025, 10, 20), "400"))
    assert [(p.period.date_from, p.period.date_to, p.percent, p.principal) for p in found.parts] == [
        (date(2025, 10, 1), date(2025, 10, 8), Decimal("10.25"), Decimal(1000)),
        (date(2025, 10, 9), date(2025, 10, 20), Decimal(10), Decimal(1000)),
        (date(2025, 10, 21), date(2025, 11, 5), Decimal(10), Decimal(600)),
        (date(2025, 11, 6), date(2025, 12, 31), Decimal("9.75"), Decimal(600)),
    ]
    # 1000×10,25%×8/365 + 1000×10%×12/365 + 600×10%×16/365 + 600×9,75%×56/365
    assert found.amount == Decimal("17.14")
    assert found.days == 92


def test_paid_in_full_ends_it():
    found = debt((date(2025, 10, 20), "1000"))
    assert found.parts[-1].period.date_to == date(2025, 10, 20)
    assert found.days == 20
    assert debt((date(2025, 10, 20), "1200")) == found


def test_paid_in_time_lowers_the_debt_from_the_start():
    assert debt((DUE, "400")) == debt(principal="600")
    assert debt((date(2025, 9, 1), "1000")).amount == 0
    assert debt((DUE, "1000")).parts == ()


def test_what_was_charged_is_not_charged_again():
    whole, first = (
        debt((date(2025, 10, 20), "400")),
        debt((date(2025, 10, 20), "400"), until=date(2025, 10, 31)),
    )
    rest = debt((date(2025, 10, 20), "400"), charged_until=date(2025, 10, 31))
    assert first.days + rest.days == whole.days
    assert rest.parts[0].period.date_from == date(2025, 11, 1)
    assert debt(charged_until=END).amount == 0


def test_two_payments_on_one_day_are_one_step():
    day = date(2025, 10, 20)
    assert debt((day, "100"), (day, "300")) == debt((day, "400"))


def test_missing_rate_is_named():
    with pytest.raises(MissingRate) as caught:
        interest_on_debt(Decimal(1), date(2025, 8, 1), (), END, RATES)
    assert caught.value.params["day"] == date(2025, 8, 2)


def test_no_rate_is_wanted_for_days_without_debt():
    paid = [Paid(date(2025, 8, 1), Decimal(5))]
    assert interest_on_debt(Decimal(5), date(2025, 8, 1), paid, END, RATES).amount == 0


@given(
    st.lists(st.tuples(st.integers(-5, 120), st.integers(1, 60000)), max_size=6),
    st.integers(0, 92),
    st.integers(1, 500000),
)
def test_properties(payments, cut, grosze):
    """Printed parts add up; splitting the time charges the same days; never more than on the unpaid debt."""
    paid = [(DUE + timedelta(days=days), str(Decimal(amount) / 100)) for days, amount in payments]
    principal = str(Decimal(grosze) / 100)
    whole = debt(*paid, principal=principal)
    assert sum(whole.shares()) == whole.amount
    assert all(share >= 0 for share in whole.shares())
    day = DUE + timedelta(days=cut)
    first = debt(*paid, principal=principal, until=day)
    rest = debt(*paid, principal=principal, charged_until=day)
    assert first.days + rest.days == whole.days
    exact = sum((part.amount for part in whole.parts), Decimal(0))
    assert abs(sum((p.amount for p in first.parts + rest.parts), Decimal(0)) - exact) < Decimal("1e-9")
    assert whole.amount <= debt(principal=principal).amount
