from odoo.exceptions import AccessError

from .test_campaign import CampaignCommon


class TestCollectorPage(CampaignCommon):
    """The page that tells a reader how his dump comes here has this server's names in its commands."""

    def page(self, user):
        return self.env["pwik.radio.collector"].with_user(user).create({})

    def test_commands_name_tour_server_and_login(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://odczyt.example.org")
        other = self.make_campaign(date_due="2025-03-01")
        own = self.make_campaign(reader_id=self.reader.id)
        (other | own).action_start()
        page = self.page(self.reader)
        self.assertEqual(page.campaign_id, own)
        tour = f"trasa-{own.id}.json"
        self.assertIn(f"--tour {tour} ", page.listen_command)
        self.assertIn(f"/{tour}?", page.action_download_tour()["url"])
        for part in (
            "--url https://odczyt.example.org ",
            f"--database {self.env.cr.dbname} ",
            "--login campaign-reader ",
            "--key-file ",
        ):
            self.assertIn(part, page.upload_command)

    def test_without_a_campaign_it_listens_to_all(self):
        running = self.env["pwik.radio.campaign"].search([("state", "=", "running")])
        running.action_close()
        self.assertNotIn("--tour", self.page(self.reader).listen_command)

    def test_of_readers_and_the_office_only(self):
        stranger = self.make_user("collector-stranger")
        with self.assertRaises(AccessError):
            self.page(stranger)
