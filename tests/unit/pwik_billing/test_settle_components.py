"""A charge component is a file; the words are Polish; the package knows nothing but itself."""

import ast
import pathlib
from collections.abc import Iterator
from decimal import Decimal

import pytest
from billing_requests import V1, documents, line, meter, point, request, rows
from pwik_billing.domain import components, settlement, wording
from pwik_billing.domain.components.base import Component
from pwik_billing.domain.document import Line

FOLDER = pathlib.Path(components.__file__).parent


def test_every_file_of_the_folder_is_a_component():
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "base"}
    assert (
        {component.code for component in components.COMPONENTS}
        == files
        == {"water", "sewage", "subscription"}
    )


def test_one_more_component_is_one_more_line(monkeypatch):
    """What a file with COMPONENT would add: lines after those of the point."""

    class Sludge(Component):
        code = "sludge"
        rank = 40

        def charges(self, case) -> Iterator[Line]:
            yield Line(
                "sludge",
                case.points[0].point.id,
                None,
                "yearly",
                Decimal(1),
                Decimal("7.00"),
                Decimal("7.00"),
            )

    monkeypatch.setattr(settlement, "COMPONENTS", (*components.COMPONENTS, Sludge()))
    (document,) = documents(request(point(meter("W1", ("2024-06-30", 0), ("2024-09-30", 27)))))
    assert rows(document)[-1] == ("sludge", "P1", "yearly", "1", "7.00")
    assert document["net"] == "396.70"  # 389.70 + 7.00


def test_nothing_but_the_standard_library_and_itself():
    for path in FOLDER.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not {alias.name.split(".")[0] for alias in node.names} & {"odoo", "psycopg2"}, path
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert node.module.split(".")[0] != "odoo", path


def test_no_float_is_ever_made():
    for path in FOLDER.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path
            assert not (isinstance(node, ast.Name) and node.id == "float"), path


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (1, "1 miesiąc"),
        (2, "2 miesiące"),
        (4, "4 miesiące"),
        (5, "5 miesięcy"),
        (12, "12 miesięcy"),
        (22, "22 miesiące"),
        (Decimal("1.5"), "1,5 miesiąca"),
    ],
)
def test_months_in_polish(quantity, text):
    assert wording.months(quantity) == text


def test_numbers_in_polish():
    assert (wording.number(Decimal("10.500")), wording.number(Decimal("-3"))) == ("10,5", "−3")
    assert (wording.number(Decimal("100")), wording.money(Decimal("1234.5"))) == ("100", "1234,50")


def test_the_words_of_a_plain_line():
    (document,) = documents(
        request(point(meter("W1", ("2024-06-30", "1234.7"), ("2024-09-30", "1261.2"))), tariffs=(V1,))
    )
    assert line(document, "water")["how"] == "Odczyt 1234 → 1261 m³ (30.06–30.09.2024), 27 m³"
    assert line(document, "sewage")["how"] == "Ilość ścieków równa ilości wody, 27 m³"
    assert line(document, "subscription")["how"] == (
        "Opłata abonamentowa za okres 01.07–30.09.2024, stawka za kwartał"
    )
    assert line(document, "water")["rules"] == ["reading"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("customer", "Odczyt podany przez odbiorcę 0 → 5 m³"),
        ("radio", "Odczyt radiowy 0 → 5 m³"),
        ("estimate", "Stan szacowany 0 → 5 m³"),
    ],
)
def test_the_source_of_the_reading_is_told(source, words):
    (document,) = documents(request(point(meter("W1", ("2024-06-30", 0), ("2024-09-30", 5, source)))))
    assert line(document, "water")["how"].startswith(words)


def test_an_exchange_names_its_meters():
    old = meter("W1", ("2024-06-30", 876), ("2024-08-14", 889, "exchange"), end="2024-08-14")
    new = meter("W2", ("2024-08-14", 2, "exchange"), ("2024-09-30", 11), start="2024-08-14")
    (document,) = documents(request(point(old, new)))
    assert line(document, "water")["how"] == (
        "Wodomierz W1: odczyt przy wymianie 876 → 889 m³ (30.06–14.08.2024), 13 m³; "
        "wodomierz W2: odczyt 2 → 11 m³ (14.08–30.09.2024), 9 m³; razem 22 m³"
    )
    assert line(document, "water")["rules"] == ["reading", "exchange"]
