"""Odoo's client of KSeF with what a queue needs: errors by kind, and the question whether an invoice came in."""

import requests
from odoo.addons.l10n_pl_edi.tools.ksef_api_service import TIMEOUT, KsefApiService
from odoo.exceptions import UserError

TRY_LATER = {408, 425, 429}
PAGE = 250


class KsefUnavailable(UserError):
    """The service did not answer, or not yet: nothing is known about what was asked. Try later."""


class KsefRefused(UserError):
    """The service answered that it does not take this. Trying again as it is would not help."""


class KsefService(KsefApiService):
    """The address may be set by the system parameter ``pwik_einvoice.ksef_api_url`` (another environment, a test)."""

    offline = False

    def _get_api_url(self):
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param("pwik_einvoice.ksef_api_url") or super()._get_api_url()

    def _make_request(self, method, endpoint, is_auth_retry=False, **kwargs):
        kwargs.setdefault("timeout", TIMEOUT)
        kwargs["headers"] = {
            **kwargs.get("headers", {}),
            **self._make_headers(self.company.l10n_pl_edi_access_token),
        }
        if self.offline and "invoiceHash" in kwargs.get("json", {}):
            kwargs["json"]["offlineMode"] = True  # Odoo's client knows no offline invoices
        try:
            response = requests.request(method, endpoint, **kwargs)
        except requests.exceptions.RequestException as error:
            raise KsefUnavailable(self.env._("KSeF does not answer: %s", type(error).__name__)) from error
        if response.status_code == 401 and not is_auth_retry:
            self.refresh_access_token()
            return self._make_request(method, endpoint, is_auth_retry=True, **kwargs)
        if response.status_code >= 500 or response.status_code in TRY_LATER:
            raise KsefUnavailable(self.env._("KSeF answers later (code %s).", response.status_code))
        if response.status_code >= 400:
            raise KsefRefused(
                self.env._(
                    "KSeF refuses (code %(code)s): %(text)s",
                    code=response.status_code,
                    text=" ".join(response.text.split())[:400],
                )
            )
        return response

    def ensure_session(self):
        """An open session; an old one that is gone is replaced.

        :raises KsefUnavailable: none can be had now
        """
        try:
            self.open_ksef_session()
            return
        except UserError:
            self.company.l10n_pl_edi_session_id = False
        try:
            self.open_ksef_session()
        except KsefUnavailable:
            raise
        except UserError as error:
            raise KsefUnavailable(str(error)) from error

    def send(self, xml, offline=False):
        """Send one invoice in the open session. :return: its reference number"""
        self.offline = offline
        try:
            return self.send_invoice(xml)["referenceNumber"]
        finally:
            self.offline = False

    def find_reference(self, session, xml_hash):
        """Reference number of the invoice with this hash (base64 of SHA-256) in a session, or None if it never came in."""
        token = None
        while True:
            headers = {"x-continuation-token": token} if token else {}
            answer = self._make_request(
                "GET",
                f"{self.api_url}/sessions/{session}/invoices",
                params={"pageSize": PAGE},
                headers=headers,
            ).json()
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
