from odoo import api, models

from .template_reset_mixin import PREFIX


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    @api.model
    def _load_module_terms(self, modules, langs, overwrite=False):
        """Templates get their new texts here: the last step of an update, when data and translations are both there."""
        result = super()._load_module_terms(modules, langs, overwrite=overwrite)
        for kind in self.env["template.reset.mixin"]._inherit_children:
            for module in modules:
                if module.startswith(PREFIX) and kind in self.env and not self.env[kind]._abstract:
                    self.env[kind]._pwik_bring_shipped(module, langs)
        return result
