import hashlib
import json
import logging
import re
from pathlib import Path

import polib
from lxml import etree
from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.convert import xml_import
from odoo.tools.misc import file_path
from odoo.tools.translate import TranslationImporter, get_po_paths

from ..domain.shipped import digest, digests, is_one_of, is_untouched

PREFIX = "pwik_"
FRESH = {"fresh": True}
_logger = logging.getLogger(__name__)


class TemplateResetMixin(models.AbstractModel):
    """Templates of ours follow the product until the office writes its own text.

    Their files are ``noupdate``, or each update would undo what the office wrote; by that alone an update would bring nothing
    where nobody wrote anything, either. So each template keeps digests of the texts that it was given: while they are still
    there, an update gives it the new ones, and where they are not, it says that newer ones wait for Odoo's “Reset Template”.
    """

    _inherit = "template.reset.mixin"

    pwik_shipped = fields.Json("Digests of the texts that the product brought", copy=False, readonly=True)
    pwik_text_waits = fields.Boolean(
        "Newer text of the product",
        copy=False,
        readonly=True,
        help="The office rewrote this template, so an update left it alone, although the product has a newer text. "
        "“Reset Template” takes that one and drops the office's.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("install_filename") and self.env.context.get("install_module", "").startswith(
            PREFIX
        ):
            vals_list = [{**vals, "pwik_shipped": FRESH} for vals in vals_list]
        return super().create(vals_list)

    def reset_template(self):
        result = super().reset_template()
        for module, templates in self._pwik_by_module().items():
            sources = self._pwik_get_sources(module)
            for template, name in templates:
                if name in sources:
                    template._pwik_stamp(sources[name])
        return result

    @api.model
    def _pwik_bring_shipped(self, module, languages):
        """Give the templates of `module` that are still the product's its present texts; say where the office's were kept.

        :param module: name of an addon whose translations into `languages` were loaded just now
        :param languages: codes such as ``pl_PL``
        """
        if not (templates := self._pwik_by_module(module).get(module)):
            return
        sources, due = self._pwik_get_sources(module), {}
        for template, name in templates:
            if not (source := sources.get(name)):
                continue
            if template.pwik_shipped == FRESH:
                template._pwik_stamp(source)
                continue
            if not template.pwik_shipped:
                # from before the marks, and no migration recognised it: the text that is on disk may be the one
                template._pwik_recognise(source["known"])
            stamp, now = template.pwik_shipped, template._pwik_get_digests(source["fields"])
            if not is_untouched(now, stamp["texts"], languages):
                template.pwik_text_waits = waits = stamp["version"] != source["version"]
                if waits:
                    _logger.info("%s.%s has a newer text; the office's own was kept", module, name)
            elif stamp["version"] == source["version"]:
                template._pwik_stamp(source)
            else:
                due[name] = template
        self._pwik_load(module, {name: sources[name] for name in due})
        for name, template in due.items():
            template._pwik_stamp(sources[name])

    @api.model
    def _pwik_recognise_shipped(self, module, known):
        """For migrations: mark the templates that hold texts of an earlier version, of which nothing was noted then.

        :param module: name of the addon
        :param known: ``{name of the record: {field: [digests]}}`` of all that earlier versions brought
        """
        for template, name in self._pwik_by_module(module).get(module, ()):
            if not template.pwik_shipped and name in known:
                template._pwik_recognise(known[name])

    def _pwik_recognise(self, known):
        """Mark this template, from before the marks: the product's if all its texts are `known`, otherwise the office's."""
        now = self._pwik_get_digests(known)
        self.pwik_shipped = {"version": None, "texts": now if is_one_of(now, known) else {}}

    def _pwik_stamp(self, source):
        """Mark the texts that are in the database now as those of the product's present version."""
        stamp = {"version": source["version"], "texts": self._pwik_get_digests(source["fields"])}
        if stamp != self.pwik_shipped or self.pwik_text_waits:
            self.write({"pwik_shipped": stamp, "pwik_text_waits": False})

    def _pwik_get_digests(self, names):
        """Digests of the fields `names` of this template, in all languages that the database holds."""
        self.ensure_one()
        self.flush_recordset()
        columns = SQL(", ").join(
            SQL("%s, to_jsonb(%s)", name, SQL.identifier(name)) for name in names if name in self._fields
        )
        self.env.cr.execute(
            SQL(
                "SELECT jsonb_build_object(%s) FROM %s WHERE id = %s",
                columns,
                SQL.identifier(self._table),
                self.id,
            )
        )
        return digests(self.env.cr.fetchone()[0])

    def _pwik_by_module(self, module=None):
        """``{addon: [(template, name of its record)]}`` of these templates, or of all that `module` brought"""
        mine = ("module", "=", module) if module else ("res_id", "in", self.ids)
        result = {}
        # sudo: names of records are the administrator's, who may reset a template need not be one
        for data in self.env["ir.model.data"].sudo().search([("model", "=", self._name), mine]):
            template = self.browse(data.res_id).exists()
            if template and data.module.startswith(PREFIX):
                result.setdefault(data.module, []).append((template, data.name))
        return result

    @api.model
    def _pwik_get_sources(self, module):
        """What the files of `module` say of its templates of this kind.

        :return: by name of the record ``element`` (lxml), ``path``, ``fields`` (those that hold a text), ``known`` (their
            digests in all languages, as in `_pwik_recognise_shipped`) and ``version``, which changes with any of it
        """
        translations, sources = self._pwik_read_translations(module), {}
        for path in sorted(Path(file_path(f"{module}/data")).glob("*.xml")):
            for element in etree.parse(str(path)).iter("record"):
                if element.get("model") != self._name:
                    continue
                name = element.get("id")
                texts = {
                    field.get("name"): field.text
                    for field in element.iterchildren("field")
                    if self._fields[field.get("name")].type in ("char", "text", "html")
                }
                said = sorted(translations.get(name, ()))
                known = {
                    field: {digest(text)} if text and text.strip() else set() for field, text in texts.items()
                }
                for field, *both in said:
                    known.setdefault(field, set()).update(digest(text) for text in both if text)
                version = hashlib.sha256(
                    etree.tostring(element, method="c14n", with_comments=False) + json.dumps(said).encode()
                )
                sources[name] = {
                    **{"element": element, "path": str(path), "fields": list(texts), "known": known},
                    "version": version.hexdigest()[:16],
                }
        return sources

    @api.model
    def _pwik_read_translations(self, module):
        """``{name of the record: [(field, source, translation)]}`` from the translations of `module`, whatever is installed"""
        place = re.compile(rf"model:{re.escape(self._name)},(\w+):{module}\.(\w+)$")
        result = {}
        for path in sorted(Path(file_path(f"{module}/i18n")).glob("*.po")):
            for entry in polib.pofile(str(path)):
                for where, line in entry.occurrences:
                    if match := place.match(f"{where}:{line}" if line else where):
                        result.setdefault(match[2], []).append((match[1], entry.msgid, entry.msgstr))
        return result

    @api.model
    def _pwik_load(self, module, sources):
        """Read the records `sources` again, with their translations; what their files do not name stays as it is."""
        if not sources:
            return
        languages = [code for code, _name in self.env["res.lang"].get_installed() if code != "en_US"]
        env = self.with_context(pwik_shipped_text=True).env
        for name, source in sources.items():
            template = env.ref(f"{module}.{name}")
            for field in source["fields"]:
                if self._fields[field].translate:
                    template.update_field_translations(field, dict.fromkeys(languages, False))
            # as on installation, or the reader passes over what is noupdate
            xml_import(env, module, {}, mode="init", noupdate=True, xml_filename=source["path"])._tag_record(
                source["element"]
            )
        importer = TranslationImporter(self.env.cr, verbose=False)
        for language in languages:
            for path in get_po_paths(module, language):
                importer.load_file(path, language, xmlids={f"{module}.{name}" for name in sources})
        importer.save(overwrite=True, force_overwrite=True)
        self.invalidate_model()
        _logger.info("%s: new texts of %s", module, ", ".join(sources))


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def _check_can_be_rendered(self, fnames=None, render_options=None):
        """Odoo tries a text on whatever record comes first; one that it cannot be rendered for must not stop an update."""
        if self.env.context.get("pwik_shipped_text"):
            return None
        return super()._check_can_be_rendered(fnames=fnames, render_options=render_options)
