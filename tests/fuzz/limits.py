"""What a parser may take: processor time by the size of its input, and memory."""

import time
from collections.abc import Callable

MEGABYTE = 1 << 20
SECONDS_PER_MB = 2.0
#: Seconds of a processor for any input, however small: what an instrumented parser needs for an archive of a megabyte.
AT_LEAST = 1.0


class TooSlowError(AssertionError):
    """An input that took more of a processor than its size allows."""


def in_time(work: Callable[[bytes], None], data: bytes) -> None:
    """Do `work(data)` and look at the processor's time, which other programs do not lengthen. Raises TooSlowError."""
    begin = time.process_time()
    work(data)
    took, allowed = time.process_time() - begin, AT_LEAST + SECONDS_PER_MB * len(data) / MEGABYTE
    if took > allowed:
        raise TooSlowError(f"{took:.1f} s for {len(data)} bytes, {allowed:.1f} s are allowed")
