"""Odoo's client of KSeF with what a queue needs: errors by kind, a sign-in that renews itself, and the question whether an
invoice came in."""

import base64
from datetime import UTC, datetime, timedelta

import requests
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from odoo.addons.l10n_pl_edi.tools.ksef_api_service import TIMEOUT, KsefApiService
from odoo.addons.l10n_pl_edi.tools.xades_signer import XadesSigner
from odoo.exceptions import UserError

from ..domain import ksef_rules

PAGE = 250


class KsefUnavailable(UserError):
    """The service did not answer, or not yet: nothing is known about what was asked. Try later.

    ``wish``: how long the service asks to be left alone (``timedelta``), or None.
    """

    def __init__(self, message, wish=None):
        super().__init__(message)
        self.wish = wish


class KsefNotYet(UserError):
    """KSeF works on this one and cannot tell yet. The others may be asked about."""


class KsefSignedOut(UserError):
    """KSeF does not let the company in, and signing in anew does not help: a person must look at its certificate."""


class KsefSessionGone(UserError):
    """The session takes no more invoices: another one does. ``unknown``: KSeF has never heard of it."""

    def __init__(self, message, unknown=False):
        super().__init__(message)
        self.unknown = unknown


class KsefRefused(UserError):
    """The service answered that it does not take this. Trying again as it is would not help."""


