from . import models
from .hooks import post_init_hook

__all__ = ["models", "post_init_hook"]
