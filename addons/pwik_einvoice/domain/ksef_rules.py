"""What an answer of KSeF means, how long to wait, and by which day an invoice must be there.

Sources: KSeF 2.0 API (codes of answers, limits, offline modes), VAT act art. 106nda (offline24), 106nf (failure), 106ng (total
failure) and 106nh (unavailability), in force from 2026-02-01.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

DAY = timedelta(days=1)

# ------------------------------------------------------------------ answers

#: What to do with a request: it was ``ok``; ask the service ``later``, or about this one only (``not_yet``); sign in anew
#: (``signed_out``); take another session (``session``); or it is ``refused`` for good.
OK, LATER, NOT_YET, SIGNED_OUT, SESSION, REFUSED = (
    "ok",
    "later",
    "not_yet",
    "signed_out",
    "session",
    "refused",
)

TRY_LATER = frozenset({408, 425, 429})
NO_SUCH_SESSION = 21173
#: Too many invoices in the session; no such session; its state forbids it; it is away for now.
SESSION_CODES = frozenset({21155, NO_SUCH_SESSION, 21180, 21184})
#: The number or the receipt exists and cannot be had yet.
NOT_YET_CODES = frozenset({21165, 21178})

ACCEPTED, DUPLICATE = 200, 440
#: The session's fault, or KSeF's own: the invoice did not come in and nothing is wrong with it.
SEND_AGAIN = frozenset({405, 435, 500, 550})


def read_answer(status: int, codes: Iterable[int] = ()) -> str:
    """One of `OK`, `LATER`, `NOT_YET`, `SIGNED_OUT`, `SESSION`, `REFUSED`.

    :param status: HTTP code
    :param codes: KSeF's own codes (``exceptionCode``) in the body
    """
    codes = set(codes)
    if status < 400:
        return OK
    if status >= 500 or status in TRY_LATER:
        return LATER
    if status in (401, 403):
        return SIGNED_OUT
    if codes & NOT_YET_CODES:
        return NOT_YET
    if codes & SESSION_CODES:
        return SESSION
    return REFUSED


def find_codes(body: object) -> set[int]:
    """KSeF's own codes in an answer that says no, in either of its forms (``exceptionDetailList``; problem details)."""
    found: set[int] = set()
    if isinstance(body, dict):
        for name, value in body.items():
            if name in ("exceptionCode", "code") and str(value).isdecimal():
                found.add(int(value))
            else:
                found |= find_codes(value)
    elif isinstance(body, list):
        for value in body:
            found |= find_codes(value)
    return found


def read_status(code: int | None) -> str:
    """What the status of one invoice means: ``accepted``, ``duplicate``, ``working``, ``again`` or ``rejected``.

    A code below 200, and one that is missing, says that nothing is decided yet.
    """
    if code == ACCEPTED:
        return "accepted"
    if code == DUPLICATE:
        return "duplicate"
    if code is None or code < ACCEPTED:
        return "working"
    return "again" if code in SEND_AGAIN else "rejected"


# ------------------------------------------------------------------ waiting

LONGEST_PAUSE = timedelta(hours=1)
#: A service that asks for more is asked once a day all the same.
LONGEST_WISH = timedelta(days=1)
#: So long the queue waits by itself before a person is told.
PATIENCE = timedelta(hours=4)
#: So often an invoice is sent again that KSeF dropped for reasons of its own.
MOST_SENDINGS = 8


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The header ``Retry-After``: seconds, or a moment (RFC 9110). None where it is missing or cannot be read.

    :param now: with time zone
    """
    value = (value or "").strip()
    if value.isascii() and value.isdecimal():
        wish = timedelta(seconds=min(int(value), 10**7))
    else:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        wish = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(wish, timedelta(0)), LONGEST_WISH)


def pause(attempts: int, wish: timedelta | None = None) -> timedelta:
    """How long to wait: twice as long each time, up to an hour; never shorter than the service wishes.

    :param attempts: how often it was tried in vain before
    """
    grown = min(timedelta(minutes=2 ** min(attempts, 10)), LONGEST_PAUSE)
    return max(grown, wish or timedelta(0))


# ------------------------------------------------------------------ deadlines

UNAVAILABLE, FAILURE, TOTAL = "unavailable", "failure", "total"
FAILURE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Outage:
    """A time that the Ministry announced.

    :param kind: `UNAVAILABLE` (planned, art. 106ne ust. 4), `FAILURE` (art. 106ne ust. 1) or `TOTAL` (announced in the mass
        media, art. 106ne ust. 3)
    :param end: last day, or None while it goes on
    """

    kind: str
    start: date
    end: date | None = None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


def add_working_days(day: date, count: int, is_off: Callable[[date], bool]) -> date:
    """The ``count``-th working day after ``day``."""
    while count:
        day += DAY
        count -= not is_off(day)
    return day


def is_outside(issued: date, outages: Iterable[Outage]) -> bool:
    """Whether an invoice of that day is issued without KSeF and never sent there: a total failure (art. 106ng)."""
    return any(outage.kind == TOTAL and outage.covers(issued) for outage in outages)


def send_by(issued: date, outages: Iterable[Outage], is_off: Callable[[date], bool]) -> date | None:
    """Last day on which an invoice must be in KSeF; None while an announced outage goes on.

    What is not sent on its day of issue counts as issued offline: the next working day (art. 106nda). Issued during an outage,
    or due to be sent in one, it follows the outage's end: the next working day after an unavailability (art. 106nh ust. 2),
    seven working days after a failure (art. 106nf; a failure announced before the term ends starts it anew). What was issued
    before a total failure and is due in it waits for its end; what is issued in one is not sent at all (`is_outside`).

    :param issued: day of issue (``P_1``)
    :param is_off: whether nobody works on a day
    """
    outages = sorted(outages, key=lambda one: one.start)
    term: date | None = add_working_days(issued, 1, is_off)
    for outage in outages:
        if term is None:
            return None
        # one that begins within the term moves it only if it is a failure: art. 106nda ust. 13, 106nf ust. 5, 106nh ust. 3
        began_within = issued < outage.start <= term
        met = began_within if outage.kind == TOTAL else outage.covers(issued)
        met = met or (outage.kind == FAILURE and began_within)
        if met:
            days = FAILURE_DAYS if outage.kind == FAILURE else 1
            moved = add_working_days(outage.end, days, is_off) if outage.end else None
            term = None if moved is None else max(term, moved)
    return term
