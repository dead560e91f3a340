"""Key files: what they give, row by row, and that keys show up nowhere else."""

import base64
import io
import zipfile

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pwik_radio_reading.domain import errors
from pwik_radio_reading.domain.keys import read_keys

ONE, TWO = "00112233445566778899AABBCCDDEEFF", "0F" * 16


@pytest.mark.parametrize(
    "text",
    [
        f"id;key\n17392507;{ONE}\n42;{TWO}\n",
        f"Numer seryjny,Klucz AES\r\n17392507,{ONE.lower()}\r\n42,{TWO}\r\n",
        f"\ufeffSerial\tKey\n17392507\t{' '.join(ONE[i : i + 2] for i in range(0, 32, 2))}\n\n42\t{TWO}\n",
        f"17392507;{ONE}\n42;{TWO}\n",
    ],
)
def test_csv(text):
    found = read_keys(text.encode())
    assert found.kind == "csv" and not found.problems
    assert [(row.id, row.key.hex().upper()) for row in found.rows] == [("17392507", ONE), ("00000042", TWO)]


def test_csv_with_all_columns():
    (row,) = read_keys(f"manufacturer;id;version;medium;key\napa;17392507;14;07;{ONE}\n".encode()).rows
    assert (row.manufacturer, row.version, row.medium, row.number) == ("APA", 0x14, 0x07, 2)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"123456789;{ONE}", "bad_id"),
        (f"=1+1;{ONE}", "bad_id"),
        (f"17392507;{ONE[:-2]}", "bad_key"),
        ("17392507;" + "Z" * 32, "bad_key"),
        ("17392507", "bad_key"),
        (f"42;{TWO}", "double"),
    ],
)
def test_problems_tell_the_row_and_not_the_key(row, code):
    found = read_keys(f"id;key\n42;{ONE}\n{row}\n".encode())
    (problem,) = found.problems
    assert (problem.number, problem.code) == (3, code)
    assert len(found.rows) == 1
    assert not any(part in problem.message for part in (ONE[:-2], TWO, "Z" * 32))


def test_the_same_key_twice_is_no_problem():
    found = read_keys(f"id;key\n42;{ONE}\n42;{ONE}\n".encode())
    assert (len(found.rows), found.problems) == (1, ())


def test_keys_are_in_no_representation():
    found = read_keys(f"id;key\n42;{ONE}\n".encode())
    assert ONE.lower() not in repr(found).lower()
    assert repr(bytes.fromhex(ONE)) not in repr(found)


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"hello\n", b"a;b\n1;2\n", b"\x00\x01\x02;\n", b"<a/>", b"<a", b"PK\x03\x04x"]
)
def test_files_that_are_none(content):
    with pytest.raises(errors.KeyFileError):
        read_keys(content, "secret")


def encrypted(document: str, password: str) -> bytes:
    secret = password.encode().ljust(16, b"\0")
    plain = document.encode()
    plain += bytes(15 - len(plain) % 16) + bytes([16 - len(plain) % 16])
    cipher = Cipher(algorithms.AES(secret), modes.CBC(secret)).encryptor()
    value = base64.b64encode(cipher.update(plain)).decode()
    return (
        '<?xml version="1.0"?><EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData>'
        f"<CipherValue>{value}</CipherValue></CipherData></EncryptedData>"
    ).encode()


ORDER = f"""<?xml version="1.0"?><MetersInOrder orderid="1"><Meter><MeterName>Multical 21</MeterName>
<ConsumptionType>Water</ConsumptionType><MeterNo>17392507</MeterNo><SerialNo>17392507/K</SerialNo><VendorId>KAM</VendorId>
<ConfigNo>1</ConfigNo><TypeNo>2</TypeNo><DEK>{ONE}</DEK></Meter>
<Meter><MeterName>Multical 21</MeterName><SerialNo>42</SerialNo><VendorId>KAM</VendorId><DEK>12</DEK></Meter></MetersInOrder>"""
DEVICES = f"<Devices><Device><SerialNumber>42</SerialNumber><DEK>{TWO}</DEK></Device></Devices>"


def kem(content: bytes, name: str = "order.kem") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("pack", [kem, lambda content: content])
def test_kem(pack):
    found = read_keys(pack(encrypted(ORDER, "secret")), "secret")
    (row,), (problem,) = found.rows, found.problems
    assert (found.kind, row.manufacturer, row.id, row.key.hex().upper()) == ("kem", "KAM", "17392507", ONE)
    assert row.meter_name == "Multical 21"
    assert (problem.number, problem.code) == (2, "bad_key")


def test_kem_of_devices():
    (row,) = read_keys(kem(encrypted(DEVICES, "secret")), "secret").rows
    assert (row.id, row.key.hex().upper()) == ("00000042", TWO)


@pytest.mark.parametrize("password", ["wrong", "", None])
def test_kem_password(password):
    with pytest.raises(errors.PasswordError):
        read_keys(kem(encrypted(ORDER, "secret")), password)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><MetersInOrder>&b;</MetersInOrder>'


@pytest.mark.parametrize(
    "content",
    [
        kem(BOMB.encode()),
        kem(BOMB.encode("utf-16")),
        kem(encrypted(BOMB, "secret")),
        kem(encrypted('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "secret")),
        kem(b"<a>" + b" " * 60_000_000 + b"</a>"),
        kem(encrypted(ORDER, "secret"))[:-40],
        encrypted(ORDER, "secret")
        .replace(b"=</Cipher", b"</Cipher")
        .replace(b"<CipherValue>", b"<CipherValue>!"),
        encrypted("<Orders/>", "secret"),
    ],
)
def test_hostile_kems(content):
    with pytest.raises(errors.KeyFileError):
        read_keys(content, "secret")


def test_one_number_in_two_versions_is_not_double():
    rows = f"id;version;key\n42;01;{ONE}\n42;02;{TWO}\n42;2;{ONE}\n".encode()
    file = read_keys(rows)
    assert [(row.version, row.key.hex()) for row in file.rows] == [(1, ONE.lower()), (2, TWO.lower())]
    assert [(problem.number, problem.code) for problem in file.problems] == [(4, "double")]


@pytest.mark.parametrize("version", ["1FF", "x", "-1", "0x107"])
def test_a_version_that_cannot_be_is_not_passed_over(version):
    file = read_keys(f"id;version;key\n42;{version};{ONE}\n".encode())
    assert not file.rows
    assert [problem.code for problem in file.problems] == ["bad_row"]
