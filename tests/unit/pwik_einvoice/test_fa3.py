from decimal import Decimal

import pytest
from pwik_einvoice.domain import fa3
from pwik_einvoice.domain.errors import InvalidInvoice

SCHEMA = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:e="urn:types" targetNamespace="urn:t"
    elementFormDefault="qualified">
    <xsd:import namespace="urn:types" schemaLocation="http://types.invalid/types.xsd"/>
    <xsd:element name="Faktura"><xsd:complexType><xsd:sequence>
        <xsd:element name="NIP" type="e:TNrNIP"/>
    </xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema>"""
TYPES = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:types">
    <xsd:simpleType name="TNrNIP"><xsd:restriction base="xsd:string"><xsd:pattern value="\\d{10}"/></xsd:restriction>
    </xsd:simpleType>
</xsd:schema>"""


@pytest.fixture
def schema(tmp_path):
    """The import is by a network address, as the published schema's is, and is answered from a file."""
    (tmp_path / "schema.xsd").write_text(SCHEMA)
    (tmp_path / "types.xsd").write_text(TYPES)
    return fa3.load_schema(str(tmp_path / "schema.xsd"), str(tmp_path / "types.xsd"))


def test_check_passes_what_fits_and_names_what_does_not(schema):
    fa3.check(b"<Faktura xmlns='urn:t'><NIP>5730003841</NIP></Faktura>", schema)
    with pytest.raises(InvalidInvoice, match="Element 'NIP'.*573-000") as caught:
        fa3.check(b"<Faktura xmlns='urn:t'><NIP>573-000</NIP></Faktura>", schema)
    assert "urn:t" not in str(caught.value), "names without their namespaces"


@pytest.mark.parametrize("gross, effect", [("-0.01", "2"), ("146.23", "1"), ("0", "1")])
def test_effect_of_a_correction(gross, effect):
    assert fa3.correction_effect(Decimal(gross)) == effect


@pytest.mark.parametrize(
    "value, text",
    [
        ("27", "27"),
        ("27.0", "27"),
        ("-10.500", "-10.5"),
        ("0", "0"),
        ("100", "100"),
        ("0.0000001", "0"),
        ("1E+3", "1000"),
    ],
)
def test_quantity_has_no_superfluous_digits(value, text):
    assert fa3.quantity(Decimal(value)) == text


def test_token_is_one_line_and_fits():
    assert fa3.token(" a\n b\t c ") == "a b c"
    assert fa3.token("x" * 256) == "x" * 256
    assert fa3.token("x" * 300) == "x" * 255 + "…"
    assert fa3.token(None) == ""


@pytest.mark.parametrize(
    "text, good",
    [
        ("5730003841-00001", True),
        ("5730003841-0001", False),
        ("5730003841", False),
        ("0730003841-00001", False),
        (None, False),
    ],
)
def test_internal_identifier(text, good):
    assert fa3.is_internal_id(text) is good


@pytest.mark.parametrize(
    "text, good",
    [
        ("5730003841-20241003-0A1B2C-3D4E5F-A7", True),
        ("5730003841-20241003-0A1B2C3D4E5F-A7", True),
        ("5730003841-20241303-0A1B2C-3D4E5F-A7", False),
        ("5730003841-20241003-0a1b2c-3D4E5F-A7", False),
        ("", False),
    ],
)
def test_ksef_number(text, good):
    assert fa3.is_ksef_number(text) is good


@pytest.mark.parametrize(
    "percent, tags, code",
    [
        ("23.0", {"K_19"}, "23"),
        ("22", {"K_19"}, "22"),
        ("8.00", {"K_17", "GTU"}, "8"),
        ("5", {"K_15"}, "5"),
        ("5", {"K_17"}, None),
        ("8", set(), None),
        ("10", {"K_17"}, None),
        ("8.5", {"K_17"}, None),
    ],
)
def test_rate_code(percent, tags, code):
    assert fa3.rate_code(Decimal(percent), tags) == code
