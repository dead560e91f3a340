from datetime import date

import pytest
from pwik_einvoice.domain.delivery import Buyer, channel

DAY = date(2026, 10, 5)
KSEF = date(2026, 4, 1)


@pytest.mark.parametrize(
    "buyer, ksef_from, consumers, expected",
    [
        (Buyer(is_business=True), KSEF, False, "ksef"),
        (Buyer(is_business=True), None, False, "paper"),
        (Buyer(is_business=True, consent_from=DAY), None, False, "electronic"),
        (Buyer(is_business=True), date(2026, 10, 6), False, "paper"),
        (Buyer(is_business=False), KSEF, False, "paper"),
        (Buyer(is_business=False), KSEF, True, "ksef"),
        (Buyer(is_business=False, chosen="ksef"), KSEF, False, "ksef"),
        (Buyer(is_business=False, consent_from=DAY), KSEF, False, "electronic"),
        (Buyer(is_business=False, consent_from=date(2026, 10, 6)), KSEF, False, "paper"),
        (Buyer(is_business=False, consent_from=date(2026, 1, 1), consent_until=DAY), KSEF, False, "paper"),
        (
            Buyer(is_business=False, consent_from=date(2026, 1, 1), consent_until=date(2026, 10, 6)),
            KSEF,
            False,
            "electronic",
        ),
        (Buyer(is_business=False, chosen="paper", consent_from=DAY), KSEF, False, "paper"),
    ],
)
def test_channel(buyer, ksef_from, consumers, expected):
    assert channel(buyer, DAY, ksef_from=ksef_from, ksef_for_consumers=consumers) == expected
