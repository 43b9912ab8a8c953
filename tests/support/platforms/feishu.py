"""Feishu's server, written from its documents: tokens, limits, sizes, cards, files, a group's robot; what was posted is kept.

It shares no code with the adapter. What it delivers is signed and encrypted as the platform does it.
"""

import asyncio
import base64
import hashlib
import hmac
import html
import io
import itertools
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from data.site import Site
from tests.support.once import example_site
from tests.support.platforms.base import Seen

APP_ID, APP_SECRET = "cli_test0001", "fs_app_secret"
TOKEN, ENCRYPT_KEY = "vtok", "enc_key_01"
BOT, BOT_NAME = "ou_bot", "值班"
HOOK, HOOK_SECRET = "hook-0001", "fs_test_secret_01"
CARD_BYTES, HOOK_BYTES, UUID_LENGTH = 30 * 1024, 20 * 1024, 50
_AT = re.compile(r"<at id=([^<>]*)></at>")


@cache
def site() -> Site:
    """The example organisation, whose chats and people the platform has."""
    return example_site()


@dataclass
class Kept:
    """One message as the platform has it: ``chat`` is an oc_ id, for a direct one ``oc_p2p_`` and the person."""

    id: str
    chat: str
    kind: str
    content: dict[str, Any]
    thread: str | None = None
    updated: int = 0


