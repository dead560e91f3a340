from odoo import api, models

from .template_reset_mixin import PREFIX


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    @api.model
    def _load_module_terms(self, modules, langs, overwrite=False):
        """The last step of an update, when data and translations are both there.

        Names of fields, menus and what stands in views are the product's: an update brings the present Polish as it brings the
        present English, where Odoo alone keeps the translation that the database has. Records that are ``noupdate`` stay as
        the office has them, and templates get their new texts where nobody rewrote them.
        """
        ours = [module for module in modules if module.startswith(PREFIX)]
        others = [module for module in modules if module not in ours]
        result = super()._load_module_terms(others, langs, overwrite=overwrite) if others else None
        if ours:
            super()._load_module_terms(ours, langs, overwrite=True)
        for kind in self.env["template.reset.mixin"]._inherit_children:
            for module in ours:
                if kind in self.env and not self.env[kind]._abstract:
                    self.env[kind]._pwik_bring_shipped(module, langs)
        return result
