from odoo.addons.pwik_meters.tests.translations import TranslationCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTranslations(TranslationCase):
    module = "pwik_einvoice"
