"""What people say and tap on Feishu, as events of ours."""

import asyncio
import logging
from typing import Any

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
    spoken,
    tapped,
    told,
)
from bot.core import calling
from bot.core.errors import Rejected, Temporary
from bot.core.events import Message, Tap

log = logging.getLogger(__name__)
ASK_SECONDS = 1.5  # the platform waits 3 s for our answer
ASK_AGAIN = 60.0  # seconds until the bot's own id is asked for again, when it could not be had


class Reader:
    """Reads verified payloads. ``own`` is the bot's open_id, asked for where it is empty; ``name`` what people call it."""

    def __init__(self, ingress: Ingress, api: Api, own: str, name: str) -> None:
        self._ingress = ingress
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

        text, to_bot = addressed(words, is_bot)
        typed = None if to_bot else calling.called(text, (self._name,))  # the name by hand, where no mention was picked
        text, to_bot = (text, to_bot) if typed is None else (typed, True)
        envelope = self._ingress.envelope(
            key=words.id, user=words.account, chat=words.chat, sent_at=words.at, direct=words.direct
        )
        return Message(
            envelope,
            f"@bot {text}".rstrip() if to_bot else text,
            words.reply_to,
            self._ingress.people(named.account for named in words.named),
            to_bot=to_bot or words.direct,
        )

    def _tap(self, press: Tapped) -> Tap:
        envelope = self._ingress.envelope(
            key=press.id, user=press.account, chat=press.chat, sent_at=self._ingress.wall(), direct=press.direct
        )
        return Tap(envelope, press.action, press.message)

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
