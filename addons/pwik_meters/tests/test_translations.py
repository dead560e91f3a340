from odoo.tests import tagged

from .translations import TranslationCase


@tagged("post_install", "-at_install")
class TestTranslations(TranslationCase):
    module = "pwik_meters"
