import pytest
from pwik_ebok.domain.street import NumbersRefused, lies_on, parse_numbers, split_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ul. Długa 12a/3", ("długa", (12, "a"))),
        ("Długa 12", ("długa", (12, ""))),
        ("al. Wolności 7 m. 4", ("wolności", (7, ""))),
        ("os. Tysiąclecia", ("tysiąclecia", None)),
        ("ul. 3 Maja 5", ("3 maja", (5, ""))),
        ("ul.  Jana   Pawła II  44 B", ("jana pawła ii", (44, "b"))),
        ("", ("", None)),
        (None, ("", None)),
    ],
)
def test_an_address_is_split(text, expected):
    assert split_address(text) == expected


@pytest.mark.parametrize(
    ("address", "numbers", "expected"),
    [
        ("ul. Długa 3", "", True),
        ("ul. Krótka 3", "", False),
        ("Długa 3", "1-5", True),
        ("Długa 4", "1-5 odd", False),
        ("Długa 4", "1-5 parzyste", True),
        ("Długa 15a", "1-15", True),
        ("Długa 15a", "1-14, 16", False),
        ("Długa 20a", "20", True),
        ("Długa 20", "20a", False),
        ("Długa 20a", "20a", True),
        ("Długa 12/7", "12", True),
        ("Długa", "1-5", False),
        ("Długa", "", True),
        ("Długa Boczna 3", "", False),
    ],
)
def test_an_address_lies_on_a_street(address, numbers, expected):
    assert lies_on(address, "ul. Długa", parse_numbers(numbers)) is expected


@pytest.mark.parametrize("text", ["a", "1-", "5-1", "1;2", "1-5 czasem", "-3", "1 2"])
def test_numbers_that_cannot_be_read_are_named(text):
    with pytest.raises(NumbersRefused) as refused:
        parse_numbers(f"3, {text}")
    assert refused.value.part == text
