from datetime import date

import pytest
from pwik_einvoice.domain.delivery import Buyer, Decision, channel, current_consent, readable_place

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


def decide(*decisions):
    found = current_consent(
        Decision(action, date(2026, month, 1), email, *rest) for month, action, email, *rest in decisions
    )
    return (
        found.since and found.since.month,
        found.email,
        found.withdrawn and found.withdrawn.month,
        found.change,
    )


@pytest.mark.parametrize(
    "decisions, expected",
    [
        ((), (None, None, None, None)),
        (((1, "given", "a"),), (1, "a", None, None)),
        (((1, "given", "a"), (2, "withdrawn", None)), (None, None, 2, None)),
        # another address is no new consent
        (((1, "given", "a"), (3, "given", "b")), (1, "b", None, None)),
        (((1, "given", "a"), (2, "withdrawn", None), (3, "given", "b")), (3, "b", None, None)),
        # the old address until the new one is confirmed
        (((1, "given", "a"), (2, "change", "b")), (1, "a", None, 1)),
        (((1, "given", "a"), (2, "change", "b"), (3, "given", "b")), (1, "b", None, None)),
        (((1, "given", "a"), (2, "change", "b"), (3, "withdrawn", None)), (None, None, 3, None)),
        # the old one is lost: paper meanwhile, and one consent in the end
        (((1, "given", "a"), (2, "change", "b", True)), (None, None, None, 1)),
        (((1, "given", "a"), (2, "change", "b", True), (2, "change", "c")), (None, None, None, 2)),
        (((1, "given", "a"), (2, "change", "b", True), (3, "given", "b")), (1, "b", None, None)),
        # nothing to change
        (((1, "change", "b"),), (None, None, None, None)),
    ],
)
def test_what_holds_now(decisions, expected):
    assert decide(*decisions) == expected


@pytest.mark.parametrize(
    "key, text",
    [
        ("T-02 000320 Olsztyn, ul. Zamkowa 11", "T-02/320, Olsztyn, ul. Zamkowa 11"),
        ("Trasa 7 000000 Kłobuck, Rynek 4", "Trasa 7/0, Kłobuck, Rynek 4"),
        ("~ 000010 Kłobuck, ul. Łąkowa 3", "Kłobuck, ul. Łąkowa 3"),
        ("~", ""),
        ("T-01/20, Olsztyn", "T-01/20, Olsztyn"),
        (None, ""),
    ],
)
def test_readable_place(key, text):
    assert readable_place(key) == text
