"""What a parser takes for files of a megabyte, without the fuzzer's instruments: python -m tests.fuzz.large TARGET CORPUS

What fuzzing finds is small; what grows faster than its input shows here. Prints {"large", "seconds_per_mb", "mb"}.
"""

import gzip
import json
import pathlib
import resource
import sys
import time
from collections.abc import Iterator

from tools.pwik_cli.domains import register

register()
from tests.fuzz.limits import MEGABYTE  # noqa: E402
from tests.fuzz.targets import TARGETS, Target, zipped  # noqa: E402

#: What a line, a cell or a nesting without end is made of.
ENDLESS = (
    b"x",
    b"0",
    b"9,",
    b" ",
    b";",
    b'"',
    b"\n",
    b'{"a":',
    b"[",
    b"<a>",
    b"&lt;",
    b"\xc5\x82",
    b"\x00",
    b"\xff",
)


def inputs(target: Target, corpus: pathlib.Path) -> Iterator[bytes]:
    """Files of about a megabyte: seeds again and again, everything the fuzzer kept, and a beginning without an end."""
    seeds = list(target.seeds())
    plain = [seed for seed in seeds if not seed.startswith((b"PK", b"\x1f\x8b"))]
    for seed in plain:
        yield _filled(b"", seed)
        for endless in ENDLESS:
            yield _filled(seed, endless)
            yield _filled(seed[: len(seed) // 2], endless)
    kept = b"\n".join(path.read_bytes() for path in sorted(corpus.glob("*")))
    yield _filled(b"", kept)
    if plain:
        yield _filled(plain[0] + b"\n", kept)
    yield from target.large(MEGABYTE)
    if plain and plain != seeds:  # archives are read
        yield gzip.compress(_filled(b"", plain[0]), mtime=0)
        yield zipped(*((f"{number}.txt", plain[0]) for number in range(900)))


def _filled(head: bytes, again: bytes) -> bytes:
    return head + (again * (MEGABYTE // len(again) + 1))[: MEGABYTE - len(head)] if again else head


def measure(target: Target, corpus: pathlib.Path) -> dict:
    """The most that one of the inputs took: seconds of a processor, and memory of the whole process in MB."""
    count, slowest = 0, 0.0
    for data in inputs(target, corpus):
        begin = time.process_time()
        target.try_one(data)
        slowest = max(slowest, time.process_time() - begin)
        count += 1
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"large": count, "seconds_per_mb": round(slowest, 2), "mb": round(most)}


if __name__ == "__main__":
    print(json.dumps(measure(TARGETS[sys.argv[1]], pathlib.Path(sys.argv[2]))))
