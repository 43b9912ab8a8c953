"""DingTalk's servers, written from its documents: a custom robot's door, the enterprise interface, and its callbacks.

It shares no code with the adapter. A custom robot beyond 20 a minute is shut out for ten minutes, and whoever knocks meanwhile
is counted; tokens expire when the test says so; what it delivers is signed as the platform does it (the head, never the body).
"""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import aiohttp
from aiohttp import web

from data.site import Site
from tests.support.once import example_site
from tests.support.platforms.base import Seen

APP_KEY, APP_SECRET, ROBOT, CORP = "dingappkey0001", "ding-app-secret-0001", "dingrobot0001", "dingcorp0001"
HOOK, HOOK_SECRET = "hooktoken0001", "SECtest0123456789"
BOT = "$:LWCP_v1:$robot"
PER_MINUTE, BLOCK, SIGN_WINDOW = 20, 600.0, 3600.0
ROBOT_BYTES, PARAM_BYTES = 20_000, 15_000


@cache
def site() -> Site:
    """The example organisation, whose chats and people the platform has."""
    return example_site()


def system_time() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass
class Kept:
    """One message of a robot: ``place`` is a conversation id, or a staff id for one person."""

    id: str
    place: str
    text: str
    mentions: list[str] = field(default_factory=list)
    at: datetime = field(default_factory=system_time)


