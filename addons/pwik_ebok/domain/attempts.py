"""How often somebody may try: limits by what is tried, from where and by whom."""

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries of `scope` with the same `value` within `hours`."""

    scope: str
    value: str
    most: int
    hours: int = 24

    def key(self, secret: str) -> str:
        """What is kept of the value: names, addresses and numbers themselves are not.

        :param secret: a secret of the database, so that nobody can try out which value a key stands for
        """
        message = f"{self.scope}\0{self.value}".encode()
        return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def refused(limits: list[Limit], counts: list[int]) -> bool:
    """Whether one of the limits is reached; `counts` are the tries so far, limit by limit."""
    return any(count >= limit.most for limit, count in zip(limits, counts, strict=True))
