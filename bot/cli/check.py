"""``zhiban check``: every fault in settings and data, before anything starts."""

import argparse
import sys
from pathlib import Path

from bot.core.errors import ConfigError
from bot.settings import load_settings
from data.load import load_site


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``zhiban check``."""
    parser.add_argument("--config", type=Path, help="settings file (default: zhiban.toml)")


def main(args: argparse.Namespace) -> int:
    """0 fine; 1 faults in the data, one line each; 2 settings that cannot be used."""
    try:
        settings = load_settings(args.config)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        site = load_site(settings.data_dir, settings.state_dir, settings.timezone)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    months = ", ".join(sorted(site.roster.months)) or "none"
    print(f"fine: {len(site.people)} people, {len(site.chats)} chats, {len(site.hosts)} hosts; roster: {months}")
    return 0
