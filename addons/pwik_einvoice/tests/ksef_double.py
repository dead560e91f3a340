"""A KSeF on loopback for tests: it decrypts what it gets, numbers it, refuses duplicates, and fails when told to."""

import base64
import datetime
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import NameOID
from lxml import etree

from ..domain.fa3 import NAMESPACE


class KsefDouble:
    """``invoices``: what came in, ``{reference: row}``; ``faults``: what the next sendings meet, first one first.

    Faults: an HTTP code; ``(code, headers, body)``; ``"drop"`` (the invoice is taken in and the connection closed without
    an answer);
    ``"lose"`` (closed before anything is taken in). ``slow``: how often a status is asked before it is final.
    ``reject``: invoice number → (code, description).
    ``again``: invoice number → codes that its next sendings come to.
    ``down``: every request meets 503 with ``down_headers``; ``page``: an HTML page with code 200. ``refresh``: HTTP code of
    renewing the token; ``sign_in``: status of a new sign-in; ``forbidden``: 403 for all; ``no_upo``: how often a receipt is
    not there yet; ``requests``: how many came.
    """

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.invoices, self.sessions, self.faults, self.reject = {}, {}, [], {}
        self.down, self.slow, self.posts, self.token = False, 0, 0, "access"
        self.down_headers, self.page, self.refresh, self.sign_in = {}, False, 200, 200
        self.forbidden, self.no_upo, self.requests, self.again = False, 0, 0, {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v2"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def numbers(self):
        """Numbers (``P_2``) of the invoices that were accepted."""
        return sorted(row["number"] for row in self.invoices.values() if row["code"] == 200)

    # ------------------------------------------------------------------ answers

    def _make_handler(self):
        double = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                double._answer(self, "GET", None)

            def do_POST(self):
                size = int(self.headers.get("Content-Length") or 0)
                data = self.rfile.read(size) or b"{}"
                double._answer(self, "POST", json.loads(data) if data.startswith(b"{") else data)

        return Handler

    def _answer(self, handler, method, body):
        path = handler.path.split("?")[0].removeprefix("/v2")
        self.requests += 1
        if self.down:
            return self._reply(handler, 503, {"exception": "maintenance"}, self.down_headers)
        if self.page:
            return self._reply(
                handler, 200, b"<html>Przerwa techniczna</html>", {"Content-Type": "text/html"}
            )
        if path.startswith("/auth/"):
            return self._authenticate(handler, path, body)
        if self.forbidden:
            return self._reply(handler, 403, {"title": "Forbidden", "reasonCode": "missing-permissions"})
        if path == "/security/public-key-certificates":
            return self._reply(handler, 200, self._certificates())
        if handler.headers.get("Authorization") != f"Bearer {self.token}":
            return self._reply(handler, 401, {})
        for pattern, known, answer in (
            (r"/sessions/online", "POST", self._open),
            (r"/sessions/online/(?P<session>[^/]+)/invoices", "POST", self._take),
            (r"/sessions/(?P<session>[^/]+)", "GET", self._session),
            (r"/sessions/(?P<session>[^/]+)/invoices", "GET", self._list),
            (r"/sessions/(?P<session>[^/]+)/invoices/ksef/(?P<number>[^/]+)/upo", "GET", self._upo),
            (r"/sessions/(?P<session>[^/]+)/invoices/(?P<reference>[^/]+)", "GET", self._status),
        ):
            match = re.fullmatch(pattern, path)
            if match and method == known:
                return answer(handler, body, **match.groupdict())
        return self._reply(handler, 404, {"exception": path})

    def _authenticate(self, handler, path, body):
        if path == "/auth/token/refresh":
            if self.refresh != 200:
                return self._reply(handler, self.refresh, {})
            self.token = "access-2"
            return self._reply(handler, 200, {"accessToken": {"token": self.token}})
        if path == "/auth/challenge":
            return self._reply(
                handler, 200, {"challenge": "20241003-CR-1", "timestamp": "2024-10-03T10:00:00Z"}
            )
        if path == "/auth/xades-signature":
            signed = etree.fromstring(body)
            if "20241003-CR-1" not in "".join(signed.itertext()):
                return self._reply(handler, 400, {})
            begun = {"referenceNumber": "20241003-AU-1", "authenticationToken": {"token": "begun"}}
            return self._reply(handler, 202, begun)
        if handler.headers.get("Authorization") != "Bearer begun":
            return self._reply(handler, 401, {})
        if path == "/auth/token/redeem":
            self.token = "access-3"
            tokens = {"accessToken": {"token": self.token}, "refreshToken": {"token": "refresh-3"}}
            return self._reply(handler, 200, tokens)
        status = {
            "code": self.sign_in,
            "description": "Certyfikat odwołany" if self.sign_in >= 400 else "Sukces",
        }
        return self._reply(handler, 200, {"status": status})

    def _reply(self, handler, code, content, headers=None):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        handler.send_response(code)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _certificates(self):
        now = datetime.datetime.now(datetime.UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "KSeF double")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .sign(self.key, hashes.SHA256())
        )
        content = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
        return [{"certificate": content, "usage": ["SymmetricKeyEncryption", "KsefTokenEncryption"]}]

    def _open(self, handler, body):
        reference = f"20241003-SO-{len(self.sessions) + 1:010}"
        self.sessions[reference] = {
            "iv": base64.b64decode(body["encryption"]["initializationVector"]),
            "key": self.key.decrypt(
                base64.b64decode(body["encryption"]["encryptedSymmetricKey"]),
                rsa_padding.OAEP(rsa_padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
            ),
        }
        self._reply(handler, 201, {"referenceNumber": reference})

    def _session(self, handler, _body, session):
        known = session in self.sessions
        self._reply(handler, 200 if known else 400, {"status": {"code": 100}} if known else {})

    def _take(self, handler, body, session):
        self.posts += 1
        fault = self.faults.pop(0) if self.faults else None
        if fault == "lose":
            return None  # HTTP/1.0: the connection ends without an answer
        if isinstance(fault, int):
            return self._reply(handler, fault, {"exception": "told to"})
        if isinstance(fault, tuple):
            code, headers, content = fault
            return self._reply(handler, code, content, headers)
        cipher = self.sessions[session]
        decryptor = Cipher(algorithms.AES(cipher["key"]), modes.CBC(cipher["iv"])).decryptor()
        padded = decryptor.update(base64.b64decode(body["encryptedInvoiceContent"])) + decryptor.finalize()
        unpadder = padding.PKCS7(128).unpadder()
        xml = unpadder.update(padded) + unpadder.finalize()
        digest = base64.b64encode(hashlib.sha256(xml).digest()).decode()
        if digest != body["invoiceHash"] or len(xml) != body["invoiceSize"]:
            return self._reply(handler, 400, {"exception": "hash"})
        reference = self._keep(session, xml, digest, body)
        if fault == "drop":
            return None
        return self._reply(handler, 202, {"referenceNumber": reference})

    def _keep(self, session, xml, digest, body):
        number = etree.fromstring(xml).findtext(f".//{{{NAMESPACE}}}P_2")
        count = len(self.invoices) + 1
        row = {
            "session": session,
            "xml": xml,
            "hash": digest,
            "number": number,
            "offline": bool(body.get("offlineMode")),
            "corrects": body.get("hashOfCorrectedInvoice"),
            "asked": 0,
            "code": 200,
            "text": "Sukces",
            "extensions": None,
            "ksef": f"5730003841-20241003-{count:06X}-{count:06X}-A7",
        }
        original = next(
            (r for r in self.invoices.values() if r["number"] == number and r["code"] == 200), None
        )
        if original:
            row.update(
                code=440,
                text="Duplikat faktury",
                extensions={
                    "originalKsefNumber": original["ksef"],
                    "originalSessionReferenceNumber": original["session"],
                },
            )
        elif self.again.get(number):
            row["code"], row["text"] = self.again[number].pop(0), "Operacja została anulowana przez system"
        elif number in self.reject:
            row["code"], row["text"] = self.reject[number]
        reference = f"20241003-EE-{count:010}"
        self.invoices[reference] = row
        return reference

    def _list(self, handler, _body, session):
        if session not in self.sessions:
            return self._reply(handler, 400, {})
        rows = [
            {"referenceNumber": reference, "invoiceHash": row["hash"]}
            for reference, row in self.invoices.items()
            if row["session"] == session
        ]
        start = int(
            handler.headers.get("x-continuation-token") or 0
        )  # pages of one, so that they are followed
        answer = {"invoices": rows[start : start + 1]}
        if start + 1 < len(rows):
            answer["continuationToken"] = str(start + 1)
        return self._reply(handler, 200, answer)

    def _status(self, handler, _body, session, reference):
        row = self.invoices[reference]
        row["asked"] += 1
        if row["session"] != session:
            return self._reply(handler, 404, {})
        if row["asked"] <= self.slow:
            return self._reply(handler, 200, {"status": {"code": 150, "description": "Trwa przetwarzanie"}})
        status = {"code": row["code"], "description": row["text"], "extensions": row["extensions"]}
        answer = {"status": status}
        if row["code"] == 200:
            answer["ksefNumber"] = row["ksef"]
        return self._reply(handler, 200, answer)

    def _upo(self, handler, _body, session, number):
        if self.no_upo:
            self.no_upo -= 1
            detail = {
                "exceptionCode": 21178,
                "exceptionDescription": "Nie znaleziono UPO dla podanych kryteriów.",
            }
            return self._reply(handler, 400, {"exception": {"exceptionDetailList": [detail]}})
        row = next((r for r in self.invoices.values() if r["ksef"] == number and r["code"] == 200), None)
        if not row or row["session"] != session:
            return self._reply(handler, 404, {})
        return self._reply(
            handler, 200, f"<Potwierdzenie><NumerKSeF>{number}</NumerKSeF></Potwierdzenie>".encode()
        )
