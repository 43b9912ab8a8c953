"""The whole data folder as one ``Site``, or every fault of it in one report."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.errors import ConfigError
from bot.core.problems import Problems
from data.load.hosts import load_fleet
from data.load.people import load_chats, load_people, load_posts
from data.load.rules import load_calendar, load_routes, load_sla
from data.load.yaml_fields import read
from data.roster.folder import load_roster
from data.roster.rows import Words
from data.roster.shifts import Roster
from data.site import Site

FILES = ("people", "posts", "chats", "hosts", "sla", "routes", "holidays")
_OF_HOSTS = re.compile(r".*hosts\.yaml:[0-9]+: ")


def load_desk(data_dir: Path, state_dir: Path | None, tz: str) -> Site:
    """The same for a start: where ``hosts.yaml`` alone is wrong, the duty desk serves on without servers (fault F83)."""
    try:
        return load_site(data_dir, state_dir, tz)
    except ConfigError as error:
        faults = tuple(error.faults)
    if not all(_OF_HOSTS.match(fault) for fault in faults):
        raise ConfigError(list(faults))
    return load_site(data_dir, state_dir, tz, servers_off=faults)


def load_site(
    data_dir: Path,
    state_dir: Path | None = None,
    tz: str = "Asia/Shanghai",
    *,
    with_roster: bool = True,
    servers_off: tuple[str, ...] = (),
) -> Site:
    """Read the YAML files of the data folder and the roster files of both folders (the state folder's win by month).

    Raises ``ConfigError`` with one line ``path:line: what is wrong; what to write instead`` for every fault. A file
    that cannot be read at all is told alone: everything that refers to it would be a fault, too. ``servers_off``: faults of
    ``hosts.yaml``, which is then left out.
    """
    if not data_dir.is_dir():
        raise ConfigError([f"{data_dir}: no such folder; set data_dir to the organisation's folder"])
    zone, faults = _zone(tz), Problems()
    wanted = [name for name in FILES if name != "hosts" or not servers_off]
    files = {name: read(data_dir / f"{name}.yaml", faults) for name in wanted}
    if faults.found:
        raise ConfigError(faults.lines())
    people = load_people(files["people"])
    posts = load_posts(files["posts"], people)
    chats, regions = load_chats(files["chats"], people, posts)
    groups, hosts = ({}, {}) if servers_off else load_fleet(files["hosts"])
    sla = load_sla(files["sla"], regions)
    routing = load_routes(files["routes"], people.all)
    calendar = load_calendar(files["holidays"])
    words = Words(people.all, posts, zone)
    roster = load_roster(data_dir, state_dir, words, faults) if with_roster else Roster()
    if faults.found or people.emergency is None:
        raise ConfigError(faults.lines())
    return Site(
        tz=zone,
        people=people.all,
        emergency=people.emergency,
        headquarters=people.headquarters,
        regions=regions,
        chats=chats,
        posts=posts,
        host_groups=groups,
        hosts=hosts,
        sla=sla,
        routes=routing.routes,
        systems=routing.systems,
        vendors=routing.vendors,
        calendar=calendar,
        roster=roster,
        servers_off=servers_off,
    )


def _zone(tz: str) -> ZoneInfo:
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError([f"timezone: {tz} is no time zone; write Asia/Shanghai"]) from None
