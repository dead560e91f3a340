"""B16: files that carry scripts, sent with a case and opened in Chromium by the customer and by the office."""

import contextlib
import itertools
import shutil
import struct
import zlib

from tests.proof import portal
from tests.proof.registry import proof

SCRIPT = "fetch('/proof-was-run');alert(1);document.title='proof-was-run'"
HTML = f'<!DOCTYPE html><html><body onload="{SCRIPT}"><script>{SCRIPT}</script></body></html>'.encode()
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{SCRIPT}"><script>{SCRIPT}</script></svg>'.encode()
XHTML = (
    b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>'
    + SCRIPT.encode()
    + b"</script></html>"
)
XSLT = b'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#"?>' + SVG


def _chunk(kind, body=b""):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(extra=b"", text=b""):
    """A picture of one point, with a text chunk of ours, and something behind its end."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    note = _chunk(b"tEXt", b"Comment\0" + text) if text else b""
    return (
        b"\x89PNG\r\n\x1a\n" + head + note + _chunk(b"IDAT", zlib.compress(b"\0\0")) + _chunk(b"IEND") + extra
    )


JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
    + bytes(11)
    + b"\xff\xfe"
    + struct.pack(">H", 2 + len(HTML))
    + HTML
    + b"\xff\xd9"
)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
GIF = b"GIF89a/*" + bytes(4) + b"*/=1;" + SCRIPT.encode()
CONTENTS = {
    "html": HTML,
    "svg": SVG,
    "xhtml": XHTML,
    "xslt": XSLT,
    "png with html behind": png(extra=HTML),
    "png with html inside": png(text=HTML),
    "jpeg with html inside": JPEG,
    "pdf with javascript": PDF,
    "html behind a pdf": PDF + HTML,
    "gif and javascript": GIF,
    "utf-7": b"+ADw-script+AD4-" + SCRIPT.encode() + b"+ADw-/script+AD4-",
    "utf-16": HTML.decode().encode("utf-16"),
    "text before html": b"Dzie\xc5\x84 dobry\n" + HTML,
}
NAMES = ("plik.jpg", "plik.html", "plik.svg", "plik.png", "plik.pdf", "plik.txt")
#: Ways in which somebody opens a file of a case.
OPENED = (
    "/my/cases/{case}/files/{file}",
    "/web/content/{file}",
    "/web/content/{file}?download=0",
    "/web/image/{file}",
)


@proof("B16", "files with scripts in them, sent with a case and opened in Chromium", small=8, full=60)
def uploads(stage, tally, count):
    stage.world("portal:play")
    # Those first whose name fits what they are: these have the best chance of being taken.
    every = sorted(itertools.product(CONTENTS.items(), NAMES), key=lambda one: not fits(*one))
    chosen = every[:count]
    with stage.serve(crons=0) as server:
        customer = stage.client(portal.VICTIM)
        taken = _send_all(stage, tally, customer, chosen)
        _too_large(tally, customer)
        opened = _open_all(stage, tally, server, taken)
    tally.check(opened > 0, "no file was taken: nothing was opened")
    tally.note(f"{len(chosen)} files, {len(taken)} of them taken, opened {opened} times")


def fits(content, name):
    """Whether a name's ending is that of the content."""
    kind = content[0].split()[0]
    return name.endswith({"jpeg": "jpg", "utf-7": "txt", "text": "txt"}.get(kind, kind))


def _send_all(stage, tally, customer, files):
    """Both ways to send a file. Returns [(case, file, what)] of those that were taken."""
    token = customer.token("/my/cases/new")
    case, contract = stage.sql("SELECT id, contract_id FROM pwik_case WHERE name = 'Sprawa poufna ofiary'")[0]
    taken = []
    for number, ((what, content), name) in enumerate(files):
        newest = stage.sql("SELECT max(id) FROM ir_attachment")[0][0]
        if number % 2:
            form = {"csrf_token": token, "kind": "remark", "name": f"Plik {number}", "description": what}
            form["contract_id"] = contract or ""
            answer = customer.post(
                customer.url("/my/cases/new"),
                data=form,
                files={"files": (name, content, "text/html")},
                timeout=60,
            )
        else:
            form = {"csrf_token": token, "thread_id": case, "thread_model": "pwik.case"}
            answer = customer.post(
                customer.url("/mail/attachment/upload"),
                data=form,
                files={"ufile": (name, content, "image/png")},
                timeout=60,
            )
        tally.check(answer.status_code < 500, f"{what} as {name}: status {answer.status_code}")
        query = "SELECT res_id, id FROM ir_attachment WHERE id > %s AND res_model = 'pwik.case'"
        taken += [(owner, file, f"{what} as {name}") for owner, file in stage.sql(query, newest)]
    return taken


def _too_large(tally, customer):
    token = customer.token("/my/cases/new")
    for path, field, size in (("/mail/attachment/upload", "ufile", 11), ("/my/cases/new", "files", 13)):
        answer = customer.post(
            customer.url(path),
            data={
                "csrf_token": token,
                "thread_id": 1,
                "thread_model": "pwik.case",
                "name": "x",
                "description": "x",
            },
            files={field: ("duzy.txt", b"a" * (size << 20), "text/plain")},
            timeout=60,
        )
        tally.check(answer.status_code == 413, f"{size} MB to {path}: {answer.status_code}")


def _open_all(stage, tally, server, taken):
    from playwright.sync_api import sync_playwright

    number = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            for login in (portal.VICTIM, "biuro"):
                for case, file, what in taken:
                    for way in OPENED:
                        path = way.format(case=case, file=file)
                        ran = _open(browser, stage.client_of(login), server.base, path)
                        tally.check(not ran, f"{what}: {login} opened {path}: {ran}")
                        number += 1
            ran = _open(browser, stage.client_of(portal.VICTIM), server.base, None)
            tally.check(bool(ran), "the test's own script did not run: nothing was tried")
        finally:
            browser.close()
    return number


def _open(browser, client, base, path):
    """Open an address of ours (None: a page of the test with the same script). Returns what shows that a script ran."""
    context = browser.new_context(accept_downloads=False)
    context.add_cookies([{"name": "session_id", "value": client.cookies["session_id"], "url": base}])
    seen = []
    page = context.new_page()
    page.on("dialog", lambda dialog: (seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: "proof-was-run" in request.url and seen.append(request.url))
    try:
        if path is None:
            page.route(f"{base}/proof-page", lambda route: route.fulfill(body=HTML, content_type="text/html"))
        # A download is an aborted navigation.
        with contextlib.suppress(Exception):
            page.goto(base + (path or "/proof-page"), timeout=15_000)
        page.wait_for_timeout(60 if path else 500)
        if "proof-was-run" in (page.title() or ""):
            seen.append("title")
    finally:
        context.close()
    return seen


def chromium() -> str | None:
    """The machine's own Chromium, or None for the one that playwright brings."""
    return shutil.which("chromium")
