"""``zhiban backup FILE``: an online copy of the database; the service may run."""

import argparse

from bot.cli.platforms import PLATFORMS
from bot.cli.refused import refused
from bot.core.errors import ConfigError
from bot.core.problems import Told
from bot.sections import SECTIONS
from bot.settings import Settings
from bot.settings_file import load_settings
from bot.storage.backup import backup


def main(args: argparse.Namespace) -> int:
    """0 done; 2 nothing was written."""
    settings: Settings | None = None
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
        backup(settings.database, args.file)
    except ConfigError as error:
        return refused(error, settings)
    print(Told("service/backed_up", file=str(args.file)).text(settings.locale))
    return 0
