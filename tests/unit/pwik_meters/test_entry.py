from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_meters.domain.entry import EntryError, parse_value


@pytest.mark.parametrize(
    ("text", "value"),
    [("", None), (None, None), ("  ", None), ("0", "0"), ("12", "12"), ("12,5", "12.5"), ("12.345", "12.345"),
     ("1 234,5", "1234.5"), ("1\u00a0234", "1234"), ("999999999", "999999999")],
)  # fmt: skip
def test_what_people_type(text, value):
    assert parse_value(text) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    "text", ["1o5", "-1", "+1", "1,2345", "1.", ",5", "1,2,3", "1.234,5", "1e3", "1234567890", "٣"]
)
def test_what_is_no_value(text):
    with pytest.raises(EntryError):
        parse_value(text)


@given(st.decimals(0, 999999999, places=3), st.sampled_from(",."))
def test_each_value_is_read_as_it_was_written(value, mark):
    assert parse_value(f"{value:.3f}".replace(".", mark)) == value
