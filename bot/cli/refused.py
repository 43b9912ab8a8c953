"""How a command that cannot be carried out says so: one line a fault, in the language of the settings where those are known."""

import sys

from bot.core.errors import ConfigError
from bot.core.problems import in_locale
from bot.settings import Settings


def refused(error: ConfigError, settings: Settings | None) -> int:
    """Print the faults; 2, the exit code of settings, data or state that cannot be used.

    ``settings`` None: they are what could not be read, and their faults say so in the language that they name.
    """
    faults = error.faults if settings is None else [in_locale(fault, settings.locale) for fault in error.faults]
    print(*faults, sep="\n", file=sys.stderr)
    return 2
