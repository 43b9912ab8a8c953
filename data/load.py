"""The whole data folder as one ``Site``, or every fault of it in one report."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.errors import ConfigError
from data.faults import Faults
from data.load_fleet import load_fleet
from data.load_people import load_chats, load_people, load_posts
from data.load_rules import load_calendar, load_routes, load_sla
from data.roster import Roster
from data.roster_folder import load_roster
from data.roster_rows import Words
from data.site import Site
from data.yamlmap import read

FILES = ("people", "posts", "chats", "hosts", "sla", "routes", "holidays")


def load_site(
    data_dir: Path, state_dir: Path | None = None, tz: str = "Asia/Shanghai", *, with_roster: bool = True
) -> Site:
    """Read the YAML files of the data folder and the roster files of both folders (the state folder's win by month).

    Raises ``ConfigError`` with one line ``path:line: what is wrong; what to write instead`` for every fault. A file
    that cannot be read at all is told alone: everything that refers to it would be a fault, too.
    """
    if not data_dir.is_dir():
        raise ConfigError([f"{data_dir}: no such folder; set data_dir to the organisation's folder"])
    zone, faults = _zone(tz), Faults()
    files = {name: read(data_dir / f"{name}.yaml", faults) for name in FILES}
    if faults.found:
        raise ConfigError(faults.lines())
    people = load_people(files["people"])
    posts = load_posts(files["posts"], people)
    chats, regions = load_chats(files["chats"], people, posts)
    groups, hosts = load_fleet(files["hosts"])
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
    )


def _zone(tz: str) -> ZoneInfo:
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError([f"timezone: {tz} is no time zone; write Asia/Shanghai"]) from None
