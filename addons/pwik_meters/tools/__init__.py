from . import pdf

__all__ = ["pdf"]
