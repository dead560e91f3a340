"""What is left of an identifier."""

import pytest
from pwik_ebok.domain.masking import is_masked, is_pesel, mask_account, mask_phone, mask_tax_number


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+48 600 100 234", "+•• ••• ••• 234"), ("600100234", "••••••234"), ("12", "•2"), ("", ""), (None, "")],
)
def test_phone(number, shown):
    assert mask_phone(number) == shown


def test_account():
    assert mask_account("61 1090 1014 0000 0712 1981 2874") == "•• •••• •••• •••• •••• •••• 2874"


def test_a_persons_number_is_masked_and_a_firms_is_not():
    assert is_pesel("44051401359")
    assert not is_pesel("44051401358")
    assert mask_tax_number("44051401359") == "••••••••359"
    assert mask_tax_number("PL5260001246") == "PL5260001246"


def test_a_mask_is_known():
    assert is_masked(mask_phone("600100234"))
    assert not is_masked("600100234")
    assert not is_masked(None)
