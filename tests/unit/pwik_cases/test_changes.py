"""Which changes of data are taken, and how the values are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_cases.domain.changes import FIELDS, Change, normalise_value, parse_changes
from pwik_cases.domain.errors import InputRefused

CURRENT = {
    "phone": "+48 601 234 567",
    "email": "anna@example.pl",
    "street": "Lipowa 5",
    "zip": "37-500",
    "city": "Jarosław",
}


def problems(function, *args, **kwargs):
    with pytest.raises(InputRefused) as caught:
        function(*args, **kwargs)
    return [(p.field, p.code) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("601234567", "+48 601 234 567"),
        ("601-234-567", "+48 601 234 567"),
        ("(+48) 601 234 567", "+48 601 234 567"),
        ("0048 16 621 12 34", "+48 166 211 234"),
        ("48601234567", "+48 601 234 567"),
        ("0 16 621 12 34", "+48 166 211 234"),
        ("+49 30 901820", "+4930901820"),
        ("", ""),
    ],
)
def test_phone(typed, stored):
    assert normalise_value("phone", typed) == stored


@pytest.mark.parametrize(
    "typed", ["12345", "601 234 5678", "+48 001 234 567", "tel. 601234567", "+", "٦٠١٢٣٤٥٦٧"]
)
def test_phone_refused(typed):
    assert problems(normalise_value, "phone", typed) == [("phone", "phone_format")]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Anna.Nowak@Example.PL ", "Anna.Nowak@example.pl"),
        ("a+b@sub.example.com.pl", "a+b@sub.example.com.pl"),
    ],
)
def test_email(typed, stored):
    assert normalise_value("email", typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "anna",
        "anna@",
        "@example.pl",
        "anna@example",
        "a b@example.pl",
        "a..b@example.pl",
        ".a@example.pl",
        "anna@example.pl, x@y.pl",
        "Anna <anna@example.pl>",
        "anna@example.pl\r\nBcc: x@y.pl",
        "a@-x.pl",
        "a@1.2.3.4",
        "a" * 65 + "@example.pl",
        "a@" + "b" * 250 + ".pl",
    ],
)
def test_email_refused(typed):
    assert problems(normalise_value, "email", typed) == [("email", "email_format")]


@pytest.mark.parametrize("typed", ["37500", "37-500", "37 500"])
def test_zip(typed):
    assert normalise_value("zip", typed) == "37-500"


@pytest.mark.parametrize("typed", ["3750", "375-00", "37-5000", "AB-CDE"])
def test_zip_refused(typed):
    assert problems(normalise_value, "zip", typed) == [("zip", "zip_format")]


def test_address_may_not_be_emptied():
    assert problems(normalise_value, "street", "  ") == [("street", "value_required")]


def test_line_is_cleaned_and_limited():
    assert normalise_value("city", "  Nowy\u00a0  Sącz\u202e ") == "Nowy Sącz"
    assert problems(normalise_value, "city", "x" * 129) == [("city", "line_too_long")]
    assert problems(normalise_value, "city", "---") == [("city", "line_format")]


@pytest.mark.parametrize(
    "name", ["vat", "id", "user_ids", "property_account_receivable_id", "pwik_customer_number"]
)
def test_only_listed_fields(name):
    assert problems(parse_changes, {name: "1"}, CURRENT) == [(name, "field_not_allowed")]
    assert problems(normalise_value, name, "1", by_office=True) == [(name, "field_not_allowed")]


def test_name_only_by_office():
    current = {**CURRENT, "name": "Anna Nowak"}
    assert problems(parse_changes, {"name": "Anna Kowalska"}, current) == [("name", "field_not_allowed")]
    assert parse_changes({"name": "Anna Kowalska"}, current, by_office=True) == (
        Change("name", "Anna Nowak", "Anna Kowalska"),
    )


def test_only_what_differs_is_a_change():
    wanted = {"phone": "601 234 567", "city": "Przemyśl", "zip": "37-700"}
    assert parse_changes(wanted, CURRENT) == (
        Change("zip", "37-500", "37-700"),
        Change("city", "Jarosław", "Przemyśl"),
    )


def test_nothing_changed():
    assert problems(parse_changes, {"phone": "601234567"}, CURRENT) == [("changes", "nothing_changed")]
    assert problems(parse_changes, {}, CURRENT) == [("changes", "nothing_changed")]


def test_old_value_in_a_bad_form_does_not_stop_other_changes():
    current = {**CURRENT, "phone": "brak"}
    assert parse_changes({"phone": "brak", "city": "Łańcut"}, current) == (
        Change("city", "Jarosław", "Łańcut"),
    )


def test_all_problems_at_once():
    assert problems(parse_changes, {"phone": "1", "email": "x", "zip": "1"}, CURRENT) == [
        ("phone", "phone_format"),
        ("email", "email_format"),
        ("zip", "zip_format"),
    ]


def test_correspondence_address_is_whole_or_absent():
    assert problems(parse_changes, {"correspondence_street": "Rynek 1"}, CURRENT) == [
        ("correspondence_zip", "value_required"),
        ("correspondence_city", "value_required"),
    ]
    whole = {
        "correspondence_street": "Rynek 1",
        "correspondence_zip": "37-500",
        "correspondence_city": "Jarosław",
    }
    assert len(parse_changes(whole, CURRENT)) == 3
    assert len(parse_changes(dict.fromkeys(whole, ""), {**CURRENT, **whole})) == 3


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=300))
def test_any_text_is_stored_clean_or_refused(name, typed):
    try:
        stored = normalise_value(name, typed, by_office=True)
    except InputRefused as error:
        assert [p.field for p in error.problems] == [name]
    else:
        assert stored == stored.strip() and stored.isprintable()
        assert (
            normalise_value(name, stored, by_office=True) == stored if stored else not FIELDS[name].required
        )
