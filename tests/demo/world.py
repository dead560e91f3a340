"""The made-up district of the demo: who lives where, which meter, which overlay, what it showed.

Deterministic: the same records come out on every machine. `tests/demo/build.py` writes them as demo data of the addons,
and `tests/unit/demo` proves that the files are what this module makes. All persons, serials and keys are invented.
"""

import dataclasses
import datetime
import hashlib
import random
from decimal import Decimal

MUNICIPALITIES = [
    ("czestochowa", "CZE", "Częstochowa", "42-200"),
    ("blachownia", "BLA", "Blachownia", "42-290"),
    ("konopiska", "KON", "Konopiska", "42-274"),
    ("mykanow", "MYK", "Mykanów", "42-233"),
    ("poczesna", "POC", "Poczesna", "42-262"),
    ("redziny", "RED", "Rędziny", "42-242"),
    ("klobuck", "KLO", "Kłobuck", "42-100"),
    ("miedzno", "MIE", "Miedźno", "42-120"),
    ("olsztyn", "OLS", "Olsztyn", "42-256"),
]

#: Days of the quarterly readings by hand before the radio tour.
HISTORY = [
    datetime.date(2024, 12, 31),
    datetime.date(2025, 3, 31),
    datetime.date(2025, 6, 30),
    datetime.date(2025, 9, 30),
    datetime.date(2025, 12, 31),
    datetime.date(2026, 3, 31),
    datetime.date(2026, 6, 30),
]
TOUR_DAY = datetime.date(2026, 9, 30)


@dataclasses.dataclass(frozen=True, slots=True)
class Overlay:
    """A radio overlay: `family` names its encoding, `key` is 32 hexadecimal digits."""

    xmlid: str
    family: str
    manufacturer: str
    serial: str
    version: int
    medium: int
    key: str


