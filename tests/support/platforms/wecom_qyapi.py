"""WeCom's HTTP interface, written from its documents: tokens, app messages, cards, group robots, reply addresses, files.

It shares no code with the adapter. Failures are ``errcode`` with HTTP 200, as there. One number is not published and is this
file's own: ``CODE_USED``, for a ``response_code`` that was used before.
"""

import asyncio
import base64
import hashlib
import itertools
import json
import re
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.support.platforms.wecom_sealed import AGENT, APP_SECRET, CORP

OK, BUSY, BAD_SECRET, BAD_TYPE, BAD_CORP, BAD_MEDIA = 0, -1, 40001, 40008, 40013, 40007
BAD_TOKEN, EXPIRED, BAD_AGENT, BAD_PARAMETER, EMPTY, TOO_LONG = 40014, 42001, 40056, 40058, 44004, 45002
TOO_OFTEN, NOBODY, GONE, CODE_USED = 45009, 81013, 93000, 842014
TEXT_BYTES, MARKDOWN_BYTES, REPLY_BYTES, FILE_BYTES = 2048, 4096, 20_480, 20 * 2**20
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
A_MINUTE, AN_HOUR = timedelta(minutes=1), timedelta(hours=1)
Handler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass
class Posted:
    """One message that stands in a ``place``: ``robot:KEY``, ``app:ACCOUNT`` or ``bot:CHATID``."""

    id: str
    place: str
    kind: str
    body: dict[str, Any]
    at: datetime
    updated: int = 0


@dataclass
class Right:
    """A ``response_code``: changes one card once within its time."""

    card: Posted
    until: datetime
    used: bool = False


