"""What ./pwik says: help, problems in plain words, filters that need no Odoo."""

import json
import os
import pathlib
import socket
import subprocess
import sys

import pytest

from tools.pwik_cli import demo, environment, layers, main, packages, paths, process, server, testing
from tools.pwik_cli.say import Problem

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pwik(*arguments, stdin="", **environ):
    return subprocess.run(
        [sys.executable, ROOT / "pwik", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
        check=False,
    )


@pytest.mark.parametrize("command", [[], ["run"], ["test"], ["bench"], ["db", "reset"]])
def test_help(command):
    done = pwik(*command, "--help")
    assert done.returncode == 0
    assert "usage: ./pwik" in done.stdout


def test_help_tells_every_variable():
    text = pwik("run", "--help").stdout
    for name in (
        "ODOO_SOURCE",
        "PGHOST",
        "PGPORT",
        "PGUSER",
        "PGPASSWORD",
        "PWIK_DB",
        "PWIK_PORT",
        "PWIK_LOCAL",
    ):
        assert name in text


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1"])
def test_a_port_that_is_none(port):
    done = pwik("run", PWIK_PORT=port)
    assert done.returncode == 1
    assert "PWIK_PORT" in done.stderr and "Traceback" not in done.stderr


def test_a_taken_port_is_said_before_anything_is_made(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = pwik("run", PWIK_PORT=str(other.getsockname()[1]), PWIK_LOCAL=os.fspath(tmp_path / "local"))
    assert done.returncode == 1
    assert "is taken" in done.stderr and "PWIK_PORT=" in done.stderr
    assert not (tmp_path / "local" / "venv").exists()


def test_a_source_without_odoo_names_the_ways_out(tmp_path):
    from tools.pwik_cli import odoo_source

    settings = paths.read_settings({"ODOO_SOURCE": os.fspath(tmp_path), "PWIK_LOCAL": os.fspath(tmp_path)})
    with pytest.raises(Problem) as caught:
        odoo_source.ensure(settings)
    assert "ODOO_SOURCE" in caught.value.hint and "Docker" in caught.value.hint


def test_another_series_names_the_ways_out(tmp_path):
    from tools.pwik_cli import odoo_source

    (tmp_path / "odoo" / "addons").mkdir(parents=True)
    (tmp_path / "odoo" / "release.py").write_text("version_info = (20, 0, 0, 'final', 0, '')\n")
    settings = paths.read_settings({"ODOO_SOURCE": os.fspath(tmp_path), "PWIK_LOCAL": os.fspath(tmp_path)})
    with pytest.raises(Problem) as caught:
        odoo_source.ensure(settings)
    assert "20.0" in caught.value.what
    assert "ODOO_SOURCE" in caught.value.hint and "Docker" in caught.value.hint


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = pwik("run", PWIK_LOCAL=os.fspath(tmp_path / "file"))
    assert done.returncode == 1
    assert "Cannot write" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("could not write: No space left on device", "disk is full"),
        ("Err:1 Temporary failure resolving 'mirror.example'", "network"),
        ("NewConnectionError: Failed to establish a new connection", "did not answer"),
        ("SSL: certificate verify failed", "certificate"),
        ("all is well", ""),
    ],
)
def test_failures_in_plain_words(output, advice):
    assert advice in process.plain_words(output)
    assert bool(process.plain_words(output)) == bool(advice)


def test_a_failed_step_shows_its_last_lines_and_its_log(tmp_path):
    with pytest.raises(Problem) as caught:
        process.run_logged(["sh", "-c", "echo one; echo two; exit 3"], tmp_path / "step.log", "The step")
    assert "The step failed (status 3)" in caught.value.what and "two" in caught.value.what
    assert str(tmp_path / "step.log") in caught.value.hint


@pytest.mark.parametrize("name", ["decode", "settle"])
def test_filters_answer_each_broken_line_with_json(name):
    done = pwik(name, stdin="this is no JSON\n")
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    assert "error" in json.loads(lines[0])


