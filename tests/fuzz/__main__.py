"""One target under atheris: python -m tests.fuzz TARGET CORPUS [options of libFuzzer]"""

import pathlib
import sys

import atheris

with atheris.instrument_imports(include=["pwik_meters.domain", "pwik_radio_reading.domain"]):
    from tools.pwik_cli.domains import register

    register()
    from tests.fuzz.targets import TARGETS
from tests.fuzz.limits import in_time


def main(name: str, corpus: str, *options: str) -> None:
    target, folder = TARGETS[name], pathlib.Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate([*target.seeds(), *target.regressions()]):
        (folder / f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *options, corpus], lambda data: in_time(target.try_one, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