class KsefService(KsefApiService):
    """The address may be set by the system parameter ``pwik_einvoice.ksef_api_url`` (another environment, a test)."""

    extra = None

    def _get_api_url(self):
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param("pwik_einvoice.ksef_api_url") or super()._get_api_url()

    # ------------------------------------------------------------------ requests

    def _make_request(self, method, endpoint, is_auth_retry=False, **kwargs):
        """As Odoo's, with errors by kind.

        :raises KsefUnavailable: :raises KsefNotYet: :raises KsefSignedOut: :raises KsefSessionGone: :raises KsefRefused:
        """
        kwargs["headers"] = {
            **kwargs.get("headers", {}),
            **self._make_headers(self.company.l10n_pl_edi_access_token),
        }
        if self.extra and "invoiceHash" in kwargs.get("json", {}):
            kwargs["json"].update(self.extra)  # Odoo's client knows no offline invoices
        response = self._call(method, endpoint, **kwargs)
        if response.status_code == 401 and not is_auth_retry:
            self.refresh_access_token()
            return self._make_request(method, endpoint, is_auth_retry=True, **kwargs)
        return self._check(response)

    def _call(self, method, endpoint, **kwargs):
        kwargs.setdefault("timeout", TIMEOUT)
        try:
            return requests.request(method, endpoint, **kwargs)
        except requests.exceptions.RequestException as error:
            raise KsefUnavailable(self.env._("KSeF does not answer: %s", type(error).__name__)) from error

    def _check(self, response):
        """The answer, if it is one of KSeF; a page of maintenance that comes with code 200 is none."""
        codes = self._read_codes(response)
        kind = ksef_rules.read_answer(response.status_code, codes)
        if kind == ksef_rules.OK:
            if "html" in response.headers.get("Content-Type", ""):
                raise KsefUnavailable(self.env._("KSeF shows a page instead of an answer: maintenance."))
            return response
        if kind == ksef_rules.LATER:
            wish = ksef_rules.read_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            raise KsefUnavailable(self.env._("KSeF answers later (code %s).", response.status_code), wish)
        text = " ".join(response.text.split())[:400]
        values = {"code": response.status_code, "text": text}
        if kind == ksef_rules.NOT_YET:
            raise KsefNotYet(self.env._("KSeF is working on it."))
        if kind == ksef_rules.SIGNED_OUT:
            raise KsefSignedOut(
                self.env._(
                    "KSeF does not let the company in (code %(code)s): %(text)s. Check its KSeF certificate and permissions "
                    "in Settings › Accounting; the queue goes on by itself when KSeF lets it in again.",
                    **values,
                )
            )
        if kind == ksef_rules.SESSION:
            raise KsefSessionGone(
                self.env._("The session in KSeF is closed: %s", text), ksef_rules.NO_SUCH_SESSION in codes
            )
        raise KsefRefused(
            self.env._(
                "KSeF refuses (code %(code)s): %(text)s. Put right what it names, then “Try again”.", **values
            )
        )

    @staticmethod
    def _read_codes(response):
        if response.status_code < 400:
            return ()
        try:
            return ksef_rules.find_codes(response.json())
        except ValueError:
            return ()

    def _read(self, response):
        """The JSON of an answer. :raises KsefUnavailable: it is none, or is no object"""
        try:
            content = response.json()
        except ValueError as error:
            raise KsefUnavailable(
                self.env._("KSeF shows a page instead of an answer: maintenance.")
            ) from error
        if not isinstance(content, dict):
            raise KsefUnavailable(self.env._("KSeF gives an answer that cannot be understood."))
        return content

    # ------------------------------------------------------------------ signing in

    def refresh_access_token(self):
        """A new access token; where the refresh token is too old (seven days), a new sign-in by the certificate.

        :raises KsefUnavailable: :raises KsefSignedOut:
        """
        if self.refresh_token:
            headers = self._make_headers(self.refresh_token)
            response = self._call("POST", f"{self.api_url}/auth/token/refresh", headers=headers)
            if ksef_rules.read_answer(response.status_code) in (ksef_rules.OK, ksef_rules.LATER):
                access = self._read(self._check(response)).get("accessToken", {}).get("token")
                if access:
                    self._keep_tokens(l10n_pl_edi_access_token=access)
                    return access
        return self._sign_in()

    def _keep_tokens(self, **tokens):
        """Known to the next process even if this one is killed; what waits for a person's sign-in is not released by it."""
        self.company.sudo().with_context(pwik_ksef_renewed=True).write(tokens)
        self.refresh_token = self.company.sudo().l10n_pl_edi_refresh_token

    def _sign_in(self):
        """By the company's KSeF certificate, as the settings do it."""
        certificate = self.company.sudo().l10n_pl_edi_certificate
        if not certificate.is_valid or not certificate.private_key_id:
            raise KsefSignedOut(
                self.env._(
                    "The company's KSeF certificate is missing, out of date or without its key. Load a valid one in "
                    "Settings › Accounting; the queue waits until then."
                )
            )
        nip = "".join(filter(str.isdigit, self.company.vat or ""))
        challenge = self._read(self._check(self._call("POST", f"{self.api_url}/auth/challenge")))
        try:
            signer = XadesSigner(
                base64.b64decode(certificate.private_key_id.pem_key),
                base64.b64decode(certificate.pem_certificate),
            )
            signed = signer.sign_authentication_challenge(challenge.get("challenge"), nip)
        except (ValueError, TypeError, AttributeError) as error:
            raise KsefSignedOut(
                self.env._(
                    "The company's KSeF certificate cannot sign. Load it anew with its key in Settings › Accounting."
                )
            ) from error
        begun = self._read(
            self._check(
                self._call(
                    "POST",
                    f"{self.api_url}/auth/xades-signature",
                    data=signed.encode(),
                    headers={"Content-Type": "application/xml"},
                )
            )
        )
        headers = self._make_headers(begun.get("authenticationToken", {}).get("token"))
        self._wait_for_sign_in(begun.get("referenceNumber"), headers)
        redeemed = self._read(
            self._check(self._call("POST", f"{self.api_url}/auth/token/redeem", headers=headers))
        )
        access = redeemed.get("accessToken", {}).get("token")
        refresh = redeemed.get("refreshToken", {}).get("token")
        if not access or not refresh:
            raise KsefUnavailable(self.env._("KSeF gives an answer that cannot be understood."))
        self._keep_tokens(l10n_pl_edi_access_token=access, l10n_pl_edi_refresh_token=refresh)
        return access

    def _wait_for_sign_in(self, reference, headers):
        """One look: a sign-in that takes longer is begun anew at the next try."""
        answer = self._read(
            self._check(self._call("GET", f"{self.api_url}/auth/{reference}", headers=headers))
        )
        status = answer.get("status") or {}
        kind = ksef_rules.read_status(status.get("code"))
        if kind in ("working", "again"):
            raise KsefUnavailable(self.env._("KSeF is still checking the sign-in."), timedelta(seconds=30))
        if kind != "accepted":
            raise KsefSignedOut(
                self.env._(
                    "KSeF refuses the sign-in (code %(code)s): %(text)s. Check the company's KSeF certificate in "
                    "Settings › Accounting.",
                    code=status.get("code"),
                    text=status.get("description") or "",
                )
            )

    # ------------------------------------------------------------------ sessions

    def ensure_session(self):
        """An open session; an old one that is gone is replaced.

        :raises KsefUnavailable: none can be had now
        :raises KsefSignedOut: KSeF does not let the company in
        """
        session = self.company.l10n_pl_edi_session_id
        if session:
            try:
                answer = self._read(self._make_request("GET", f"{self.api_url}/sessions/{session}"))
                if (answer.get("status") or {}).get("code") == 100:
                    return
            except (KsefRefused, KsefSessionGone):
                pass  # a session that KSeF does not know
        self.open_new_session()

    def _get_public_keys(self):
        """As Odoo's, by the way that knows errors by kind."""
        answer = self._check(self._call("GET", f"{self.api_url}/security/public-key-certificates"))
        keys = {}
        for row in answer.json():
            content = x509.load_der_x509_certificate(base64.b64decode(row["certificate"]))
            pem = content.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            if "SymmetricKeyEncryption" in row.get("usage", ()):
                keys.setdefault("symmetric", pem.decode())
        return keys

    def open_new_session(self):
        """Odoo's way to a session, which tells of errors as text: their kind is the cause."""
        self.company.l10n_pl_edi_session_id = False
        try:
            self.open_ksef_session()
        except UserError as error:
            kinds = KsefSignedOut | KsefUnavailable
            cause = error if isinstance(error, kinds) else error.__context__
            if isinstance(cause, kinds):
                raise cause from None
            raise KsefUnavailable(str(error)) from error
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise KsefUnavailable(self.env._("KSeF gives an answer that cannot be understood.")) from error

    # ------------------------------------------------------------------ invoices

    def send(self, xml, offline=False, corrected_hash=None):
        """Send one invoice in the open session. :return: its reference number

        :param offline: it was handed to the buyer before
        :param corrected_hash: base64 of SHA-256 of the XML whose codes the buyer holds, where KSeF rejected that one
        """
        self.extra = {"offlineMode": True} if offline else {}
        if offline and corrected_hash:
            self.extra["hashOfCorrectedInvoice"] = corrected_hash
        try:
            reference = self._send(xml)
        finally:
            self.extra = None
        if not reference:
            raise KsefUnavailable(self.env._("KSeF gives an answer that cannot be understood."))
        return reference

    def _send(self, xml):
        try:
            return (self.send_invoice(xml) or {}).get("referenceNumber")
        except (ValueError, AttributeError) as error:
            raise KsefUnavailable(
                self.env._("KSeF shows a page instead of an answer: maintenance.")
            ) from error

    def get_status(self, session, reference):
        """:return: dict, the status of one invoice as KSeF tells it"""
        return self._read(
            self._make_request("GET", f"{self.api_url}/sessions/{session}/invoices/{reference}")
        )

    def find_reference(self, session, xml_hash):
        """Reference number of the invoice with this hash (base64 of SHA-256) in a session, or None if it never came in."""
        token = None
        while True:
            headers = {"x-continuation-token": token} if token else {}
            answer = self._read(
                self._make_request(
                    "GET",
                    f"{self.api_url}/sessions/{session}/invoices",
                    params={"pageSize": PAGE},
                    headers=headers,
                )
            )
            for row in answer.get("invoices", ()):
                if row.get("invoiceHash") == xml_hash:
                    return row.get("referenceNumber")
            token = answer.get("continuationToken")
            if not token:
                return None

    def get_upo_by_number(self, session, number):
        """The receipt of an invoice that an earlier session brought in."""
        return self._make_request(
            "GET", f"{self.api_url}/sessions/{session}/invoices/ksef/{number}/upo"
        ).content
