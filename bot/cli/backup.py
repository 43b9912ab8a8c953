"""``zhiban backup FILE``: an online copy of the database; the service may run."""

import argparse
import sys
from pathlib import Path

from bot.core.errors import ConfigError
from bot.durable.copies import backup
from bot.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``zhiban backup``."""
    parser.add_argument("file", type=Path, help="where the copy goes")
    parser.add_argument("--config", type=Path, help="settings file (default: zhiban.toml)")


def main(args: argparse.Namespace) -> int:
    """0 done; 2 nothing was written."""
    try:
        backup(load_settings(args.config).database, args.file)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"written: {args.file}")
    return 0
