"""What people say and tap on Feishu, as events of ours."""

import asyncio
import logging
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from bot.adapters.common.forwards import record
from bot.adapters.common.ingress import Ingress
from bot.adapters.feishu.api import Api
from bot.adapters.feishu.payload import (
    MESSAGE,
    OLD_MESSAGE,
    TAP,
    Named,
    Spoken,
    Tapped,
    addressed,
    keys_of,
    named_in,
    spoken,
    tapped,
    told,
    with_names,
)
from bot.adapters.feishu.words import FORWARDED, UNREAD, content_of, words_of
from bot.core import calling
from bot.core.errors import Rejected, Temporary
from bot.core.events import Message, Tap

log = logging.getLogger(__name__)
ASK_SECONDS = 1.5  # the platform waits 3 s for our answer
LOOK_SECONDS = 1.0  # of them for a message that is looked up
ASK_AGAIN = 60.0  # seconds until the bot's own id is asked for again, when it could not be had


class Reader:
    """Reads verified payloads. ``own`` is the bot's open_id, asked for where it is empty; ``name`` what people call it.

    ``robots`` are the groups (our ids) in which a robot speaks: of its messages no id is known, so a quote is looked up.
    """

    def __init__(self, ingress: Ingress, api: Api, own: str, name: str, robots: Collection[str] = ()) -> None:
        self._ingress = ingress
        self._robots = robots
        self._api = api
        self._own = own
        self._name = name
        self._ask_own_at = 0.0

    async def read(self, payload: dict[str, Any]) -> Message | Tap | None:
        """None for what is nobody's word: bots, other events. Raises ``BadRequest``."""
        event = told(payload)
        match event.kind:
            case kind if kind in (MESSAGE, OLD_MESSAGE):
                words = spoken(event)
                return await self._message(words) if words else None
            case kind if kind == TAP:
                press = tapped(event)
                return self._tap(press) if press else None
        return None

    async def _message(self, words: Spoken) -> Message | None:
        own = await self._own_id() if words.named else self._own
        if words.account == own:
            return None

        def is_bot(named: Named) -> bool:
            return named.account == own if own else named.name == self._name

        at = words.at or self._ingress.runtime.clock.now()
        envelope = self._ingress.envelope(
            key=words.id, user=words.account, chat=words.chat, sent_at=at, direct=words.direct
        )
        if not words.text:
            words = replace(words, text=await self._asked_for(words))
        text, to_bot = addressed(words, is_bot)
        typed = None if to_bot else calling.called(text, (self._name,))  # the name by hand, where no mention was picked
        text, to_bot = (text, to_bot) if typed is None else (typed, True)
        quote = await self._quote(words.reply_to) if words.reply_to and envelope.chat in self._robots else ""
        return Message(
            envelope,
            f"@bot {text}".rstrip() if to_bot else text,
            words.reply_to,
            self._ingress.people(named.account for named in words.named),
            words.files,
            to_bot=to_bot or words.direct,
            quote=quote,
            thread=words.thread,
        )

    def _tap(self, press: Tapped) -> Tap:
        envelope = self._ingress.envelope(
            key=press.id, user=press.account, chat=press.chat, sent_at=self._ingress.wall(), direct=press.direct
        )
        return Tap(envelope, press.action, press.message)

    async def _asked_for(self, words: Spoken) -> str:
        """The text of a message whose event does not tell it: a forwarded record, or one that came without its content."""
        items = await self._look(words.id)
        if words.kind == FORWARDED:
            inside = [item for item in items if item.get("message_id") != words.id]
            return record((self._author(item), _text_of(item)) for item in inside)
        return next((text for item in items if (text := _text_of(item))), "") or words_of(words.kind, {}) or UNREAD

    async def _quote(self, message: str) -> str:
        """The text of a quoted message; what cannot be had is a quote all the same."""
        return next((text for item in await self._look(message) if (text := _text_of(item))), UNREAD)

    async def _look(self, message: str) -> list[dict[str, Any]]:
        """A message as the platform has it, asked for while Feishu waits for our answer; nothing where that takes too long."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._api.look(message)
        except (Temporary, Rejected, TimeoutError) as error:
            log.warning("feishu: a message could not be looked up (%s); it is heard without", type(error).__name__)
            return []

    def _author(self, item: dict[str, Any]) -> str:
        sender = item.get("sender")
        person = self._ingress.person(str(sender.get("id"))) if isinstance(sender, dict) else None
        return person.name if person else ""

    async def _own_id(self) -> str:
        """The bot's own account; asked for once. While it cannot be had, the bot is known by its name."""
        now = asyncio.get_running_loop().time()
        if self._own or now < self._ask_own_at:
            return self._own
        self._ask_own_at = now + ASK_AGAIN
        try:
            async with asyncio.timeout(ASK_SECONDS):
                self._own = await self._api.own_open_id()
        except (Temporary, Rejected, TimeoutError) as error:
            log.warning("feishu: the bot's own id could not be had (%s); set feishu.bot_open_id", type(error).__name__)
        return self._own


def _text_of(item: dict[str, Any]) -> str:
    """The words of a message that was asked for, with names for its placeholders."""
    body = item.get("body")
    content = content_of(body.get("content")) if isinstance(body, dict) else None
    named = named_in(item.get("mentions"))
    text = words_of(str(item.get("msg_type")), content, keys_of(named)) if content is not None else ""
    return with_names(text, named)