@dataclasses.dataclass(frozen=True, slots=True)
class Meter:
    """A meter on a point with its register values in m³ on the days of `HISTORY` and on `TOUR_DAY`."""

    xmlid: str
    serial: str
    manufacturer: str
    kind: str
    digits: int
    dn: int
    q3: str
    year: int
    values: tuple[Decimal, ...]
    tour_value: Decimal
    overlay: Overlay


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A service point with the customer who takes water there."""

    xmlid: str
    partner: str
    street: str
    zip: str
    city: str
    municipality: str
    route: str
    sequence: int
    sewage: bool
    group: str
    meters: tuple[Meter, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Customer:
    xmlid: str
    name: str
    street: str
    zip: str
    city: str
    email: str
    phone: str
    is_company: bool = False
    vat: str = ""


FAMILIES = [
    # family, manufacturer, version, medium, maker of the meter
    ("oms5", "DIE", 0x35, 0x07, "Diehl"),
    ("na1", "APA", 0x14, 0x07, "Apator Powogaz"),
    ("apator162", "APA", 0x05, 0x07, "Apator Powogaz"),
    ("kamstrup", "KAM", 0x1B, 0x16, "Kamstrup"),
]

_PEOPLE = """
Anna Kowalska|ul. Kasztanowa 14|czestochowa
Piotr Wiśniewski|ul. Kasztanowa 16|czestochowa
Maria Wójcik|ul. Kasztanowa 18|czestochowa
Krzysztof Kamiński|ul. Kasztanowa 20|czestochowa
Agnieszka Lewandowska|ul. Lipowa 3|czestochowa
Tomasz Zieliński|ul. Lipowa 5|czestochowa
Ewa Szymańska|ul. Lipowa 7|czestochowa
Marek Woźniak|ul. Lipowa 9|czestochowa
Barbara Dąbrowska|ul. Brzozowa 2|czestochowa
Paweł Kozłowski|ul. Brzozowa 4|czestochowa
Jolanta Jankowska|ul. Brzozowa 6|czestochowa
Andrzej Mazur|ul. Brzozowa 8|czestochowa
Elżbieta Krawczyk|ul. Sienkiewicza 21|blachownia
Grzegorz Piotrowski|ul. Sienkiewicza 23|blachownia
Halina Grabowska|ul. Sienkiewicza 25|blachownia
Michał Pawłowski|ul. Sienkiewicza 27|blachownia
Teresa Michalska|ul. Parkowa 1|konopiska
Rafał Nowicki|ul. Parkowa 3|konopiska
Danuta Adamczyk|ul. Parkowa 5|konopiska
Łukasz Dudek|ul. Samorządowa 10|mykanow
Zofia Zając|ul. Samorządowa 12|mykanow
Marcin Wieczorek|ul. Wolności 30|poczesna
Irena Jabłońska|ul. Wolności 32|poczesna
Jacek Król|ul. Wolności 34|poczesna
Beata Majewska|ul. Mickiewicza 8|redziny
Dariusz Olszewski|ul. Mickiewicza 10|redziny
Renata Stępień|ul. Rynek 4|klobuck
Sławomir Malinowski|ul. Rynek 6|klobuck
Urszula Gajewska|ul. Długosza 15|klobuck
Wojciech Rutkowski|ul. Ułańska 2|miedzno
Katarzyna Sikora|ul. Ułańska 4|miedzno
Stanisław Walczak|ul. Zamkowa 11|olsztyn
""".strip()

#: Property manager's customers, a business and a municipal school: name, street, municipality, NIP
_FIRMS = """
Wspólnota Mieszkaniowa Jesienna 7|ul. Jesienna 7|czestochowa|5732900012
Wspólnota Mieszkaniowa Jesienna 9|ul. Jesienna 9|czestochowa|5732900126
Piekarnia Jasna sp. z o.o.|ul. Ogrodowa 44|czestochowa|5732901137
Szkoła Podstawowa nr 12|ul. Warszawska 142|czestochowa|5732902248
""".strip()

_ASCII = str.maketrans("ąćęłńóśźżüĄĆĘŁŃÓŚŹŻ", "acelnoszzuACELNOSZZ")


def nip(stem: str) -> str:
    """A tax number with a right check digit, made from its first nine digits (weights of the Polish NIP)."""
    digits = [int(c) for c in stem[:9]]
    while True:
        check = sum(d * w for d, w in zip(digits, (6, 5, 7, 2, 3, 4, 5, 6, 7), strict=True)) % 11
        if check < 10:
            return "".join(map(str, digits)) + str(check)
        digits[8] = (digits[8] + 1) % 10


def _overlay(index: int) -> Overlay:
    family, maker, version, medium, _ = FAMILIES[index % len(FAMILIES)]
    serial = f"{10_250_000 + index * 137:08d}"
    key = hashlib.sha256(f"demo overlay {serial}".encode()).hexdigest()[:32].upper()
    return Overlay(f"module_{index + 1:02d}", family, maker, serial, version, medium, key)


def _meter(index: int, kind: str, daily: Decimal, rng: random.Random) -> Meter:
    """`daily` is the usual use in m³ a day; the register begins somewhere between 60 and 900 m³."""
    value = Decimal(rng.randint(60_000, 900_000)) / 1000
    values, previous = [], None
    for day in [*HISTORY, TOUR_DAY]:
        if previous:
            summer = kind == "deduction" and day.month in (6, 9)
            factor = Decimal(rng.randint(85, 115)) / 100 * (1 if kind != "deduction" or summer else 0)
            value += (daily * (day - previous).days * factor).quantize(Decimal("0.001"))
        values.append(value)
        previous = day
    _, _, _, _, maker = FAMILIES[index % len(FAMILIES)]
    large = daily > 2
    return Meter(
        xmlid=f"meter_{index + 1:02d}",
        serial=f"{maker[:1].upper()}{24_100_300 + index * 411}",
        manufacturer=maker,
        kind=kind,
        digits=6 if large else 5,
        dn=40 if large else 20,
        q3="10" if large else "2.5",
        year=2022 + index % 3,
        values=tuple(values[:-1]),
        tour_value=values[-1],
        overlay=_overlay(index),
    )


def customers() -> list[Customer]:
    """Households first, then the firms, in the order of `places()`."""
    zips = {code: (zip_, name) for code, _, name, zip_ in MUNICIPALITIES}
    made = []
    for number, row in enumerate(_PEOPLE.splitlines(), 1):
        name, street, municipality = row.split("|")
        login = name.lower().translate(_ASCII).replace(" ", ".")
        made.append(
            Customer(
                f"customer_{number:02d}",
                name,
                street,
                *zips[municipality],
                f"{login}@example.com",
                f"+48 600 100 {number:03d}",
            )
        )
    for number, row in enumerate(_FIRMS.splitlines(), len(made) + 1):
        name, street, municipality, stem = row.split("|")
        made.append(
            Customer(
                f"customer_{number:02d}",
                name,
                street,
                *zips[municipality],
                f"biuro{number}@example.com",
                f"+48 34 300 {number:02d} 00",
                True,
                f"PL{nip(stem)}",
            )
        )
    return made


def places() -> list[Place]:
    """36 points with 40 meters: four points have a garden sub-meter behind the main one."""
    rng = random.Random(20260930)
    rows = [row.split("|")[:3] for row in (_PEOPLE + "\n" + _FIRMS).splitlines()]
    gardens = {0, 4, 12, 26}
    made, index = [], 0
    for number, (customer, (_, street, municipality)) in enumerate(zip(customers(), rows, strict=True)):
        daily = (
            Decimal(rng.randint(18, 55)) / 100
            if not customer.is_company
            else Decimal(rng.randint(210, 420)) / 100
        )
        meters = [_meter(index, "main", daily, rng)]
        index += 1
        if number in gardens:
            meters.append(_meter(index, "deduction", Decimal("0.12"), rng))
            index += 1
        made.append(
            Place(
                xmlid=f"point_{number + 1:02d}",
                partner=customer.xmlid,
                street=street,
                zip=customer.zip,
                city=customer.city,
                municipality=municipality,
                route="route_city" if municipality == "czestochowa" else "route_district",
                sequence=(number + 1) * 10,
                sewage=municipality != "miedzno",
                group="II" if "Piekarnia" in customer.name else "I",
                meters=tuple(meters),
            )
        )
    return made


#: Before Piotr Wiśniewski (the second place) Jan Nowak lived there; he moved out on this day.
FORMER_PLACE, FORMER_LEFT = 1, datetime.date(2025, 6, 30)
FORMER = Customer(
    "customer_former",
    "Jan Nowak",
    "ul. Polna 5",
    "42-244",
    "Mstów",
    "jan.nowak@example.com",
    "+48 600 100 099",
)

#: Troubles that the tour shows on purpose, by index of the meter in `all_meters()`.
NO_KEY = 31
BELOW_LAST = 25
#: Not heard on it, though on the tour before; their meters are read by hand on the same afternoon.
READ_BY_HAND = frozenset({22, 35})


def all_meters() -> list[Meter]:
    return [meter for place in places() for meter in place.meters]
