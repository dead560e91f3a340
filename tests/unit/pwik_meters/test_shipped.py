from pwik_meters.domain.shipped import digest, digests, is_one_of, is_untouched

BROUGHT = digests({"subject": {"en_US": "Invoice", "pl_PL": "Faktura"}, "lang": "{{ x }}", "reply_to": None})


def test_lines_and_indents_do_not_count():
    assert digest("<p>a\n   b</p>") == digest(" <p>a b</p>\n")
    assert digest("a b") != digest("ab")


def test_shape():
    assert BROUGHT == {
        "subject": {"en_US": digest("Invoice"), "pl_PL": digest("Faktura")},
        "lang": {"": digest("{{ x }}")},
        "reply_to": {},
    }


def test_untouched_until_one_language_differs():
    assert is_untouched(BROUGHT, BROUGHT)
    for value in (
        {"en_US": "Invoice", "pl_PL": "Rachunek"},
        {"en_US": "Bill", "pl_PL": "Faktura"},
        {"en_US": "Invoice"},
    ):
        assert not is_untouched({**BROUGHT, **digests({"subject": value})}, BROUGHT)
    assert not is_untouched({**BROUGHT, **digests({"reply_to": "a@example.com"})}, BROUGHT)


def test_a_language_counts_as_a_change_unless_it_was_just_brought():
    now = {**BROUGHT, **digests({"subject": {"en_US": "Invoice", "pl_PL": "Faktura", "de_DE": "Rechnung"}})}
    assert not is_untouched(now, BROUGHT)
    assert is_untouched(now, BROUGHT, ["de_DE"])
    changed = {**BROUGHT, **digests({"subject": {"en_US": "Invoice", "pl_PL": "Rachunek"}})}
    assert not is_untouched(changed, BROUGHT, ["pl_PL"])


def test_known_texts_may_come_from_several_versions():
    known = {
        "subject": {digest("Invoice"), digest("Faktura"), digest("Nowa faktura")},
        "lang": [digest("{{ x }}")],
    }
    assert is_one_of(
        digests({"subject": {"en_US": "Invoice", "pl_PL": "Nowa faktura"}, "lang": "{{ x }}"}), known
    )
    assert not is_one_of(digests({"subject": {"en_US": "Invoice", "pl_PL": "Rachunek"}}), known)
    assert not is_one_of(digests({"reply_to": "a@example.com"}), known)
