"""The Slack adapter on a store of its own, in front of it a Slack workspace on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.adapters.slack.adapter import SlackAdapter
from bot.core.content import Button, Card, Mention, Op, Post
from bot.core.ports import Outgoing
from bot.storage.audit_log import lines
from tests.support.kit import Kit
from tests.support.platforms.lone import Lone, beside
from tests.support.platforms.slack import FakeSlack
from tests.support.until import eventually


@dataclass
class Slack(Lone[SlackAdapter]):
    """The adapter and what surrounds it, with Slack's own questions."""

    @property
    def fake(self) -> FakeSlack:
        assert isinstance(self.platform, FakeSlack)
        return self.platform

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


@asynccontextmanager
async def running(kit: Kit, fake: FakeSlack, **changes: Any) -> AsyncIterator[Slack]:
    """The adapter's route on a free port, and the workspace that delivers to it; both stopped at the end."""
    await fake.start()
    try:
        async with beside(SlackAdapter, "slack", fake, kit, **changes) as lone:
            yield Slack(lone.adapter, fake, lone.kit, lone.settings, lone.url)
    finally:
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
    path = slack.kit.runtime.settings.state_dir / name
    path.write_bytes(data)
    return path
