from . import models, wizard
from .hooks import pre_init_hook
from .tools.connections import pass_over_dropped

__all__ = ["models", "pre_init_hook", "wizard"]
from . import controllers

# Here and not as `post_load`: Odoo passes over that where something has imported the addon before it is loaded.
pass_over_dropped()
