"""What tests of runs on real servers say and look at: a desk on an estate, somebody's line, where a run stands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from runbooks.remote.settings import SshSettings
from runbooks.runs import store
from runbooks.runs.run import Run
from tests.support.desk import Desk, Said, make_settings, open_desk
from tests.support.estate import Estate
from tests.support.runner import runner

ROOM = "duty-room"


@asynccontextmanager
async def served(estate: Estate, state: Path, empty_db: Path, **settings: Any) -> AsyncIterator[Desk]:
    """A desk whose hosts are the estate's, its runner by hand."""
    ssh = SshSettings(key_file=estate.key_file, known_hosts=estate.known_hosts)
    made = make_settings(state, capabilities={"ssh": ssh}, **settings)
    async with open_desk(state, empty_db, site=estate.site, settings=made) as opened:
        opened.work.append(runner(opened.app).step)
        yield opened


async def run(desk: Desk, number: int = 1) -> Run:
    found = await desk.app.store.read(lambda s: store.find(s, number))
    assert found is not None
    return found


async def say(desk: Desk, user: str, text: str, chat: str = ROOM) -> Said:
    """What stands in the room last, after everything that follows from it was done."""
    said = await desk.says(user, text, chat=chat)
    assert said
    return said[-1]


async def code(desk: Desk) -> tuple[str, str | None]:
    """Outcome and code of the last audit line."""
    entry = (await desk.audit())[-1].entry
    return entry.outcome, entry.code


async def approve_without_runner(desk: Desk, text: str = "/confirm R1") -> None:
    """The yes is in, the runner has not begun."""
    step = desk.work.pop()
    await desk.says("wen", text, chat=ROOM)
    desk.work.append(step)
