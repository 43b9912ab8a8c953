"""The version before the rooms of today leaves its database behind: everything that waited in it is alive after the upgrade.

``tests/data/databases/before-the-house.tar.xz`` holds what that version's own stories left (commit 33a533b), ``waiting.db`` in
the middle of one:
10:04, GD-20261014-002 unanswered since 10:02, the receipt of GD-20261014-003 queued, a line accepted and not handled yet,
``/do-two 7`` (R1, a runbook of the tests' own) asked at 10:03 for five minutes.
"""

import shutil
import sqlite3
import tarfile
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from bot.storage import schema
from runbooks.language.load.catalogue import load_catalogue
from runbooks.runs.worker import Runner
from tests.support.desk import WORKDAY, Desk, make_settings, open_desk
from tests.support.paths import EXAMPLE
from tests.unit.handlers.runs.worlds import POLICIES, Host, Said

ARCHIVE = Path(__file__).parents[1] / "data" / "databases" / "before-the-house.tar.xz"
KEPT = (
    "SELECT number, state, chat, respond_by FROM ticket",
    "SELECT kind, key, due_at, state, payload FROM deadline",
    "SELECT id, state, line, plan, hash FROM run",
    "SELECT key, state, target, body FROM outbox",
    "SELECT platform, key, state, body FROM inbox",
    "SELECT seq, hash FROM audit",
)
"""What no migration may touch."""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            content = archive.extractfile(member)
            assert content is not None
            (folder / member.name).write_bytes(content.read())
    return folder


def rows(database: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        return [connection.execute(query).fetchall() for query in KEPT]


def test_what_every_story_left_is_all_there(before: Path, tmp_path: Path) -> None:
    names = sorted(before.glob("*.db"))
    assert len(names) == 11
    for name in names:
        database = tmp_path / name.name
        shutil.copyfile(name, database)
        schema.prepare(database)
        assert rows(database) == rows(name), name.name
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    engine.dispose()


@pytest.fixture
async def desk(before: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    """The service of today on ``waiting.db``, at the moment at which the version before stopped."""
    data = tmp_path / "data"
    shutil.copytree(EXAMPLE, data)
    shutil.copytree(POLICIES, data / "runbooks", dirs_exist_ok=True)
    settings = make_settings(tmp_path / "state", data_dir=data)
    start = WORKDAY + timedelta(minutes=4)
    async with open_desk(tmp_path / "state", before / "waiting.db", start=start, settings=settings) as opened:
        yield opened


async def stands(desk: Desk, chat: str) -> str:
    """All that the bot said in a chat."""
    return "\n".join(said.text for said in await desk.bot(chat))


async def test_a_queued_message_is_sent_and_an_accepted_line_handled(desk: Desk) -> None:
    assert "GD-20261014-003" not in await stands(desk, "shifuban")
    await desk.settle()
    assert "GD-20261014-003" in await stands(desk, "shifuban")
    left = (
        "SELECT (SELECT count(*) FROM inbox WHERE state = 'new') + (SELECT count(*) FROM outbox WHERE state = 'queued')"
    )
    assert number(desk, left) == 0


async def test_an_engineers_answer_still_stops_that_tickets_clock(desk: Desk) -> None:
    await desk.says("wen", "收到，马上看", chat="minzheng")
    assert "已响应" in await stands(desk, "minzheng")
    await desk.later(minutes=15)
    assert "GD-20261014-002" not in await stands(desk, "dm-hemu")


async def test_an_unanswered_ticket_still_escalates_at_its_time(desk: Desk) -> None:
    await desk.settle()
    before = await stands(desk, "dm-hemu")
    assert "GD-20261014-002" not in before
    await desk.later(minutes=8, seconds=1)
    assert "GD-20261014-002" in await stands(desk, "dm-hemu")


async def test_the_asked_run_can_still_be_confirmed_and_runs(desk: Desk) -> None:
    host = Host(lambda sent: Said(sent, "", 1, desk.clock.real(), 0, {}))
    desk.work.append(Runner(desk.app.transactions, host, load_catalogue(POLICIES)).step)
    await desk.says("wen", "/confirm R1", chat="duty-room")
    assert [said.kind for said in host.record] == ["act 7"]
    assert "R1 完成" in await stands(desk, "duty-room")
    with closing(sqlite3.connect(desk.app.settings.database)) as connection:
        owned = connection.execute("SELECT owner, lease_until FROM run").fetchone()
    assert owned == (desk.app.runtime.owner, None)


async def test_the_asked_run_still_expires_where_nobody_confirms_it(desk: Desk) -> None:
    await desk.later(minutes=4, seconds=1)
    assert number(desk, "SELECT count(*) FROM run WHERE state = 'expired'") == 1


def number(desk: Desk, query: str) -> int:
    with closing(sqlite3.connect(desk.app.settings.database)) as connection:
        return int(connection.execute(query).fetchone()[0])
