"""Imports a module when it is needed, by its name: the one place of the product that does.

Who may: the command line for the command that was typed, and for the platforms that are in use; and the parts below, whose
library costs a start more than all that the start needs otherwise.
"""

import gc
import importlib
from typing import Any

MIGRATIONS = "bot.storage.migrations.upgrade"  # Alembic, 0.9 s: only for a database that is new or behind
SENTENCES = "messages.sentences"  # Jinja, 0.1 s: only where a roster file has a fault
XLSX = "data.roster.xlsx"  # openpyxl, 0.15 s: only where such a roster file is written


def imported(module: str, name: str) -> Any:
    """``name`` of ``module``. What imports make stays for good: looking for garbage among it takes a tenth of a start."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return getattr(importlib.import_module(module), name)
    finally:
        if collects:
            gc.enable()
