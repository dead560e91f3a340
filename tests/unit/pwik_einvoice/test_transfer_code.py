from decimal import Decimal

import pytest
from pwik_einvoice.domain.errors import NoTransferCode
from pwik_einvoice.domain.transfer_code import transfer_text

ACCOUNT = "61 1090 1014 0000 0712 1981 2874"


def test_fields_in_the_order_of_the_recommendation():
    text = transfer_text("PL 573-000-38-41", ACCOUNT, Decimal("420.88"), "PWiK Częstochowa", "FV/2026/00001")
    assert text == "5730003841|PL|61109010140000071219812874|042088|PWiK Częstochowa|FV/2026/00001|||"


@pytest.mark.parametrize("amount, field", [("0.01", "000001"), ("9999.99", "999999"), ("9.90", "000990")])
def test_amount_has_exactly_six_digits(amount, field):
    assert transfer_text("5730003841", ACCOUNT, Decimal(amount), "PWiK", "x").split("|")[3] == field


@pytest.mark.parametrize("amount", ["0", "-1", "10000.00"])
def test_no_code_outside_the_range(amount):
    with pytest.raises(NoTransferCode):
        transfer_text("5730003841", ACCOUNT, Decimal(amount), "PWiK", "x")


def test_a_bar_in_the_title_cannot_forge_a_field():
    assert transfer_text("5730003841", ACCOUNT, Decimal(1), "PWiK", "a|b|c").split("|")[5] == "a b c"


def test_title_is_cut_and_receiver_is_not():
    assert transfer_text("5730003841", ACCOUNT, Decimal(1), "PWiK", "t" * 40).split("|")[5] == "t" * 32
    with pytest.raises(NoTransferCode):
        transfer_text("5730003841", ACCOUNT, Decimal(1), "x" * 21, "t")


@pytest.mark.parametrize("nip, account", [("573000384", ACCOUNT), ("5730003841", "61 1090")])
def test_missing_digits_are_named(nip, account):
    with pytest.raises(NoTransferCode, match="digits"):
        transfer_text(nip, account, Decimal(1), "PWiK", "x")
