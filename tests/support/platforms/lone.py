"""One adapter between a platform's stand-in and a real store, without the rest of the service.

The verbs are the same on every platform: people ``says`` and ``taps``, the service ``send``s, ``reads`` is what stands on the
platform. What was heard is in the inbox, what was refused in the audit log.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from aiohttp import web
from sqlmodel import Session, select

from bot.adapters.common.ingress import Ingress
from bot.adapters.common.platform import Platform
from bot.core.content import Card, Op, Post
from bot.core.events import Message, Tap
from bot.core.ports import Capabilities, Outgoing
from bot.settings import ServerSettings, Settings
from bot.storage.audit_log import lines
from bot.storage.clock import ManualClock
from bot.storage.store import Store
from bot.storage.tables import InboxRow
from bot.work.envelopes import unpack
from data.site import Site
from tests.support.kit import Kit, opened
from tests.support.once import example_site
from tests.support.paths import EXAMPLE
from tests.support.platforms.base import FakePlatform, Seen
from tests.support.platforms.house import placed

PUBLIC = "http://zhiban.example"  # what buttons name; delivered to wherever the service listens
A = TypeVar("A", bound=Platform)


@dataclass
class Lone(Generic[A]):
    """The adapter, the platform in front of it and the store behind it."""

    adapter: A
    platform: FakePlatform
    kit: Kit
    settings: Settings
    url: str = ""
    keys: list[str] = field(default_factory=list)

    @property
    def site(self) -> Site:
        return self.kit.runtime.site()

    @property
    def clock(self) -> ManualClock:
        return self.kit.clock

    @property
    def store(self) -> Store:
        return self.kit.store

    def out(self, chat: str, text: str, **changes: Any) -> Outgoing:
        """A post to one of our chats, as the sender would hand it over; ``post`` and other fields as given."""
        self.keys.append(f"k{len(self.keys) + 1}")
        place = self.site.chat(chat)
        address = self.site.address(place, self.adapter.name) if place else None
        assert place is not None
        assert address is not None
        post = changes.pop("post", Post(text, **{n: changes.pop(n) for n in ("mentions", "files") if n in changes}))
        if buttons := changes.pop("buttons", ()):
            post = replace(post, card=Card(buttons=tuple(buttons)))
        whole: dict[str, Any] = {"client_key": self.keys[-1], "op": Op.POST, "address": address, "direct": place.direct}
        return Outgoing(chat=chat, post=post, **(whole | changes))

    async def send(self, chat: str, text: str, **changes: Any) -> str:
        """Send one post; its platform id."""
        return await self.adapter.send(self.out(chat, text, **changes))

    async def says(self, person: str, chat: str, text: str, **more: Any) -> int:
        """Somebody says something; the status of the answer."""
        return await self.platform.says(person, chat, text, **more)

    async def taps(self, person: str, seen: Seen, button: str) -> int:
        """Somebody presses a button; the status of the answer."""
        return await self.platform.taps(person, seen, button)

    def reads(self, chat: str) -> list[Seen]:
        """What the bot put into a chat, oldest first."""
        return self.platform.seen(chat)

    def can(self, chat: str) -> Capabilities:
        """What can be done in one of our chats."""
        place = self.site.chat(chat)
        assert place is not None
        return self.adapter.capabilities(place)

    async def heard(self) -> list[Message | Tap]:
        """Everything that was taken in, in order."""
        return [e for e in await self.store.read(_taken) if isinstance(e, Message | Tap)]

    async def refusals(self) -> list[str | None]:
        """The codes of what was refused, in order."""
        entries = await self.store.read(lambda session: [line.entry for line in lines(session)])
        return [entry.code for entry in entries if entry.action == "webhook"]


def _taken(session: Session) -> list[Any]:
    rows = session.exec(select(InboxRow).order_by("id"))
    return [unpack(r.platform, r.key, r.chat, r.kind, r.body, r.sent_at, r.received_at) for r in rows]


@asynccontextmanager
async def beside(
    make: Callable[[Settings, Ingress], A], platform: str, fake: FakePlatform, kit: Kit, **changes: Any
) -> AsyncIterator[Lone[A]]:
    """The adapter on the store of ``kit``, its doors open on a free port; ``changes`` go into its own section."""
    sections = fake.settings()
    sections[platform] |= changes
    folder = kit.runtime.settings.state_dir
    settings = Settings(
        data_dir=EXAMPLE, state_dir=folder, platforms=sections, server=ServerSettings(public_url=PUBLIC)
    )
    site = placed(example_site(), platform, fake)
    kit = replace(kit, runtime=replace(kit.runtime, settings=settings, site=lambda: site))
    adapter = make(settings, Ingress(platform, kit.inbox, kit.transactions))
    app = web.Application(client_max_size=1024 * 1024)
    adapter.mount(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    fake.deliver_to(url, kit.clock.wall)
    try:
        yield Lone(adapter, fake, kit, settings, url)
    finally:
        await runner.cleanup()
        await adapter.close()


@asynccontextmanager
async def alone(
    make: Callable[[Settings, Ingress], A], platform: str, fake: FakePlatform, database: Path, **changes: Any
) -> AsyncIterator[Lone[A]]:
    """The same on a migrated ``database``."""
    async with opened(database.parent) as kit, beside(make, platform, fake, kit, **changes) as lone:
        yield lone
