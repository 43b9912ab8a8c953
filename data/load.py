"""The whole data folder as one ``Site``, or every fault of it in one report."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.errors import ConfigError
from data.faults import Faults
from data.load_fleet import load_fleet
from data.load_people import load_chats, load_people, load_posts
from data.load_rules import load_calendar, load_routes, load_sla
from data.roster_folder import load_roster
from data.site import Site


def load_site(data_dir: Path, state_dir: Path | None = None, tz: str = "Asia/Shanghai") -> Site:
    """Read the YAML files of the data folder and the roster files of both folders (the state folder's win by month).

    Raises ``ConfigError`` with one line ``path:line: what is wrong; what to write instead`` for every fault.
    """
    faults = Faults()
    zone = _zone(tz)
    people = load_people(data_dir, faults)
    posts = load_posts(data_dir, people, faults)
    chats, regions = load_chats(data_dir, people, posts, faults)
    groups, hosts = load_fleet(data_dir, faults)
    sla = load_sla(data_dir, regions, faults)
    routing = load_routes(data_dir, people.all, faults)
    calendar = load_calendar(data_dir, faults)
    roster = load_roster(data_dir, state_dir, people.all, posts, zone, faults)
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
