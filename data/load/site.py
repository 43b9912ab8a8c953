"""The whole data folder as one ``Site``, or every fault of it in one report."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.errors import ConfigError
from bot.core.problems import Problems
from data.load.files import ChatsFile, HolidaysFile, HostsFile, PeopleFile, PostsFile, RoutesFile, SlaFile
from data.load.hosts import load_fleet
from data.load.people import load_chats, load_people, load_posts
from data.load.read import as_written, read_file
from data.load.rules import load_calendar, load_routes, load_sla
from data.load.yaml_file import YamlFile
from data.roster.folder import load_roster
from data.roster.rows import Words
from data.shifts import Roster
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
    zone, problems = _zone(tz), Problems()
    files = _read(data_dir, [name for name in FILES if name != "hosts" or not servers_off], problems)
    people = load_people(as_written(files["people"], PeopleFile), files["people"].top)
    posts = load_posts(as_written(files["posts"], PostsFile), files["posts"].top, people)
    in_chats = as_written(files["chats"], ChatsFile)
    chats = load_chats(in_chats, files["chats"].top, people, posts)
    groups, hosts = ({}, {}) if servers_off else load_fleet(as_written(files["hosts"], HostsFile), files["hosts"].top)
    sla = load_sla(as_written(files["sla"], SlaFile), files["sla"].top, in_chats.regions)
    routing = load_routes(as_written(files["routes"], RoutesFile), files["routes"].top, people.all)
    calendar = load_calendar(as_written(files["holidays"], HolidaysFile), files["holidays"].top)
    words = Words(people.all, posts, zone)
    roster = load_roster(data_dir, state_dir, words, problems) if with_roster else Roster()
    if problems.found or people.emergency is None:
        raise ConfigError(problems.lines())
    return Site(
        tz=zone,
        people=people.all,
        emergency=people.emergency,
        headquarters=people.headquarters,
        regions=in_chats.regions,
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


def _read(data_dir: Path, names: list[str], problems: Problems) -> dict[str, YamlFile]:
    """The files by name. Raises ``ConfigError`` with those that cannot be read at all, and nothing else."""
    found = {name: read_file(data_dir / f"{name}.yaml", problems) for name in names}
    files = {name: file for name, file in found.items() if file}
    if len(files) < len(names):
        raise ConfigError(problems.lines())
    return files


def _zone(tz: str) -> ZoneInfo:
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError([f"timezone: {tz} is no time zone; write Asia/Shanghai"]) from None
