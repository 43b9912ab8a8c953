"""``zhiban check``: every fault in settings, data, runbooks and messages, and whatever keeps the desk from going on duty."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.app import App
from bot.capabilities import build_all
from bot.cli.check_hosts import check_hosts
from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.core.people import Role
from bot.core.problems import Problems, Told, in_locale, line_of
from bot.sections import SECTIONS
from bot.settings import Settings
from bot.settings_file import read_settings, sections_of
from data.load.doubts import doubtful_chats, doubtful_people, unknown_platforms
from data.load.named_chats import misplaced, unreached
from data.load.site import FILES, Found, look_at_site
from data.model import Audience
from data.site import Site
from messages.render import Renderer

T = TypeVar("T")
_ROLES = {
    Role.DIRECTOR.value,
    Role.BUSINESS.value,
    Role.COORDINATOR.value,
}  # who is told by his role alone; operators have a note of their own


def main(args: argparse.Namespace) -> int:
    """0 fine; 1 faults in the data, one line each; 2 settings that cannot be used, with the faults of the data all the same."""
    settings, wrong = read_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
    if settings is None:
        print(*wrong, sep="\n", file=sys.stderr)
        return 2
    faults, data = list(wrong), Problems(settings.locale)
    found = _try(faults, lambda: _read(settings, data)) or Found({}, {}, None, frozenset(FILES))
    faults += data.lines()
    _try(faults, Renderer(ZoneInfo(settings.timezone)).check)
    capabilities = _try(faults, lambda: build_all(settings)) or ()
    faults += doubtful_people(settings.data_dir, found.people, settings.locale)
    faults += doubtful_chats(settings.data_dir, found.chats, settings.locale)
    faults += unknown_platforms(
        settings.data_dir, found.people.values(), found.chats.values(), PLATFORMS.keys(), settings.locale
    )
    if "chats" not in found.unread:
        faults += misplaced(sections_of(settings, PLATFORMS), found.chats)
    faults += _unwritable(settings)
    looked = [check.among(found.site, found.unread) for capability in capabilities for check in capability.checks]
    faults += [fault for one in looked for fault in one.problems]
    site = None if found.unread else found.site
    if site is not None and not faults:
        _try(faults, lambda: App(settings, lambda: site, capabilities=capabilities, platforms=PLATFORMS))
    if site is None or faults:
        print(*dict.fromkeys(in_locale(fault, settings.locale) for fault in faults), sep="\n", file=sys.stderr)
    else:
        counts = {"people": len(site.people), "chats": len(site.chats), "hosts": len(site.hosts)}
        print(Told("check/fine", months=sorted(site.roster.months), **counts).text(settings.locale))
    for note in (*_notes(settings, site), *(note for one in looked for note in one.notes)):
        print(in_locale(note, settings.locale))
    hosts = asyncio.run(check_hosts(settings, site)) if args.hosts and site is not None and not wrong else 0
    if wrong:
        return 2
    return 1 if site is None or faults else hosts


def _read(settings: Settings, problems: Problems) -> Found:
    where = (settings.data_dir, settings.state_dir, settings.timezone)
    return look_at_site(*where, problems, locale=settings.locale)


def _notes(settings: Settings, site: Site | None) -> list[str]:
    return [*unreached(settings, site), *_unheard(site), *_unmanned(site), *_roomless(site)] if site is not None else []


def _roomless(site: Site) -> list[str]:
    """Plans, alarms and what reaches nobody else go to the duty room."""
    if site.duty_room is not None:
        return []
    return [line_of("check/note", text=Told("check/no_duty_room"))]


def _unwritable(settings: Settings) -> list[str]:
    """The folder in which everything is kept, where it cannot be made or written to."""
    folder = settings.state_dir
    there = next((place for place in (folder, *folder.parents) if os.path.lexists(place)), folder)
    if not there.is_dir():
        return [line_of("check/state_no_folder", there=str(there), folder=str(folder))]
    if os.statvfs(there).f_flag & os.ST_RDONLY:
        return [line_of("check/state_read_only", folder=str(folder))]
    if not os.access(there, os.W_OK | os.X_OK):
        return [line_of("check/state_forbidden", folder=str(folder))]
    return []


def _unheard(site: Site) -> list[str]:
    """What the bot cannot mend itself it tells the operators; where there are none, nobody."""
    if site.with_role(Role.OPERATOR):
        return []
    return [line_of("check/note", text=Told("check/no_operator"))]


def _unmanned(site: Site) -> list[str]:
    """One line for each role that ``routes.yaml`` or ``sla.yaml`` tells of something and that nobody has."""
    of_routes = {word for route in site.routes.values() for word in (*route.to, *route.copy, *route.then)}
    named = of_routes | {word for policy in site.sla for rung in policy.rungs for word in rung.to}
    lacking = [Role(word.value) for word in Audience if word in named and word.value in _ROLES]
    lines = [Told("check/nobody", role=role.value) for role in lacking if not site.with_role(role)]
    if Audience.HEADQUARTERS in named and not site.headquarters:
        lines.append(Told("check/no_headquarters"))
    return [line_of("check/note", text=line) for line in lines]


def _try(faults: list[str], load: Callable[[], T]) -> T | None:
    try:
        return load()
    except ConfigError as error:
        faults += error.faults
        return None
