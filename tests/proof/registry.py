"""The list of proofs, and the tally that each keeps."""

from collections.abc import Callable
from dataclasses import dataclass, field

MOST_NOTES = 60


@dataclass
class Tally:
    """Counts of one proof. It is met when something was tried, all of it survived, nothing was lost and nothing doubled."""

    tried: int = 0
    survived: int = 0
    lost: int = 0
    doubled: int = 0
    skipped: str = ""
    broken: bool = False
    notes: list[str] = field(default_factory=list)
    unsaid: int = 0

    def check(self, held: bool, note: str = "") -> bool:
        """Count one try; `note` says what was seen where it did not hold. Returns `held`."""
        self.tried += 1
        self.survived += bool(held)
        if not held:
            self.note(note)
        return bool(held)

    def note(self, text: str) -> None:
        if text and len(self.notes) < MOST_NOTES:
            self.notes.append(text)
        else:
            self.unsaid += bool(text)

    def skip(self, reason: str) -> None:
        """What cannot be tried on this machine; a skipped proof is not met, and not failed either."""
        self.skipped = reason

    @property
    def met(self) -> bool:
        return not (self.broken or self.lost or self.doubled) and 0 < self.tried == self.survived

    def row(self) -> dict:
        names = ("tried", "survived", "lost", "doubled", "skipped")
        more = [f"and {self.unsaid} more"] if self.unsaid else []
        return {
            **{name: getattr(self, name) for name in names},
            "notes": [*self.notes, *more],
            "ok": self.met or bool(self.skipped and not self.tried),
        }


@dataclass(frozen=True)
class Proof:
    """A program. `run(stage, tally, count)`; `full` is the count of the target, `small` one that shows that the program works.

    `suite`: whether it is quick enough to belong to `./pwik test`.
    """

    target: str
    what: str
    small: int
    full: int
    run: Callable
    suite: bool


PROOFS: list[Proof] = []


def proof(target: str, what: str, *, small: int, full: int, suite: bool = False):
    """Register a function as the proof of a target."""

    def register(function):
        PROOFS.append(Proof(target, what, small, full, function, suite))
        return function

    return register
