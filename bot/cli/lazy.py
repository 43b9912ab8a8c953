"""Imports a module when it is needed, by its name: the one place of the product that does. The tables beside it say which."""

import gc
import importlib
from typing import Any


def imported(module: str, name: str) -> Any:
    """``name`` of ``module``. What imports make stays for good: looking for garbage among it takes a tenth of a start."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return getattr(importlib.import_module(module), name)
    finally:
        if collects:
            gc.enable()
