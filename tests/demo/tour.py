"""Stub until the encoder lands."""
