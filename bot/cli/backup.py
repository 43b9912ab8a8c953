"""``zhiban backup FILE``: an online copy of the database; the service may run."""

import argparse
import sys

from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings_file import load_settings
from bot.storage.backup import backup


def main(args: argparse.Namespace) -> int:
    """0 done; 2 nothing was written."""
    try:
        backup(load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS).database, args.file)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"written: {args.file}")
    return 0
