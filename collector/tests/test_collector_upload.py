"""Upload against a real HTTP server that speaks Odoo's JSON-2: once each, with patience, without leaking the key."""

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from collector_help import run
from test_collector_dump import fill

from pwik_collector.errors import UploadError
from pwik_collector.export import export
from pwik_collector.upload import Client, Server, check_login, check_url, read_key, upload

KEY = "b1946ac92492d2347c6235b4d2611184aabbccdd"
DATABASE = "wodociagi"


class Odoo(ThreadingHTTPServer):
    """The routes of JSON-2 that the collector uses, with a list of troubles to answer first."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.dumps: dict[str, dict] = {}
        self.requests: list[tuple[str, dict]] = []
        self.troubles: list = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def do_GET(self):
        self._answer(404, {"name": "werkzeug.exceptions.NotFound", "message": "Did you mean POST?"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Type"] != "application/json":
            return self._answer(415, {})
        arguments = json.loads(body)
        self.server.requests.append((self.path, arguments))
        trouble = self.server.troubles.pop(0) if self.server.troubles else None
        if isinstance(trouble, tuple):
            return self._answer(*trouble)
        if self.headers["X-Odoo-Database"] != DATABASE:
            return self._answer(404, {"name": "werkzeug.exceptions.NotFound", "message": "no database"})
        if self.headers["Authorization"] != f"bearer {KEY}":
            return self._answer(
                401, {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}
            )
        result = self._call(self.path, arguments)
        if trouble == "lost":  # taken, but the answer does not arrive
            self.close_connection = True
            self.connection.close()
            return None
        return self._answer(200, result)

    def _call(self, path, arguments):
        arguments.pop("context")
        if path == "/json/2/res.users/context_get":
            return {"uid": 7, "lang": "pl_PL", "tz": False}
        if path == "/json/2/res.users/read":
            return [{"id": arguments["ids"][0], "login": "czytelnik"}]
        assert path == "/json/2/pwik.radio.dump/upload" and set(arguments) == {"filename", "content"}
        content = base64.b64decode(arguments["content"], validate=True)
        sha256 = hashlib.sha256(content).hexdigest()
        known = sha256 in self.server.dumps
        record = self.server.dumps.setdefault(sha256, {"id": len(self.server.dumps) + 1, "state": "new"})
        return {**record, "duplicate": known}

    def _answer(self, status, payload, headers=None):
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving():
    server = Odoo()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def odoo():
    with serving() as server:
        yield server


@pytest.fixture
def dump(tmp_path):
    fill(tmp_path / "tour.jsonl", 3)
    return export(tmp_path / "tour.jsonl", tmp_path / "out").path


class Waits(list):
    """Notes pauses instead of making them."""

    def __call__(self, seconds):
        self.append(seconds)


def client(odoo, key=KEY, database=DATABASE, **more):
    return Client(Server(odoo.url, database, key), **{"sleep": Waits(), "timeout": 5, **more})


def test_a_dump_is_uploaded_once(odoo, dump):
    done = upload(dump, client(odoo))
    assert (done.id, done.state, done.duplicate) == (1, "new", False)
    again = upload(dump, client(odoo))
    assert again.already_noted and len(odoo.requests) == 1
    moved = dump.with_name("renamed.jsonl.gz")
    dump.rename(moved)
    assert upload(moved, client(odoo)).already_noted and len(odoo.requests) == 1
    assert list(odoo.dumps) == [done.sha256]
    assert odoo.requests[0][1]["filename"] == dump.name


def test_the_server_knows_it_already(odoo, dump):
    upload(dump, client(odoo))
    (dump.parent / ".pwik-uploaded.jsonl").unlink()
    done = upload(dump, client(odoo))
    assert done.duplicate and not done.already_noted and len(odoo.dumps) == 1


def test_another_database_is_another_place(odoo, dump):
    upload(dump, client(odoo))
    with pytest.raises(UploadError, match="sprawdź adres i bazę"):
        upload(dump, client(odoo, database="inna"))


def test_a_torn_ledger_only_costs_a_question(odoo, dump):
    upload(dump, client(odoo))
    ledger = dump.parent / ".pwik-uploaded.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:40])
    assert upload(dump, client(odoo)).duplicate
    assert upload(dump, client(odoo)).already_noted


def test_what_may_pass_is_tried_again(odoo, dump):
    waits, told = Waits(), []
    odoo.troubles = [
        (503, {}),
        (500, {"message": "could not serialize access"}),
        (429, {}, {"Retry-After": "7"}),
        None,
    ]
    done = upload(dump, client(odoo, sleep=waits, report=told.append))
    assert not done.duplicate and len(odoo.requests) == 4
    assert (
        len(waits) == len(told) == 3 and 0.7 <= waits[0] <= 1.3 and 1.4 <= waits[1] <= 2.6 and waits[2] >= 7
    )
    assert "Kolejna próba" in told[0]


def test_a_lost_answer_gives_no_double(odoo, dump):
    odoo.troubles = ["lost"]
    done = upload(dump, client(odoo))
    assert done.duplicate and len(odoo.dumps) == 1 and len(odoo.requests) == 2
    assert upload(dump, client(odoo)).already_noted


def test_it_gives_up_after_so_many_tries(odoo, dump):
    odoo.troubles = [(502, {})] * 9
    with pytest.raises(UploadError):
        upload(dump, client(odoo, attempts=3))
    assert len(odoo.requests) == 3 and not (dump.parent / ".pwik-uploaded.jsonl").exists()
    odoo.troubles = []
    assert upload(dump, client(odoo)).id == 1


def test_a_server_that_is_not_there(dump):
    with serving() as server:
        gone = client(server, attempts=2)
    with pytest.raises(UploadError, match="niedostępny"):
        upload(dump, gone)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ((401, {"message": "Invalid apikey"}), "odrzuca klucz.*Utwórz nowy w Odoo [^I]*$"),
        ((403, {"message": "Brak dostępu"}), "nie może wysyłać zrzutów.*Brak dostępu"),
        ((404, {"message": "the model does not exist"}), "sprawdź adres"),
        ((413, b"<html>"), "za duży"),
        ((422, {"message": "To nie jest zrzut"}), "422: To nie jest zrzut"),
        ((302, b"", {"Location": "http://127.0.0.1:9/json/2/x/y"}), "odsyła pod inny adres"),
        ((200, b"<html>"), "To nie jest odpowiedź serwera Odoo"),
        ((200, [1, 2]), "To nie jest odpowiedź serwera Odoo"),
        ((200, {"id": None}), "To nie jest odpowiedź serwera Odoo"),
    ],
)
def test_what_will_not_pass_is_said_at_once(odoo, dump, trouble, words):
    odoo.troubles = [trouble]
    with pytest.raises(UploadError, match=words) as error:
        upload(dump, client(odoo))
    assert len(odoo.requests) == 1 and KEY not in str(error.value)


def test_the_key_must_be_that_of_the_login(odoo):
    check_login(client(odoo), "czytelnik")
    with pytest.raises(UploadError, match="nie należy do loginu ktos"):
        check_login(client(odoo), "ktos")


def test_only_exported_dumps(odoo, tmp_path):
    fill(tmp_path / "tour.jsonl", 1)
    with pytest.raises(UploadError, match="najpierw wykonaj export"):
        upload(tmp_path / "tour.jsonl", client(odoo))
    assert not odoo.requests


def test_addresses():
    assert check_url("https://odoo.example.org/") == "https://odoo.example.org"
    assert (
        check_url("http://127.0.0.1:8069")
        and check_url("http://localhost:8069")
        and check_url("http://[::1]:8069")
    )
    assert check_url("http://serwer.lan", allow_http=True)
    for url in (
        "http://odoo.example.org",
        "ftp://x",
        "odoo.example.org",
        "https://user:pw@x.pl",
        "https://x.pl/?a=1",
        "",
    ):
        with pytest.raises(UploadError):
            check_url(url)


def test_where_the_key_comes_from(tmp_path):
    assert read_key(None, {"PWIK_API_KEY": f" {KEY}\n"}) == KEY
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    file.chmod(0o600)
    assert read_key(file, {}) == KEY
    file.chmod(0o644)
    with pytest.raises(UploadError, match="chmod 600"):
        read_key(file, {})
    for wrong in ("", "dwa słowa", "a\x00b", "żółty"):
        file.chmod(0o600)
        file.write_text(wrong)
        with pytest.raises(UploadError):
            read_key(file, {})
    with pytest.raises(UploadError, match="PWIK_API_KEY"):
        read_key(None, {})
    assert KEY not in repr(Server("https://x", "y", KEY))


def test_on_the_command_line(odoo, dump):
    arguments = ("upload", dump.parent, "--url", odoo.url, "--database", DATABASE, "--login", "czytelnik")
    done = run(*arguments, PWIK_API_KEY=KEY)
    assert done.returncode == 0 and "wysłano (zrzut 1, czeka na przetworzenie)" in done.stdout, done.stderr
    done = run(*arguments, PWIK_API_KEY=KEY)
    assert done.returncode == 0 and "wysłany już wcześniej" in done.stdout
    done = run(*arguments, PWIK_API_KEY="wrong", HTTP_PROXY="")
    assert done.returncode == 1 and "odrzuca klucz" in done.stderr and "wrong" not in done.stderr
    assert len(odoo.dumps) == 1
