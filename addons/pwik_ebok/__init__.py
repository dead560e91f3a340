from . import controllers, models, wizard

__all__ = ["controllers", "models", "wizard"]
