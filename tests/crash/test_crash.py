"""Killed at any point and started again, nothing acknowledged is lost, nothing doubled, no timer missed.

The only witness is the recorder, a platform in a process of its own (decisions: Crash tests). Each test arms one crash point
(contract: Crash points), brings the service there, sees it die by SIGKILL, starts it again unarmed, and reads the record.
"""

import re
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.adapters.recorder.adapter import REPEATED
from tests.crash.witness import assert_repeats, killed_and_restarted, passing
from tests.support.process import Platform, Service, service
from tests.support.scale import chosen
from tests.support.until import eventually

pytestmark = [pytest.mark.crash, pytest.mark.soak]

# A ladder that a test can wait for: the lead after 1 s, the breach to the director after 2 s (data/example/sla.yaml for people).
LADDER = {
    "policies": {
        "fast": {
            "respond": "2s",
            "arrive": "30m",
            "rungs": [{"after": "1s", "to": ["lead"]}, {"after": "2s", "to": ["director"], "breach": True}],
            "repeat_every": "2h",
            "repeat_max": 1,
            "forgotten_after": "2h",
        }
    }
}
BREACH_SECONDS = 2.0
LEAD, DIRECTOR = "dm-hemu", "dm-shen"
REPORTS = {  # chat: (reporter, words); three troubles that have nothing to do with each other
    "shifuban": ("lixiao", "电子印章盖章点了没反应，急等着发文"),
    "minzheng": ("sun", "VPN 连不上了"),
    "guozi": ("wu", "OA 打不开了"),
}
TICKET = re.compile(r"GD-\d{8}-\d{3,}")

# (point, first passing that meets an event): the dispatcher looks once at the start, before anything was said
ON_THE_WAY = [
    ("inbox.before_commit", 1),
    ("inbox.after_commit", 1),
    ("dispatch.before_commit", 2),
    ("dispatch.after_commit", 2),
    ("outbox.before_send", 1),
    ("outbox.after_send", 1),
    ("deadline.before_claim", 1),
    ("deadline.after_claim", 1),
]
IN_THE_MORNING = [("cron.before_commit", 1), ("broadcast.mid", 4)]
WITHOUT_KEYS = [
    case for case in ON_THE_WAY if case[0].startswith("outbox.")
]  # elsewhere the platform's keys play no part
ONE_EACH = {  # a mechanism's hardest point; the others and further passings are for ``make crash`` and ``make soak``
    ("inbox.after_commit", True),
    ("dispatch.before_commit", True),
    ("outbox.after_send", True),
    ("outbox.after_send", False),
    ("deadline.after_claim", True),
    ("cron.before_commit", True),
    ("broadcast.mid", True),
}


def tried(*all_of: tuple[str, int, bool]) -> list[tuple[str, int, bool]]:
    return chosen(all_of, lambda case: (case[0], case[2]) in ONE_EACH)


@pytest.mark.parametrize(
    ("point", "first", "client_keys"),
    tried(*((*case, True) for case in ON_THE_WAY), *((*case, False) for case in WITHOUT_KEYS)),
)
async def test_reports_and_their_ladder(
    tmp_path: Path, platform: Platform, point: str, first: int, client_keys: bool, round_: int
) -> None:
    with service(tmp_path, platform, client_keys=client_keys, sla=LADDER) as zhiban:
        zhiban.start(passing(point, first, round_))
        await zhiban.ready()
        await platform.aim(zhiban.url)
        for chat, (reporter, words) in REPORTS.items():
            await platform.say(f"report-{chat}", reporter, chat, text=words)
            await platform.say(f"ping-{chat}", reporter, chat, text=f"/ping {chat}")
        restarted = await killed_and_restarted(zhiban)

        async def told() -> bool:
            posts = await platform.posts()
            return all(len(tickets_in(posts, chat)) >= 3 for chat in (LEAD, DIRECTOR))

        await eventually(told)
        await zhiban.quiet()
        posts = await platform.posts()
        assert all(event["acked_at"] for event in await platform.events())
        assert_tickets(posts)
        assert_pings(posts)
        assert_ladder(posts, await platform.events(), restarted)
        assert_repeats(posts, client_keys)


