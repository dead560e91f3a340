from odoo.tests import tagged

from odoo.addons.pwik_meters.tests.translations import TranslationCase


@tagged("post_install", "-at_install")
class TestTranslations(TranslationCase):
    module = "pwik_einvoice"
