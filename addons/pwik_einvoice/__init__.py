from . import models
from . import wizard

__all__ = ["models", "wizard"]
