"""In which way an invoice reaches its buyer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

CHANNELS = ("ksef", "electronic", "paper")
_ROUTE_ORDER = re.compile(r"(?P<route>.+?) (?P<place>\d{6}) (?P<address>.*)")


def readable_place(route_order: str | None) -> str:
    """What a key of the order in which letters are carried out says to a person.

    :param route_order: code of the route (``~`` where there is none), place on it in six digits, address; as it is sorted by
    :return: ``T-02/320, Olsztyn, ul. Zamkowa 11``; the address alone without a route; empty where nothing is known
    """
    match = _ROUTE_ORDER.fullmatch(route_order or "")
    if not match:
        return "" if route_order == "~" else route_order or ""
    address = match["address"].strip(" ,")
    return address if match["route"] == "~" else f"{match['route']}/{int(match['place'])}, {address}"


@dataclass(frozen=True, slots=True)
class Buyer:
    """What decides about the delivery of one invoice.

    :param is_business: the buyer acts with a tax number (VAT act art. 106ga: structured invoice obligatory)
    :param chosen: a channel that was agreed with this customer, or None
    :param consent_from: day of the consent to electronic invoices (VAT act art. 106n), or None
    :param consent_until: day on which it was withdrawn, or None
    """

    is_business: bool
    chosen: str | None = None
    consent_from: date | None = None
    consent_until: date | None = None

    def consents_on(self, day: date) -> bool:
        return bool(
            self.consent_from
            and self.consent_from <= day
            and not (self.consent_until and self.consent_until <= day)
        )


def channel(buyer: Buyer, day: date, *, ksef_from: date | None, ksef_for_consumers: bool) -> str:
    """One of `CHANNELS` for an invoice of ``day``.

    :param ksef_from: day from which the company sends business invoices to KSeF, by its sales 2026-02-01 or
        2026-04-01; None: not yet
    :param ksef_for_consumers: the company's choice to send consumers' invoices there too
    """
    ksef = bool(ksef_from and day >= ksef_from)
    if buyer.is_business and ksef:
        return "ksef"
    if buyer.chosen == "ksef" and ksef or not buyer.is_business and ksef and ksef_for_consumers:
        return "ksef"
    if buyer.consents_on(day) and buyer.chosen != "paper":
        return "electronic"
    return "paper"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a customer decided about electronic invoices, one of many.

    :param action: ``given``, ``withdrawn`` or ``change`` (another address is asked for and not confirmed yet)
    :param old_lost: of a change: nobody reads the old address any more
    """

    action: str
    day: date
    email: str | None = None
    old_lost: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """What holds now.

    :param since: day of the consent that holds, or None. Another address is no new consent: the day stays.
    :param email: where invoices go
    :param withdrawn: day of the withdrawal, where the last decision is one
    :param change: index of the change that waits for its confirmation, or None
    """

    since: date | None = None
    email: str | None = None
    withdrawn: date | None = None
    change: int | None = None


def current_consent(decisions: Iterable[Decision]) -> Consent:
    """What follows from all decisions, the oldest first.

    The old address is used until the new one is confirmed, unless the customer says that it is lost: then nothing may be sent
    to it, and invoices come on paper until the new one is confirmed.
    """
    since = email = withdrawn = change = None
    lost = False
    for index, decision in enumerate(decisions):
        if decision.action == "withdrawn":
            since, email, withdrawn, change, lost = None, None, decision.day, None, False
        elif decision.action == "given":
            since, email, withdrawn, change, lost = since or decision.day, decision.email, None, None, False
        elif since:
            change, lost = index, lost or decision.old_lost
    return Consent(None if lost else since, None if lost else email, withdrawn, change)