@dataclass
class Qyapi:
    """The server. ``members`` are the accounts the app reaches, ``keys`` the robots' webhook keys."""

    members: set[str]
    keys: set[str]
    url: str = ""
    wall: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    posted: list[Posted] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    tokens_given: int = 0
    refuse_tokens: bool = False
    no_tokens: bool = False  # gettoken answers 502
    removed: set[str] = field(default_factory=set)  # keys of robots that were removed from their group
    dropped: list[str] = field(default_factory=list)  # accounts whose message went beyond 30 a minute, in silence
    limited: list[str] = field(default_factory=list)  # keys whose message met 45009
    files: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)  # media id → name, data, whose
    answer_after: float = 0.0  # seconds before every answer

    def __post_init__(self) -> None:
        self.rights: dict[str, Right] = {}
        self._reply_codes: dict[str, tuple[str, datetime]] = {}
        self._tokens: dict[str, bool] = {}
        self._faults: deque[str] = deque()
        self._sent: dict[str, deque[datetime]] = defaultdict(deque)
        self._blocked: dict[str, datetime] = {}
        self._checked: dict[str, tuple[datetime, dict[str, Any]]] = {}
        self._tasks: set[str] = set()
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._released = asyncio.Event()

    # -- its life, and what tests steer

    async def start(self, ssl_context: Any = None) -> None:
        """Listen; after ``stop`` on the same port again."""
        self._released.clear()
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_get("/cgi-bin/gettoken", self._gettoken)
        app.router.add_post("/cgi-bin/message/send", self._posting(self._as_app(self._send)))
        app.router.add_post("/cgi-bin/message/update_template_card", self._posting(self._as_app(self._update)))
        app.router.add_post("/cgi-bin/media/upload", self._as_app(self._upload))
        app.router.add_post("/cgi-bin/webhook/send", self._posting(self._robot))
        app.router.add_post("/cgi-bin/webhook/upload_media", self._robot_upload)
        app.router.add_post("/cgi-bin/aibot/response", self._posting(self._reply))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(
            self._runner, "127.0.0.1", self._port, ssl_context=ssl_context, reuse_address=True, backlog=512
        ).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"{'https' if ssl_context else 'http'}://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Close the doors; what was posted stays."""
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def fail(self, *faults: str) -> None:
        """The next posting requests: ``429``, ``5xx``, ``hang`` (taken, never answered), ``cut`` (taken, line cut), ``code:N``
        (not taken) or ``ok``."""
        self._faults.extend(faults)

    def expire_tokens(self) -> None:
        """Every token that was given is too old from now on."""
        self._tokens = dict.fromkeys(self._tokens, False)

    def reply_address(self, chat: str) -> str:
        """A ``response_url`` into a chat: one message within an hour."""
        code = f"CODE{next(self._numbers)}"
        self._reply_codes[code] = chat, self.wall() + AN_HOUR
        return f"{self.url}/cgi-bin/aibot/response?response_code={code}"

    def new_right(self, card: Posted) -> str:
        """A ``response_code`` for a card."""
        code = f"RC{next(self._numbers)}"
        self.rights[code] = Right(card, self.wall() + timedelta(hours=72))
        return code

    # -- the interface

    async def _gettoken(self, request: web.Request) -> web.Response:
        self.requests.append("gettoken")
        await asyncio.sleep(self.answer_after)
        if self.no_tokens:
            return web.Response(status=502, text="<html>busy</html>")
        if request.query.get("corpid") != CORP:
            return _no(BAD_CORP, "invalid corpid")
        if self.refuse_tokens or request.query.get("corpsecret") != APP_SECRET:
            return _no(BAD_SECRET, "invalid credential")
        self.tokens_given += 1
        good = next((token for token, fresh in self._tokens.items() if fresh), None) or f"token-{self.tokens_given}"
        self._tokens[good] = True
        return _yes(access_token=good, expires_in=7200)

    def _as_app(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.Response:
            match self._tokens.get(request.query.get("access_token", "")):
                case None:
                    return _no(BAD_TOKEN, "invalid access_token")
                case False:
                    return _no(EXPIRED, "access_token expired")
                case _:
                    return await handler(request)

        return checked

    def _posting(self, handler: Handler) -> Handler:
        async def faulty(request: web.Request) -> web.Response:
            self.requests.append(request.path.removeprefix("/cgi-bin/"))
            await asyncio.sleep(self.answer_after)
            fault = self._faults.popleft() if self._faults else "ok"
            match fault.partition(":"):
                case ("429", *_):
                    return web.Response(status=429, headers={"Retry-After": "30"})
                case ("5xx", *_):
                    return web.Response(status=502, text="<html>busy</html>")
                case ("code", _, code):
                    return _no(int(code), "as told")
                case _:
                    pass
            answer = await handler(request)
            if fault == "hang":
                await self._released.wait()
            if fault == "cut" and request.transport is not None:
                request.transport.close()
            return answer

        return faulty

    async def _send(self, request: web.Request) -> web.Response:
        data = await _json(request)
        if data is None or data.get("agentid") != AGENT:
            return _no(BAD_AGENT, "invalid agentid")
        account = data.get("touser")
        if account not in self.members:
            return _no(NOBODY, "user & party & tag all invalid")
        kind = data.get("msgtype")
        body: Any = data.get(str(kind))
        if (fault := self._faulty_body(kind, body, "app")) is not None:
            return _no(*fault)
        if (before := self._sent_before(data)) is not None:
            return web.json_response(before)
        if kind == "template_card":
            if body["task_id"] in self._tasks:
                return _no(BAD_PARAMETER, "task_id is not unique")
            self._tasks.add(body["task_id"])
        if self._beyond(f"app:{account}", 30):
            self.dropped.append(account)
            return _yes(msgid="dropped")
        posted = self._keep(f"app:{account}", str(kind), body)
        answer = {"errcode": 0, "errmsg": "ok", "msgid": posted.id}
        if kind == "template_card":
            answer["response_code"] = self.new_right(posted)
        if data.get("enable_duplicate_check"):
            until = self.wall() + timedelta(seconds=data.get("duplicate_check_interval", 1800))
            self._checked[_content(data)] = until, answer
        return web.json_response(answer)

    def _sent_before(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """The answer of the same content, where the check is asked for."""
        if not data.get("enable_duplicate_check"):
            return None
        until, answer = self._checked.get(_content(data), (self.wall(), {}))
        return answer if until > self.wall() else None

    async def _update(self, request: web.Request) -> web.Response:
        data = await _json(request)
        if data is None or data.get("agentid") != AGENT:
            return _no(BAD_AGENT, "invalid agentid")
        right = self.rights.get(str(data.get("response_code")))
        if right is None or right.used or right.until < self.wall():
            return _no(CODE_USED, "invalid response_code")
        card: Any = data.get("template_card")
        fault = self._faulty_body("template_card", card, "app")
        if fault is not None or f"app:{(data.get('userids') or [''])[0]}" != right.card.place:
            return _no(*(fault or (BAD_PARAMETER, "userids")))
        right.used = True
        right.card.body, right.card.updated = dict(card), right.card.updated + 1
        return _yes()

    async def _upload(self, request: web.Request) -> web.Response:
        return await self._take_file(request, "app")

    async def _robot_upload(self, request: web.Request) -> web.Response:
        key = request.query.get("key", "")
        if key not in self.keys or key in self.removed:
            return _no(GONE, "invalid webhook url")
        return await self._take_file(request, key)

    async def _take_file(self, request: web.Request, whose: str) -> web.Response:
        file = (await request.post()).get("media")
        if request.query.get("type") != "file" or not isinstance(file, web.FileField) or not file.filename:
            return _no(BAD_PARAMETER, "invalid parameter")
        data = file.file.read()
        if not 5 < len(data) <= FILE_BYTES:
            return _no(BAD_PARAMETER, "invalid media size")
        media = f"media{next(self._numbers)}"
        self.files[media] = file.filename, data, whose
        return _yes(type="file", media_id=media, created_at=str(int(self.wall().timestamp())))

    async def _robot(self, request: web.Request) -> web.Response:
        key = request.query.get("key", "")
        if key not in self.keys or key in self.removed:
            return _no(GONE, "invalid webhook url")
        blocked = self._blocked.get(key, self.wall()) > self.wall()
        if blocked or self._beyond(f"robot:{key}", 20):
            self._blocked[key] = self._blocked[key] if blocked else self.wall() + A_MINUTE
            self.limited.append(key)
            return _no(TOO_OFTEN, "api freq out of limit")
        data = await _json(request) or {}
        kind = data.get("msgtype")
        body: Any = data.get(str(kind))
        if (fault := self._faulty_body(kind, body, key)) is not None:
            return _no(*fault)
        self._keep(f"robot:{key}", str(kind), body)
        return _yes()

    async def _reply(self, request: web.Request) -> web.Response:
        chat, until = self._reply_codes.pop(request.query.get("response_code", ""), ("", self.wall()))
        if not chat or until < self.wall():
            return _no(BAD_PARAMETER, "invalid response_code")
        data = await _json(request) or {}
        markdown = data.get("markdown")
        if data.get("msgtype") != "markdown" or not isinstance(markdown, dict):
            return _no(BAD_TYPE, "invalid message type")
        if len(markdown["content"].encode()) > REPLY_BYTES:
            return _no(TOO_LONG, "content size out of limit")
        self._keep(f"bot:{chat}", "markdown", markdown)
        return _yes()

    # -- what it checks

    def _faulty_body(self, kind: Any, body: Any, whose: str) -> tuple[int, str] | None:
        """(errcode, errmsg) of a body that the documents do not allow."""
        if not isinstance(body, dict):
            return BAD_TYPE, "invalid message type"
        match kind:
            case "text" | "markdown":
                content = body.get("content")
                if not isinstance(content, str) or not content.strip():
                    return EMPTY, "empty content"
                if len(content.encode()) > (TEXT_BYTES if kind == "text" else MARKDOWN_BYTES):
                    return TOO_LONG, "content size out of limit"
                return None
            case "file":
                mine = self.files.get(body.get("media_id", ""), ("", b"", None))[2] == whose
                return None if mine else (BAD_MEDIA, "invalid media_id")
            case "image" if whose != "app":
                raw = base64.b64decode(body["base64"])
                good = hashlib.md5(raw, usedforsecurity=False).hexdigest() == body["md5"] and len(raw) <= 2 * 2**20
                return None if good else (BAD_PARAMETER, "invalid image")
            case "template_card" if whose == "app":
                return _faulty_card(body)
        return BAD_TYPE, "invalid message type"

    def _beyond(self, target: str, count: int) -> bool:
        """Whether one more goes beyond ``count`` in the last minute; it counts when it does not."""
        sent, now = self._sent[target], self.wall()
        while sent and sent[0] <= now - A_MINUTE:
            sent.popleft()
        if len(sent) >= count:
            return True
        sent.append(now)
        return False

    def _keep(self, place: str, kind: str, body: dict[str, Any]) -> Posted:
        posted = Posted(f"m{next(self._numbers)}", place, kind, dict(body), self.wall())
        self.posted.append(posted)
        return posted


def _faulty_card(card: dict[str, Any]) -> tuple[int, str] | None:
    """What a ``button_interaction`` card must have; lengths that the documents only advise are held here as well."""
    title = card.get("main_title", {})
    buttons = card.get("button_list")
    if card.get("card_type") != "button_interaction" or not isinstance(buttons, list) or not 1 <= len(buttons) <= 6:
        return BAD_PARAMETER, "button_list"
    keys = [button.get("key") for button in buttons]
    if len(set(keys)) != len(keys) or not all(isinstance(key, str) and 0 < len(key.encode()) <= 1024 for key in keys):
        return BAD_PARAMETER, "button key"
    if not all(0 < len(button.get("text", "")) <= 10 and button.get("style", 1) in (1, 2, 3, 4) for button in buttons):
        return BAD_PARAMETER, "button text"
    if not TASK_ID.fullmatch(card.get("task_id", "")):
        return BAD_PARAMETER, "task_id"
    long = (
        len(title.get("title", "")) > 26 or len(title.get("desc", "")) > 30 or len(card.get("sub_title_text", "")) > 112
    )
    return (BAD_PARAMETER, "too long") if long or not (title.get("title") or card.get("sub_title_text")) else None


def _content(data: dict[str, Any]) -> str:
    said = {name: value for name, value in data.items() if not name.startswith(("enable_duplicate", "duplicate_"))}
    return json.dumps(said, sort_keys=True)


async def _json(request: web.Request) -> dict[str, Any] | None:
    try:
        data = await request.json()
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _yes(**more: Any) -> web.Response:
    return web.json_response({"errcode": 0, "errmsg": "ok", **more})


def _no(code: int, text: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": text})
