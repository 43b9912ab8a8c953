"""``zhiban restore FILE``: put a backup in the database's place; the service must be stopped."""

import argparse
import sys
from pathlib import Path

from bot.core.errors import ConfigError
from bot.durable.copies import restore
from bot.durable.lock import only_one
from bot.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``zhiban restore``."""
    parser.add_argument("file", type=Path, help="a file that zhiban backup made")
    parser.add_argument("--config", type=Path, help="settings file (default: zhiban.toml)")


def main(args: argparse.Namespace) -> int:
    """0 done; 2 nothing was changed."""
    try:
        settings = load_settings(args.config)
        with only_one(settings.state_dir):
            kept = restore(args.file, settings.database)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"restored from {args.file}" + (f"; the database before it is kept as {kept}" if kept else ""))
    return 0
