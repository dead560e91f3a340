import runpy
from unittest.mock import patch

from odoo.addons.mail.models.mail_template import MailTemplate
from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path

OFFICE = "<p>Szanowni Państwo, faktura z naszych wodociągów.</p>"
BEFORE = {"en_US": "<p>a text of an earlier version</p>", "pl_PL": "<p>tekst poprzedniej wersji</p>"}


@tagged("post_install", "-at_install")
class TestShippedTexts(TransactionCase):
    """An update of the addon: `_load_module_terms` is its last step, in which templates get their new texts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # where English is not in use, Odoo writes its text along with the Polish one
        cls.env["res.lang"]._activate_lang("en_US")
        cls.template = cls.env.ref("pwik_einvoice.mail_template_delivery")
        cls.other = cls.env.ref("pwik_einvoice.mail_template_ksef")
        cls.shipped = cls.bodies()

    @classmethod
    def bodies(cls):
        cls.template.invalidate_recordset()
        return [cls.template.with_context(lang=lang).body_html for lang in ("en_US", "pl_PL")]

    def earlier(self):
        """The database of an earlier version: other texts, marked as those that it brought."""
        for lang, text in BEFORE.items():
            self.template.with_context(lang=lang).body_html = text
        names = list(self.template.pwik_shipped["texts"])
        self.template.pwik_shipped = {"version": "x", "texts": self.template._pwik_get_digests(names)}

    def update(self):
        self.env["ir.module.module"]._load_module_terms(["pwik_einvoice"], ["pl_PL"])

    def test_marked_when_installed(self):
        for template in self.env["mail.template"].search([("template_fs", "=like", "pwik\\_%")]):
            self.assertTrue(template.pwik_shipped["texts"]["body_html"]["pl_PL"], template.name)

    def test_a_text_that_nobody_changed_is_renewed_in_all_languages(self):
        self.earlier()
        self.template.reply_to = "bok@example.com"
        self.update()
        self.assertEqual(self.bodies(), self.shipped)
        self.assertNotEqual(*self.shipped)
        self.assertFalse(self.template.pwik_text_waits)
        self.assertEqual(self.template.reply_to, "bok@example.com")
        data = self.env["ir.model.data"].search([("name", "=", "mail_template_delivery")])
        self.assertTrue(data.noupdate)

    def test_polish_of_labels_and_views_is_renewed_and_the_offices_records_are_not(self):
        field = self.env["ir.model.fields"]._get("pwik.delivery", "run_id").with_context(lang="pl_PL")
        menu = self.env.ref("pwik_einvoice.pwik_delivery_menu").with_context(lang="pl_PL")
        cron = self.env.ref("pwik_einvoice.ir_cron_ksef").with_context(lang="pl_PL")
        shipped = field.field_description, menu.name
        for record, name in ((field, "field_description"), (menu, "name"), (cron, "name")):
            record.update_field_translations(name, {"pl_PL": "Dawna nazwa"})
        self.update()
        self.env.invalidate_all()
        self.assertEqual((field.field_description, menu.name), shipped)
        self.assertEqual(cron.name, "Dawna nazwa", "noupdate: the office's own")

    def test_an_update_stops_at_no_record(self):
        """Odoo tries each written text on the first record that it finds, which may be one that the text is not for."""
        self.earlier()

        def fail(_template, fnames=None, render_options=None):
            self.assertNotIn("body_html", fnames)

        with patch.object(MailTemplate, "_check_can_be_rendered", fail):
            self.update()
        self.assertEqual(self.bodies(), self.shipped)

    def test_the_offices_text_is_kept_and_the_newer_one_waits(self):
        self.earlier()
        self.template.with_context(lang="pl_PL").body_html = OFFICE
        self.update()
        self.assertEqual(self.bodies(), [BEFORE["en_US"], OFFICE])
        self.assertTrue(self.template.pwik_text_waits)
        self.assertFalse(self.other.pwik_text_waits)
        self.template.reset_template()
        self.assertEqual(self.bodies(), self.shipped)
        self.assertFalse(self.template.pwik_text_waits)
        self.earlier()
        self.update()
        self.assertEqual(self.bodies(), self.shipped)

    def test_the_offices_text_with_no_newer_one_is_no_news(self):
        self.template.with_context(lang="pl_PL").body_html = OFFICE
        self.update()
        self.assertEqual(self.bodies()[1], OFFICE)
        self.assertFalse(self.template.pwik_text_waits)

    def migrate(self):
        """A database from before the marks."""
        self.env.flush_all()
        script = runpy.run_path(file_path("pwik_einvoice/migrations/19.0.1.4.0/post-texts.py"))
        script["migrate"](self.env.cr, "19.0.1.3.0")
        self.env.invalidate_all()
        self.update()

    def test_texts_from_before_the_marks(self):
        (self.template + self.other).pwik_shipped = False
        for lang, text in zip(("en_US", "pl_PL"), self.shipped, strict=True):
            # the sum that 19.0.1.1.0 told, whatever was carried from a refund
            old = text.replace("._get_pwik_to_pay()", ".amount_total")
            self.assertNotEqual(old, text)
            self.template.with_context(lang=lang).body_html = old
        self.other.with_context(lang="pl_PL").body_html = OFFICE
        self.migrate()
        self.assertEqual(self.bodies(), self.shipped)
        self.assertEqual(self.other.with_context(lang="pl_PL").body_html, OFFICE)
        self.assertTrue(self.other.pwik_text_waits)
        self.assertFalse(self.template.pwik_text_waits)
