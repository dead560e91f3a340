from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon
from .probes import heard_writes


@tagged("post_install", "-at_install")
class TestMailLink(EbokCommon, HttpCase):
    """Odoo's links in letters (`/mail/view`) to invoices and records of ours."""

    def _ask(self, record):
        params = f"model={record._name}&res_id={record.id}&access_token={'x' * 36}"
        with heard_writes() as tables:
            answer = self.url_open(f"/mail/view?{params}", allow_redirects=False)
        return answer, set(tables)

    def test_a_guest_signs_in_and_nothing_is_written(self):
        self.authenticate(None, None)
        for record in (self.invoice, self.case, self.contract, self.meter):
            answer, tables = self._ask(record)
            self.assertIn(answer.status_code, (302, 303), record._name)
            self.assertIn("/web/login", answer.headers["Location"], record._name)
            self.assertFalse(tables, record._name)
        self.assertFalse(self.invoice.access_token)

    def test_the_owner_is_led_to_it_and_a_stranger_is_not(self):
        for record, page in (
            (self.invoice, f"/my/invoices/{self.invoice.id}"),
            (self.case, f"/my/cases/{self.case.id}"),
        ):
            for login, led in (("owner", page), ("other", "/my"), ("nobody", "/my")):
                self.authenticate(login, PASSWORD)
                answer, tables = self._ask(record)
                self.assertEqual(answer.status_code, 303, (login, record._name))
                self.assertEqual(answer.headers["Location"].removeprefix(self.base_url()), led, login)
                self.assertFalse(tables, (login, record._name))
