"""From what a handler says to rows of the outbox: rendered at once, fitted to where it goes, in as many pieces as needed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.core.content import Attachment, Op, Post, Priority, to_json
from bot.core.fit import cut, pieces
from bot.core.people import Chat
from bot.core.ports import Capabilities
from bot.storage.tables import OutboxState
from bot.work.addressing import Addressing
from bot.work.degrade import Surroundings, degrade
from bot.work.links import LIFE, Pass
from bot.work.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Saying:
    """A template with its facts, and what goes with it. ``post``: the key of the earlier post that it rewrites."""

    template: str
    facts: Mapping[str, Any]
    op: Op = Op.POST
    priority: Priority = Priority.REPLY
    about: str | None = None
    reply_to: str | None = None
    post: str | None = None
    files: tuple[Attachment, ...] = ()
    page: str = ""
    beside: str = ""


class Speech:
    """Of one event's work: ``now`` in duty time, ``real_now`` in true time."""

    def __init__(self, runtime: Runtime, addressing: Addressing, now: datetime, real_now: datetime) -> None:
        self._runtime = runtime
        self._addressing = addressing
        self._now = now
        self._real_now = real_now

    def rows(self, key: str, chat: Chat, saying: Saying) -> Iterator[dict[str, Any]]:
        """One row for each message that it takes; the last has ``key`` itself."""
        locale = self._addressing.locale_of(chat)
        content = self._runtime.renderer.post(saying.template, locale, saying.facts)
        if saying.files:
            content = replace(content, files=saying.files)
        chat, content = self._addressing.reached(chat, content)
        content = self._with_page(chat, locale, content, saying.page)
        platform = self._addressing.platform_of(chat, saying.beside)
        can = self._runtime.capabilities(platform, chat)
        content = degrade(content, can, self._surroundings(chat, locale, key))
        parts = [_shortened(content, can)] if saying.op is Op.UPDATE else pieces(content, can)
        for number, part in enumerate(parts, 1):
            own = key if number == len(parts) else f"{key}/{number}"
            yield self.row(own, platform, chat, part, saying) | {"reply_to": saying.reply_to if number == 1 else None}

    def row(self, key: str, platform: str, chat: Chat, content: Post, saying: Saying) -> dict[str, Any]:
        """The row of one message whose ``content`` is fitted to its platform already."""
        return {
            "key": key,
            "adapter": platform,
            "target": chat.id,
            "priority": int(saying.priority),
            "op": saying.op.value,
            "template": saying.template,
            "about": saying.about,
            "reply_to": None,
            "post": saying.post,
            "body": json.dumps(to_json(content), ensure_ascii=False),
            "state": OutboxState.QUEUED.value,
            "attempts": 0,
            "uncertain": False,
            "created_at": self._now,
            "next_try": self._real_now,
        }

    def _with_page(self, chat: Chat, locale: str, content: Post, page: str) -> Post:
        """The post with the link to a page below it, made for the one person who reads the chat; groups get none."""
        links = self._runtime.links
        if not page or links is None or chat.person is None:
            return content
        url = links.page_url(Pass(chat.person, page, self._real_now + LIFE))
        words = self._runtime.renderer.post("shared/page", locale, {"url": url}).text
        return replace(content, text=f"{content.text}\n{words}")

    def _surroundings(self, chat: Chat, locale: str, key: str) -> Surroundings:
        runtime = self._runtime
        return Surroundings(
            runtime.renderer, runtime.links, locale, chat, key, self._real_now, runtime.settings.state_dir
        )


def _shortened(content: Post, can: Capabilities) -> Post:
    """A change is one message, so it is cut where a new one would be several."""
    return replace(content, text=cut(content.text, can.text_limit, can.measure))
