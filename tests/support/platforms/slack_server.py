"""A Slack workspace's Web API on loopback, after Slack sheet 1 to 8: it checks tokens, sizes and pace, and keeps a record.

Errors come in Slack's own way: HTTP 200 with ``ok: false``, 429 with ``Retry-After``. ``fail`` plans what goes wrong next.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

TEAM, APP = "T0ZHIBAN01", "A0ZHIBAN01"
BOT_USER, BOT = "U0BOT00001", "B0BOT00001"
_FORM_ONLY = {"conversations.history", "conversations.replies", "files.getUploadURLExternal"}
_MOST_BLOCKS, _SECTION, _ELEMENTS = 50, 3000, 25
_GAP = 0.95  # seconds between two posts into one channel; Slack says about one a second


class Failed(Exception):
    """``ok: false`` with this error code."""


@dataclass
class Kept:
    """One message of the bot as it stands now."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    updated: int = 0
    files: list[str] = field(default_factory=list)
    author: str = BOT_USER


@dataclass
class Channel:
    """A place to post to: ``member`` says whether the bot is in."""

    id: str
    member: bool = True
    archived: bool = False
    messages: list[Kept] = field(default_factory=list)
    last: float = -10.0

    def find(self, ts: str) -> Kept | None:
        return next((message for message in self.messages if message.ts == ts), None)


@dataclass
class Fault:
    """What the next calls of ``method`` (all when empty) meet."""

    kind: str
    method: str = ""
    times: int = 1
    retry_after: int = 30


