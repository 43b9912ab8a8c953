"""10,000 open tickets whose due times spread over 60 s: how late each escalation is committed.

The tickets are opened through the house's own handlers on a clock that stands still; then the service is started on their
database, and a reader of its own, outside the service, looks at what is overdue until the last one has fired.
"""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.events import Envelope, Message
from bot.core.people import Account
from bot.settings import ServerSettings, Settings
from data.load.site import load_site
from tests.bench.measure import process
from tests.bench.wire import percentile
from tests.support.desk import Desk, empty_database, open_desk

TICKETS = 10_000
SPREAD = 60.0  # seconds over which they come due
LEAD = 12.0  # seconds before the first, for the service to start
SYSTEMS = ("公文打不开，提示系统错误", "收不到短信验证码", "盖章点了没反应")
_TIME = "%Y-%m-%d %H:%M:%S.%f"


def ladder(folder: Path, data: Path, chats: list[str], port: int, sink: int) -> str:
    """One line: how many were escalated, and how overdue the oldest one was at any look."""
    state = folder / "ladder"
    settings = Settings(
        data_dir=data,
        state_dir=state,
        adapters=("recorder",),
        server=ServerSettings(port=port),
        platforms={"recorder": {"url": f"http://127.0.0.1:{sink}"}},
    )
    asyncio.run(_open_tickets(folder, settings, chats))
    first = _spread(settings.database)
    environ = {
        "ZHIBAN_DATA_DIR": str(data),
        "ZHIBAN_STATE_DIR": str(state),
        "ZHIBAN_ADAPTERS": "recorder",
        "ZHIBAN_SERVER__PORT": str(port),
        "ZHIBAN_RECORDER__URL": f"http://127.0.0.1:{sink}",
    }
    with process(["-m", "bot", "run"], port, **environ) as served:
        seen = _watch(settings.database, first + timedelta(seconds=SPREAD))
        cpu = served.cpu()
    climbed = _climbed(settings.database, first)
    return (
        f"{TICKETS} open tickets due over {SPREAD:.0f} s: {climbed} escalated; overdue as seen from outside, "
        f"{len(seen)} looks: p50 {percentile(seen, 0.5) * 1000:.0f} ms, p99 {percentile(seen, 0.99) * 1000:.0f} ms, "
        f"at most {max(seen) * 1000:.0f} ms; {cpu:.0f} s of CPU"
    )


async def _open_tickets(folder: Path, settings: Settings, chats: list[str]) -> None:
    site = load_site(settings.data_dir)
    start = datetime.now(UTC)
    empty = empty_database(folder)
    async with open_desk(settings.state_dir, empty, start=start, site=site, settings=settings) as desk:
        wanted = [(chat, words) for words in SYSTEMS for chat in chats][:TICKETS]
        for at in range(0, len(wanted), 200):
            await asyncio.gather(*(_report(desk, n, *wanted[n]) for n in range(at, min(at + 200, len(wanted)))))
            while await desk.app.dispatcher.step():
                pass


async def _report(desk: Desk, number: int, chat: str, words: str) -> None:
    now = desk.clock.now()
    account = Account("recorder", f"U{number}")
    await desk.app.inbox.accept(Message(Envelope(f"k{number}", account, None, chat, now, now), words))


def _spread(database: Path) -> datetime:
    """Move the next rung of every ticket into the minute to come; drop the receipts, which are not what is measured."""
    first = datetime.now(UTC) + timedelta(seconds=LEAD)
    with closing(sqlite3.connect(database)) as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM deadline WHERE kind = 'faults.ladder' ORDER BY id")]
        if len(ids) < TICKETS:
            raise RuntimeError(f"only {len(ids)} of {TICKETS} tickets are open")
        times = [((first + timedelta(seconds=SPREAD * n / len(ids))).strftime(_TIME), i) for n, i in enumerate(ids)]
        connection.executemany("UPDATE deadline SET due_at = ? WHERE id = ?", times)
        connection.execute("UPDATE outbox SET state = 'sent', platform_id = key WHERE state = 'queued'")
        connection.commit()
    return first


def _watch(database: Path, end: datetime) -> list[float]:
    """Look twenty times a second, as a stranger would, at how overdue the oldest waiting rung is (seconds, 0 when none)."""
    seen = []
    query = "SELECT min(due_at) FROM deadline WHERE state = 'waiting' AND kind = 'faults.ladder'"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        while (now := datetime.now(UTC)) < end + timedelta(seconds=2):
            oldest = connection.execute(query).fetchone()[0]
            due = datetime.strptime(oldest, _TIME).replace(tzinfo=UTC) if oldest else now
            seen.append(max(0.0, (now - due).total_seconds()))
            time.sleep(0.05)
    return seen


def _climbed(database: Path, first: datetime) -> int:
    """How many tickets have a rung on their record since then."""
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT count(DISTINCT ticket) FROM ticket_event WHERE happening = 'told' AND at >= ?"
        count: int = connection.execute(query, (first.strftime(_TIME),)).fetchone()[0]
        return count
