"""The words that go onto the invoice. Polish, for a household; the only place of this package that speaks to customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from .document import ReadingPair
from .periods import Period
from .request import BrokenMeter, Estimate, LumpSum

SOURCES = {
    "manual": "odczyt",
    "customer": "odczyt podany przez odbiorcę",
    "radio": "odczyt radiowy",
    "exchange": "odczyt przy wymianie",
    "estimate": "stan szacowany",
}
CYCLES = {"month": "miesiąc", "two_months": "dwa miesiące", "quarter": "kwartał", "half_year": "pół roku"}
RATES = {
    "main": "Opłata abonamentowa",
    "unit": "Opłata abonamentowa za lokal",
    "deduction": "Opłata abonamentowa za wodomierz dodatkowy",
    "unmetered": "Opłata abonamentowa, punkt bez wodomierza",
}


def number(value: Decimal) -> str:
    """Decimal comma, no zeros at the end: ``10,5``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",").replace("-", "−")


def money(value: Decimal) -> str:
    """Decimal comma, two digits: ``11,50``."""
    return f"{value:.2f}".replace(".", ",").replace("-", "−")


def day(value: date) -> str:
    return f"{value.day:02}.{value.month:02}.{value.year}"


def days(first: date, last: date) -> str:
    """``01.07–30.09.2024``; the year twice only where it changes."""
    if first == last:
        return day(first)
    start = f"{first.day:02}.{first.month:02}" if first.year == last.year else day(first)
    return f"{start}–{day(last)}"


def cubic(value: Decimal) -> str:
    return f"{number(value)} m³"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def count(quantity: Decimal | int, one: str, few: str, many: str, part: str = "") -> str:
    """Polish plural: 1 miesiąc, 2 miesiące, 5 miesięcy; ``part`` follows a fraction: 1,5 miesiąca."""
    amount = Decimal(quantity)
    if amount == 1:
        return f"1 {one}"
    if amount != amount.to_integral_value():
        return f"{number(amount)} {part or many}"
    last, teens = int(amount) % 10, int(amount) % 100
    return f"{number(amount)} {few if 2 <= last <= 4 and not 12 <= teens <= 14 else many}"


def months(quantity: Decimal | int) -> str:
    return count(quantity, "miesiąc", "miesiące", "miesięcy", "miesiąca")


def days_count(quantity: int) -> str:
    return count(quantity, "dzień", "dni", "dni")


def readings(pairs: Sequence[ReadingPair], result: Decimal, whole: bool) -> str:
    """``Odczyt 1234 → 1261 m³ (30.06–30.09.2024), 27 m³``; several meters by their numbers, with the sum."""
    if len(pairs) == 1:
        return f"{capital(_pair(pairs[0], whole))}, {cubic(result)}"
    parts = [f"wodomierz {pair.meter}: {_pair(pair, whole)}, {cubic(pair.quantity)}" for pair in pairs]
    return f"{capital('; '.join(parts))}; razem {cubic(result)}" if parts else cubic(result)


def _pair(pair: ReadingPair, whole: bool) -> str:
    previous, current = (_register(value, whole) for value in (pair.previous, pair.current))
    text = f"{SOURCES[pair.source]} {previous} → {current} m³ ({days(pair.opened, pair.date_to)})"
    return f"{text}, liczydło przeszło przez zero" if pair.rollover else text


def _register(value: Decimal, whole: bool) -> str:
    return str(int(value)) if whole else number(value)


def estimated(basis: Estimate, counted: int, result: Decimal) -> str:
    return (
        f"Szacunek z braku odczytu: {cubic(basis.m3)} w poprzednim okresie / {days_count(basis.days)} "
        f"× {days_count(counted)} = {cubic(result)}"
    )


