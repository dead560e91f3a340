import pytest

from tests import radio_fixture


@pytest.mark.parametrize("name", sorted(radio_fixture.files()))
def test_fixture_is_what_the_encoder_makes(name):
    assert (radio_fixture.DATA / name).read_text(encoding="utf-8") == radio_fixture.files()[name]