@pytest.mark.parametrize(
    ("point", "first", "client_keys"),
    tried(*((*case, True) for case in IN_THE_MORNING), ("broadcast.mid", 4, False)),
)
async def test_the_morning_announcement(
    tmp_path: Path, platform: Platform, point: str, first: int, client_keys: bool, round_: int
) -> None:
    """The announcement is due the moment the service starts; every group gets it exactly once (faults F10, F11)."""
    with service(tmp_path, platform, client_keys=client_keys) as zhiban:
        installed_long_ago(zhiban)
        at = {"ZHIBAN_DUTY__ANNOUNCE_AT": "00:00", "ZHIBAN_DUTY__CATCH_UP_UNTIL": "23:59"}
        zhiban.start(at | passing(point, first, round_ if point == "broadcast.mid" else 0))
        await killed_and_restarted(zhiban, at)
        groups = bot_groups(tmp_path / "data")

        async def announced() -> bool:
            return groups <= {post["chat"] for post in await platform.posts()}

        await eventually(announced)
        await zhiban.quiet()
        posts = await platform.posts()
        first_ones = Counter(p["chat"] for p in posts if p["chat"] in groups and not p["text"].startswith(REPEATED))
        assert first_ones == Counter(groups)
        assert_repeats(posts, client_keys)


async def test_a_migration_cut_short(tmp_path: Path, platform: Platform, empty_db: Path, round_: int) -> None:
    """The schema is the old one (here: none) or the new one, never between (fault F19); SQLite itself is asked."""
    with service(tmp_path, platform, client_keys=True, new=True) as zhiban:
        database = zhiban.state / "zhiban.db"
        zhiban.start(passing("migrate.mid", 1, 0))
        assert await zhiban.ended() == -signal.SIGKILL, zhiban.log()
        assert not database.exists()
        assert _tables(database.with_name("zhiban.db.new")) == set()
        zhiban.start()
        await zhiban.ready()
        assert _tables(database) == _tables(empty_db) != set()


def _tables(database: Path) -> set[str]:
    """What a database holds, after SQLite has rolled back what a dead process left."""
    with closing(sqlite3.connect(database)) as connection:
        return {str(row[0]) for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}


def installed_long_ago(zhiban: Service) -> None:
    """A service that was first started today owes nobody what was due before; this one is older."""
    with sqlite3.connect(zhiban.state / "zhiban.db") as database:
        database.execute("INSERT INTO meta VALUES ('first_start', '2026-01-01T00:00:00+00:00')")
    database.close()


def bot_groups(data: Path) -> set[str]:
    """The groups with a post that a bot can enter, by the data folder."""
    chats = yaml.safe_load((data / "chats.yaml").read_text("utf-8"))["chats"]
    return {key for key, chat in chats.items() if chat.get("post") and chat.get("reach") != "manual"}


def tickets_in(posts: list[dict[str, Any]], chat: str) -> set[str]:
    """The tickets that new messages of a chat speak of."""
    return {number for p in posts if p["chat"] == chat and p["op"] == "post" for number in TICKET.findall(p["text"])}


def assert_tickets(posts: list[dict[str, Any]]) -> None:
    """One ticket for each report: none lost, none doubled."""
    numbers = {chat: tickets_in(posts, chat) for chat in REPORTS}
    assert [len(found) for found in numbers.values()] == [1, 1, 1], numbers
    assert len(set().union(*numbers.values())) == 3, numbers


def assert_pings(posts: list[dict[str, Any]]) -> None:
    """Each ping was answered, once (a marked repeat apart)."""
    for chat in REPORTS:
        pongs = [p["text"] for p in posts if p["chat"] == chat and p["text"].endswith(f"pong {chat}")]
        assert [p for p in pongs if not p.startswith(REPEATED)] in ([f"pong {chat}"], []), pongs
        assert pongs, chat


def assert_ladder(posts: list[dict[str, Any]], events: list[dict[str, Any]], restarted: float) -> None:
    """Every rung of every ticket was told once, never early, at the latest 10 s after the restart."""
    said = {event["chat"]: event["said_at"] for event in events}
    for chat in REPORTS:
        (number,) = tickets_in(posts, chat)
        for target in (LEAD, DIRECTOR):
            pages = [p for p in posts if p["chat"] == target and p["op"] == "post" and number in p["text"]]
            assert len({p["text"].removeprefix(REPEATED) for p in pages}) == 1, (target, pages)
        breach = min(p["at"] for p in posts if p["chat"] == DIRECTOR and number in p["text"])
        assert breach >= said[chat] + BREACH_SECONDS
        assert breach <= max(restarted, said[chat] + BREACH_SECONDS) + 10
