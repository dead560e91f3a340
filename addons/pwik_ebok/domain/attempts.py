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


#: How much of what makes work or costs room one login (or one address) may do in a day, where the utility has set nothing.
A_DAY = {"case_login": 30, "message_login": 100, "upload_login": 200, "check_address": 60}


def whole_number(setting: str | None, default: int) -> int:
    """What the utility has set, where it is a whole number of 0 or more."""
    return int(setting) if setting and setting.isascii() and setting.isdigit() else default


def limit_of_day(scope: str, value: str, setting: str | None) -> Limit:
    """The limit of a day for `value`.

    :param scope: a key of :data:`A_DAY`
    :param setting: what the utility has set, a whole number of 1 or more; anything else counts as not set
    """
    return Limit(scope, value, whole_number(setting, 0) or A_DAY[scope])


def refused(limits: list[Limit], counts: list[int]) -> bool:
    """Whether one of the limits is reached; `counts` are the tries so far, limit by limit."""
    return any(count >= limit.most for limit, count in zip(limits, counts, strict=True))
