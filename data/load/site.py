"""The whole data folder as one ``Site``, or every fault of it in one report."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.errors import ConfigError
from bot.core.problems import Problems
from data.load.files import ChatsFile, HolidaysFile, HostsFile, PeopleFile, PostsFile, RoutesFile, SlaFile
from data.load.hosts import load_fleet
from data.load.people import anybody, load_chats, load_people, load_posts
from data.load.read import as_written, read_file
from data.load.rules import load_calendar, load_routes, load_sla
from data.load.yaml_file import YamlFile
from data.roster.folder import load_roster
from data.roster.rows import Words
from data.shifts import Roster
from data.site import Site

FILES = ("people", "posts", "chats", "hosts", "sla", "routes", "holidays")
_REFERRED_TO = ("people", "posts")  # by so much that, without them, nothing else could be judged


def load_site(
    data_dir: Path,
    state_dir: Path | None = None,
    tz: str = "Asia/Shanghai",
    *,
    with_roster: bool = True,
    locale: str = "zh",
) -> Site:
    """Read the YAML files of the data folder and the roster files of both folders (the state folder's win by month).

    Raises ``ConfigError`` with one line ``path:line: what is wrong; what to write instead`` for every fault. A file that cannot
    be read at all, or names nobody, is told alone: everything that refers to it would be a fault, too. ``locale``: the language
    in which faults of roster files are told.
    """
    zone, problems = zone_of(tz), Problems()
    files = read_files(data_dir, problems)
    bare = [name for name in _REFERRED_TO if name in files and not _has_entries(files[name], name)]
    for name in bare:
        problems.add(files[name].path, 1, f"{name}: is not there or has no entries; write {name}: and each below it")
    if len(files) < len(FILES) or bare:
        raise ConfigError(problems.lines())
    site = compose(files, zone, problems, data_dir if with_roster else None, state_dir, locale)
    if site is None or problems.found:
        raise ConfigError(problems.lines())
    return site


def _has_entries(file: YamlFile, name: str) -> bool:
    """Whether a file holds what it is there for, whatever is wrong with it."""
    entries = file.tree.get(name) if isinstance(file.tree, dict) else None
    return isinstance(entries, dict) and bool(entries)


def read_files(data_dir: Path, problems: Problems) -> dict[str, YamlFile]:
    """The files by name; those that cannot be read at all are left out and told."""
    if not data_dir.is_dir():
        raise ConfigError([f"{data_dir}: no such folder; set data_dir to the organisation's folder"])
    found = {name: read_file(data_dir / f"{name}.yaml", problems) for name in FILES}
    return {name: file for name, file in found.items() if file}


def compose(
    files: Mapping[str, YamlFile],
    zone: ZoneInfo,
    problems: Problems,
    rosters: Path | None,
    state_dir: Path | None,
    locale: str = "zh",
) -> Site | None:
    """What the files say, and of what is wrong in them whatever can be read; None where nobody would be called in an emergency.

    ``rosters``: the data folder whose roster is read as well.
    """
    people = load_people(as_written(files["people"], PeopleFile), files["people"].top)
    posts = load_posts(as_written(files["posts"], PostsFile), files["posts"].top, people)
    in_chats = as_written(files["chats"], ChatsFile)
    chats = load_chats(in_chats, files["chats"].top, people, posts)
    groups, hosts = load_fleet(as_written(files["hosts"], HostsFile), files["hosts"].top)
    sla = load_sla(as_written(files["sla"], SlaFile), files["sla"].top, in_chats.regions)
    routing = load_routes(as_written(files["routes"], RoutesFile), files["routes"].top, people.all)
    calendar = load_calendar(as_written(files["holidays"], HolidaysFile), files["holidays"].top)
    words = Words(people.all, posts, zone, datetime.now(zone).date(), calendar, locale)
    roster = load_roster(rosters, state_dir, words, problems) if rosters else Roster()
    emergency = people.emergency or anybody(people.all)
    if emergency is None:
        return None
    return Site(
        tz=zone,
        people=people.all,
        emergency=emergency,
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
    )


def zone_of(tz: str) -> ZoneInfo:
    """Raises ``ConfigError`` for a name that is no time zone's."""
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError([f"timezone: {tz} is no time zone; write Asia/Shanghai"]) from None
