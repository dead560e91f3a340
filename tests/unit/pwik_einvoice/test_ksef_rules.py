from datetime import UTC, date, datetime, timedelta

import pytest
from pwik_einvoice.domain import ksef_rules as rules
from pwik_einvoice.domain.ksef_rules import FAILURE, TOTAL, UNAVAILABLE, Outage

NOW = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


def is_off(day):
    return day.weekday() >= 5 or day == date(2026, 11, 11)


@pytest.mark.parametrize(
    "status, codes, expected",
    [
        (200, (), rules.OK),
        (202, (21405,), rules.OK),
        (500, (), rules.LATER),
        (503, (21405,), rules.LATER),
        (429, (), rules.LATER),
        (408, (), rules.LATER),
        (401, (), rules.SIGNED_OUT),
        (403, (), rules.SIGNED_OUT),
        (400, (21180,), rules.SESSION),
        (400, (21173,), rules.SESSION),
        (400, (21155,), rules.SESSION),
        (400, (21178,), rules.NOT_YET),
        (404, (21165,), rules.NOT_YET),
        (400, (21405,), rules.REFUSED),
        (404, (), rules.REFUSED),
    ],
)
def test_answers(status, codes, expected):
    assert rules.read_answer(status, codes) == expected


def test_codes_in_both_forms_of_an_answer():
    old = {"exception": {"exceptionDetailList": [{"exceptionCode": 21180, "exceptionDescription": "Status"}]}}
    new = {"title": "Bad Request", "status": 400, "errors": [{"code": 21173, "description": "Brak sesji"}]}
    assert rules.find_codes(old) == {21180}
    assert rules.find_codes(new) == {21173}
    assert rules.find_codes("maintenance") == rules.find_codes(None) == set()


@pytest.mark.parametrize(
    "code, expected",
    [(100, "working"), (150, "working"), (None, "working"), (200, "accepted"), (440, "duplicate")]
    + [(code, "again") for code in (405, 435, 500, 550)]
    + [(code, "rejected") for code in (410, 415, 430, 450)],
)
def test_status(code, expected):
    assert rules.read_status(code) == expected


@pytest.mark.parametrize(
    "header, seconds",
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("Mon, 05 Oct 2026 12:10:00 GMT", 600),
        ("Mon, 05 Oct 2026 11:00:00 GMT", 0),
        ("999999999", 86400),
        ("", None),
        (None, None),
        ("soon", None),
        ("-5", None),
        ("²", None),
    ],
)
def test_retry_after(header, seconds):
    wish = rules.read_retry_after(header, NOW)
    assert wish == (None if seconds is None else timedelta(seconds=seconds))


def test_pause_grows_to_an_hour_and_is_never_shorter_than_wished():
    minutes = [rules.pause(attempt).total_seconds() / 60 for attempt in (0, 1, 2, 5, 6, 500)]
    assert minutes == [1, 2, 4, 32, 60, 60]
    assert rules.pause(0, timedelta(minutes=30)) == timedelta(minutes=30)
    assert rules.pause(6, timedelta(seconds=5)) == timedelta(hours=1)
    assert rules.pause(6, timedelta(hours=5)) == timedelta(hours=5)


@pytest.mark.parametrize(
    "issued, outages, expected",
    [
        # Monday; Friday; the day before a holiday
        (date(2026, 10, 5), (), date(2026, 10, 6)),
        (date(2026, 10, 9), (), date(2026, 10, 12)),
        (date(2026, 11, 10), (), date(2026, 11, 12)),
        # issued in a planned break: the next working day after its end
        (
            date(2026, 10, 9),
            (Outage(UNAVAILABLE, date(2026, 10, 9), date(2026, 10, 12)),),
            date(2026, 10, 13),
        ),
        # issued in a failure: seven working days after its end
        (date(2026, 10, 5), (Outage(FAILURE, date(2026, 10, 5), date(2026, 10, 6)),), date(2026, 10, 15)),
        # a failure that begins before the term is over
        (date(2026, 10, 5), (Outage(FAILURE, date(2026, 10, 6), date(2026, 10, 6)),), date(2026, 10, 15)),
        # a second failure within those seven days starts them anew
        (
            date(2026, 10, 5),
            (
                Outage(FAILURE, date(2026, 10, 12), date(2026, 10, 13)),
                Outage(FAILURE, date(2026, 10, 5), date(2026, 10, 5)),
            ),
            date(2026, 10, 22),
        ),
        # not over yet
        (date(2026, 10, 5), (Outage(FAILURE, date(2026, 10, 5)),), None),
        # others' times
        (date(2026, 10, 5), (Outage(FAILURE, date(2026, 10, 1), date(2026, 10, 2)),), date(2026, 10, 6)),
        (date(2026, 10, 5), (Outage(UNAVAILABLE, date(2026, 10, 6), date(2026, 10, 9)),), date(2026, 10, 6)),
        (date(2026, 10, 5), (Outage(FAILURE, date(2026, 10, 7), date(2026, 10, 9)),), date(2026, 10, 6)),
        # due in a total failure: the next working day after its end; issued long before it, or in it (never sent): as ever
        (date(2026, 10, 5), (Outage(TOTAL, date(2026, 10, 6), date(2026, 10, 9)),), date(2026, 10, 12)),
        (date(2026, 10, 5), (Outage(TOTAL, date(2026, 10, 6)),), None),
        (date(2026, 10, 5), (Outage(TOTAL, date(2026, 10, 7), date(2026, 10, 9)),), date(2026, 10, 6)),
        (date(2026, 10, 5), (Outage(TOTAL, date(2026, 10, 5), date(2026, 10, 9)),), date(2026, 10, 6)),
    ],
)
def test_send_by(issued, outages, expected):
    assert rules.send_by(issued, outages, is_off) == expected


def test_outside_ksef_in_a_total_failure_only():
    total = Outage(TOTAL, date(2026, 10, 6), date(2026, 10, 7))
    found = [rules.is_outside(date(2026, 10, day), (total,)) for day in (5, 6, 7, 8)]
    assert found == [False, True, True, False]
    assert rules.is_outside(date(2030, 1, 1), (Outage(TOTAL, date(2026, 10, 6)),)), "it goes on"
    assert not rules.is_outside(date(2026, 10, 6), (Outage(FAILURE, date(2026, 10, 6)),))
