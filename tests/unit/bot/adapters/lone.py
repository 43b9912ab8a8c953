"""One adapter on a real store without the rest of the service: what it heard is in the inbox, what it refused in the audit log."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from aiohttp import web
from sqlmodel import Session, select

from bot.adapters.common.ingress import Ingress
from bot.core.content import Card, Op, Post
from bot.core.events import Message, Tap
from bot.core.people import Chat
from bot.core.ports import Capabilities, Outgoing
from bot.settings import ServerSettings, Settings
from bot.storage.audit_log import lines
from bot.storage.clock import ManualClock
from bot.storage.store import Store
from bot.storage.tables import InboxRow
from bot.work.envelopes import unpack
from bot.work.inbox import Inbox
from bot.work.services import Tools
from bot.work.work import Transactions
from data.site import Site
from tests.support.desk import WORKDAY
from tests.support.once import example_site, renderer
from tests.support.paths import EXAMPLE
from tests.support.platforms.base import FakePlatform
from tests.support.platforms.house import placed


class Adapter(Protocol):
    """What a lone adapter is asked for."""

    name: str

    def capabilities(self, chat: Chat) -> Capabilities: ...

    async def send(self, out: Outgoing) -> str: ...

    def mount(self, app: web.Application) -> None: ...

    async def close(self) -> None: ...


PUBLIC = "http://zhiban.example"  # what buttons name; delivered to wherever the service listens
A = TypeVar("A", bound=Adapter)


@dataclass
class Lone(Generic[A]):
    """The adapter between its stand-in and the store."""

    adapter: A
    site: Site
    clock: ManualClock
    store: Store
    settings: Settings
    url: str = ""
    keys: list[str] = field(default_factory=list)

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
async def alone(
    make: Callable[[Settings, Ingress], A], platform: str, fake: FakePlatform, database: Path, **changes: Any
) -> AsyncIterator[Lone[A]]:
    """The adapter on a migrated ``database``, its doors open on a free port; ``changes`` go into its own section."""
    sections = fake.settings()
    sections[platform] |= changes
    settings = Settings(
        data_dir=EXAMPLE, state_dir=database.parent, platforms=sections, server=ServerSettings(public_url=PUBLIC)
    )
    site = placed(example_site(), platform, fake)
    store, clock = Store(database), ManualClock(WORKDAY)
    tools = Tools(settings, clock, renderer(site.tz), lambda: site)
    store.open()
    adapter = make(settings, Ingress(platform, Inbox(store, clock), Transactions(store, tools)))
    app = web.Application(client_max_size=1024 * 1024)
    adapter.mount(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    fake.deliver_to(url, clock.wall)
    try:
        yield Lone(adapter, site, clock, store, settings, url)
    finally:
        await runner.cleanup()
        await adapter.close()
        await store.close()
