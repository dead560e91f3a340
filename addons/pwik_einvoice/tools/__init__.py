from . import code_picture, ksef_service

__all__ = ["code_picture", "ksef_service"]