class SlackServer:
    """The record, and the methods that write it."""

    def __init__(self) -> None:
        self.token, self.app_token = "xoxb-fake-token", "xapp-fake-token"
        self.channels: dict[str, Channel] = {}
        self.ims: dict[str, str] = {}
        self.calls: list[str] = []
        self.uploads: dict[str, bytes] = {}
        self.paced = True
        self.scopes = {"history"}
        self.wall: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.sockets: list[web.WebSocketResponse] = []
        self.acks: dict[str, asyncio.Event] = {}
        self.opened: list[datetime] = []  # when each socket was, on the service's clock
        self.greets_only, self.closes_with, self.no_address = False, "", 0
        self.url = ""
        self._faults: list[Fault] = []
        self._last_ts = 0  # microseconds
        self._runner: web.AppRunner | None = None
        self._released = asyncio.Event()
        self._names: dict[str, str] = {}

    async def start(self) -> None:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_post("/api/{method}", self._call)
        app.router.add_get("/api/{method}", self._call)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._released.set()
        closing = (asyncio.wait_for(socket.close(), 1) for socket in self.sockets)
        await asyncio.gather(*closing, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    def fail(self, kind: str, method: str = "", *, times: int = 1, retry_after: int = 30) -> None:
        """``429``, ``500``, ``hang`` (taken, never answered), ``drop`` (connection cut, nothing taken), or an error code."""
        self._faults.append(Fault(kind, method, times, retry_after))

    def recover(self) -> None:
        """Forget the failures that are still planned."""
        self._faults.clear()

    def ts(self) -> str:
        """The next message's name: the time, never twice."""
        self._last_ts = max(round(self.wall().timestamp() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append(method)
        fault = self._fault(method)
        if fault is not None and fault.kind == "429":
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(fault.retry_after)}
            )
        if fault is not None and fault.kind == "500":
            return web.Response(status=500, text="upstream")
        if fault is not None and fault.kind == "drop" and request.transport is not None:
            request.transport.abort()
            return web.Response()
        try:
            if fault is not None and fault.kind != "hang":
                raise Failed(fault.kind)
            answer = await self._answer(request, method)
        except Failed as error:
            answer = {"ok": False, "error": str(error)}
            if str(error) == "ratelimited":
                return web.json_response(answer, status=429, headers={"Retry-After": "1"})
        if fault is not None and fault.kind == "hang":
            await self._released.wait()
        return web.json_response({"ok": True, **answer})

    def _fault(self, method: str) -> Fault | None:
        for fault in self._faults:
            if fault.method in {"", method}:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None

    async def _answer(self, request: web.Request, method: str) -> dict[str, Any]:
        bearer = request.headers.get("Authorization", "")
        wanted = self.app_token if method == "apps.connections.open" else self.token
        if bearer != f"Bearer {wanted}":
            raise Failed("invalid_auth" if bearer else "not_authed")
        body: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            if method in _FORM_ONLY and await request.read() not in (b"", b"{}"):
                raise Failed("invalid_arguments")
            body |= await request.json() if await request.read() else {}
        else:
            body |= dict(await request.post())
        handler = getattr(self, "_" + method.replace(".", "_"), None)
        if handler is None:
            raise Failed("unknown_method")
        answer: dict[str, Any] = handler(body)
        return answer

    def _auth_test(self, _body: dict[str, Any]) -> dict[str, Any]:
        return {
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "team": "zhiban",
            "user": "zhiban",
            "url": self.url,
        }

    def _chat_postMessage(self, body: dict[str, Any]) -> dict[str, Any]:
        channel = self._open(body.get("channel"))
        blocks = _checked(body)
        now = self.wall().timestamp()
        if self.paced and now - channel.last < _GAP:
            raise Failed("ratelimited")
        channel.last = now
        thread = body.get("thread_ts")
        kept = Kept(channel.id, self.ts(), body["text"], blocks, body.get("metadata"), thread)
        channel.messages.append(kept)
        return {"channel": channel.id, "ts": kept.ts, "message": {"text": kept.text}}

    def _chat_update(self, body: dict[str, Any]) -> dict[str, Any]:
        channel = self._open(body.get("channel"), by_user=False)
        kept = channel.find(str(body.get("ts")))
        if kept is None:
            raise Failed("message_not_found")
        if kept.author != BOT_USER:
            raise Failed("cant_update_message")
        kept.blocks, kept.text, kept.updated = _checked(body), body["text"], kept.updated + 1
        return {"channel": channel.id, "ts": kept.ts, "text": kept.text}

    def _conversations_open(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("users") not in self.ims:
            raise Failed("user_not_found")
        return {"channel": {"id": self.ims[body["users"]]}}

    def _conversations_history(self, body: dict[str, Any]) -> dict[str, Any]:
        channel = self._readable(body)
        found = [m for m in channel.messages if m.thread_ts in {None, m.ts} and m.ts > body.get("oldest", "0")]
        return self._page(found[::-1], body)

    def _conversations_replies(self, body: dict[str, Any]) -> dict[str, Any]:
        channel = self._readable(body)
        return self._page([m for m in channel.messages if body["ts"] in {m.ts, m.thread_ts}], body)

    def _page(self, found: list[Kept], body: dict[str, Any]) -> dict[str, Any]:
        start, size = int(body.get("cursor") or 0), min(int(body.get("limit", 100)), 999)
        shown = []
        for kept in found[start : start + size]:
            files = [{"id": name, "title": self._names.get(name, name)} for name in kept.files]
            message: dict[str, Any] = {"ts": kept.ts, "text": kept.text, "user": kept.author, "files": files}
            if body.get("include_all_metadata") == "true" and kept.metadata:
                message["metadata"] = kept.metadata
            shown.append(message)
        more = str(start + size) if start + size < len(found) else ""
        return {"messages": shown, "has_more": bool(more), "response_metadata": {"next_cursor": more}}

    def _readable(self, body: dict[str, Any]) -> Channel:
        channel = self._open(body.get("channel"), by_user=False)
        if "history" not in self.scopes and not channel.id.startswith("D"):
            raise Failed("missing_scope")
        return channel

    def _open(self, name: Any, *, by_user: bool = True) -> Channel:
        channel = self.channels.get(self.ims.get(name, name) if by_user else name)
        if channel is None:
            raise Failed("channel_not_found")
        if channel.archived:
            raise Failed("is_archived")
        if not channel.member:
            raise Failed("not_in_channel")
        return channel

    def _files_getUploadURLExternal(self, body: dict[str, Any]) -> dict[str, Any]:
        if not body.get("filename") or not str(body.get("length", "")).isdigit():
            raise Failed("invalid_arguments")
        file_id = f"F{len(self._names):09d}"
        self._names[file_id] = body["filename"]
        return {"upload_url": f"{self.url}/upload/{file_id}?length={body['length']}", "file_id": file_id}

    async def _upload(self, request: web.Request) -> web.Response:
        data = await request.read()
        if len(data) != int(request.query["length"]) or "Authorization" in request.headers:
            return web.Response(status=400, text="length")
        self.uploads[request.match_info["file"]] = data
        return web.Response(text=f"OK - {len(data)}")

    def _files_completeUploadExternal(self, body: dict[str, Any]) -> dict[str, Any]:
        files = json.loads(body["files"]) if isinstance(body["files"], str) else body["files"]
        ids = [file["id"] for file in files]
        if not ids or any(file_id not in self.uploads for file_id in ids):
            raise Failed("file_not_found")
        channel = self._open(body.get("channel_id") or body.get("channels"))
        for file in files:
            self._names[file["id"]] = file.get("title") or self._names[file["id"]]
        kept = Kept(channel.id, self.ts(), body.get("initial_comment") or "", [], None, body.get("thread_ts"))
        kept.files = ids
        channel.messages.append(kept)
        return {"files": [{"id": file_id, "title": self._names[file_id]} for file_id in ids]}

    def file_names(self, ids: list[str]) -> list[str]:
        """What the files are called."""
        return [self._names[file_id] for file_id in ids]

    def _apps_connections_open(self, _body: dict[str, Any]) -> dict[str, Any]:
        if self.no_address:
            self.no_address -= 1
            return {}
        return {"url": f"{self.url.replace('http', 'ws')}/socket?ticket={time.monotonic_ns()}"}

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened.append(self.wall())
        if self.closes_with:
            await socket.send_json({"type": "disconnect", "reason": self.closes_with})
            return socket
        if self.greets_only:
            await socket.send_json({"type": "hello", "num_connections": 1})
            return socket
        self.sockets.append(socket)
        hello = {"type": "hello", "num_connections": len(self.sockets), "connection_info": {"app_id": APP}}
        await socket.send_json(hello)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                self.acks.setdefault(json.loads(frame.data)["envelope_id"], asyncio.Event()).set()
        if socket in self.sockets:
            self.sockets.remove(socket)
        return socket


def _checked(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The blocks of a message within Slack's limits (Slack sheet 5)."""
    text, blocks = body.get("text"), body.get("blocks") or []
    if isinstance(blocks, str):
        blocks = json.loads(blocks)
    if not blocks and not text:
        raise Failed("no_text")
    if text is not None and len(text) > 40_000:
        raise Failed("msg_too_long")
    if len(blocks) > _MOST_BLOCKS or not all(_fits(block) for block in blocks):
        raise Failed("invalid_blocks")
    ids = [e["action_id"] for block in blocks if block["type"] == "actions" for e in block["elements"]]
    if len(ids) != len(set(ids)):
        raise Failed("invalid_blocks")
    checked: list[dict[str, Any]] = blocks
    return checked


def _fits(block: dict[str, Any]) -> bool:
    match block:
        case {"type": "section", "text": {"type": "mrkdwn" | "plain_text", "text": str(text)}}:
            return 1 <= len(text) <= _SECTION
        case {"type": "actions", "elements": list(elements)}:
            return 1 <= len(elements) <= _ELEMENTS and all(_button(element) for element in elements)
        case _:
            return False


def _button(element: dict[str, Any]) -> bool:
    label = element["text"]
    return (
        element["type"] == "button"
        and label["type"] == "plain_text"
        and 1 <= len(label["text"]) <= 75
        and 1 <= len(element["action_id"]) <= 255
        and len(element.get("value", "")) <= 2000
        and element.get("style", "primary") in {"primary", "danger"}
    )
