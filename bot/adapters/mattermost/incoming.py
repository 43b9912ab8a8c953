"""What people say, type and press on Mattermost, as events of ours."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.adapters.common.ingress import BadRequest, Ingress
from bot.adapters.mattermost import payload
from bot.adapters.mattermost.api import Api
from bot.adapters.mattermost.buttons import Buttons
from bot.adapters.mattermost.payload import Heard
from bot.core import calling
from bot.core.errors import Rejected, Temporary
from bot.core.events import Message, Tap

_BREAKS = " \t\n\u3000:：,，"  # after the word that calls us; the end as well
UNPROVEN = "unproven:"  # before a user id that nobody vouched for: no account of people.yaml has it
LOOK_SECONDS = 1.5  # to ask the server for the post that a webhook told of


class Reader:
    """Reads verified payloads. ``api`` is None without a bot account, ``buttons`` where posts carry none."""

    def __init__(self, ingress: Ingress, api: Api | None, buttons: Buttons | None) -> None:
        self._ingress = ingress
        self._api = api
        self._buttons = buttons

    async def read(self, fields: Mapping[str, Any]) -> Message | None:
        """An outgoing webhook. Its word is checked with the server where the bot may look: its token is always the same."""
        heard = await self._as_posted(payload.from_webhook(fields))
        if heard is None or not heard.text:
            return None
        at = heard.sent_at or self._ingress.runtime.clock.now()
        envelope = self._ingress.envelope(key=heard.post, user=heard.user, chat=heard.channel, sent_at=at)
        own = [f"@{(await self._api.me())['username']}"] if self._api else []
        called, text = _called(heard.text, [heard.trigger, *own])
        to_bot = called or any(re.search(_mention(name), text, re.IGNORECASE) for name in own)
        text = f"@bot {text}".strip() if called else text
        return Message(envelope, text, heard.root, files=heard.files, to_bot=to_bot, thread=heard.root or "")

    def read_command(self, fields: Mapping[str, Any]) -> Message:
        """``/restart oa3`` is the command itself; any other (``/zhiban 打不开``) is said to the bot."""
        typed = payload.slash(fields)
        runtime = self._ingress.runtime
        envelope = self._ingress.envelope(
            key=typed.key, user=typed.user, chat=typed.channel, sent_at=runtime.clock.now(), direct=typed.direct
        )
        verbs = {verb for item in runtime.menu for verb in (item.verb, item.alias)}
        known = typed.command.removeprefix("/") in verbs
        text = f"{typed.command if known else '@bot'} {typed.text}".strip()
        return Message(envelope, text, typed.root, to_bot=True, thread=typed.root or "")

    def read_tap(self, fields: Mapping[str, Any]) -> Tap:
        """A button; 401 for one that we did not make."""
        tap = payload.pressed(fields)
        offered = self._buttons.pressed(tap.context, tap.channel) if self._buttons else None
        if offered is None:
            raise BadRequest(401, "bad_signature")
        action, direct = offered
        now = self._ingress.runtime.clock.now()
        envelope = self._ingress.envelope(key=tap.key, user=tap.user, chat=tap.channel, sent_at=now, direct=direct)
        return Tap(envelope, action, tap.post)

    async def _as_posted(self, told: Heard) -> Heard | None:
        """The post itself, with its thread; what the webhook told where the server does not show it in time.

        That is a stranger's then: a report is heard so, and whoever knows the webhook's token commands nothing. Our own posts come
        back here too, so nothing is taken before we know who we are.
        """
        if self._api is None:
            return told
        try:
            me = await self._api.me()
        except Rejected as error:
            raise Temporary(error.reason) from None
        if told.user == me["id"]:
            return None
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                found = await self._api.look(told.post)
        except (Temporary, Rejected, TimeoutError):
            found = None
        return (
            payload.from_post(found, told.trigger)
            if found is not None
            else replace(told, user=f"{UNPROVEN}{told.user}")
        )


def _called(text: str, names: list[str]) -> tuple[bool, str]:
    """Whether the text calls us in front, among others or last, and the rest of it; ``值班员`` and ``@zhiban-test`` are others."""
    rest = text.lstrip(calling.BLANKS + calling.UNSEEN + "\r\n")
    bot = False
    while end := next((end for name in names if (end := _in_front(rest, name))), 0):
        rest, bot = calling.behind(rest[end:]), True
    rest = calling.ahead(rest) if bot else rest
    words = calling.called(rest, tuple(name.removeprefix("@") for name in names if name.startswith("@")))
    return bot or words is not None, rest if words is None else words


def _in_front(text: str, name: str) -> int:
    """How long our name is with which a text begins; 0 where it begins with none or with a longer one."""
    if name.startswith("@"):
        found = re.match(_mention(name), text, re.IGNORECASE)
        return found.end() if found else 0
    begins = name and text.lower().startswith(name.lower()) and text[len(name) : len(name) + 1] in _BREAKS
    return len(name) if begins else 0


def _mention(name: str) -> str:
    """``@name`` as the server finds it in a text: letters, digits, ``_`` go on with the name, so do ``.-`` before them."""
    return rf"(?<![a-z0-9_.@-]){re.escape(name)}(?![a-z0-9_]|[.-]+[a-z0-9_])"
