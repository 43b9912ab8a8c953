"""``zhiban check``: every fault in settings, data, runbooks and messages, before anything starts."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.app import App
from bot.capabilities import build_all
from bot.cli.check_hosts import check_hosts
from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings_file import load_settings, sections_of
from data.load.named_chats import misplaced, unreached
from data.load.site import load_site
from messages.render import Renderer

T = TypeVar("T")


def main(args: argparse.Namespace) -> int:
    """0 fine; 1 faults in the data, one line each; 2 settings that cannot be used."""
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    faults: list[str] = []
    site = _try(
        faults, lambda: load_site(settings.data_dir, settings.state_dir, settings.timezone, locale=settings.locale)
    )
    _try(faults, Renderer(ZoneInfo(settings.timezone)).check)
    capabilities = _try(faults, lambda: build_all(settings)) or ()
    if site is not None:
        faults += [f"settings: {fault}" for fault in misplaced(sections_of(settings, PLATFORMS), site)]
    found = [check.find(site) for capability in capabilities for check in capability.checks]
    faults += [fault for one in found for fault in one.problems]
    if site is not None and not faults:
        _try(faults, lambda: App(settings, lambda: site, capabilities=capabilities, platforms=PLATFORMS))
    if site is None or faults:
        print(*faults, sep="\n", file=sys.stderr)
        return 1
    months = ", ".join(sorted(site.roster.months)) or "none"
    print(f"fine: {len(site.people)} people, {len(site.chats)} chats, {len(site.hosts)} hosts; roster: {months}")
    for note in (*unreached(settings, site), *(note for one in found for note in one.notes)):
        print(note)
    return asyncio.run(check_hosts(settings, site)) if args.hosts else 0


def _try(faults: list[str], load: Callable[[], T]) -> T | None:
    try:
        return load()
    except ConfigError as error:
        faults += error.faults
        return None
