from odoo.addons.pwik_meters.tests.translations import TranslationCase


class TestPolish(TranslationCase):
    module = "pwik_radio_reading"
