"""What is shown of an identifier to people who need not know it: enough to tell two apart, too little to use."""

import re

SIGN = "•"
#: What may be a PESEL, for PostgreSQL: more than `is_pesel` finds, since the check digit is not looked at.
PESEL_LIKE = r"^\s*(PL)?\s*\d{11}\s*$"
_KEPT = 3
_KEPT_OF_ACCOUNT = 4


def _tail(text: str, kept: int) -> str:
    """All letters and digits but the last ``kept`` hidden; blanks and signs stay where they are."""
    signs = [at for at, sign in enumerate(text) if sign.isalnum()]
    hidden = set(signs[: max(len(signs) - kept, (len(signs) + 1) // 2)])
    return "".join(SIGN if at in hidden else sign for at, sign in enumerate(text))


def mask_phone(number: str | None) -> str:
    """``+•• ••• ••• 123``"""
    return _tail(number or "", _KEPT)


def mask_account(number: str | None) -> str:
    """``•• •••• … 1234``"""
    return _tail(number or "", _KEPT_OF_ACCOUNT)


def is_pesel(text: str | None) -> bool:
    """Whether a tax number is a person's PESEL: eleven digits with the right check digit."""
    digits = (text or "").strip().upper().removeprefix("PL")
    if not re.fullmatch(r"\d{11}", digits, re.ASCII):
        return False
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    total = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False))
    return (10 - total % 10) % 10 == int(digits[-1])


def mask_tax_number(number: str | None) -> str:
    """A company's tax number is public and stays; a PESEL is masked."""
    return _tail(number or "", _KEPT) if is_pesel(number) else number or ""


def is_masked(text: object) -> bool:
    """Whether a value is what somebody was shown instead of the real one."""
    return isinstance(text, str) and SIGN in text
