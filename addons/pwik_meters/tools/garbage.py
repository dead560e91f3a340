"""Python's collector of reference cycles, which walks through all of Odoo's registry whenever enough values were made."""

import contextlib
import gc


@contextlib.contextmanager
def without_collector():
    """For work that makes hundreds of thousands of values and no cycles. (Odoo's ``disabling_gc`` stays off after an error.)"""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
