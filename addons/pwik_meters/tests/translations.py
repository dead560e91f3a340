"""Proof that the Polish of an addon is complete; each addon's tests inherit ``TranslationCase``."""

import os
import re

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path
from odoo.tools.translate import PoFileReader, TranslationModuleReader, code_translations

RECORDS = ("model", "model_terms")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]")


class ModuleTerms(TranslationModuleReader):
    """Odoo's own reader of translatable terms, kept from walking through all of Odoo's sources for one addon."""

    def __init__(self, cr, module):
        self._only = module
        super().__init__(cr, modules=[module])

    def _export_translatable_resources(self):
        top = file_path(self._only)
        path = os.path.dirname(top)
        for root, _folders, files in os.walk(top):
            for name in files:
                if name.endswith(".py"):
                    self._babel_extract_terms(
                        name,
                        path,
                        root,
                        "odoo.tools.babel:extract_python",
                        extract_keywords={"_": None, "_lt": None},
                    )
                elif f"{os.sep}static{os.sep}src" in root and name.endswith(".js"):
                    self._babel_extract_terms(
                        name, path, root, "odoo.tools.babel:extract_javascript", extract_keywords={"_t": None}
                    )
                elif f"{os.sep}static{os.sep}src" in root and name.endswith(".xml"):
                    self._babel_extract_terms(name, path, root, "odoo.tools.translate:babel_extract_qweb")


def get_terms(env, module):
    """Everything of ``module`` that a user may read, in English: a set of str."""
    return {
        source.strip()
        for _module, _type, _name, _id, source, _value, _comments in ModuleTerms(env.cr, module)
    }


def get_places(env, module):
    """Where each of these terms stands, for Odoo takes a term of a record from a file only where its place is named.

    :return: set of (kind of term, name of the field, external id without its module, English)
    """
    return {
        (kind, name, record.partition(".")[2], source.strip())
        for _module, kind, name, record, source, _value, _comments in ModuleTerms(env.cr, module)
        if kind in RECORDS
    }


def get_polish_places(module):
    """The places that the addon's ``pl.po`` names, as :func:`get_places` has them."""
    with open(file_path(f"{module}/i18n/pl.po"), "rb") as stream:
        return {
            (row["type"], row["name"], row["imd_name"], row["src"].strip())
            for row in PoFileReader(stream)
            if row["type"] in RECORDS and row["value"]
        }


def get_polish(module):
    """``{English: Polish}`` of the addon's ``pl.po``, as Odoo's own reader finds it: it drops what a template lacks."""
    with open(file_path(f"{module}/i18n/pl.po"), "rb") as stream:
        return {row["src"].strip(): row["value"] for row in PoFileReader(stream)}


@tagged("post_install", "-at_install")
class TranslationCase(TransactionCase):
    """Users see Polish first: no term without its translation, no placeholder lost. Subclasses set ``module``."""

    module = None
    allow_inherited_tests_method = True  # Odoo runs the tests of a base class only where it is told so
    __test__ = False  # not itself, only its subclasses: pytest also collects what a test file imports

    def __init_subclass__(cls, **kwargs):
        cls.__test__ = True
        return super().__init_subclass__(**kwargs)

    def test_every_term_is_polish(self):
        polish = get_polish(self.module)
        missing = sorted(term for term in get_terms(self.env, self.module) if not polish.get(term))
        self.assertFalse(missing, f"{len(missing)} terms of {self.module} have no Polish")

    def test_every_place_is_polish(self):
        missing = get_places(self.env, self.module) - get_polish_places(self.module)
        self.assertFalse(
            sorted(missing), f"{len(missing)} terms of {self.module} are not Polish where they stand"
        )

    def test_code_finds_its_polish(self):
        """Odoo reads the terms of code from the file itself, and only those that are marked as such (``odoo-python``)."""
        known = {
            "py": code_translations.get_python_translations(self.module, "pl_PL").keys(),
            "js": {m["id"] for m in code_translations.get_web_translations(self.module, "pl_PL")["messages"]},
        }
        terms = {
            (name.rpartition(".")[2], source)
            for _module, kind, name, _id, source, _value, _comments in ModuleTerms(self.env.cr, self.module)
            if kind == "code" and "/demo/" not in name
        }
        missing = sorted(
            source for ending, source in terms if source not in known["py" if ending == "py" else "js"]
        )
        self.assertFalse(
            missing, f"{len(missing)} terms of the code of {self.module} are not marked as its own"
        )

    def test_placeholders_are_kept(self):
        for source, polish in get_polish(self.module).items():
            self.assertEqual(sorted(PLACEHOLDER.findall(source)), sorted(PLACEHOLDER.findall(polish)), source)