def averaged(broken: BrokenMeter, basis: str, result: Decimal) -> str:
    if basis == "before":
        known = " + ".join(number(value) for value in broken.before)
        how = (
            f"średnia z {len(broken.before)} mies. przed stwierdzeniem ({known}) / {len(broken.before)} "
            f"× {months(broken.months)}"
        )
    elif basis == "year_before":
        how = "zużycie w tym samym okresie poprzedniego roku"
    else:
        how = (
            f"średnia miesięczna z poprzedniego roku {cubic(broken.last_year)} / 12 × {months(broken.months)}"
        )
    return f"Wodomierz niesprawny, {how} = {cubic(result)}"


def lump(norms: tuple[LumpSum, ...], result: Decimal) -> str:
    parts = (f"{norm.persons} os. × {cubic(norm.norm)} × {months(norm.months)}" for norm in norms)
    return f"Ryczałt według przeciętnych norm: {' + '.join(parts)} = {cubic(result)}"


def added(result: Decimal) -> str:
    return f"razem {cubic(result)}"


def settled(billed: Decimal, left: Decimal) -> str:
    return f"zafakturowano wcześniej według szacunku {cubic(billed)}, pozostaje {cubic(left)}"


def minus_units(measured: Decimal, units: Decimal, left: Decimal) -> str:
    return f"{cubic(measured)} − lokale {cubic(units)} = {cubic(left)}"


def minus_garden(
    water: Decimal, garden: Sequence[ReadingPair], deducted: Decimal, left: Decimal, whole: bool
) -> str:
    read = "; ".join(f"podlicznik {pair.meter}: {_pair(pair, whole)}" for pair in garden)
    return f"Woda {cubic(water)} − woda bezpowrotnie zużyta {cubic(deducted)} ({read}) = {cubic(left)}"


def as_water(quantity: Decimal) -> str:
    return f"Ilość ścieków równa ilości wody, {cubic(quantity)}"


def garden_unread() -> str:
    return "podlicznik nieodczytany, odliczenie nastąpi przy najbliższym odczycie"


def by_device(text: str) -> str:
    return f"Urządzenie pomiarowe ścieków: {text[:1].lower()}{text[1:]}"


def share(part: Period, whole: Period, quantity: Decimal, total: Decimal, exact: bool) -> str:
    """How much of the quantity falls to one of several prices."""
    what = f"{days(part.date_from, part.date_to)}: {number(quantity)} z {cubic(total)}"
    if exact:
        return f"{what} (odczyt w dniu zmiany ceny)"
    return f"{what} ({part.days} z {days_count(whole.days)})"


def per_period(rate: str, period: Period, cycle: str) -> str:
    return f"{RATES[rate]} za okres {days(period.date_from, period.date_to)}, stawka za {CYCLES[cycle]}"


def per_months(rate: str, period: Period, quantity: int) -> str:
    started = count(quantity, "rozpoczęty miesiąc", "rozpoczęte miesiące", "rozpoczętych miesięcy")
    return f"{RATES[rate]}, {started} ({days(period.date_from, period.date_to)}), stawka za miesiąc"


def per_days(rate: str, period: Period, parts: Sequence[tuple[Decimal, int, int]]) -> str:
    """``parts``: monthly rate, days charged, days of that month."""
    sums = " + ".join(f"{money(price)} × {charged}/{length}" for price, charged, length in parts)
    return f"{RATES[rate]} za {days_count(period.days)} ({days(period.date_from, period.date_to)}): {sums}"


def times(quantity: int) -> str:
    return f"wodomierzy: {quantity}"


def difference(before: Decimal, after: Decimal, unit: str, why: str) -> str:
    """What a correction changes; ``why``: how the right quantity came about."""
    text = f"Było {number(before)}{unit}, powinno być {number(after)}{unit}, różnica {number(after - before)}{unit}"
    return f"{text}. {why}" if why else text


def undercut(how: str) -> str:
    return f"Zużycie niższe od wcześniejszego szacunku: {how[:1].lower()}{how[1:]}"
