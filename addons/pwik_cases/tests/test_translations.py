import io
import pathlib
import re

import polib
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

ROOT = pathlib.Path(__file__).resolve().parent.parent


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """The users see Polish: no term without its translation, no placeholder lost."""

    def terms(self):
        buffer = io.BytesIO()
        trans_export(None, ["pwik_cases"], buffer, "po", self.env)
        return {entry.msgid for entry in polib.pofile(buffer.getvalue().decode())}

    def polish(self):
        return {
            entry.msgid: entry.msgstr
            for entry in polib.pofile(str(ROOT / "i18n" / "pl.po"))
            if not entry.obsolete
        }

    def test_complete(self):
        polish = self.polish()
        missing = sorted(term for term in self.terms() if not polish.get(term))
        self.assertFalse(missing)

    def test_placeholders(self):
        placeholder = re.compile(r"%(?:\(\w+\))?[sd]")
        for source, value in self.polish().items():
            self.assertEqual(sorted(placeholder.findall(source)), sorted(placeholder.findall(value)), source)

    def test_template_is_up_to_date(self):
        template = {entry.msgid for entry in polib.pofile(str(ROOT / "i18n" / "pwik_cases.pot"))}
        self.assertFalse(sorted(self.terms() - template))