@dataclass
class FakeFeishu:
    """The platform. ``robot`` is our id of a group that a custom robot serves; ``fail`` arms the next requests that post."""

    hears_all: bool = False
    robot: str | None = None
    encrypted: bool = True
    url: str = ""
    messages: list[Kept] = field(default_factory=list)
    tokens_given: int = 0
    requests: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)  # oc_ ids of groups without the bot
    refuse_tokens: bool = False
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # what a message is when it is asked for
    slow: float = 0.0  # seconds before a message is told

    def __post_init__(self) -> None:
        self._tokens: set[str] = set()
        self._files: dict[str, str] = {}
        self._places: dict[str, str] = {}  # the chat of every message, people's too
        self._uuids: dict[tuple[str, str], str] = {}
        self._sent: dict[str, deque[float]] = {}
        self._faults: deque[str] = deque()
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._released = asyncio.Event()
        self._service = ""
        self._wall: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._session: aiohttp.ClientSession | None = None

    # -- its life

    async def start(self) -> None:
        """Listen; after ``stop`` on the same port again."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/open-apis/auth/v3/tenant_access_token/internal", self._token)
        app.router.add_get("/open-apis/bot/v3/info", self._signed_in(self._info))
        app.router.add_post("/open-apis/im/v1/messages", self._posting(self._create))
        app.router.add_post("/open-apis/im/v1/messages/{id}/reply", self._posting(self._reply))
        app.router.add_get("/open-apis/im/v1/messages/{id}", self._signed_in(self._look))
        app.router.add_patch("/open-apis/im/v1/messages/{id}", self._posting(self._patch))
        app.router.add_post("/open-apis/im/v1/files", self._signed_in(self._upload))
        app.router.add_post("/open-apis/bot/v2/hook/{hook}", self._hook)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._session = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Close the doors; what was posted stays."""
        self._released.set()
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def settings(self) -> dict[str, Any]:
        """The section of ``zhiban.toml``."""
        mine: dict[str, Any] = {
            "api_base": self.url,
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
            "verification_token": TOKEN,
            "bot_name": BOT_NAME,
            "hears_all": self.hears_all,
        }
        if self.encrypted:
            mine["encrypt_key"] = ENCRYPT_KEY
        if self.robot:
            mine["robots"] = {self.robot: {"hook": HOOK, "secret": HOOK_SECRET}}
        return {"feishu": mine}

    def site_names(self) -> tuple[dict[str, str], dict[str, str]]:
        """oc_ and ou_ ids for everybody."""
        return {chat: f"oc_{chat}" for chat in site().chats}, {person: f"ou_{person}" for person in site().people}

    def deliver_to(self, base_url: str, wall: Callable[[], datetime]) -> None:
        """Where events go, and the time they are signed with."""
        self._service, self._wall = base_url, wall

    # -- faults

    def fail(self, *faults: str) -> None:
        """The next posting requests: ``429``, ``limited``, ``5xx``, ``hang`` (taken, never answered), ``cut`` (taken, line cut),
        ``page:N`` (somebody else answers), ``code:N``, or ``ok``."""
        self._faults.extend(faults)

    def expire_tokens(self) -> None:
        """No token that was given is good any more."""
        self._tokens.clear()

    def withdraw(self, message: str) -> None:
        """Somebody takes a message back."""
        self._places.pop(message, None)
        self.messages = [kept for kept in self.messages if kept.id != message]

    # -- what people do

    def ready(self) -> bool:
        return True

    async def says(self, person: str, chat: str, text: str, *, quote: Seen | None = None, id: str | None = None) -> int:
        """A message, with the bot's mention in groups where it hears only that."""
        direct = chat.startswith("dm-")
        called = not direct and not self.hears_all
        mention = {"key": "@_user_1", "id": {"open_id": BOT}, "name": BOT_NAME, "tenant_key": "t1"}
        content = {"text": f"@_user_1 {text}" if called else text}
        return await self.sends(
            person,
            chat,
            "text",
            content,
            quote=quote.id if quote else None,
            id=id,
            mentions=[mention] if called else [],
        )

    async def sends(
        self,
        person: str,
        chat: str,
        kind: str,
        content: dict[str, Any],
        *,
        quote: str | None = None,
        id: str | None = None,
        mentions: list[dict[str, Any]] | None = None,
        sender: str = "user",
    ) -> int:
        """A message of any kind."""
        direct = chat.startswith("dm-")
        message = {
            "message_id": id or f"om_in{next(self._numbers)}",
            "chat_id": f"oc_p2p_{person}" if direct else f"oc_{chat}",
            "chat_type": "p2p" if direct else "group",
            "message_type": kind,
            "content": json.dumps(content, ensure_ascii=False),
            "create_time": str(int(self._wall().timestamp() * 1000)),
            "mentions": mentions or [],
        }
        self._places[str(message["message_id"])] = str(message["chat_id"])
        if quote:
            message |= {"parent_id": quote, "root_id": quote}
        event = {"sender": {"sender_id": {"open_id": f"ou_{person}"}, "sender_type": sender}, "message": message}
        status, _ = await self.deliver(self.event("im.message.receive_v1", event))
        return status

    async def taps(self, person: str, seen: Seen, button: str) -> int:
        """Press the button with that label or value."""
        kept = next((kept for kept in self.messages if kept.id == seen.id), None)
        offered = _buttons(kept.content) if kept else []
        value = next((b["value"] for b in offered if button in {b["text"]["content"], b["value"]["action"]}), None)
        if kept is None or value is None:
            raise LookupError(button)
        event = {
            "operator": {"open_id": f"ou_{person}", "tenant_key": "t1"},
            "token": "c-1",
            "action": {"value": value, "tag": "button"},
            "host": "im_message",
            "context": {"open_message_id": kept.id, "open_chat_id": kept.chat},
        }
        status, _ = await self.deliver(self.event("card.action.trigger", event), path="/feishu/cards")
        return status

    def event(self, kind: str, event: dict[str, Any]) -> dict[str, Any]:
        """An event of schema 2.0 around ``event``."""
        header = {
            "event_id": f"ev{next(self._numbers)}",
            "event_type": kind,
            "create_time": str(int(self._wall().timestamp() * 1000)),
            "token": TOKEN,
            "app_id": APP_ID,
            "tenant_key": "t1",
        }
        return {"schema": "2.0", "header": header, "event": event}

    async def deliver(
        self, payload: dict[str, Any], *, path: str = "/feishu/events", signed: bool = True, shift: float = 0
    ) -> tuple[int, dict[str, Any]]:
        """Send it as the platform would; ``shift`` moves the time of the signature by seconds."""
        body, headers = self.request(payload, signed=signed, shift=shift)
        return await self.post(body, headers, path=path)

    def request(
        self, payload: dict[str, Any], *, signed: bool = True, shift: float = 0
    ) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a delivery."""
        if not self.encrypted:
            return json.dumps(payload).encode(), {}
        iv = hashlib.sha256(str(next(self._numbers)).encode()).digest()[:16]
        body = json.dumps({"encrypt": encrypted(ENCRYPT_KEY, json.dumps(payload).encode(), iv)}).encode()
        timestamp = str(int(self._wall().timestamp() + shift))
        return body, signed_headers(timestamp, f"n{next(self._numbers)}", ENCRYPT_KEY, body) if signed else {}

    async def post(
        self, body: bytes, headers: dict[str, str], *, path: str = "/feishu/events"
    ) -> tuple[int, dict[str, Any]]:
        """A request to the service as it stands."""
        assert self._session is not None
        headers = {"Content-Type": "application/json", **headers}
        async with self._session.post(self._service + path, data=io.BytesIO(body), headers=headers) as answer:
            return answer.status, await answer.json()

    # -- what stands there

    def seen(self, chat: str) -> list[Seen]:
        """What the bot put into our chat."""
        place = f"oc_p2p_{chat.removeprefix('dm-')}" if chat.startswith("dm-") else f"oc_{chat}"
        return [self._shown(kept) for kept in self.messages if kept.chat == place]

    def _shown(self, kept: Kept) -> Seen:
        content = kept.content
        if kept.kind == "file":
            name = self._files[content["file_key"]]
            return Seen(kept.id, "", files=[name], updated=kept.updated, thread=kept.thread)
        if kept.kind == "post":
            rows = content["zh_cn"]["content"]
            words = ["".join(f"@{e['user_id']}" if e["tag"] == "at" else e["text"] for e in row) for row in rows]
            mentions = [e["user_id"] for row in rows for e in row if e["tag"] == "at"]
            return Seen(kept.id, "\n".join(words), mentions=mentions)
        texts = [content["header"]["title"]["content"]] if "header" in content else []
        mentions = []
        for element in content["elements"]:
            if element["tag"] == "div":
                source = element["text"]["content"]
                mentions += _AT.findall(source)
                texts.append(html.unescape(_AT.sub(r"@\1", source)))
        buttons = [(b["text"]["content"], b["value"]["action"]) for b in _buttons(content)]
        return Seen(kept.id, "\n".join(texts), buttons, mentions, [], kept.updated, kept.thread)

    # -- its interface

    async def _token(self, request: web.Request) -> web.Response:
        data = await request.json()
        if self.refuse_tokens or data.get("app_id") != APP_ID or data.get("app_secret") != APP_SECRET:
            return web.json_response({"code": 10014, "msg": "app secret invalid"})
        self.tokens_given += 1
        token = f"t-{self.tokens_given}"
        self._tokens.add(token)
        return web.json_response({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": 7200})

    def _signed_in(self, handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def checked(request: web.Request) -> web.StreamResponse:
            self.requests.append(f"{request.method} {request.path}")
            if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self._tokens:
                return _no(99991663, "Invalid access token for authorization")
            found: web.StreamResponse = await handler(request)
            return found

        return checked

    def _posting(self, handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def faulty(request: web.Request) -> web.StreamResponse:
            return await self._with_faults(request, handler)

        return self._signed_in(faulty)

    async def _with_faults(self, request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        fault = self._faults.popleft() if self._faults else "ok"
        limits = {"x-ogw-ratelimit-limit": "100", "x-ogw-ratelimit-reset": "30"}
        match fault.partition(":"):
            case ("429", *_):
                body = {"code": 99991400, "msg": "request trigger frequency limit"}
                return web.json_response(body, status=429, headers=limits)
            case ("limited", *_):
                body = {"code": 99991400, "msg": "request trigger frequency limit"}
                return web.json_response(body, status=400, headers=limits)
            case ("5xx", *_):
                return web.Response(status=503, text="<html>busy</html>")
            case ("page", _, status):
                return web.Response(status=int(status), text="<html>a proxy</html>")
            case ("code", _, code):
                return _no(int(code), "as told")
            case _:
                pass
        answer: web.StreamResponse = await handler(request)
        if fault == "hang":
            await self._released.wait()
        if fault == "cut" and request.transport is not None:
            request.transport.close()
        return answer

    async def _info(self, _request: web.Request) -> web.Response:
        bot = {"activate_status": 2, "app_name": BOT_NAME, "open_id": BOT}
        return web.json_response({"code": 0, "msg": "ok", "bot": bot})

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.read()
        data = json.loads(body)
        to, kind = str(data.get("receive_id")), request.query.get("receive_id_type")
        if kind == "open_id" and to.startswith("ou_"):
            if to.removeprefix("ou_") not in site().people:
                return _no(230013, "Bot has NO availability to this user.")
            return self._keep(f"oc_p2p_{to.removeprefix('ou_')}", data, len(body), None)
        if kind == "chat_id" and to.startswith("oc_"):
            if to.removeprefix("oc_") not in site().chats or to in self.removed:
                return _no(230002, "The bot can not be outside the group.")
            return self._keep(to, data, len(body), None)
        return _no(230001, "Your request contains an invalid request parameter, ext=invalid receive_id.")

    async def _reply(self, request: web.Request) -> web.Response:
        body = await request.read()
        answered = request.match_info["id"]
        if not answered.startswith("om_"):
            return _no(230001, "Your request contains an invalid request parameter, ext=invalid message_id.")
        place = self._places.get(answered)
        if place is None:
            return _no(230011, "The message was withdrawn.")
        if place in self.removed:
            return _no(230002, "The bot can not be outside the group.")
        return self._keep(place, json.loads(body), len(body), answered)

    async def _look(self, request: web.Request) -> web.Response:
        """A message as it stands; ``told`` has what tests put there, ours are as they were sent."""
        message = request.match_info["id"]
        await asyncio.sleep(self.slow)
        own = next((kept for kept in self.messages if kept.id == message), None)
        if own is not None:
            shown = {"message_id": own.id, "msg_type": own.kind, "body": {"content": json.dumps(own.content)}}
            self.told.setdefault(message, [shown])
        if message not in self.told:
            return _no(230110, "Action unavailable as the message has been deleted.")
        return web.json_response({"code": 0, "msg": "success", "data": {"items": self.told[message]}})

    async def _patch(self, request: web.Request) -> web.Response:
        body = await request.read()
        kept = next((kept for kept in self.messages if kept.id == request.match_info["id"]), None)
        if kept is None:
            return _no(230011, "The message was withdrawn.")
        card = _card(json.loads(body).get("content"))
        if len(body) > CARD_BYTES:
            return _no(230025, "The length of the message content reaches its limit.")
        if card is None or kept.kind != "interactive" or not kept.content["config"]["update_multi"]:
            return _no(230001, "Your request contains an invalid request parameter.")
        kept.content, kept.updated = card, kept.updated + 1
        return web.json_response({"code": 0, "msg": "success", "data": {}})

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        file, name = form.get("file"), form.get("file_name")
        if form.get("file_type") != "stream" or not isinstance(name, str) or not isinstance(file, web.FileField):
            return _no(234001, "Invalid request param.")
        if not file.file.read(1):
            return _no(234010, "File's size can't be 0.")
        key = f"file_v2_{next(self._numbers)}"
        self._files[key] = name
        return web.json_response({"code": 0, "msg": "success", "data": {"file_key": key}})

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        return await self._with_faults(request, self._hooked)

    async def _hooked(self, request: web.Request) -> web.Response:
        body = await request.read()
        data = json.loads(body)
        now = self._wall().timestamp()
        stamp = data.get("timestamp", "")
        good = base64.b64encode(hmac.new(f"{stamp}\n{HOOK_SECRET}".encode(), digestmod="sha256").digest()).decode()
        if request.match_info["hook"] != HOOK or self.robot is None:
            return web.json_response({"code": 19001, "msg": "param invalid: incoming webhook access token invalid"})
        if data.get("sign") != good or abs(now - int(stamp)) > 3600:
            said = "sign match fail or timestamp is not within one hour from current time"
            return web.json_response({"code": 19021, "msg": said, "data": {}})
        if len(body) > HOOK_BYTES or data.get("msg_type") != "post":
            return web.json_response({"code": 9499, "msg": "Bad Request", "data": {}})
        if self._too_fast(HOOK, 5, 1.0) or self._too_fast(f"{HOOK}/minute", 100, 60.0):
            return web.json_response({"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]"})
        self.messages.append(Kept(f"om_hook{next(self._numbers)}", f"oc_{self.robot}", "post", data["content"]["post"]))
        return web.json_response({"StatusCode": 0, "StatusMessage": "success", "code": 0, "msg": "success", "data": {}})

    def _keep(self, chat: str, data: dict[str, Any], size: int, thread: str | None) -> web.Response:
        kind, uuid = data.get("msg_type"), str(data.get("uuid", ""))
        if size > CARD_BYTES:
            return _no(230025, "The length of the message content reaches its limit.")
        if len(uuid) > UUID_LENGTH:
            return _no(230001, "Your request contains an invalid request parameter, ext=invalid uuid.")
        if (found := self._uuids.get((chat, uuid))) is not None:
            return _sent(found, chat)
        if self._too_fast(chat, 5, 1.0):
            return _no(230020, "This operation triggers the frequency limit.")
        content = _card(data.get("content")) if kind == "interactive" else _object(data.get("content"))
        if content is None or kind not in {"interactive", "file"}:
            return _no(230001, "Your request contains an invalid request parameter, ext=invalid content.")
        if kind == "file" and content.get("file_key") not in self._files:
            return _no(230001, "Your request contains an invalid request parameter, ext=invalid file_key.")
        kept = Kept(f"om_{next(self._numbers)}", chat, str(kind), content, thread)
        self.messages.append(kept)
        self._places[kept.id] = chat
        self._uuids[chat, uuid] = kept.id
        return _sent(kept.id, chat)

    def _too_fast(self, target: str, count: int, seconds: float) -> bool:
        now = self._wall().timestamp()
        times = self._sent.setdefault(target, deque())
        while times and times[0] <= now - seconds:
            times.popleft()
        if len(times) >= count:
            return True
        times.append(now)
        return False


def encrypted(key: str, plain: bytes, iv: bytes) -> str:
    """The platform's encryption with a given IV: AES-256-CBC, padded to 16 bytes, under SHA-256 of the key."""
    pad = 16 - len(plain) % 16
    encryptor = Cipher(AES256(hashlib.sha256(key.encode()).digest()), CBC(iv)).encryptor()
    return base64.b64encode(iv + encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def signed_headers(timestamp: str, nonce: str, key: str, body: bytes) -> dict[str, str]:
    """The platform's signature of a body."""
    digest = hashlib.sha256(timestamp.encode() + nonce.encode() + key.encode() + body).hexdigest()
    return {"X-Lark-Request-Timestamp": timestamp, "X-Lark-Request-Nonce": nonce, "X-Lark-Signature": digest}


def _sent(message: str, chat: str) -> web.Response:
    return web.json_response({"code": 0, "msg": "success", "data": {"message_id": message, "chat_id": chat}})


def _no(code: int, said: str) -> web.Response:
    return web.json_response({"code": code, "msg": said, "error": {"log_id": "2024"}}, status=400)


def _object(content: Any) -> dict[str, Any] | None:
    if not isinstance(content, str):
        return None
    data = json.loads(content)
    return data if isinstance(data, dict) else None


def _card(content: Any) -> dict[str, Any] | None:
    """The card of a message, None when it is none; one that is empty is no card."""
    data = _object(content)
    return data if data and isinstance(data.get("elements"), list) and (data["elements"] or "header" in data) else None


def _buttons(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        button for element in content.get("elements", []) if element["tag"] == "action" for button in element["actions"]
    ]
