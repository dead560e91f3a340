"""The reader's screen and the office's campaign call the same signal the same."""

from pwik_collector.progress import SIGNAL_STEPS
from pwik_radio_reading.domain.campaign import GRADES


def test_collector_and_office_grade_alike():
    assert SIGNAL_STEPS[:-1] == tuple(least for _name, least in GRADES[:-1])
    assert len(SIGNAL_STEPS) == len(GRADES) and GRADES[-1][1] is None
