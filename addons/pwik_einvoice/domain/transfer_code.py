"""Text of the 2D code for transfers (QR) by the recommendation of the Polish Bank Association (ZBP, 2013)."""

from decimal import Decimal

from .errors import NoTransferCode

MAX_AMOUNT = Decimal("9999.99")
MAX_LENGTH = 160


def transfer_text(nip: str, account: str, amount: Decimal, receiver: str, title: str) -> str:
    """``NIP|PL|account|grosze|receiver|title|||`` for a code that a bank's application reads.

    :param nip: tax number of the receiver, ten digits, a leading ``PL`` and separators are dropped
    :param account: NRB, 26 digits, spaces and a leading ``PL`` are dropped
    :param amount: zł with grosze, above 0 and at most 9,999.99
    :param receiver: short name, at most 20 characters
    :param title: of the transfer, cut at 32 characters
    :raises NoTransferCode: the recommendation has no room for this transfer
    """
    nip = _digits(nip)
    account = _digits(account)
    if len(nip) != 10:
        raise NoTransferCode(f"receiver's tax number has {len(nip)} digits, not 10")
    if len(account) != 26:
        raise NoTransferCode(f"account has {len(account)} digits, not 26")
    if not 0 < amount <= MAX_AMOUNT:
        raise NoTransferCode(f"amount {amount} is not within 0.01 and {MAX_AMOUNT}")
    receiver = _clean(receiver)
    if not receiver or len(receiver) > 20:
        raise NoTransferCode("the receiver's short name has 1 to 20 characters")
    grosze = int((amount * 100).to_integral_exact())
    text = "|".join([nip, "PL", account, f"{grosze:06d}", receiver, _clean(title)[:32], "", "", ""])
    if len(text) > MAX_LENGTH:
        raise NoTransferCode(f"the text has {len(text)} characters, more than {MAX_LENGTH}")
    return text


def _digits(text: str) -> str:
    return "".join(c for c in text.upper().removeprefix("PL") if c.isdigit())


def _clean(text: str) -> str:
    """The bar parts the fields, so that it cannot stand inside one."""
    return " ".join(text.replace("|", " ").split())
