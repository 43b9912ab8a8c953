"""``zhiban restore FILE``: put a backup in the database's place; the service must be stopped."""

import argparse
import sys

from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings_file import load_settings
from bot.storage.backup import restore
from bot.storage.lock import only_one


def main(args: argparse.Namespace) -> int:
    """0 done; 2 nothing was changed."""
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
        with only_one(settings.state_dir):
            kept = restore(args.file, settings.database)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"restored from {args.file}" + (f"; the database before it is kept as {kept}" if kept else ""))
    return 0
