"""One of the two processes of a race: confirms every run and claims every run, and writes down what it was granted.

usage: python -m tests.unit.handlers.runs.racer STATE PERSON RUNS RECORD
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from bot.core.errors import UserError
from bot.core.events import Envelope, Tap
from bot.core.people import Account
from bot.storage.clock import ManualClock
from bot.storage.store import Store, StoreUnavailable, Tx
from bot.work.runtime import Runtime
from bot.work.work import Transactions, Work
from handlers.runs import confirming
from messages.render import Renderer
from runbooks.runs import asking, store
from runbooks.runs.run import State
from tests.support.desk import WORKDAY, make_settings
from tests.support.once import example_site

AT_ONCE = 10
T = TypeVar("T")


async def race(state: Path, person: str, runs: int, record: int) -> None:
    settings, clock, site = make_settings(state), ManualClock(WORKDAY), example_site()
    opened = Store(settings.database)
    opened.open()
    transactions = Transactions(opened, Runtime(settings, clock, Renderer(site.tz), lambda: site))
    who = site.people[person]

    def confirm(tx: Tx, number: int) -> None:
        envelope = Envelope("k", Account("local", person), person, "duty-room", clock.real(), clock.real())
        work = Work(transactions.runtime, tx, f"{person}{number}", who)
        try:
            confirming.confirm_tap(Tap(envelope, f"confirm:R{number}"), work)
            work.finish()
        except UserError:
            work.abandon()
            return
        work.pending.flush(tx)

    async def stubborn(write: Callable[[], Awaitable[T]]) -> T:
        """Again when the other process held the database for too long: nothing was committed then."""
        while True:
            try:
                return await write()
            except StoreUnavailable:
                await asyncio.sleep(0)

    async def one(number: int) -> None:
        await stubborn(lambda: opened.write(lambda tx: confirm(tx, number)))
        run = await opened.read(lambda s: store.find(s, number))  # like the runner: looked at first, claimed later
        if run is None or run.state is not State.APPROVED:
            return
        if await stubborn(lambda: transactions.do(f"{run.name}{person}:claim", lambda work: asking.claim(work, run))):
            os.write(record, f"{number} {person}\n".encode())

    for start in range(1, runs + 1, AT_ONCE):
        print("ready", flush=True)  # both are let go at the same moment, each time
        sys.stdin.readline()
        await asyncio.gather(*(one(number) for number in range(start, min(runs + 1, start + AT_ONCE))))
    await opened.close()


if __name__ == "__main__":
    place = os.open(sys.argv[4], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    asyncio.run(race(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), place))
