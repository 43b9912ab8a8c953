"""The AI bot's long-connection server, as the protocol sheet (WeCom 101463) has it, on a free loopback port.

One connection a bot (a newer one sends the older away), 30 messages a minute and 1,000 an hour in a chat, answers only to
callbacks of the last 24 hours, card changes only within 5 s of the click, uploads in pieces. ``NOT_SUBSCRIBED`` is as others
met it (NousResearch/hermes-agent#29667); the number ``NOT_GREETED`` is not published and this file's own.
"""

import asyncio
import base64
import hashlib
import itertools
import json
import re
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aiohttp import WSMsgType, web

from bot.core.people import Reach
from tests.support.once import example_site
from tests.support.platforms.base import Seen

BOT_ID, SECRET, NAME = "aibZHIBAN", "wecom-socket-secret", "值班"
OK, BUSY, BAD_TYPE, BAD_PARAMETER, TOO_LONG, TOO_OFTEN = 0, -1, 40008, 40058, 45002, 45009
BAD_CREDENTIALS, BAD_REQUEST_ID = 853000, 846605
NOT_GREETED, NOT_SUBSCRIBED = 846901, 846609
LIMITS = ((30, timedelta(minutes=1)), (1000, timedelta(hours=1)))
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
MARKDOWN_BYTES, CHUNK_BYTES, CHUNKS = 20_480, 512 * 1024, 100
Frame = dict[str, Any]


@cache
def names() -> tuple[dict[str, str], dict[str, str]]:
    """The example organisation's groups are ``wr…`` here, its members go by name."""
    site = example_site()
    chats = {
        chat.id: f"wr{chat.id.replace('-', '').upper()}" for chat in site.chats.values() if chat.reach is Reach.BOT
    }
    return chats, {person: f"wx-{person}" for person in site.people}


@dataclass
class Posted:
    """One message that stands in a chat; ``cards`` are what single people see instead after a click."""

    chat: str
    kind: str
    body: dict[str, Any]
    answers: str | None = None
    updated: int = 0
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    at: datetime = field(kw_only=True)

    def card(self, user: str | None = None) -> dict[str, Any]:
        own: dict[str, Any] = self.body["template_card"]
        return self.cards.get(user or "", own)


@dataclass
class Callback:
    """A callback we sent: what may be answered to it."""

    chat: str
    at: datetime
    message: str = ""
    click: Posted | None = None
    entered: bool = False
    changed: bool = False


@dataclass
class Upload:
    """A file on its way in."""

    name: str
    size: int
    chunks: int
    md5: str
    pieces: dict[int, bytes] = field(default_factory=dict)


