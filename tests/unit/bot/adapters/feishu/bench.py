"""The Feishu adapter between a real store and the stand-in of Feishu's server; no worker runs."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from bot.adapters.common.ingress import Ingress
from bot.adapters.feishu.adapter import FeishuAdapter
from bot.core.content import Op, Post
from bot.core.people import Account
from bot.core.ports import Outgoing
from bot.settings import Settings
from data.site import Site
from tests.support.kit import Kit
from tests.support.platforms.feishu import FakeFeishu, site


@dataclass
class Bench:
    """The three of them."""

    kit: Kit
    fake: FakeFeishu
    adapter: FeishuAdapter

    async def inbox(self) -> list[dict[str, Any]]:
        """What was taken in, oldest first."""
        shape = "json_object('key', key, 'chat', chat, 'kind', kind, 'sent_at', sent_at, 'body', json(body))"
        return [json.loads(row) for row in await self.kit.column(f"SELECT {shape} FROM inbox ORDER BY id")]  # noqa: S608  # a constant

    async def heard(self) -> list[str]:
        """The texts of it."""
        return [row["body"]["text"] for row in await self.inbox() if row["kind"] == "message"]

    async def refusals(self) -> list[str]:
        """The codes of what was refused, as the audit log has them."""
        return await self.kit.column("SELECT code FROM audit ORDER BY seq")


def outgoing(post: Post | str, chat: str = "shifuban", **changes: Any) -> Outgoing:
    """A post on its way to one of our chats."""
    direct = chat.startswith("dm-")
    address = f"ou_{chat.removeprefix('dm-')}" if direct else f"oc_{chat}"
    whole = Post(post) if isinstance(post, str) else post
    return replace(Outgoing(chat, address, Op.POST, "i1.1", whole, direct=direct), **changes)


def on_feishu(fake: FakeFeishu) -> Site:
    """The example organisation with all its groups and people on the platform."""
    chats, accounts = fake.site_names()
    known = site()
    people = {
        id: replace(person, accounts=(*person.accounts, Account("feishu", accounts[id])))
        for id, person in known.people.items()
    }
    groups = {id: replace(chat, platform="feishu", chat_id=chats[id]) for id, chat in known.chats.items()}
    return replace(known, people=people, chats=groups)


@asynccontextmanager
async def opened(kit: Kit, fake: FakeFeishu, **changes: Any) -> AsyncIterator[Bench]:
    """A bench; ``changes`` are settings other than the stand-in's own."""
    await fake.start()
    whole = on_feishu(fake)
    kit.tools.site = lambda: whole
    section = {**fake.settings()["feishu"], **changes}
    settings = Settings.model_validate({"state_dir": kit.tools.settings.state_dir, "platforms": {"feishu": section}})
    adapter = FeishuAdapter(settings, Ingress("feishu", kit.inbox, kit.transactions))
    app = web.Application()
    adapter.mount(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}", kit.clock.wall)
    try:
        yield Bench(kit, fake, adapter)
    finally:
        await adapter.close()
        await fake.stop()
        await runner.cleanup()
