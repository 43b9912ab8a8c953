"""The Slack adapter on a store of its own, in front of it a Slack workspace on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.adapters.common.ingress import Ingress
from bot.adapters.slack.adapter import SlackAdapter
from bot.core.content import Button, Card, Mention, Op, Post
from bot.core.people import Account
from bot.core.ports import Outgoing
from bot.settings import Settings
from bot.storage.audit_log import lines
from data.site import Site
from tests.support.kit import Kit
from tests.support.once import example_site
from tests.support.paths import EXAMPLE
from tests.support.platforms.slack import FakeSlack
from tests.support.until import eventually


@dataclass
class Slack:
    """The adapter and what surrounds it; ``url`` is where it listens."""

    kit: Kit
    fake: FakeSlack
    adapter: SlackAdapter
    url: str

    async def identified(self) -> None:
        """Let the adapter learn who it is; from then on another workspace's payload is refused."""
        asking = asyncio.ensure_future(self.adapter.workers()["slack identity"]())

        async def knows() -> bool:
            return await self.fake.deliver({"type": "nothing", "team_id": "T0OTHER"}) == 403

        try:
            await eventually(knows)
        finally:
            asking.cancel()

    async def stored(self) -> list[str]:
        """What was kept: kind, chat, key, body."""
        return await self.kit.column("SELECT kind || ' ' || chat || ' ' || key || ' ' || body FROM inbox ORDER BY id")

    async def texts(self) -> list[str]:
        """The texts of the kept messages."""
        return await self.kit.column("SELECT json_extract(body, '$.text') FROM inbox ORDER BY id")

    async def refused(self) -> list[str | None]:
        """The codes on the audit log."""
        return [line.entry.code for line in await self.kit.store.read(lambda s: list(lines(s)))]


def on_slack(fake: FakeSlack) -> Site:
    """The example organisation with its chats and people on that workspace."""
    places, accounts = fake.site_names()
    site = example_site()
    chats = {i: replace(c, platform="slack", chat_id=places.get(i, "")) for i, c in site.chats.items()}
    people = {i: replace(p, accounts=(Account("slack", accounts[i]),)) for i, p in site.people.items()}
    return replace(site, chats=chats, people=people)


@asynccontextmanager
async def running(kit: Kit, fake: FakeSlack, **changes: Any) -> AsyncIterator[Slack]:
    """The adapter's route on a free port, and the workspace that delivers to it; both stopped at the end."""
    await fake.start()
    site = on_slack(fake)
    kit = replace(kit, tools=replace(kit.tools, site=lambda: site))
    sections = fake.settings()
    sections["slack"] |= changes
    settings = Settings(data_dir=EXAMPLE, state_dir=kit.tools.settings.state_dir, platforms=sections)
    adapter = SlackAdapter(settings, Ingress("slack", kit.inbox, kit.transactions))
    app = web.Application(client_max_size=1024 * 1024)
    adapter.mount(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    fake.deliver_to(url, kit.clock.wall)
    try:
        yield Slack(kit, fake, adapter, url)
    finally:
        await runner.cleanup()
        await adapter.close()
        await fake.stop()


CARD = Post(
    "@周予安 GD-20261122-003 <公文> 打不开 & 报错",
    (Mention("zhou", "周予安"),),
    card=Card((Button("claim:GD-20261122-003", "我来处理", "primary"), Button("pass:GD-20261122-003", "转交"))),
)


def outgoing(fake: FakeSlack, post: Post = CARD, chat: str = "shifuban", key: str = "i1.1", **more: Any) -> Outgoing:
    """A post on its way to our chat."""
    places, accounts = fake.site_names()
    direct = chat.startswith("dm-")
    address = accounts[chat.removeprefix("dm-")] if direct else places[chat]
    return Outgoing(
        chat=chat, address=address, op=more.pop("op", Op.POST), client_key=key, post=post, direct=direct, **more
    )


def state_file(slack: Slack, name: str, data: bytes) -> Path:
    """A file below the state folder."""
    path = slack.kit.tools.settings.state_dir / name
    path.write_bytes(data)
    return path
