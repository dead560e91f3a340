from odoo.addons.pwik_meters.tests.translations import TranslationCase


class TestTranslations(TranslationCase):
    module = "pwik_billing"
