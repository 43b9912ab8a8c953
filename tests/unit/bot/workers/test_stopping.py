"""A worker that is woken and stopped at the same moment stops: ``asyncio.wait_for`` of Python 3.11 would lose the stop."""

import asyncio

import pytest

from bot.work.worker import Worker
from tests.support.desk import Desk
from tests.support.runner import runner
from tests.support.until import until

LONG = 30.0  # seconds; a worker that lost its stop never ends


@pytest.mark.parametrize(
    ("name", "event"),
    [("dispatcher", "inbox"), ("waker", "deadlines"), ("sender", "outbox"), ("runner", "runner")],
)
async def test_a_stop_that_meets_a_wake_is_kept(desk: Desk, name: str, event: str) -> None:
    app = desk.app
    workers: dict[str, Worker] = {
        "dispatcher": app.dispatcher,
        "waker": app.waker,
        "sender": app.sender,
        "runner": runner(app),
    }
    woken = app.store.event(event)
    task = asyncio.create_task(workers[name].run())
    await until(lambda: len(woken._waiters) == 1)  # it waits, whatever it did before
    woken.set()
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=LONG)
    assert done == {task}
    assert task.cancelled()
