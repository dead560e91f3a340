"""Lists of collected payments (mass payments): lines by positions or columns, a trailer with their number and sum."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from ..errors import BankFileError
from .profiles import BankProfile
from .statement import CENT, Statement, Transaction, account_digits, tidy


def read(text: str, profile: BankProfile, currency: str) -> tuple[Statement, ...]:
    """The list as one statement without balances.

    :param currency: assumed where the file names none
    :raises BankFileError: `record`, `truncated`, `trailer_count`, `trailer_sum`, `negative_amount`, `amount`, `date`, `account`
    """
    layout = profile.positions
    header: dict[str, str] = {}
    trailer: dict[str, str] | None = None
    rows: list[tuple[int, dict[str, str]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if trailer is not None:
            raise BankFileError("after_trailer", line=number)
        record = next((one for one, mark in layout.marks.items() if line.startswith(mark)), None)
        if record is None:
            raise BankFileError("record", line=number, text=tidy(line)[:40])
        values = _cut(line, record, profile)
        if record == "header":
            header = values
        elif record == "trailer":
            trailer = values
        else:
            rows.append((number, values))
    if trailer is None:
        raise BankFileError("truncated", line=text.count("\n") + 1)
    day = _day(header["date"], profile, 1) if header.get("date") else None
    transactions = tuple(_transaction(values, profile, day, currency, number) for number, values in rows)
    _check_trailer(trailer, transactions, profile)
    return (
        Statement(
            account=account_digits(header.get("account", "")),
            day=day or max((one.day for one in transactions), default=date.min),
            currency=header.get("currency") or currency,
            number=header.get("number", ""),
            transactions=transactions,
        ),
    )


def _cut(line: str, record: str, profile: BankProfile) -> dict[str, str]:
    columns = line.split(profile.delimiter) if profile.delimiter else None
    values = {}
    for (kind, name), (first, last) in profile.positions.fields.items():
        if kind != record:
            continue
        if columns is None:
            values[name] = tidy(line[first - 1 : last])
        else:
            values[name] = tidy(columns[first - 1]).strip('"') if first <= len(columns) else ""
    return values


def _check_trailer(
    trailer: dict[str, str], transactions: tuple[Transaction, ...], profile: BankProfile
) -> None:
    count, total = trailer["count"], _amount(trailer["sum"], profile, 0)
    if not count.isdigit() or int(count) != len(transactions):
        raise BankFileError("trailer_count", told=count, found=len(transactions))
    found = sum((one.amount for one in transactions), Decimal())
    if total != found:
        raise BankFileError("trailer_sum", told=total, found=found)


def _transaction(
    values: dict[str, str], profile: BankProfile, day: date | None, currency: str, line: int
) -> Transaction:
    amount = _amount(values["amount"], profile, line)
    if amount <= 0:
        raise BankFileError("negative_amount", line=line)
    if values.get("currency") and values["currency"] != currency:
        raise BankFileError("currency", found=values["currency"], expected=currency)
    account = account_digits(values["account"])
    if not (account.isdigit() and len(account) == 26):
        raise BankFileError("account", line=line, text=values["account"])
    if values.get("date"):
        day = _day(values["date"], profile, line)
    if day is None:
        raise BankFileError("date", line=line, text="")
    return Transaction(
        day=day,
        amount=amount,
        account=account,
        title=values.get("title", ""),
        payer=values.get("payer", ""),
        payer_account=account_digits(values.get("payer_account", "")),
        reference=values.get("reference", ""),
    )


def _amount(text: str, profile: BankProfile, line: int) -> Decimal:
    plain = text.replace(" ", "")
    try:
        if profile.amount_unit == "grosze":
            if not plain.lstrip("+-").isdigit():
                raise InvalidOperation
            return (Decimal(plain) / 100).quantize(CENT)
        value = Decimal(plain.replace(",", "."))
        if not value.is_finite() or value != value.quantize(CENT):
            raise InvalidOperation
        return value.quantize(CENT)
    except InvalidOperation as error:
        raise BankFileError("amount", line=line, text=text) from error


def _day(text: str, profile: BankProfile, line: int) -> date:
    try:
        return datetime.strptime(text, profile.date_format).date()
    except ValueError as error:
        raise BankFileError("date", line=line, text=text) from error
