"""The desk: the whole service on a clock that stands still, told in chat lines.

``await desk.says("zhou", "/ping x", chat="duty-room")`` goes through the local adapter's own parsing, intake, dispatch and
outbox; the oracle is what stands in the local chats afterwards. ``later`` moves the clock from one thing that comes due to the
next, so that nothing waits for real time.
"""

import dataclasses
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.adapters.local import incoming
from bot.adapters.local import store as record
from bot.app import App
from bot.core.events import FileRef
from bot.settings import Settings
from bot.stepper import Stepper
from bot.storage.audit_log import Line, lines
from bot.storage.clock import ManualClock
from bot.storage.schema import prepare
from data.site import Site
from tests.support import once
from tests.support.paths import EXAMPLE

WORKDAY = datetime.fromisoformat("2026-10-14T10:00:00+08:00")  # a Wednesday of the committed roster, on-site hours


@dataclasses.dataclass(frozen=True)
class Said:
    """One message of a chat, as the HTTP interface shows it."""

    chat: str
    shown: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.shown["id"])

    @property
    def user(self) -> str:
        return str(self.shown["user"])

    @property
    def text(self) -> str:
        return str(self.shown["text"])

    @property
    def mentions(self) -> list[str]:
        return list(self.shown["mentions"])

    @property
    def actions(self) -> list[str]:
        return [b["action"] for b in self.shown["buttons"]]

    def action(self, verb: str) -> str:
        """The one action of that verb (``claim`` → ``claim:GD-…``)."""
        return next(a for a in self.actions if a.partition(":")[0] == verb)


class Desk:
    """Speak, tap, move the clock, look."""

    def __init__(self, app: App, clock: ManualClock) -> None:
        self.app = app
        self.clock = clock
        self.stepper = Stepper(app, clock)

    @property
    def work(self) -> list[Callable[[], Awaitable[int]]]:
        """Further workers' steps (the runner's), taken too; append to it."""
        return self.stepper.more

    @property
    def site(self) -> Site:
        return self.app.runtime.site()

    async def says(
        self,
        user: str,
        text: str,
        *,
        chat: str,
        reply_to: str | None = None,
        id: str | None = None,
        files: tuple[FileRef, ...] = (),
        settle: bool = True,
    ) -> list[Said]:
        """Somebody writes; returns what the bot said anywhere in answer."""
        sent = [{"name": file.name, "url": file.url} for file in files]
        body = {"user": user, "text": text, "reply_to": reply_to, "id": id, "files": sent}
        message = incoming.message(self.site, self.clock, chat, body)
        at = message.envelope.received_at
        before = await self._cursor()
        await self.app.inbox.accept(message, lambda tx: record.put_spoken(tx, message, at))
        if settle:
            await self.settle()
        return await self.bot_since(before)

    async def taps(self, user: str, message: Said, verb: str, *, settle: bool = True) -> list[Said]:
        """Somebody presses the button whose action starts with ``verb``; returns what the bot said in answer."""
        offer = await self.app.store.read(lambda s: record.offer(s, message.id))
        assert offer is not None
        action = next(a for a in offer.actions if a == verb or a.partition(":")[0] == verb)
        body = {"user": user, "message": message.id, "action": action}
        tap = incoming.tap(self.clock, self.site, body, offer.chat, offer.actions)
        before = await self._cursor()
        await self.app.inbox.accept(tap)
        if settle:
            await self.settle()
        return await self.bot_since(before)

    async def later(self, **span: float) -> list[Said]:
        """Move the clock, stopping at everything that comes due; returns what the bot said meanwhile."""
        before = await self._cursor()
        await self.stepper.run_until(self.clock.now() + timedelta(**span))
        return await self.bot_since(before)

    async def settle(self) -> None:
        """Do everything that can be done now."""
        await self.stepper.settle()

    async def chat(self, chat: str) -> list[Said]:
        """Everything that stands in a chat, oldest first."""
        return [Said(m.chat, m.shown) for m in await self.app.store.read(lambda s: record.after(s, 0, chat))]

    async def bot(self, chat: str) -> list[Said]:
        """The bot's messages of a chat."""
        return [m for m in await self.chat(chat) if m.user == "bot"]

    async def bot_since(self, cursor: int) -> list[Said]:
        """What the bot said or changed anywhere behind a cursor."""
        found = await self.app.store.read(lambda s: record.after(s, cursor))
        return [Said(m.chat, m.shown) for m in found if m.shown["user"] == "bot"]

    async def audit(self) -> list[Line]:
        """The audit log."""
        return await self.app.store.read(lambda s: list(lines(s)))

    async def _cursor(self) -> int:
        return await self.app.store.read(record.last_cursor)


def make_settings(state: Path, **changes: Any) -> Settings:
    """Settings on the example organisation with their state in ``state``."""
    return Settings(**{"data_dir": EXAMPLE, "state_dir": state, **changes})


def empty_database(folder: Path) -> Path:
    """A migrated database to copy, made once a test session."""
    path = folder / "empty.db"
    if not path.exists():
        prepare(path)
    return path


@asynccontextmanager
async def open_desk(
    state: Path,
    empty: Path | None,
    *,
    start: datetime = WORKDAY,
    site: Site | None = None,
    settings: Settings | None = None,
) -> AsyncIterator[Desk]:
    """A desk with no worker of its own running: on a copy of ``empty``, or where None on what ``state`` holds already."""
    settings = settings or make_settings(state)
    state.mkdir(parents=True, exist_ok=True)
    if empty is not None:
        shutil.copyfile(empty, settings.database)
    clock = ManualClock(start)
    known = site or once.site_of(settings.data_dir, settings.state_dir, settings.timezone)
    app = once.app(settings, known, clock)
    await app.open()
    try:
        yield Desk(app, clock)
    finally:
        await app.close()
