"""The Feishu adapter between a real store and the stand-in of Feishu's server; no worker runs."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from bot.adapters.feishu.adapter import FeishuAdapter
from bot.core.content import Op, Post
from bot.core.ports import Outgoing
from tests.support.kit import Kit
from tests.support.platforms.feishu import FakeFeishu
from tests.support.platforms.lone import Lone, beside


@dataclass
class Bench(Lone[FeishuAdapter]):
    """The three of them, with the rows of the inbox as they are."""

    @property
    def fake(self) -> FakeFeishu:
        assert isinstance(self.platform, FakeFeishu)
        return self.platform

    async def inbox(self) -> list[dict[str, Any]]:
        """What was taken in, oldest first."""
        shape = "json_object('key', key, 'chat', chat, 'kind', kind, 'sent_at', sent_at, 'body', json(body))"
        return [json.loads(row) for row in await self.kit.column(f"SELECT {shape} FROM inbox ORDER BY id")]  # noqa: S608  # a constant

    async def texts(self) -> list[str]:
        """The texts of it."""
        return [row["body"]["text"] for row in await self.inbox() if row["kind"] == "message"]


def outgoing(post: Post | str, chat: str = "shifuban", **changes: Any) -> Outgoing:
    """A post on its way to one of our chats."""
    direct = chat.startswith("dm-")
    address = f"ou_{chat.removeprefix('dm-')}" if direct else f"oc_{chat}"
    whole = Post(post) if isinstance(post, str) else post
    return replace(Outgoing(chat, address, Op.POST, "i1.1", whole, direct=direct), **changes)


@asynccontextmanager
async def opened(kit: Kit, fake: FakeFeishu, **changes: Any) -> AsyncIterator[Bench]:
    """A bench; ``changes`` are settings other than the stand-in's own."""
    await fake.start()
    try:
        async with beside(FeishuAdapter, "feishu", fake, kit, **changes) as lone:
            yield Bench(lone.adapter, fake, lone.kit, lone.settings, lone.url)
    finally:
        await fake.stop()
