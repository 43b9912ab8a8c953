"""A world for generated histories: five runbooks of every policy, a host that only keeps a record, a clock that stands still."""

import dataclasses
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import delete
from sqlmodel import Session

from bot.core.errors import UserError
from bot.core.people import Role
from bot.storage.clock import ManualClock
from bot.storage.store import Store, Tx
from bot.storage.tables import AuditRow, DeadlineRow, OutboxRow
from bot.work.runtime import Runtime
from bot.work.work import Transactions, Work
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.target import Target
from runbooks.remote.command import Lost, Result
from runbooks.runs import store
from runbooks.runs.run import Run, State
from runbooks.runs.tables import RunLockRow, RunRow, RunStepRow
from runbooks.runs.worker import Runner
from tests.support.desk import WORKDAY, make_settings
from tests.support.once import example_site, renderer

T = TypeVar("T")
POLICIES = Path(__file__).parent / "policies"
PEOPLE = ("zhou", "wen", "hemu", "shen", "qin", "lixiao")
ROLES = (frozenset[Role](), frozenset({Role.ENGINEER}), frozenset({Role.LEAD}), frozenset({Role.ENGINEER, Role.LEAD}))
LINES = {  # verb: who may ask, who may confirm, the kind of yes, whether one person may break the glass
    "read-it": ({Role.ENGINEER, Role.LEAD}, set[Role](), "none", False),
    "do-alone": ({Role.ENGINEER, Role.LEAD}, {Role.ENGINEER, Role.LEAD}, "self", False),
    "do-two": ({Role.ENGINEER, Role.LEAD}, {Role.ENGINEER, Role.LEAD}, "second", False),
    "do-lead": ({Role.ENGINEER}, {Role.LEAD}, "second", False),
    "do-glass": ({Role.ENGINEER, Role.LEAD}, {Role.LEAD}, "second", True),
}
CHATS = ("duty-room", "shifuban", "dm-zhou")
VALID = timedelta(minutes=5)


class NearStore(Store):
    """A store in this thread, in one transaction that never ends: 100,000 histories need no durability, and no threads."""

    def open(self) -> None:
        self._near = self._engine.connect()
        self._near.begin()

    async def close(self) -> None:
        self._near.close()
        await super().close()

    async def write(self, fn: Callable[[Tx], T], point: str | None = None) -> T:
        tx = Tx(self._near)
        tx.savepoint("job")
        try:
            result = fn(tx)
        except Exception:
            tx.undo("job")
            raise
        tx.release("job")
        return result

    async def read(self, fn: Callable[[Session], T]) -> T:
        with Session(self._near, join_transaction_mode="rollback_only", expire_on_commit=False) as session:
            return fn(session)


class Host:
    """A remote that keeps what was sent, with how the world stood; it may be lost after a command."""

    def __init__(self, stamp: "Callable[[str], Said]") -> None:
        self.record: list[Said] = []
        self.keys = ["SHA256:one"]
        self.lose = False
        self.stamp = stamp

    def pinned(self, targets: Iterable[Target]) -> dict[str, list[str]]:
        return {target.id: list(self.keys) for target in targets}

    async def close(self) -> None:
        """Nothing to let go of."""

    async def run(self, target: Target, argv: tuple[str, ...], **_more: Any) -> Result:
        if argv[0] in {"act", "see"}:
            self.record.append(self.stamp(f"{argv[0]} {argv[1]}"))
            if self.lose:
                self.lose = False
                raise Lost(target.id)
        return Result(0, None, b"read\n" if argv[0] == "sh" else b"ok\n", b"", False, 0.0)


@dataclasses.dataclass(frozen=True)
class Said:
    """One thing that somebody did, and how the world stood then."""

    kind: str
    person: str
    run: int
    at: datetime
    stand: int
    roles: dict[str, frozenset[Role]]
    chat: str = ""
    reason: str = ""


class World:
    """One store and runner; ``history`` plays one generated history in it and judges the record."""

    def __init__(self, transactions: Transactions, clock: ManualClock) -> None:
        self.transactions = transactions
        self.clock = clock
        self.stands = 0
        self.host = Host(lambda sent: self.stamp(sent, "", 0))
        self.catalogue = load_catalogue(POLICIES)
        self.runner = Runner(transactions, self.host, self.catalogue)
        self.site = transactions.runtime.site()
        self.count = 0
        self.acts = 0
        self.ran = 0
        self._runs: list[Run] | None = None
        transactions.runtime.site = lambda: self.site

    def stamp(self, kind: str, person: str, run: int, chat: str = "", reason: str = "") -> "Said":
        """Something that happens now, with how the world stands."""
        roles = {name: self.site.people[name].roles for name in PEOPLE}
        return Said(kind, person, run, self.clock.real(), self.stands, roles, chat, reason)

    async def clear(self) -> None:
        def empty(tx: Tx) -> None:
            for row in (RunLockRow, RunStepRow, RunRow, OutboxRow, DeadlineRow, AuditRow):
                tx.connection.execute(delete(row))

        await self.transactions.store.write(empty)
        self.host.record.clear()
        self._runs = None
        self.host.lose = False

    async def runs(self) -> list[Run]:
        """Every run there is, read anew only when something may have changed one."""
        if self._runs is None:
            self._runs = await self.transactions.store.read(lambda s: store.in_state(s, *State))
        return self._runs

    async def work(self) -> None:
        """The runner does what can be done now."""
        await self.runner.step()
        self._runs = None

    async def act(self, person: str, fn: Callable[[Work], None]) -> str:
        """Do ``fn`` as a person, like the dispatcher; the refusal's code, or ``ok``."""
        self.count += 1
        source = f"t{self.count}"

        def inside(tx: Tx) -> str:
            known = self.site.people.get(person)
            work = Work(self.transactions.runtime, tx, source, known, person)
            try:
                fn(work)
                work.finish()
            except UserError as error:
                work.abandon()
                return error.code
            work.pending.flush(tx)
            self._runs = None
            return "ok"

        return await self.transactions.store.write(inside)


@asynccontextmanager
async def world(state: Path) -> AsyncIterator[World]:
    """On a database that ``state`` holds already."""
    settings = make_settings(state)
    clock = ManualClock(WORKDAY)
    site = example_site()
    opened = NearStore(settings.database)
    opened.open()
    runtime = Runtime(settings, clock, renderer(site.tz), lambda: site)
    try:
        yield World(Transactions(opened, runtime), clock)
    finally:
        await opened.close()
