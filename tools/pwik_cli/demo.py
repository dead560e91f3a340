"""The logins of the demo: who they are, and the passwords that are made for this checkout alone."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass

from .paths import Settings

# No characters that are mistaken for others when a password is read from a screen.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Login:
    login: str
    role: str
    page: str


LOGINS = (
    Login("admin", "administrator", "/odoo"),
    Login("biuro", "customer service", "/odoo"),
    Login("faktury", "billing", "/odoo"),
    Login("odczyt", "meter reader", "/odoo"),
    Login("kierownik", "manager", "/odoo"),
    Login("klient", "customer: Anna Kowalska", "/my"),
    Login("zarzadca", "property manager", "/my"),
    Login("platnik", "company that pays for its tenant", "/my"),
    Login("sasiad", "another customer", "/my"),
    Login("poprzednik", "former customer of a point", "/my"),
    Login("nowy", "login without a customer yet", "/my"),
)


def new_password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def passwords(settings: Settings) -> dict[str, str]:
    """The passwords by login; those that are missing are made and kept, for our own eyes only."""
    path = settings.passwords
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(known, dict):
            raise ValueError
    except (OSError, ValueError):
        known = {}
    wanted = {entry.login: known.get(entry.login) or new_password() for entry in LOGINS}
    if wanted != known:
        write_private(path, json.dumps(wanted, indent=2) + "\n")
    return wanted


def radio_key(settings: Settings) -> str:
    """The key under which the overlays' keys lie in this checkout's databases: 32 bytes in URL-safe base64 (Fernet)."""
    path = settings.local / "radio.key"
    try:
        key = path.read_text(encoding="ascii").strip()
    except OSError:
        key = ""
    if len(key) != 44:
        import base64

        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")
        write_private(path, key + "\n")
    return key


def write_private(path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)
    draft.replace(path)


def table(settings: Settings, base: str, there: set[str]) -> str:
    """The addresses and logins, as a table to print. Only logins that the database has are shown."""
    known = passwords(settings)
    rows = [("role", "address", "login", "password")]
    rows += [(e.role, base + e.page, e.login, known[e.login]) for e in LOGINS if e.login in there]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])
