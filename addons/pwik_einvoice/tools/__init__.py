from . import ksef_service

__all__ = ["ksef_service"]