class FakeWecomSocket:
    """The server, and what the tests read and steer."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.url = ""
        self.posted: list[Posted] = []
        self.commands: list[Frame] = []
        self.subscriptions = 0
        self.welcomed: list[str] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.greeted: set[str] | None = None  # chats where somebody spoke to the bot before; None: everywhere
        self._tls = tls
        self._wall: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._runner: web.AppRunner | None = None
        self._live: web.WebSocketResponse | None = None
        self._ids = itertools.count(1)
        self._callbacks: dict[str, Callback] = {}
        self._uploads: dict[str, Upload] = {}
        self._faults: deque[str] = deque()
        self._refusals: deque[int] = deque()
        self._port = 0

    # --- the platform's side -------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen; after :meth:`stop` on the same port again."""
        app = web.Application()
        app.router.add_get("/", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"{'wss' if self._tls else 'ws'}://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Nobody can connect, and whoever was connected is not any more."""
        await self.drop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def drop(self) -> None:
        """Cut the line."""
        if self._live is not None and self._live._req is not None and self._live._req.transport is not None:
            self._live._req.transport.abort()
        self._live = None

    def settings(self) -> dict[str, Any]:
        """The bot's section."""
        bot = {"mode": "websocket", "bot_id": BOT_ID, "secret": SECRET, "display_name": NAME, "ws_url": self.url}
        return {"wecom": {"bots": {"duty": bot}}}

    def deliver_to(self, _base_url: str, wall: Callable[[], datetime]) -> None:
        """The service connects to us; only the clock is needed."""
        self._wall = wall

    def site_names(self) -> tuple[dict[str, str], dict[str, str]]:
        """Chat ids and userids."""
        return names()

    def ready(self) -> bool:
        return self.connected

    def fail(self, *faults: str) -> None:
        """What becomes of the next messages: ``hang`` (taken, not acknowledged), ``drop`` (line cut), an errcode, ``pass``.

        ``deaf`` stays until it is taken out of ``_faults``: pings are not answered.
        """
        self._faults.extend(faults)

    def forgets(self) -> None:
        """The line stands, and its subscription is no more."""
        self._live = None

    def refuse_subscriptions(self, code: int, times: int) -> None:
        """What the next ones are answered."""
        self._refusals.extend([code] * times)

    @property
    def connected(self) -> bool:
        return self._live is not None and not self._live.closed

    async def enters(self, person: str) -> None:
        """Somebody opens the direct chat."""
        user = self.site_names()[1][person]
        await self._call("aibot_event_callback", user, user, {"msgtype": "event", "event": {"eventtype": "enter_chat"}})

    async def says(self, person: str, chat: str, text: str, *, quote: Seen | None = None, id: str | None = None) -> int:
        """Somebody writes; in a group with the mention that the platform needs."""
        body: dict[str, Any] = {"msgtype": "text", "text": {"content": self._addressed(chat, text)}}
        if quote is not None:
            body["quote"] = {"msgtype": "text", "text": {"content": quote.text}}
        return await self.sends(person, chat, body, id=id)

    async def sends(self, person: str, chat: str, body: dict[str, Any], *, id: str | None = None) -> int:
        """Any message, given by its own part of the callback."""
        place, user = self._place(chat), self.site_names()[1].get(person, person)
        if self.greeted is not None:
            self.greeted.add(place)
        await self._call("aibot_msg_callback", place, user, body, id)
        return 200

    async def taps(self, person: str, seen: Seen, button: str) -> int:
        """Press a button by its label or value, as the card shows it to this person."""
        user = self.site_names()[1].get(person, person)
        card = next((p for p in self.posted if _id_of(p) == seen.id and p.kind == "template_card"), None)
        buttons = card.card(user)["button_list"] if card else []
        pressed = next((b for b in buttons if button in (b["text"], b["key"])), None)
        if card is None or pressed is None:
            raise LookupError(button)
        click = {"card_type": "button_interaction", "event_key": pressed["key"], "task_id": seen.id}
        event = {"eventtype": "template_card_event", "template_card_event": click}
        body = {"msgtype": "event", "create_time": int(self._wall().timestamp()), "event": event}
        await self._call("aibot_event_callback", card.chat, user, body, click=card)
        return 200

    def seen(self, chat: str) -> list[Seen]:
        """What stands in the chat."""
        return [_seen(number, post) for number, post in enumerate(self.posted) if post.chat == self._place(chat)]

    # --- frames ----------------------------------------------------------------------------------------------------------

    def _place(self, chat: str) -> str:
        chats, people = self.site_names()
        return people[chat.removeprefix("dm-")] if chat.startswith("dm-") else chats.get(chat, chat)

    def _addressed(self, chat: str, text: str) -> str:
        return text if chat.startswith("dm-") or f"@{NAME}" in text else f"@{NAME} {text}"

    async def _call(
        self, cmd: str, chat: str, user: str, body: Frame, id: str | None = None, click: Posted | None = None
    ) -> None:
        number = next(self._ids)
        group = chat != user
        entered = body.get("event") == {"eventtype": "enter_chat"}
        message = id or f"MSG{number}"
        self._callbacks[f"cb{number}"] = Callback(chat, self._wall(), message, click, entered)
        known = {
            "msgid": message,
            "aibotid": BOT_ID,
            "chattype": "group" if group else "single",
            "from": {"userid": user},
        }
        where = {"chatid": chat} if group else {}
        assert self._live is not None, "nobody is connected"
        await self._live.send_str(
            json.dumps({"cmd": cmd, "headers": {"req_id": f"cb{number}"}, "body": known | where | body})
        )

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=2**20)
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            answer = await self._take(socket, frame)
            if answer is not None:
                code, body = answer
                reply: Frame = {
                    "headers": frame.get("headers"),
                    "errcode": code,
                    "errmsg": "ok" if code == OK else "error",
                }
                await socket.send_str(json.dumps(reply | ({"body": body} if body is not None else {})))
        if self._live is socket:
            self._live = None
        return socket

    async def _take(self, socket: web.WebSocketResponse, frame: Frame) -> tuple[int, Frame | None] | None:
        command, body = frame.get("cmd"), frame.get("body") or {}
        self.commands.append(frame)
        if command == "aibot_subscribe":
            return await self._subscribe(socket, body), None
        if socket is not self._live:
            return NOT_SUBSCRIBED, None
        if command == "ping":
            return None if "deaf" in self._faults else (OK, None)
        if command in ("aibot_send_msg", "aibot_respond_msg") and self._faults:
            fault = self._faults.popleft()
            if fault == "drop":
                await self.drop()
                return None
            if fault == "hang":
                self._message(command, frame, body)
                return None
            if fault != "pass":
                return int(fault), None
        match command:
            case "aibot_send_msg" | "aibot_respond_msg":
                return self._message(command, frame, body), None
            case "aibot_respond_update_msg":
                return self._update(frame, body), None
            case "aibot_respond_welcome_msg":
                return self._welcome(frame, body), None
            case "aibot_upload_media_init" | "aibot_upload_media_chunk" | "aibot_upload_media_finish":
                return self._upload(command.rpartition("_")[2], body)
            case _:
                return BAD_PARAMETER, None

    async def _subscribe(self, socket: web.WebSocketResponse, body: Frame) -> int:
        if self._refusals:
            return self._refusals.popleft()
        if (body.get("bot_id"), body.get("secret")) != (BOT_ID, SECRET):
            return BAD_CREDENTIALS
        old, self._live = self._live, socket
        self.subscriptions += 1
        if old is not None and not old.closed:
            away = {"msgtype": "event", "aibotid": BOT_ID, "event": {"eventtype": "disconnected_event"}}
            await old.send_str(json.dumps({"cmd": "aibot_event_callback", "headers": {"req_id": "away"}, "body": away}))
            asyncio.get_running_loop().call_soon(asyncio.ensure_future, old.close())
        return OK

    def _message(self, command: str, frame: Frame, body: Frame) -> int:
        if command == "aibot_respond_msg":
            callback = self._callbacks.get(frame["headers"]["req_id"])
            if callback is None or callback.click or callback.entered:
                return BAD_REQUEST_ID
            if self._wall() - callback.at > timedelta(hours=24):
                return BAD_REQUEST_ID
            chat, answers = callback.chat, callback.message
        else:
            chat, answers = str(body.get("chatid")), None
            if body.get("chat_type") not in (None, 0, 1, 2):
                return BAD_PARAMETER
            if self.greeted is not None and chat not in self.greeted:
                return NOT_GREETED
        fault = self._content_fault(body)
        if fault:
            return fault
        if self._too_often(chat):
            return TOO_OFTEN
        self.posted.append(Posted(chat, body["msgtype"], body, answers, at=self._wall()))
        return OK

    def _content_fault(self, body: Frame) -> int:
        kind = body.get("msgtype")
        content = body.get(str(kind))
        if kind not in ("markdown", "template_card", "file", "image", "stream") or not isinstance(content, dict):
            return BAD_TYPE
        if kind == "markdown" and not isinstance(content.get("content"), str):
            return BAD_PARAMETER
        if kind == "markdown" and len(content["content"].encode()) > MARKDOWN_BYTES:
            return TOO_LONG
        if kind == "template_card":
            return self._card_fault(content)
        if kind in ("file", "image") and content.get("media_id") not in self.files:
            return 40007
        return OK

    def _card_fault(self, card: Frame) -> int:
        buttons, title = card.get("button_list", []), card.get("main_title")
        task = str(card.get("task_id", ""))
        taken = {post.body["template_card"]["task_id"] for post in self.posted if post.kind == "template_card"}
        if card.get("card_type") not in ("button_interaction", "text_notice") or not isinstance(title, dict):
            return BAD_PARAMETER
        if not TASK_ID.fullmatch(task) or task in taken or not 1 <= len(buttons) <= 6:
            return BAD_PARAMETER
        keys = [button["key"] for button in buttons]
        bad = len(set(keys)) < len(keys) or any(len(key.encode()) > 1024 for key in keys)
        return BAD_PARAMETER if bad or not (title.get("title") or card.get("sub_title_text")) else OK

    def _too_often(self, chat: str) -> bool:
        now = self._wall()
        times = [post.at for post in self.posted if post.chat == chat]
        return any(sum(now - at < span for at in times) >= count for count, span in LIMITS)

    def _update(self, frame: Frame, body: Frame) -> int:
        callback = self._callbacks.get(frame["headers"]["req_id"])
        if callback is None or callback.click is None or callback.changed:
            return BAD_REQUEST_ID
        if self._wall() - callback.at > timedelta(seconds=5):
            return BAD_REQUEST_ID
        if body.get("response_type") != "update_template_card":
            return BAD_PARAMETER
        callback.changed = True
        callback.click.updated += 1
        if users := body.get("userids"):
            callback.click.cards |= dict.fromkeys(users, body["template_card"])
        else:
            callback.click.body = callback.click.body | {"template_card": body["template_card"]}
        return OK

    def _welcome(self, frame: Frame, body: Frame) -> int:
        callback = self._callbacks.get(frame["headers"]["req_id"])
        if callback is None or not callback.entered or body.get("msgtype") not in ("text", "template_card"):
            return BAD_REQUEST_ID
        self.welcomed.append(body["text"]["content"])
        return OK

    def _upload(self, step: str, body: Frame) -> tuple[int, Frame | None]:
        if step == "init":
            upload = Upload(body["filename"], body["total_size"], body["total_chunks"], body["md5"])
            if body["type"] not in ("file", "image", "voice", "video") or upload.chunks > CHUNKS or upload.size <= 5:
                return BAD_PARAMETER, None
            self._uploads[name := f"up{next(self._ids)}"] = upload
            return OK, {"upload_id": name}
        upload = self._uploads[body["upload_id"]]
        if step == "chunk":
            piece = base64.b64decode(body["base64_data"], validate=True)
            if len(piece) > CHUNK_BYTES or not 0 <= body["chunk_index"] < upload.chunks:
                return BAD_PARAMETER, None
            upload.pieces[body["chunk_index"]] = piece
            return OK, None
        data = b"".join(upload.pieces[index] for index in range(len(upload.pieces)))
        right = len(upload.pieces) == upload.chunks and len(data) == upload.size
        if not right or hashlib.md5(data, usedforsecurity=False).hexdigest() != upload.md5:
            return BAD_PARAMETER, None
        self.files[media := f"media{next(self._ids)}"] = (upload.name, data)
        return OK, {"media_id": media, "type": "file", "created_at": "1700000000"}


def _id_of(post: Posted) -> str | None:
    return post.body["template_card"]["task_id"] if post.kind == "template_card" else None


def _seen(number: int, post: Posted) -> Seen:
    name = _id_of(post) or f"s{number}"
    match post.kind:
        case "template_card":
            card = post.card()
            head = " ".join(filter(None, (card["main_title"].get("title"), card["main_title"].get("desc"))))
            text = "\n".join(filter(None, (head, card.get("sub_title_text"))))
            buttons = [(button["text"], button["key"]) for button in card["button_list"]]
            return Seen(name, text, buttons, updated=post.updated, thread=post.answers)
        case "file":
            return Seen(name, "", files=[post.body["file"]["media_id"]], thread=post.answers)
        case _:
            return Seen(name, post.body[post.kind]["content"], thread=post.answers)