def test_counts_of_a_report(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite tests="7" failures="1" errors="1" skipped="2"/></testsuites>')
    assert testing.read_report(report, 1) == testing.Count(passed=3, failed=2, skipped=2)
    assert testing.read_report(tmp_path / "absent.xml", 2) == testing.Count(failed=1)


def test_a_run_that_broke_is_a_failure_whatever_its_report_says(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite tests="3" failures="0" errors="0" skipped="0"/></testsuites>')
    assert testing.read_report(report, 0) == testing.Count(passed=3)
    assert testing.read_report(report, 3).failed == 1
    assert testing.read_report(report, -9).failed == 1


@pytest.mark.parametrize(
    ("counts", "last", "status"),
    [
        ({"unit": testing.Count(2, 0)}, "2 passed, 0 failed", 0),
        ({"unit": testing.Count(2, 0), "e2e": testing.Count(1, 1, 1)}, "3 passed, 1 failed, 1 skipped", 1),
        ({"unit": testing.Count()}, "0 passed, 0 failed", 1),
        ({}, "0 passed, 0 failed", 1),
    ],
)
def test_the_last_line_and_the_status(counts, last, status, capsys):
    assert testing.finish(counts) == status
    assert capsys.readouterr().out == last + "\n"


def test_every_lock_pins_with_hashes():
    for lock in ("run", "test", "lint", "postgres", "docker"):
        lines = (ROOT / "requirements" / f"{lock}.txt").read_text().replace("\\\n", " ").splitlines()
        pins = [line for line in lines if line.strip() and not line.startswith("#")]
        assert pins
        for pin in pins:
            assert "==" in pin and "--hash=sha256:" in pin, pin


def test_the_suite_is_found_in_the_order_of_its_dependencies():
    names = layers.suite_addons(ROOT / "addons")
    for place, name in enumerate(names):
        own = set(layers.manifest_of(ROOT / "addons" / name)["depends"]) & set(layers.ORDER)
        assert own <= set(names[:place])
    assert layers.layer_breaches(ROOT / "addons") == []


def test_an_import_of_a_later_addon_is_found_by_either_road(tmp_path):
    for name in ("pwik_meters", "pwik_cases"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__manifest__.py").write_text("{'name': 'x', 'depends': []}")
    (tmp_path / "pwik_meters" / "a.py").write_text("from odoo.addons.pwik_cases.models import case\n")
    (tmp_path / "pwik_meters" / "b.py").write_text("def f():\n    from odoo.addons import pwik_cases\n")
    (tmp_path / "pwik_cases" / "c.py").write_text("from odoo.addons.pwik_meters import models\n")
    breaches = layers.layer_breaches(tmp_path)
    assert breaches == [
        "pwik_meters/a.py:1: pwik_meters imports pwik_cases",
        "pwik_meters/b.py:2: pwik_meters imports pwik_cases",
    ]


def test_passwords_are_made_once_and_for_us_alone(settings):
    first = demo.passwords(settings)
    assert set(first) == {login.login for login in demo.LOGINS}
    assert len(set(first.values())) == len(first)
    assert settings.passwords.stat().st_mode & 0o777 == 0o600
    assert demo.passwords(settings) == first
    settings.passwords.write_text("half wri")
    assert demo.passwords(settings) != first


def test_the_radio_key_is_one_that_fernet_takes(settings):
    from cryptography.fernet import Fernet

    key = demo.radio_key(settings)
    Fernet(key.encode())
    assert demo.radio_key(settings) == key


def test_the_port_check_takes_a_free_port():
    server.check_port(server.free_port())


def test_system_is_read_from_os_release(tmp_path):
    release = tmp_path / "os-release"
    release.write_text('ID=debian\nVERSION_CODENAME=trixie\nNAME="Debian GNU/Linux"\n# x=y\n')
    assert packages.os_release(release) == {
        "ID": "debian",
        "VERSION_CODENAME": "trixie",
        "NAME": "Debian GNU/Linux",
    }
    assert packages.os_release(tmp_path / "absent") == {}


def test_the_python_that_runs_this_suits():
    python = environment.find_python()
    assert environment.OLDEST <= python.version <= environment.NEWEST


def test_every_command_is_there():
    actions = main.build_parser()._subparsers._group_actions[0].choices
    assert set(actions) == set(main.COMMANDS)


def odoo_tree(folder, *addons):
    (folder / "odoo" / "addons" / "base").mkdir(parents=True)
    (folder / "odoo" / "release.py").write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
    for addon in addons:
        (folder / addon).mkdir(parents=True, exist_ok=True)
        (folder / addon / "__manifest__.py").write_text("{}")
    return folder


def test_a_git_checkout_of_odoo_has_its_addons_in_two_folders(tmp_path):
    from tools.pwik_cli import odoo_source

    checkout = odoo_tree(tmp_path / "checkout", "addons/web", "odoo/addons/base")
    assert odoo_source.inspect(checkout).addons == (checkout / "odoo/addons", checkout / "addons")
    package = odoo_tree(tmp_path / "package", "addons/web", "odoo/addons/web")
    assert odoo_source.inspect(package).addons == (package / "odoo/addons",)


@pytest.mark.parametrize("named", ["", "odoo"])
def test_a_source_may_be_named_by_either_folder(tmp_path, named):
    from tools.pwik_cli import odoo_source

    checkout = odoo_tree(tmp_path / "checkout", "addons/web")
    environ = {"ODOO_SOURCE": os.fspath(checkout / named), "PWIK_LOCAL": os.fspath(tmp_path)}
    assert odoo_source.ensure(paths.read_settings(environ)).python_path == checkout


def test_packages_beside_a_named_odoo_stay_out_of_the_way(tmp_path):
    from tools.pwik_cli import odoo_source

    packages_folder = odoo_tree(tmp_path / "dist-packages", "odoo/addons/web")
    environ = {"ODOO_SOURCE": os.fspath(packages_folder), "PWIK_LOCAL": os.fspath(tmp_path)}
    found = odoo_source.ensure(paths.read_settings(environ))
    assert [path.name for path in found.python_path.iterdir()] == ["odoo"]
