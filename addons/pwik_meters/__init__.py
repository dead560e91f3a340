from . import models, wizard
from .hooks import pre_init_hook

__all__ = ["models", "pre_init_hook", "wizard"]
from . import controllers
