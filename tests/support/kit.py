"""The durable core alone: a real store, a clock that stands still, routes of the test's own, and a platform that obeys."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from bot.core.content import Priority
from bot.core.events import Envelope, Message
from bot.core.people import Account, Chat
from bot.core.ports import Capabilities, ChatAdapter, Outgoing
from bot.settings import Settings
from bot.storage.clock import ManualClock
from bot.storage.store import Store, Tx
from bot.work.inbox import Inbox
from bot.work.routes import Routes, freeze
from bot.work.runtime import Runtime
from bot.work.understanding import Surroundings, Understanding
from bot.work.work import Transactions, Work
from bot.workers.dispatcher import Dispatcher
from bot.workers.sender import Sender
from tests.support.desk import WORKDAY
from tests.support.once import example_site, renderer
from tests.support.paths import EXAMPLE

OPERATOR = "dm-qin"  # the one operator of the example organisation


@dataclass
class Obedient:
    """A chat platform that does what the test says: ``answers`` are ids, errors to raise, or events to wait for first."""

    can: Capabilities = field(default_factory=Capabilities)
    name: str = "local"
    got: list[Outgoing] = field(default_factory=list)
    answers: dict[str, deque[Exception | asyncio.Event]] = field(default_factory=dict)
    under_way: int = 0
    most_under_way: int = 0

    def will(self, chat: str, *answers: Exception | asyncio.Event) -> None:
        """What comes of the next sends to ``chat``."""
        self.answers.setdefault(chat, deque()).extend(answers)

    def texts(self, chat: str) -> list[str]:
        return [out.post.text for out in self.got if out.chat == chat]

    def capabilities(self, _chat: Chat) -> Capabilities:
        return self.can

    async def send(self, out: Outgoing) -> str:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            planned = self.answers.get(out.chat)
            answer = planned.popleft() if planned else None
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                await answer.wait()
            await asyncio.sleep(0)
            self.got.append(out)
            return f"p{len(self.got)}"
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        """Nothing to let go of."""


def routes() -> Routes:
    """Routes of a test's own, with a reader that takes every line as it stands."""
    on = Routes("test")

    @on.reader()
    def read(event: Message, _around: Surroundings, _work: Work) -> Understanding:
        return Understanding(event.text)

    return on


@dataclass
class Kit:
    """The parts, on one database."""

    store: Store
    clock: ManualClock
    runtime: Runtime
    on: Routes = field(default_factory=routes)
    others: list[Routes] = field(default_factory=list)
    platform: Obedient = field(default_factory=Obedient)

    @property
    def transactions(self) -> Transactions:
        return Transactions(self.store, self.runtime)

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.store, self.clock)

    def dispatcher(self) -> Dispatcher:
        return Dispatcher(self.store, self.runtime, freeze([*self.others, self.on]))

    def sender(self) -> Sender:
        adapters: dict[str, ChatAdapter] = {self.platform.name: self.platform}
        return Sender(self.store, self.transactions, adapters)

    async def accept(self, key: str, words: str = "x", chat: str = "shifuban", user: str = "zhou") -> bool:
        """Somebody says something."""
        return await self.inbox.accept(message(self.clock, key, words, chat, user))

    async def say(self, to: str, *texts: str, priority: Priority = Priority.REPLY) -> list[str]:
        """Queue pongs; their keys."""

        def speak(work: Work) -> list[str]:
            return [work.say("help/pong", to, text=text, priority=priority) for text in texts]

        return await self.transactions.do(f"{to}{priority}{'|'.join(texts)}", speak)

    async def column(self, query: str) -> list[Any]:
        """The first column of a query, as the database has it."""

        def look(session: Session) -> list[Any]:
            return list(session.connection().execute(text(query)).scalars())

        return await self.store.read(look)

    async def sql(self, statement: str, *values: object) -> None:
        """Meddle with the database, in the writer's own connection."""

        def run(tx: Tx) -> None:
            tx.connection.exec_driver_sql(statement, values)

        await self.store.write(run)

    def later(self, seconds: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))


def message(clock: ManualClock, key: str, words: str, chat: str = "shifuban", user: str = "zhou") -> Message:
    """An incoming message of the local platform."""
    return Message(Envelope(key, Account("local", user), user, chat, clock.now(), clock.now()), words)


@asynccontextmanager
async def opened(folder: Path, *, start: datetime = WORKDAY) -> AsyncIterator[Kit]:
    """A kit on the migrated database ``folder/zhiban.db``; closed at the end."""
    store = Store(folder / "zhiban.db")
    clock = ManualClock(start)
    runtime = Runtime(Settings(data_dir=EXAMPLE, state_dir=folder), clock, renderer(example_site().tz), example_site)
    store.open()
    try:
        yield Kit(store, clock, runtime)
    finally:
        await store.close()
