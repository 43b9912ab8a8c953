"""WeCom's parts on a real store, a site whose groups and people are on WeCom, and a clock that stands still."""

import dataclasses
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import Ingress
from bot.adapters.wecom.settings import WecomSettings
from bot.core.content import Attachment, Button, Card, Mention, Op, Post
from bot.core.people import Account
from bot.core.ports import Outgoing
from bot.settings import Settings
from bot.storage.audit_log import lines
from bot.storage.clock import ManualClock
from bot.storage.store import Store
from bot.work.work import Transactions
from data.site import Site
from tests.support import kit as kits
from tests.support.kit import Kit
from tests.support.once import example_site
from tests.support.paths import EXAMPLE

CHATS = {"shifuban": "wrSHIFUBAN", "minzheng": "wrMINZHENG", "duty-room": "wrDUTYROOM"}


def wecom_site(chats: Mapping[str, str], accounts: Mapping[str, str]) -> Site:
    """The example organisation on WeCom."""
    site = example_site()
    people = {
        key: dataclasses.replace(person, accounts=(Account("wecom", accounts[key]),)) if key in accounts else person
        for key, person in site.people.items()
    }
    groups = {
        key: dataclasses.replace(chat, platform="wecom", chat_id=chats.get(key, "")) for key, chat in site.chats.items()
    }
    return dataclasses.replace(site, people=people, chats=groups)


@dataclass
class Wecom:
    """What one of WeCom's ways is built of."""

    settings: Settings
    kit: Kit
    ingress: Ingress
    http: Http

    @property
    def store(self) -> Store:
        return self.kit.store

    @property
    def clock(self) -> ManualClock:
        return self.kit.clock

    @property
    def transactions(self) -> Transactions:
        return self.kit.transactions

    async def kept(self) -> list[tuple[str, str, str]]:
        """(kind, chat, body) of every event that was kept."""

        def look(session: Session) -> list[tuple[str, str, str]]:
            rows = session.connection().execute(text("SELECT kind, chat, body FROM inbox ORDER BY id"))
            return [(row.kind, row.chat, row.body) for row in rows]

        return await self.store.read(look)

    async def refusals(self) -> list[str]:
        """The refusal codes on the audit log."""
        found = await self.store.read(lambda s: list(lines(s)))
        return [line.entry.code for line in found if line.entry.code is not None]


@asynccontextmanager
async def opened(folder: Path, empty_db: Path, section: dict[str, Any], site: Site) -> AsyncIterator[Wecom]:
    """The parts with ``section`` as settings."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings.model_validate({"data_dir": EXAMPLE, "state_dir": folder, "platforms": section})
    shutil.copyfile(empty_db, settings.database)
    http = Http(ca_file=settings.section(WecomSettings).ca_file)
    async with kits.opened(folder) as parts:
        kit = dataclasses.replace(
            parts, runtime=dataclasses.replace(parts.runtime, settings=settings, site=lambda: site)
        )
        try:
            yield Wecom(settings, kit, Ingress("wecom", kit.inbox, kit.transactions), http)
        finally:
            await http.close()


def outgoing(words: str, chat: str = "shifuban", key: str = "k1", **more: Any) -> Outgoing:
    """A post on its way: ``buttons``, ``mentions``, ``files`` belong to the post, the rest to the row."""
    buttons: tuple[Button, ...] = more.pop("buttons", ())
    mentions: tuple[Mention, ...] = more.pop("mentions", ())
    files: tuple[Attachment, ...] = more.pop("files", ())
    post = Post(words, mentions, files, Card(buttons) if buttons else None)
    address = more.pop("address", CHATS.get(chat, chat))
    return Outgoing(chat=chat, address=address, op=Op.POST, client_key=key, post=post, **more)
