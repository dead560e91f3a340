from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tools import config
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "zeton-do-prob"


@tagged("post_install", "-at_install")
class TestMetrics(HttpCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(patch.dict(config.options, {"pwik_metrics_token": TOKEN}))

    def ask(self, token=TOKEN):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.url_open("/pwik/metrics", headers=headers)

    def figures(self):
        """``{(name, label's value): number}`` as Prometheus understands the answer"""
        answer = self.ask()
        self.assertEqual(answer.status_code, 200)
        return {
            (sample.name, next(iter(sample.labels.values()), None)): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    def test_closed_without_a_token(self):
        for token in ("", "wrong"):
            self.assertEqual(self.ask(token).status_code, 401)
        with patch.dict(config.options, {"pwik_metrics_token": ""}):
            self.assertEqual(self.ask("").status_code, 404)
            self.assertEqual(self.ask().status_code, 404)

    def test_a_waiting_mail_and_a_late_action_are_seen(self):
        before = self.figures()
        self.env["mail.mail"].create({"subject": "Proba", "email_to": "x@example.com"})
        cron = self.env["ir.cron"].search([], limit=1)
        cron.write({"nextcall": "2020-01-01 00:00:00", "failure_count": 3})
        after = self.figures()
        self.assertEqual(after["pwik_mails", "outgoing"], before["pwik_mails", "outgoing"] + 1)
        name = cron.with_context(lang="en_US").cron_name
        self.assertGreater(after["pwik_cron_late_seconds", name], 100_000)
        self.assertEqual(after["pwik_cron_failures", name], 3)

    def test_every_room_adds_its_own(self):
        names = {name for name, _label in self.figures()}
        self.assertIn("pwik_readings", names)
        if "pwik.radio.dump" in self.env:
            self.assertIn("pwik_radio_last_import_timestamp_seconds", names)
        if "pwik.billing.run" in self.env:
            self.assertIn("pwik_billing_packets", names)

    def test_no_names_of_people(self):
        self.env["res.partner"].create({"name": "Zdzislaw Tajny"})
        self.assertNotIn("Tajny", self.ask().text)
