"""Our own PostgreSQL: a real one, started, broken in the ways that happen, and put away."""

import contextlib
import os
import signal
import subprocess
import time

import psycopg2
import pytest

from tools.pwik_cli import postgres
from tools.pwik_cli.postgres import Cluster
from tools.pwik_cli.say import Problem


@pytest.fixture(autouse=True)
def no_server_named(monkeypatch):
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cluster(settings):
    made = Cluster(settings)
    yield made
    made.remove()


def connect(connection, user=None):
    return psycopg2.connect(
        host=connection.host, port=connection.port, user=user or connection.user, dbname="postgres"
    )


def ask(connection, query):
    server = connect(connection)
    try:
        with server.cursor() as cr:
            cr.execute(query)
            return cr.fetchone()[0]
    finally:
        server.close()


def test_runs_while_it_is_used_and_no_longer(settings, cluster):
    with postgres.running(settings) as outer:
        first = cluster.pid()
        assert ask(outer, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert ask(outer, "SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user") is True
        assert ask(outer, "SHOW listen_addresses") == ""
        with postgres.running(settings):
            assert cluster.pid() == first
        assert cluster.pid() == first  # the other one still needs it
    assert cluster.pid() == 0


def test_its_folder_is_closed_to_others(settings, cluster):
    with postgres.running(settings):
        assert cluster.home.stat().st_mode & 0o777 == 0o700
        assert cluster.socket_folder.stat().st_mode & 0o777 == 0o700
        assert cluster.home.stat().st_uid == cluster.user.uid


def test_a_killed_server_is_found_and_recovers(settings, cluster):
    with postgres.running(settings):
        first = cluster.pid()
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while cluster.pid() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (cluster.data / "postmaster.pid").exists()
        cluster.revive()
        assert cluster.pid() not in (0, first)
        assert ask(cluster.connection, "SELECT 1") == 1
        # A large one takes minutes, and says meanwhile what it is at: it must not be ended as one that does not start.
        assert cluster._patience(0) == postgres.RECOVERY_PATIENCE


def test_a_crash_takes_back_no_numbers(settings, cluster):
    """A table and its sequence made and used in one transaction, as Odoo installs an addon, then used again."""
    with (
        postgres.running(settings) as where,
        contextlib.closing(connect(where, postgres.OWNER)) as server,
        server.cursor() as cr,
    ):
        cr.execute("CREATE TABLE t (id serial PRIMARY KEY, x int); INSERT INTO t (x) VALUES (1), (2)")
        server.commit()
        cr.execute("INSERT INTO t (x) VALUES (3)")
        server.commit()
        os.kill(cluster.pid(), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while cluster.pid() and time.monotonic() < deadline:
            time.sleep(0.05)
        cluster.revive()
        with contextlib.closing(connect(cluster.connection, postgres.OWNER)) as again, again.cursor() as then:
            then.execute("INSERT INTO t (x) VALUES (4) RETURNING id")
            assert then.fetchone()[0] > 3


def test_a_pid_file_whose_number_belongs_to_another_program_is_stale(settings, cluster):
    with postgres.running(settings):
        pass
    lines = [str(os.getpid()), os.fspath(cluster.data), "0", "5432", "", "", "", "ready"]
    (cluster.data / "postmaster.pid").write_text("\n".join(lines))
    assert cluster.pid() == 0
    with postgres.running(settings) as connection:
        assert ask(connection, "SELECT 1") == 1


def test_a_half_made_cluster_is_made_anew(settings, cluster):
    cluster._make_home()
    draft = cluster.home / "data.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("15")
    with postgres.running(settings) as connection:
        assert ask(connection, "SELECT 1") == 1
    assert not draft.exists()


def test_a_long_path_gets_a_short_socket(settings, tmp_path):
    import dataclasses

    local = tmp_path / ("deep" * 20) / ("down" * 10)
    local.mkdir(parents=True)
    deep = dataclasses.replace(settings, local=local)
    deep.log.mkdir()
    deep.venv.symlink_to(settings.venv)
    made = Cluster(deep)
    try:
        with postgres.running(deep) as connection:
            assert len(connection.host) < 80
            assert ask(connection, "SELECT 1") == 1
    finally:
        made.remove()


def test_a_start_that_fails_says_why(settings, cluster):
    with postgres.running(settings):
        pass
    with (cluster.data / "postgresql.conf").open("a") as conf:
        conf.write("shared_buffers = lots\n")
    with pytest.raises(Problem) as caught, postgres.running(settings):
        pass
    assert "shared_buffers" in caught.value.what


def test_another_version_than_the_machine_has_is_no_riddle(settings, cluster):
    with postgres.running(settings):
        pass
    (cluster.data / "PG_VERSION").write_text("9\n")
    if (cluster.home / "server").exists():  # the programs lie beside the data: they are what made it
        (cluster.home / "server" / ".complete").unlink()
        subprocess.run(["mv", cluster.home / "server", cluster.home / "gone"], check=True)
    with pytest.raises(Problem) as caught, postgres.running(settings):
        pass
    assert "PostgreSQL 9" in caught.value.what and "db reset" in caught.value.hint


@pytest.mark.parametrize("variables", [{"PGUSER": "postgres"}, {"PGPORT": "five"}])
def test_a_named_server_is_checked(variables):
    with pytest.raises(Problem):
        postgres.named_server({"PGHOST": "db.example", **variables})


def test_a_named_server_is_taken_as_it_is():
    named = postgres.named_server(
        {"PGHOST": "db.example", "PGPORT": "6432", "PGUSER": "u", "PGPASSWORD": "p"}
    )
    assert named.environ() == {"PGHOST": "db.example", "PGPORT": "6432", "PGUSER": "u", "PGPASSWORD": "p"}