@dataclass
class FakeDingtalk:
    """The platform. ``robots`` are our ids of groups with a custom robot of their own; the others have the enterprise robot."""

    robots: tuple[str, ...] = ("shifuban",)
    url: str = ""
    messages: list[Kept] = field(default_factory=list)
    tokens_given: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    knocks: int = 0  # at a robot that was shut out
    removed: set[str] = field(default_factory=set)  # conversations without our robot
    limited: set[str] = field(default_factory=set)  # persons who were written to too often
    slow: float = 0.0  # seconds before an answer

    def __post_init__(self) -> None:
        self._tokens: set[str] = set()
        self._faults: deque[tuple[str, float]] = deque()
        self._sent: dict[str, deque[float]] = {}
        self._shut_until: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self._base = ""
        self._wall: Callable[[], datetime] = system_time

    # --- the test's side

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/robot/send", self._robot)
        app.router.add_post("/v1.0/oauth2/accessToken", self._token)
        app.router.add_post("/v1.0/robot/groupMessages/send", self._group)
        app.router.add_post("/v1.0/robot/oToMessages/batchSend", self._persons)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def settings(self) -> dict[str, Any]:
        robots = {chat: {"token": f"{HOOK}-{chat}", "secret": HOOK_SECRET} for chat in self.robots}
        app = {"app_key": APP_KEY, "app_secret": APP_SECRET, "robot_code": ROBOT, "corp_id": CORP}
        return {"dingtalk": {**app, "robots": robots, "api_base": self.url, "robot_base": self.url}}

    def deliver_to(self, base_url: str, wall: Callable[[], datetime]) -> None:
        self._base, self._wall = base_url.rstrip("/"), wall

    def site_names(self) -> tuple[dict[str, str], dict[str, str]]:
        return {chat: conversation(chat) for chat in site().chats}, {person: staff(person) for person in site().people}

    def ready(self) -> bool:
        return True

    async def says(self, person: str, chat: str, text: str, *, quote: Seen | None = None, id: str | None = None) -> int:
        return await self.deliver(self.body(person, chat, text, quote=quote, id=id))

    async def taps(self, person: str, seen: Seen, button: str) -> int:
        raise LookupError("DingTalk shows no buttons that call back")

    def seen(self, chat: str) -> list[Seen]:
        place = staff(chat.removeprefix("dm-")) if chat.startswith("dm-") else conversation(chat)
        return [Seen(m.id, m.text, mentions=list(m.mentions)) for m in self.messages if m.place == place]

    def fail(self, fault: str, times: int = 1, value: float = 0.0) -> None:
        """Arm the next sends; ``hang`` takes the message and does not answer, ``page`` is the gateway's, no JSON."""
        self._faults.extend([(fault, value)] * times)

    def expire_tokens(self) -> None:
        """No token given so far is taken any more."""
        self._tokens.clear()

    # --- what people say

    def body(
        self, person: str, chat: str, text: str, *, quote: Seen | None = None, id: str | None = None
    ) -> dict[str, Any]:
        """A callback's body. In a group the mention of the robot is taken out of the text already."""
        direct = chat.startswith("dm-")
        number = next(self._numbers)
        body: dict[str, Any] = {
            "conversationId": f"dm-{staff(person)}" if direct else conversation(chat),
            "atUsers": [] if direct else [{"dingtalkId": BOT}],
            "chatbotCorpId": CORP,
            "chatbotUserId": BOT,
            "msgId": id or f"msg{number}==",
            "senderNick": person,
            "isAdmin": False,
            "senderStaffId": staff(person),
            "sessionWebhookExpiredTime": self._millis() + 5_400_000,
            "createAt": self._millis(),
            "senderCorpId": CORP,
            "conversationType": "1" if direct else "2",
            "senderId": f"$:LWCP_v1:${person}",
            "conversationTitle": chat,
            "isInAtList": not direct,
            "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=x",
            "text": {"content": text if direct else f" {text}"},
            "robotCode": ROBOT,
            "msgtype": "text",
        }
        if quote is not None:
            replied = {"msgId": f"internal-{quote.id}", "msgType": "text", "content": {"text": quote.text}}
            body["text"] |= {"isReplyMsg": True, "repliedMsg": replied}
            body["originalMsgId"] = f"internal-{quote.id}"
            if not quote.id.startswith("robot"):  # a custom robot's message has no such key
                body["originalProcessQueryKey"] = quote.id
        return body

    async def deliver(self, body: dict[str, Any], *, timestamp: str | None = None, sign: str | None = None) -> int:
        """Call the service back; signed with the right secret now unless told otherwise."""
        timestamp = timestamp or str(self._millis())
        headers = {"timestamp": timestamp, "sign": signature(timestamp, APP_SECRET) if sign is None else sign}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self._base}/dingtalk/events", json=body, headers=headers) as answer,
        ):
            return answer.status

    def _millis(self) -> int:
        return int(self._wall().timestamp() * 1000)

    # --- the doors

    async def _robot(self, request: web.Request) -> web.StreamResponse:
        self.requests["robot"] += 1
        await asyncio.sleep(self.slow)
        query, raw = request.query, await request.read()
        chat = query.get("access_token", "").removeprefix(f"{HOOK}-")
        if chat not in self.robots or conversation(chat) in self.removed:
            return _errcode(300005, "token is not exist")
        timestamp, now = query.get("timestamp", ""), self._wall().timestamp()
        fresh = timestamp.isdigit() and abs(now - int(timestamp) / 1000) <= SIGN_WINDOW
        if not fresh or query.get("sign") != signature(timestamp, HOOK_SECRET):
            return _errcode(310000, "sign not match, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]")
        if len(raw) > ROBOT_BYTES:
            return _errcode(460101, "message too long, exceed 20000 bytes")
        if self._too_fast(chat, now):
            return _errcode(130101, "send too fast, exceed 20 times per minute")
        body = json.loads(raw)
        if body.get("msgtype") != "text" or not body["text"]["content"]:
            return _errcode(400105, "msgtype is not supported")
        return await self._end(self._keep_robot(chat, body), {"errcode": 0, "errmsg": "ok"})

    def _too_fast(self, chat: str, now: float) -> bool:
        sent = self._sent.setdefault(chat, deque())
        while sent and sent[0] <= now - 60:
            sent.popleft()
        if self._shut_until.get(chat, 0) > now:
            self.knocks += 1
            return True
        sent.append(now)
        if len(sent) > PER_MINUTE:
            self._shut_until[chat] = now + BLOCK
            return True
        return False

    def _keep_robot(self, chat: str, body: dict[str, Any]) -> Kept:
        at = body.get("at", {})
        mentions = [*at.get("atUserIds", []), *at.get("atMobiles", [])] + (["所有人"] if at.get("isAtAll") else [])
        return Kept(f"robot{next(self._numbers)}", conversation(chat), body["text"]["content"], mentions, self._wall())

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.requests["token"] += 1
        body = await request.json()
        if (body.get("appKey"), body.get("appSecret")) != (APP_KEY, APP_SECRET):
            return _refused(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        await asyncio.sleep(0.02)  # so that those who ask at once are seen
        self.tokens_given += 1
        token = f"token{self.tokens_given}"
        self._tokens.add(token)
        return web.json_response({"accessToken": token, "expireIn": 7200})

    async def _group(self, request: web.Request) -> web.StreamResponse:
        self.requests["group"] += 1
        body = await self._checked(request)
        if isinstance(body, web.Response):
            return body
        place = str(body.get("openConversationId"))
        if place in self.removed or place not in {conversation(chat) for chat in site().chats}:
            return _refused(400, "resource.not.found", "robot 不存在；解决方案:请确认 robotCode 是否正确")
        return await self._end(self._keep(place, body), {"processQueryKey": ""})

    async def _persons(self, request: web.Request) -> web.StreamResponse:
        self.requests["persons"] += 1
        body = await self._checked(request)
        if isinstance(body, web.Response):
            return body
        (user,) = body["userIds"]
        answer = {"processQueryKey": "", "invalidStaffIdList": [], "flowControlledStaffIdList": []}
        if user not in {staff(person) for person in site().people}:
            return web.json_response(answer | {"processQueryKey": "none", "invalidStaffIdList": [user]})
        if user in self.limited:
            return web.json_response(answer | {"processQueryKey": "none", "flowControlledStaffIdList": [user]})
        return await self._end(self._keep(user, body), answer)

    async def _checked(self, request: web.Request) -> "dict[str, Any] | web.Response":
        await asyncio.sleep(self.slow)
        if request.headers.get("x-acs-dingtalk-access-token") not in self._tokens:
            return _refused(400, "InvalidAuthentication", "不合法的access_token")
        body: dict[str, Any] = await request.json()
        if body.get("robotCode") != ROBOT:
            return _refused(400, "resource.not.found", "robot 不存在")
        if len(str(body.get("msgParam")).encode()) > PARAM_BYTES or body.get("msgKey") != "sampleText":
            return _refused(400, "invalidParameter.msgParam", "msgParam 不合法")
        return body

    def _keep(self, place: str, body: dict[str, Any]) -> Kept:
        return Kept(f"pqk{next(self._numbers)}=", place, json.loads(body["msgParam"])["content"], at=self._wall())

    async def _end(self, kept: Kept, answer: dict[str, Any]) -> web.StreamResponse:
        """Keep the message and answer, or do what the test armed instead."""
        fault, value = self._faults.popleft() if self._faults else ("", 0.0)
        match fault:
            case "busy":
                return _errcode(-1, "系统繁忙")
            case "too_fast":
                return _errcode(130101, "send too fast, exceed 20 times per minute")
            case "qps":
                return _refused(403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "QPS 限流")
            case "429":
                return web.json_response({}, status=429, headers={"Retry-After": str(int(value))})
            case "503":
                return _refused(503, "ServiceUnavailable", "服务暂不可用")
            case "address":
                return web.json_response({"status": 1111, "wait": 5, "source": "x5", "punish": "deny"})
            case "page":
                return web.Response(text="<html>punished</html>", content_type="text/html")
            case "gone":
                return _errcode(400102, "bot is stopped")
            case _:
                pass
        self.messages.append(kept)
        if fault == "hang":
            await asyncio.sleep(value or 3600)
        if "processQueryKey" in answer:
            answer["processQueryKey"] = kept.id
        return web.json_response(answer)


def conversation(chat: str) -> str:
    """The conversation id of one of our chats."""
    return f"cid{base64.b64encode(chat.encode()).decode()}"


def staff(person: str) -> str:
    """The staff id of one of our people."""
    return f"staff-{person}"


def signature(timestamp: str, secret: str) -> str:
    """As the vendor's sample does it: HMAC-SHA256, base64."""
    mac = hmac.new(secret.encode("utf-8"), f"{timestamp}\n{secret}".encode(), digestmod=hashlib.sha256)
    return base64.b64encode(mac.digest()).decode("utf-8")


def _errcode(code: int, said: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": said})


def _refused(status: int, code: str, said: str) -> web.Response:
    return web.json_response({"code": code, "message": said, "requestid": "R-1"}, status=status)
