"""The whole data folder as one ``Site``, or every fault of it in one report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.errors import ConfigError
from bot.core.people import Chat, Person
from bot.core.problems import Line, Problems, Told
from data.holidays import Calendar
from data.load.files import BY_NAME, ChatsFile, HolidaysFile, HostsFile, PeopleFile, PostsFile, RoutesFile, SlaFile
from data.load.hosts import load_fleet
from data.load.people import REACHED_BY_PHONE, People, anybody, load_chats, load_people, load_posts
from data.load.read import as_written, read_file
from data.load.references import Unread
from data.load.rules import Routing, load_calendar, load_routes, load_sla
from data.load.written import Written
from data.load.yaml_file import Spot, YamlFile
from data.model import DutyPost
from data.roster.folder import load_roster
from data.roster.rows import Words
from data.shifts import Roster
from data.site import Site

FILES = tuple(BY_NAME)
M = TypeVar("M", bound=Written)
T = TypeVar("T")
_NO_ROUTES = Routing({}, {}, {})
# What a file is there for: without an entry nothing that refers to it could be judged, or every clock and route be missed.
_ENTRIES = {"people": "people", "posts": "posts", "sla": "policies", "routes": "routes"}
# Faults of a roster's row that only an entry of such a file could show.
_OF_PEOPLE = frozenset({"unknown_person", "ambiguous_person", "no_contact", "placeholder_name", "several_people"})
_OF_POSTS = frozenset({"unknown_post", "served_post", "several_posts", "no_hours"})


@dataclass(frozen=True, slots=True)
class Found:
    """What could be read of the folder; ``unread``: the files, by name, that cannot be read or have no entries.

    ``site``: with nothing of those; None where nobody would be called in an emergency.
    """

    people: Mapping[str, Person]
    chats: Mapping[str, Chat]
    site: Site | None
    unread: frozenset[str]


def load_site(
    data_dir: Path,
    state_dir: Path | None = None,
    tz: str = "Asia/Shanghai",
    *,
    with_roster: bool = True,
    locale: str = "zh",
) -> Site:
    """Read the YAML files of the data folder and the roster files of both folders (the state folder's win by month).

    Raises ``ConfigError`` with one line ``path:line: what is wrong; what to write instead`` for every fault. ``locale``: the
    language in which faults of roster files are told.
    """
    problems = Problems(locale)
    found = look_at_site(data_dir, state_dir, tz, problems, with_roster=with_roster, locale=locale)
    if found.site is None or problems.found:
        raise ConfigError(problems.lines())
    return found.site


def look_at_site(
    data_dir: Path,
    state_dir: Path | None,
    tz: str,
    problems: Problems,
    *,
    with_roster: bool = True,
    locale: str = "zh",
) -> Found:
    """The same, as far as it can be read, with every fault in ``problems``.

    A file that cannot be read at all, or names nobody, hides nothing of the others: only what refers to it is not judged.
    """
    zone = zone_of(tz, locale)
    files = read_files(data_dir, problems)
    return compose(files, zone, problems, data_dir if with_roster else None, state_dir, locale)


def read_files(data_dir: Path, problems: Problems) -> dict[str, YamlFile]:
    """The files by name; those that cannot be read at all are left out and told."""
    if not data_dir.is_dir():
        raise ConfigError([Line(f"{data_dir}: ", Told("data/no_folder"), problems.locale)])
    found = {name: read_file(data_dir / f"{name}.yaml", problems) for name in FILES}
    return {name: file for name, file in found.items() if file}


def compose(
    files: Mapping[str, YamlFile],
    zone: ZoneInfo,
    problems: Problems,
    rosters: Path | None,
    state_dir: Path | None,
    locale: str = "zh",
) -> Found:
    """What the files say, and of what is wrong in them whatever can be read.

    ``rosters``: the data folder whose roster is read as well.
    """
    people = _read(files, "people", PeopleFile, load_people) or People(Unread(), None, ())
    posts = _read(files, "posts", PostsFile, lambda file, at: load_posts(file, at, people)) or Unread[DutyPost]()
    regions, chats = _read(
        files, "chats", ChatsFile, lambda file, at: (dict(file.regions), load_chats(file, at, people, posts))
    ) or (Unread[str](), Unread[Chat]())
    groups, hosts = _read(files, "hosts", HostsFile, load_fleet) or ({}, {})
    sla = _read(files, "sla", SlaFile, lambda file, at: load_sla(file, at, regions)) or ()
    routing = _read(files, "routes", RoutesFile, lambda file, at: load_routes(file, at, people)) or _NO_ROUTES
    calendar = _read(files, "holidays", HolidaysFile, load_calendar) or Calendar()
    words = Words(
        _reachable(people.all),
        posts,
        zone,
        datetime.now(zone).date(),
        calendar,
        locale,
        unjudged=_unjudged(people.all, posts),
    )
    roster = load_roster(rosters, state_dir, words, problems) if rosters else Roster()
    emergency = people.emergency or anybody(people.all)
    bare = {name for name, key in _ENTRIES.items() if name in files and not _has_entries(files[name], key)}
    unread = frozenset(bare | {name for name in FILES if name not in files})
    if emergency is None:
        return Found(people.all, chats, None, unread)
    site = Site(
        tz=zone,
        people=people.all,
        emergency=emergency,
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
    )
    return Found(people.all, chats, site, unread)


def _read(files: Mapping[str, YamlFile], name: str, model: type[M], load: Callable[[M, Spot], T]) -> T | None:
    """What ``load`` makes of a file; None where it cannot be read, or has none of the entries that others refer to."""
    file = files.get(name)
    if file is None:
        return None
    if name not in _ENTRIES or _has_entries(file, _ENTRIES[name]):
        return load(as_written(file, model), file.top)
    _tell_bare(file, _ENTRIES[name], model)
    return None


def _has_entries(file: YamlFile, key: str) -> bool:
    """Whether a file holds what it is there for, whatever is wrong with it."""
    entries = file.tree.get(key) if isinstance(file.tree, dict) else None
    return isinstance(entries, dict) and bool(entries)


def _tell_bare(file: YamlFile, key: str, model: type[Written]) -> None:
    """That there is nothing in a file; what else stands in it is read for its own faults."""
    file.problems.add(file.path, 1, Told("data/bare", key=key))
    rest = {name: value for name, value in file.tree.items() if name != key} if isinstance(file.tree, dict) else {}
    if rest:
        as_written(replace(file, tree=rest), model)


def _reachable(people: Mapping[str, Person]) -> Mapping[str, Person]:
    """Everybody as a roster may name him: that an engineer has no phone is told once, of him, and not of each of his days."""
    return {
        key: replace(person, phone="-") if person.phone is None and person.may(*REACHED_BY_PHONE) else person
        for key, person in people.items()
    }


def _unjudged(people: Mapping[str, Person], posts: Mapping[str, DutyPost]) -> frozenset[str]:
    """The faults that a row of a roster cannot be charged with, because nobody knows who and what there is."""
    without_people = _OF_PEOPLE if isinstance(people, Unread) else frozenset[str]()
    return without_people | (_OF_POSTS if isinstance(posts, Unread) else frozenset[str]())


def zone_of(tz: str, locale: str) -> ZoneInfo:
    """Raises ``ConfigError`` for a name that is no time zone's."""
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError([Line("timezone: ", Told("data/bad_zone", given=tz), locale)]) from None
