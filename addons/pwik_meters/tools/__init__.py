from . import typeset

__all__ = ["typeset"]
