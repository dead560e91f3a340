from pwik_ebok.domain.attempts import A_DAY, limit_of_day, refused


def test_the_utility_sets_how_much_a_day_holds():
    assert limit_of_day("case_login", "7", "5").most == 5
    assert limit_of_day("case_login", "7", "5").hours == 24


def test_what_is_no_number_of_tries_counts_as_not_set():
    for setting in (None, "", "0", "-3", "wiele", "2.5", "²"):
        assert limit_of_day("case_login", "7", setting).most == A_DAY["case_login"]


def test_the_last_try_of_the_day_is_taken_and_the_next_refused():
    limit = limit_of_day("check_address", "192.0.2.1", "3")
    assert [refused([limit], [count]) for count in (0, 2, 3)] == [False, False, True]
