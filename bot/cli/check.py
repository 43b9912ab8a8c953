"""``zhiban check``: every fault in settings, data, runbooks and messages, before anything starts."""

import argparse
import sys
from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.app import App
from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.settings import Settings
from bot.settings_file import load_settings, sections_of
from data.load.named_chats import misplaced, unreached
from data.load.site import load_site
from data.site import Site
from messages.render import Renderer
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.inventory_check import unfit
from runbooks.planning.plan import target_of
from runbooks.remote.ssh_trust import Keyring, Trust

T = TypeVar("T")


def main(args: argparse.Namespace) -> int:
    """0 fine; 1 faults in the data, one line each; 2 settings that cannot be used."""
    try:
        settings = load_settings(args.config, platforms=PLATFORMS)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    faults: list[str] = []
    site = _try(faults, lambda: load_site(settings.data_dir, settings.state_dir, settings.timezone))
    catalogue = _try(faults, lambda: load_catalogue(settings.data_dir / "runbooks"))
    _try(faults, lambda: Renderer(ZoneInfo(settings.timezone)))
    if site is not None:
        faults += [f"settings: {fault}" for fault in misplaced(sections_of(settings, PLATFORMS), site)]
    if site is not None and catalogue is not None:
        faults += unfit(catalogue, site)
    if site is not None and not faults:
        _try(faults, lambda: App(settings, lambda: site, platforms=PLATFORMS))
    if site is None or faults:
        print(*faults, sep="\n", file=sys.stderr)
        return 1
    months = ", ".join(sorted(site.roster.months)) or "none"
    print(f"fine: {len(site.people)} people, {len(site.chats)} chats, {len(site.hosts)} hosts; roster: {months}")
    for note in (*unreached(settings, site), *_unpinned(settings, site)):
        print(note)
    return 0


def _unpinned(settings: Settings, site: Site) -> list[str]:
    """A note when the keys of hosts are not pinned: whatever is run on those is refused (fault F64)."""
    pinned = Keyring(Trust(settings.known_hosts)).pinned(target_of(host) for host in site.hosts.values())
    unknown = [host for host in site.hosts if not pinned.get(host)]
    if not unknown:
        return []
    names = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
    return [
        f"note: {settings.known_hosts} pins no key of {names}; nothing runs there until zhiban hosts scan has (docs/ssh.md)"
    ]


def _try(faults: list[str], load: Callable[[], T]) -> T | None:
    try:
        return load()
    except ConfigError as error:
        faults += error.faults
        return None
