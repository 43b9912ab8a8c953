"""Mattermost as one chat platform: what it can do in a chat, how a post is sent, and three doors for what people do."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.adapters.common.files import contents
from bot.adapters.common.http import Http, marked
from bot.adapters.common.ingress import BadRequest, Ingress
from bot.adapters.mattermost import buttons as signing
from bot.adapters.mattermost import incoming
from bot.adapters.mattermost.api import ID, BotAccount, certain
from bot.adapters.mattermost.buttons import Buttons
from bot.adapters.mattermost.codes import check
from bot.adapters.mattermost.format import formatted, measured
from bot.adapters.mattermost.settings import MattermostSettings
from bot.core.content import Attachment, Op, Post
from bot.core.errors import Rejected, Temporary
from bot.core.events import Message, Tap
from bot.core.people import Chat
from bot.core.ports import Capabilities, Hears, Outgoing
from bot.settings import Settings

TEXT_LIMIT = 16_000  # characters of 16,383, the rest for mentions
_BREAKS = " \t\n\u3000:：,，"  # after the word that calls us; the end as well
LOOK_SECONDS = 1.5  # to ask the server for the post that a webhook told of


class MattermostAdapter:
    """With a bot account posts can be changed, threads and files work; with webhooks alone it only sends."""

    name = "mattermost"

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        self._settings = mine = settings.section(MattermostSettings)
        self._ingress = ingress
        self._state_dir = settings.state_dir
        self._http = Http(proxy=mine.proxy, ca_file=mine.ca_file)
        token = mine.bot_token.get_secret_value() if mine.bot_token else ""
        self._bot = BotAccount(self._http, mine.url, token) if token else None
        material = token or "\n".join(sorted(hook.url.get_secret_value() for hook in mine.hooks.values()))
        public = settings.server.public_url
        self._buttons = Buttons(public, signing.secret_from(material)) if public and material else None

    def capabilities(self, chat: Chat) -> Capabilities:
        """An outgoing webhook hears whole public channels; direct chats are heard by slash command only."""
        full = self._bot is not None
        commands = Hears.MENTIONS if self._settings.command_tokens else Hears.NOTHING
        return Capabilities(
            hears=Hears.ALL if self._settings.outgoing_tokens and not chat.private else commands,
            buttons=self._buttons is not None,
            updates=full,
            threads=full,
            mentions=full,
            files=full,
            client_keys=False,
            text_limit=TEXT_LIMIT,
            measure=measured,
            call=self._settings.call,
        )

    async def send(self, out: Outgoing) -> str:
        """Send or change one post; its id."""
        text = marked(out, self.capabilities(Chat(id=out.chat, name="", platform=self.name)))
        if self._bot is None:
            return await self._send_by_hook(out, text)
        if out.op is Op.UPDATE and out.message is None:
            raise Rejected("the message to update was never sent")
        channel = await certain(self._bot.direct(out.address)) if out.direct else out.address
        content = {
            "message": formatted(text, await self._usernames(self._bot, out.post)),
            "props": {"attachments": self._attachments(out, channel)},
        }
        if out.op is Op.UPDATE and out.message is not None:
            await self._bot.patch(out.message, content)
            return out.message
        files = [await certain(self._upload(self._bot, channel, file)) for file in out.post.files]
        place = {"channel_id": channel, "root_id": _thread(out.reply_to), "file_ids": files}
        return await self._bot.post(place | content, out.client_key)

    def mount(self, app: web.Application) -> None:
        """Add the doors that the settings give a key to."""
        if self._settings.outgoing_tokens:
            app.router.add_post("/mattermost/outgoing", self._ingress.route(self._outgoing))
        if self._settings.command_tokens:
            app.router.add_post("/mattermost/command", self._ingress.route(self._command))
        if self._buttons is not None:
            app.router.add_post(signing.PATH, self._ingress.route(self._action))

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """None: Mattermost calls us."""
        return {}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _send_by_hook(self, out: Outgoing, text: str) -> str:
        hook = self._settings.hooks.get(out.chat)
        if hook is None:
            raise Rejected("no webhook for this chat")
        body = {"text": formatted(text, {}), "attachments": self._attachments(out, out.address)}
        answer = await self._http.json("POST", hook.url.get_secret_value(), json=body)
        check(answer)
        return f"hook:{out.client_key}"

    def _attachments(self, out: Outgoing, channel: str) -> list[dict[str, Any]]:
        if self._buttons is None:
            return []
        return self._buttons.attachments(out.post, out.client_key, channel, direct=out.direct)

    async def _usernames(self, bot: BotAccount, post: Post) -> dict[str, str]:
        site = self._ingress.tools.site()
        found: dict[str, str] = {}
        for mention in post.mentions:
            account = site.account_of(mention.person, self.name)
            username = await certain(bot.username(account)) if account else None
            if username:
                found[mention.name] = username
        return found

    async def _upload(self, bot: BotAccount, channel: str, file: Attachment) -> str:
        data = await contents(self._state_dir, file)
        return await bot.upload(channel, file.name, file.media_type, data)

    async def _outgoing(self, request: web.Request) -> web.Response:
        """A webhook's word is checked with the server where the bot may look: its token is the same for every request."""
        fields = await incoming.fields_of(request)
        _check_token(fields, [token.get_secret_value() for token in self._settings.outgoing_tokens])
        told = incoming.from_webhook(fields)
        heard = await self._as_posted(told)
        if heard is not None and heard.text:
            await self._ingress.accept(await self._message(heard))
        return web.json_response({})

    async def _as_posted(self, told: incoming.Heard) -> incoming.Heard | None:
        """The post itself, with its thread; what the webhook told where the server cannot be asked in time.

        Our own posts come back here too, so nothing is taken before we know who we are.
        """
        if self._bot is None:
            return told
        try:
            me = await self._bot.me()
        except Rejected as error:
            raise Temporary(error.reason) from None
        if told.user == me["id"]:
            return None
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                found = await self._bot.look(told.post)
        except (Temporary, Rejected, TimeoutError):
            return told
        return incoming.from_post(found, told.trigger) if found is not None else told

    async def _message(self, heard: incoming.Heard) -> Message:
        envelope = self._ingress.envelope(key=heard.post, user=heard.user, chat=heard.channel, sent_at=heard.sent_at)
        own = [f"@{(await self._bot.me())['username']}"] if self._bot else []
        called, text = _called(heard.text, [heard.trigger, *own])
        return Message(envelope, f"@bot {text}".strip() if called else text, heard.root, to_bot=called)

    async def _command(self, request: web.Request) -> web.Response:
        """``/restart oa3`` is the command itself; any other (``/zhiban 打不开``) is said to the bot."""
        fields = await incoming.fields_of(request)
        _check_token(fields, [token.get_secret_value() for token in self._settings.command_tokens])
        typed = incoming.slash(fields)
        envelope = self._ingress.envelope(
            key=typed.key,
            user=typed.user,
            chat=typed.channel,
            sent_at=self._ingress.tools.clock.now(),
            direct=typed.direct,
        )
        verbs = {verb for item in self._ingress.tools.menu for verb in (item.verb, item.alias)}
        known = typed.command.removeprefix("/") in verbs
        text = f"{typed.command if known else '@bot'} {typed.text}".strip()
        await self._ingress.accept(Message(envelope, text, typed.root, to_bot=True))
        return web.json_response({})

    async def _action(self, request: web.Request) -> web.Response:
        fields = await incoming.fields_of(request)
        tap = incoming.pressed(fields)
        offered = self._buttons.pressed(tap.context, tap.channel) if self._buttons else None
        if offered is None:
            raise BadRequest(401, "bad_signature")
        action, direct = offered
        envelope = self._ingress.envelope(
            key=tap.key, user=tap.user, chat=tap.channel, sent_at=self._ingress.tools.clock.now(), direct=direct
        )
        await self._ingress.accept(Tap(envelope, action, tap.post))
        return web.json_response({})


def _thread(reply_to: str | None) -> str:
    """The message to hang an answer under; a command was no post."""
    return reply_to if reply_to and ID.fullmatch(reply_to) else ""


def _called(text: str, names: list[str]) -> tuple[bool, str]:
    """Whether the text begins with one of the names, and the rest of it; ``值班员`` and ``@zhiban2`` are others."""
    for name in names:
        rest = text[len(name) :]
        after = rest[:1]
        apart = not (after.isascii() and after.isalnum()) if name.startswith("@") else after in _BREAKS
        if name and text.lower().startswith(name.lower()) and apart:
            return True, rest.strip(_BREAKS)
    return False, text


def _check_token(fields: Mapping[str, Any], tokens: list[str]) -> None:
    token = fields.get("token")
    given = token.encode() if isinstance(token, str) else b""
    right = [hmac.compare_digest(given, known.encode()) for known in tokens]
    if not any(right):
        raise BadRequest(401, "bad_signature")
