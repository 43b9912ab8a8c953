"""``zhiban restore FILE``: put a backup in the database's place; the service must be stopped."""

import argparse

from bot.cli.platforms import PLATFORMS
from bot.cli.refused import refused
from bot.core.errors import ConfigError
from bot.core.problems import Told
from bot.sections import SECTIONS
from bot.settings import Settings
from bot.settings_file import load_settings
from bot.storage.backup import restore
from bot.storage.lock import only_one


def main(args: argparse.Namespace) -> int:
    """0 done; 2 nothing was changed."""
    settings: Settings | None = None
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
        with only_one(settings.state_dir):
            kept = restore(args.file, settings.database)
    except ConfigError as error:
        return refused(error, settings)
    told = Told("service/restored", file=str(args.file), kept=str(kept) if kept else None)
    print(told.text(settings.locale))
    return 0
