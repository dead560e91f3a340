from odoo.tests import HttpCase, tagged

from .common import PASSWORD, PDF, EbokCommon


@tagged("post_install", "-at_install")
class TestClaims(EbokCommon, HttpCase):
    """Interest notes and reminders: the customer finds what he was sent, and nobody else's."""

    def paths(self):
        return (
            f"/my/balance/notes/{self.note.id}/pdf",
            f"/my/balance/reminders/{self.reminder.id}/pdf",
        )

    def test_the_owner_finds_what_he_was_sent(self):
        self.authenticate("owner", PASSWORD)
        page = self.url_open("/my/balance").text
        for mine, foreign in ((self.note, self.other_note), (self.reminder, self.other_reminder)):
            self.assertIn(mine.number, page)
            self.assertNotIn(foreign.number, page)
        for path in self.paths():
            answer = self.url_open(path)
            self.assertEqual((answer.status_code, answer.content), (200, PDF))
            self.assertTrue(answer.headers["Content-Disposition"].startswith("attachment"))
            self.assertIn("no-store", answer.headers["Cache-Control"])

    def test_nobody_else(self):
        for login in ("other", "former", "nobody"):
            self.authenticate(login, PASSWORD)
            for path in self.paths():
                foreign = self.url_open(path)
                missing = self.url_open(path.replace(str(self.note.id), "999999999"))
                self.assertEqual(foreign.status_code, 404)
                self.assertEqual(missing.status_code, 404)

    def test_what_waits_or_was_taken_back_is_the_offices(self):
        self.authenticate("owner", PASSWORD)
        for state in ("ready", "cancelled"):
            for document in (self.note, self.reminder):
                document.state = state
            self.env.flush_all()
            self.assertNotIn(self.note.number, self.url_open("/my/balance").text)
            for path in self.paths():
                self.assertEqual(self.url_open(path).status_code, 404)
