"""One run that a newer program has written keeps nobody else's from going on, and the service starts beside it."""

import sqlite3
from contextlib import closing

import pytest

from runbooks.runs import store
from runbooks.runs.run import State
from tests.support.desk import Desk
from tests.support.runner import runner
from tests.unit.handlers.runs.rooms import ROOM, run


async def test_the_others_go_on_and_it_is_left_as_it_stands(runs: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await runs.says("zhou", "/start oa3", chat=ROOM)
    with closing(sqlite3.connect(runs.app.settings.database)) as database, database:
        database.execute("UPDATE run SET plan = json_set(plan, '$.version', 99) WHERE id = 1")
        before = database.execute("SELECT * FROM run").fetchall()
    await runner(runs.app).recover()
    assert "R1 was written by a newer program" in caplog.text
    await runs.says("zhou", "/start oa3", chat=ROOM)
    assert (await run(runs, 2)).state is State.ASKED
    with pytest.raises(ValueError, match="the form 99"):
        await runs.app.store.read(lambda s: store.find(s, 1))
    with closing(sqlite3.connect(runs.app.settings.database)) as database:
        assert database.execute("SELECT * FROM run WHERE id = 1").fetchall() == before
