"""The private apt folder is derived from whatever the system's own sources look like."""

import pytest

from tools.pwik_cli import apt_sources
from tools.pwik_cli.apt_sources import Source
from tools.pwik_cli.say import Problem

BOOKWORM = """\
Types: deb deb-src
# a snapshot
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
INLINE_KEY = """\
Types: deb
URIs: https://other.example/debian
Suites: trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----
"""


def test_deb822_yields_a_source_for_each_suite():
    found = apt_sources.parse_deb822(BOOKWORM)
    assert [source.suite for source in found] == ["bookworm", "bookworm-updates", "bookworm-security"]
    assert found[0].uri == "http://mirror.example/debian"
    assert found[0].components == ("main", "contrib")
    assert found[0].signed_by == "/usr/share/keyrings/debian-archive-keyring.gpg"


def test_deb822_leaves_out_what_is_switched_off_or_source_only():
    assert apt_sources.parse_deb822(BOOKWORM.replace("Types: deb", "Enabled: no\nTypes: deb", 1))[
        0
    ].suite == ("bookworm-security")
    assert (
        apt_sources.parse_deb822("Types: deb-src\nURIs: http://a/debian\nSuites: sid\nComponents: main\n")
        == []
    )


def test_a_whole_key_in_the_file_is_carried_over():
    (source,) = apt_sources.parse_deb822(INLINE_KEY)
    assert "BEGIN PGP PUBLIC KEY BLOCK" in source.signed_by
    assert "\n mQINBF\n" in source.signed_by


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "deb http://mirror.example/debian bookworm main",
            Source("http://mirror.example/debian", "bookworm", ("main",)),
        ),
        (
            "deb [arch=amd64 signed-by=/k.gpg] https://m.example/debian/ trixie main non-free # ours",
            Source("https://m.example/debian/", "trixie", ("main", "non-free"), "/k.gpg"),
        ),
        (
            "deb [trusted=yes] http://m.example/debian sid main",
            Source("http://m.example/debian", "sid", ("main",)),
        ),
        ("# deb http://mirror.example/debian bookworm main", None),
        ("deb-src http://mirror.example/debian bookworm main", None),
    ],
)
def test_classic_lines(line, expected):
    assert apt_sources.parse_list(line) == ([expected] if expected else [])


def etc(tmp_path, **files):
    folder = tmp_path / "apt"
    (folder / "sources.list.d").mkdir(parents=True)
    for name, text in files.items():
        where = folder if name == "sources" else folder / "sources.list.d"
        suffix = ".list" if text.startswith("deb") else ".sources"
        (where / f"{name}{suffix}").write_text(text)
    return folder


def test_the_archive_is_told_from_others_that_name_the_same_suite(tmp_path):
    folder = etc(
        tmp_path,
        sources="deb http://packages.vendor.example/repo bookworm main\n",
        debian=BOOKWORM,
        pgdg="deb http://apt.example.org/pub bookworm-pgdg main\n",
    )
    assert apt_sources.debian_source("bookworm", folder).uri == "http://mirror.example/debian"


def test_without_an_archive_the_problem_names_the_ways_out(tmp_path):
    folder = etc(tmp_path, sources="deb http://packages.vendor.example/repo bookworm main\n")
    with pytest.raises(Problem) as caught:
        apt_sources.debian_source("bookworm", folder)
    assert "ODOO_SOURCE" in caught.value.hint and "Docker" in caught.value.hint


def test_the_private_folder_never_trusts_without_a_signature(tmp_path):
    source = Source("http://mirror.example/debian", "bookworm", ("main",), "/k.gpg")
    conf = apt_sources.write_private_folder(tmp_path / "private", source, ["bookworm", "sid"], sandbox=True)
    text = conf.read_text()
    for option in (
        "AllowInsecureRepositories",
        "AllowDowngradeToInsecureRepositories",
        "AllowUnauthenticated",
    ):
        assert f'{option} "false"' in text
    assert (tmp_path / "private" / "debian.sources").read_text().splitlines() == [
        "Types: deb",
        "URIs: http://mirror.example/debian",
        "Suites: bookworm sid",
        "Components: main",
        "Signed-By: /k.gpg",
    ]
