"""What the structure FA(3) wants of a water invoice, and the check against its schema. No Odoo here."""

import re
from collections.abc import Collection
from decimal import Decimal

from lxml import etree

from .errors import InvalidInvoice

XSD = "http://www.w3.org/2001/XMLSchema"
NAMESPACE = "http://crd.gov.pl/wzor/2025/06/25/13775/"
#: Role of the third party (TRolaPodmiotu3): receiving unit of a municipality, receiving member of a VAT group.
ROLE_MUNICIPAL_UNIT, ROLE_VAT_GROUP_MEMBER = "8", "10"
_NIP = r"[1-9](?:\d[1-9]|[1-9]\d)\d{7}"
_INTERNAL_ID = re.compile(rf"{_NIP}-\d{{5}}")
# 35 characters; the hyphen in the middle of the technical part came and went with the versions of the system.
_KSEF_NUMBER = re.compile(
    rf"{_NIP}-20[2-9]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-[0-9A-F]{{6}}-?[0-9A-F]{{6}}-[0-9A-F]{{2}}"
)


def load_schema(schema_path: str, types_path: str) -> etree.XMLSchema:
    """The FA(3) schema with its one import answered from this machine.

    :param schema_path: ``fa3_schema.xsd`` as published, which imports the elementary types by a network address
    :param types_path: those types, defined here
    """
    tree = etree.parse(schema_path, etree.XMLParser(no_network=True))
    tree.getroot().find(f"{{{XSD}}}import").set("schemaLocation", types_path)
    return etree.XMLSchema(tree)


def check(xml: bytes, schema: etree.XMLSchema) -> None:
    """:raises InvalidInvoice: names the elements that do not meet the schema, and what is wrong with them"""
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    if schema.validate(root):
        return
    faults = [re.sub(r"\{[^}]*\}", "", error.message) for error in schema.error_log]
    raise InvalidInvoice("; ".join(dict.fromkeys(faults)))


def correction_effect(gross_difference: Decimal) -> str:
    """TypKorekty: when a correction takes effect in the VAT records.

    A reduction counts in the period in which the correcting invoice is issued: 2 (VAT act art. 29a sec. 13 and 15). An
    increase whose cause was there from the start, as a reading that was wrong, goes back to the original invoice: 1
    (art. 29a sec. 17, first case).
    """
    return "2" if gross_difference < 0 else "1"


#: Rates that FA(3) has (TStawkaPodatku), with the field of the VAT return in which their base is added up: what goes to the
#: fields P_13 of the document. 22 and 7 % were those until 2010.
RATES = {"23": "K_19", "22": "K_19", "8": "K_17", "7": "K_17", "5": "K_15"}


def rate_code(percent: Decimal, tags: Collection[str]) -> str | None:
    """P_12 of a line with a rate above zero; None where FA(3) has no such rate or the tax is added up with those of another.

    :param percent: of the tax of the line
    :param tags: names of the fields of the VAT return in which the line counts, without sign
    """
    code = f"{percent.normalize():f}"
    return code if RATES.get(code) in tags else None


def token(text: str, limit: int = 256) -> str:
    """Text as the schema's tokens hold it: single spaces, cut with an ellipsis where it is too long."""
    text = " ".join((text or "").split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def quantity(value: Decimal) -> str:
    """TIlosci: at most six decimals, no exponent, no superfluous zeros."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def is_internal_id(text: str) -> bool:
    """IDWew: the tax number of the entity, a hyphen and five digits of the unit."""
    return bool(_INTERNAL_ID.fullmatch(text or ""))


def is_ksef_number(text: str) -> bool:
    return bool(_KSEF_NUMBER.fullmatch(text or ""))
