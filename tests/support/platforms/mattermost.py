"""A Mattermost server, written from its documents and sources: REST, webhooks, slash commands, buttons, mentions.

It shares no code with the adapter. What a message mentions it finds as the server does, in words; posts of bots come back
through the outgoing webhook as on a real server; nothing it sends is signed.
"""

import asyncio
import base64
import hashlib
import itertools
import json
import re
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from data.site import Site
from tests.support.once import example_site
from tests.support.platforms.base import Seen

BOT_TOKEN, COMMAND_TOKEN, OUTGOING_TOKEN = (
    "bottoken00000000000000000b",
    "commandtoken0000000000000c",
    "outgoingtoken000000000000o",
)
MESSAGE_RUNES, FILE_BYTES, PENDING_SECONDS = 16_383, 1_050_000, 30.0
_ID = re.compile(r"[a-z0-9]{26}")
_ESCAPED = re.compile(r"\\([\\`*{}\[\]()#+\-.!_>~|])")
_BRACKETED = re.compile(r"<(https?://[^<>\s]+)>")  # shown as the address alone
_SLACK_MENTION = re.compile(r"<@([a-z0-9]{26})>")
_SPECIAL = {"@all", "@channel", "@here"}
_STYLES = {"default", "primary", "success", "good", "warning", "danger"}


@cache
def site() -> Site:
    """The example organisation, whose chats and people the platform has."""
    return example_site()


def system_time() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


@cache
def ident(kind: str, name: str) -> str:
    """26 letters and digits for anything of ours."""
    return base64.b32encode(hashlib.sha256(f"{kind}:{name}".encode()).digest()).decode().lower()[:26]


@dataclass
class Post:
    """One post as the server has it."""

    id: str
    channel: str
    user: str
    message: str
    at: int
    root: str = ""
    props: dict[str, Any] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    updated: int = 0
    deleted: bool = False
    more: dict[str, Any] = field(default_factory=dict)  # what else the server tells of it: type, metadata


@dataclass
class FakeMattermost:
    """The server. ``bot`` False leaves webhooks alone; ``as_json`` and ``trigger`` are how its outgoing webhook is set up."""

    bot: bool = True
    as_json: bool = False
    trigger: str = ""  # the webhook hears whole channels
    url: str = ""
    posts: dict[str, Post] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    removed: set[str] = field(default_factory=set)  # our chat ids whose channel the bot is not in
    revoked: bool = False  # the bot's token
    slow: float = 0.0

    def __post_init__(self) -> None:
        self._users = {ident("user", person): person for person in site().people} | {ident("user", "bot"): "zhiban"}
        self._channels = {ident("channel", chat): chat for chat in site().chats}
        self._files: dict[str, str] = {}
        self._pending: dict[str, tuple[str, float]] = {}
        self._faults: deque[tuple[str, float]] = deque()
        self._numbers = itertools.count(1)
        self._echoes: set[asyncio.Task[int]] = set()
        self._runner: web.AppRunner | None = None
        self._base = ""
        self._wall: Callable[[], datetime] = system_time

    # --- the test's side

    async def start(self) -> None:
        app = web.Application(client_max_size=2 * FILE_BYTES)
        app.router.add_get("/api/v4/users/{user}", self._user)
        app.router.add_post("/api/v4/channels/direct", self._direct)
        app.router.add_post("/api/v4/posts", self._create)
        app.router.add_get("/api/v4/posts/{post}", self._get)
        app.router.add_put("/api/v4/posts/{post}/patch", self._patch)
        app.router.add_post("/api/v4/files", self._upload)
        app.router.add_post("/hooks/{hook}", self._hook)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self.echoed()
        if self._runner is not None:
            await self._runner.cleanup()

    async def echoed(self) -> list[int]:
        """Wait for the bot's own posts to come back through the webhook; the answers' statuses."""
        found = await asyncio.gather(*self._echoes, return_exceptions=True)
        return [status for status in found if isinstance(status, int)]

    def settings(self) -> dict[str, Any]:
        hooks = {chat: {"url": f"{self.url}/hooks/{ident('hook', chat)}"} for chat in site().chats}
        account: dict[str, Any] = {"url": self.url, "bot_token": BOT_TOKEN} if self.bot else {"hooks": hooks}
        tokens = {"command_tokens": [COMMAND_TOKEN], "outgoing_tokens": [OUTGOING_TOKEN]}
        return {"mattermost": {**account, **tokens}}

    def deliver_to(self, base_url: str, wall: Callable[[], datetime]) -> None:
        self._base, self._wall = base_url.rstrip("/"), wall

    def site_names(self) -> tuple[dict[str, str], dict[str, str]]:
        chats = {chat: ident("channel", chat) for chat in site().chats}
        return chats, {person: ident("user", person) for person in site().people}

    def ready(self) -> bool:
        return True

    async def says(self, person: str, chat: str, text: str, *, quote: Seen | None = None, id: str | None = None) -> int:
        """A slash command is one; a direct chat is heard by the bot's own command alone; the rest is posted."""
        if text.startswith("/") or chat.startswith("dm-"):
            line = text if text.startswith("/") else f"/zhiban {text}"
            return await self.deliver("/mattermost/command", self.command(person, chat, line, id=id))
        root = (quote.thread or quote.id) if quote else ""
        post = self._keep(self._channel(person, chat), ident("user", person), text, root=root, id=id)
        return await self.deliver("/mattermost/outgoing", self.outgoing(post), as_json=self.as_json)

    async def taps(self, person: str, seen: Seen, button: str) -> int:
        post = self.posts[seen.id]
        action = next((a for a in _actions(post) if button in (a["name"], a["integration"]["context"]["action"])), None)
        if action is None:
            raise LookupError(f"no button {button} on {seen.id}")
        integration = action["integration"]
        body = self.action(person, post, integration["context"])
        return await self.deliver(urlsplit(integration["url"]).path, body, as_json=True)

    def seen(self, chat: str) -> list[Seen]:
        channel = ident("channel", chat)
        bot = ident("user", "bot")
        return [self._shown(p) for p in self.posts.values() if (p.channel, p.user) == (channel, bot) and not p.deleted]

    def fail(self, fault: str, times: int = 1, value: float = 0.0) -> None:
        """Arm the next posts: ``429``, ``503``, or ``hang`` (taken, then no answer)."""
        self._faults.extend([(fault, value)] * times)

    # --- what people do

    def outgoing(self, post: Post) -> dict[str, Any]:
        """What an outgoing webhook tells of a post; seconds in a form, milliseconds in JSON."""
        return {
            "token": OUTGOING_TOKEN,
            "team_id": ident("team", "city"),
            "team_domain": "city",
            "channel_id": post.channel,
            "channel_name": self._channels.get(post.channel, "x"),
            "timestamp": post.at if self.as_json else str(post.at // 1000),
            "user_id": post.user,
            "user_name": self._users.get(post.user, "x"),
            "post_id": post.id,
            "text": post.message,
            "trigger_word": self.trigger if post.message.startswith(self.trigger) else "",
            "file_ids": ",".join(post.files),
        }

    def command(self, person: str, chat: str, line: str, *, id: str | None = None, root: str = "") -> dict[str, Any]:
        """What a slash command tells."""
        command, _, text = line.partition(" ")
        user, bot = ident("user", person), ident("user", "bot")
        return {
            "token": COMMAND_TOKEN,
            "team_id": ident("team", "city"),
            "team_domain": "city",
            "channel_id": self._channel(person, chat),
            "channel_name": "__".join(sorted((user, bot))) if chat.startswith("dm-") else chat,
            "user_id": user,
            "user_name": person,
            "command": command,
            "text": text,
            "trigger_id": self._trigger(id),
            "root_id": root,
            "response_url": f"{self.url}/hooks/commands/{ident('command', line)}",
        }

    def action(self, person: str, post: Post, context: dict[str, Any], *, id: str | None = None) -> dict[str, Any]:
        """What a pressed button tells."""
        return {
            "user_id": ident("user", person),
            "user_name": person,
            "channel_id": post.channel,
            "channel_name": self._channels.get(post.channel, "x"),
            "team_id": ident("team", "city"),
            "team_domain": "city",
            "post_id": post.id,
            "trigger_id": self._trigger(id),
            "type": "button",
            "data_source": "",
            "context": context,
        }

    async def deliver(self, path: str, body: dict[str, Any], *, as_json: bool = False) -> int:
        """Call the service as the server would; the status of its answer."""
        async with aiohttp.ClientSession() as session:
            given = {"json": body} if as_json else {"data": body}
            async with session.post(self._base + path, **given) as answer:  # type: ignore[arg-type]  # one of the two
                return answer.status

    def add_post(self, person: str, chat: str, text: str, *, root: str = "", **props: str) -> Post:
        """A post that nobody is told of yet."""
        return self._keep(self._channel(person, chat), ident("user", person), text, root=root, props=props)

    def _trigger(self, id: str | None) -> str:
        raw = f"{ident('trigger', id or f'no{next(self._numbers)}')}:user:{int(self._wall().timestamp() * 1000)}:sig"
        return base64.b64encode((ident("trigger", id) if id else raw).encode()).decode()

    def _channel(self, person: str, chat: str) -> str:
        return ident("channel", f"dm-{person}" if chat.startswith("dm-") else chat)

    def _keep(
        self, channel: str, user: str, message: str, *, root: str = "", id: str | None = None, **more: Any
    ) -> Post:
        number = next(self._numbers)
        post_id = ident("post", id or f"no{number}")
        at = int(self._wall().timestamp() * 1000)
        self.posts[post_id] = post = Post(post_id, channel, user, message, at, root, **more)
        return post

    # --- what stands in the channels

    def _shown(self, post: Post) -> Seen:
        shown = _ESCAPED.sub(r"\1", _BRACKETED.sub(r"\1", post.message))
        buttons = [(a["name"], a["integration"]["context"]["action"]) for a in _actions(post)]
        files = [self._files[file] for file in post.files]
        return Seen(post.id, shown, buttons, self.mentions(post.message), files, post.updated, post.root or None)

    def mentions(self, message: str) -> list[str]:
        """Whom the server tells: words that are a special mention or somebody's name, split as its sources do."""
        accounts = {f"@{name}": user for user, name in self._users.items()}
        found: list[str] = []
        for word in _words(_ESCAPED.sub(r"\1", message)):
            for part in (word, *re.split(r"[.:-]", word)):
                name = part.strip(":.-_").lower()
                if name in _SPECIAL or name in accounts:
                    found.append(accounts.get(name, name))
                    break
        return found

    # --- the doors

    def _unknown(self, request: web.Request) -> web.Response | None:
        if self.revoked or request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return _error(401, "api.context.session_expired.app_error")
        return None

    async def _user(self, request: web.Request) -> web.Response:
        self.requests["user"] += 1
        name = request.match_info["user"]
        user = ident("user", "bot") if name == "me" else name
        if refused := self._unknown(request):
            return refused
        if user not in self._users:
            return _error(404, "app.user.missing_account.const")
        return _answer({"id": user, "username": self._users[user], "is_bot": user == ident("user", "bot")})

    async def _direct(self, request: web.Request) -> web.Response:
        self.requests["direct"] += 1
        if refused := self._unknown(request):
            return refused
        users = await request.json()
        others = [user for user in users if user != ident("user", "bot")]
        if len(users) != 2 or len(others) != 1 or others[0] not in self._users:
            return _error(400, "api.context.invalid_body_param.app_error")
        channel = ident("channel", f"dm-{self._users[others[0]]}")
        self._channels[channel] = f"dm-{self._users[others[0]]}"
        return _answer({"id": channel, "type": "D"}, status=201)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self.requests["create"] += 1
        await asyncio.sleep(self.slow)
        if refused := self._unknown(request):
            return refused
        body: dict[str, Any] = {"props": {}} | await request.json()
        key, now = body.get("pending_post_id", ""), time.monotonic()
        known, at = self._pending.get(key, ("", float("-inf")))
        if key and now - at < PENDING_SECONDS:
            return _answer(_json(self.posts[known]), status=201)
        if refused := self._bad(body):
            return refused
        fault, value = self._faults.popleft() if self._faults else ("", 0.0)
        if fault == "429":
            return _answer({}, status=429, headers={"Retry-After": str(int(value))})
        if fault == "503":
            return _error(503, "api.unavailable")
        bot = ident("user", "bot")
        post = self._keep(body["channel_id"], bot, body["message"], root=body.get("root_id", ""), props=body["props"])
        post.files = list(body.get("file_ids", []))
        self._pending[key] = (post.id, now)
        self._echo(post)
        if fault == "hang":
            await asyncio.sleep(value or 3600)
        return _answer(_json(post), status=201)

    def _bad(self, body: dict[str, Any]) -> web.Response | None:
        """What the server refuses of a new post."""
        chat = self._channels.get(body["channel_id"])
        if chat is None or chat in self.removed:
            return _error(403, "api.context.permissions.app_error")
        root = self.posts.get(body.get("root_id", ""))
        if body.get("root_id") and (root is None or root.root or root.deleted or root.channel != body["channel_id"]):
            return _error(400, "api.post.create_post.root_id.app_error")
        return _bad_content(body)

    def _echo(self, post: Post) -> None:
        """Posts of bots come back through the outgoing webhook of a public channel, too."""
        if self._base and not self._channels[post.channel].startswith("dm-"):
            told = self.deliver("/mattermost/outgoing", self.outgoing(post), as_json=self.as_json)
            task = asyncio.create_task(told)
            self._echoes.add(task)

    async def _get(self, request: web.Request) -> web.Response:
        self.requests["get"] += 1
        await asyncio.sleep(self.slow)
        if refused := self._unknown(request):
            return refused
        post = self.posts.get(request.match_info["post"])
        if post is None or post.deleted:
            return _error(404, "app.post.get.app_error")
        if self._channels.get(post.channel) in self.removed:
            return _error(403, "api.context.permissions.app_error")
        return _answer(_json(post))

    async def _patch(self, request: web.Request) -> web.Response:
        self.requests["patch"] += 1
        if refused := self._unknown(request):
            return refused
        post, body = self.posts.get(request.match_info["post"]), {"props": {}} | await request.json()
        if post is None or post.deleted or post.user != ident("user", "bot"):
            return _error(403, "api.context.permissions.app_error")
        if refused := _bad_content(body):
            return refused
        post.message, post.props = body["message"], body["props"]
        post.updated += 1
        return _answer(_json(post))

    async def _upload(self, request: web.Request) -> web.Response:
        self.requests["upload"] += 1
        if refused := self._unknown(request):
            return refused
        data = await _uploaded(request)
        if request.query["channel_id"] not in self._channels:
            return _error(403, "api.context.permissions.app_error")
        if len(data) > FILE_BYTES:
            return _error(413, "api.file.upload_file.too_large_detailed.app_error")
        file = ident("file", f"{next(self._numbers)}")
        self._files[file] = request.query["filename"]
        return _answer({"file_infos": [{"id": file, "size": len(data)}], "client_ids": []}, status=201)

    async def _hook(self, request: web.Request) -> web.Response:
        """An incoming webhook: Slack's mentions count here, and its posts do not come back."""
        self.requests["hook"] += 1
        chat = next((c for c in site().chats if ident("hook", c) == request.match_info["hook"]), None)
        if chat is None or chat in self.removed:
            return _error(400, "web.incoming_webhook.invalid.app_error")
        body = await request.json()
        text = body["text"].replace("<!channel>", "@channel").replace("<!here>", "@here").replace("<!all>", "@all")
        text = _SLACK_MENTION.sub(lambda m: f"@{self._users.get(m[1], m[1])}", text)
        content: dict[str, Any] = {"message": text, "props": {"attachments": body.get("attachments", [])}}
        if refused := _bad_content(content):
            return refused
        props = content["props"] | {"from_webhook": "true"}
        self._keep(ident("channel", chat), ident("user", "bot"), text, props=props)
        return web.Response(text="ok")


async def _uploaded(request: web.Request) -> bytes:
    """The file as the body itself, or as the part ``files`` of a form: the server takes both."""
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    part = (await request.post())["files"]
    return part.file.read() if isinstance(part, web.FileField) else b""


def _bad_content(body: dict[str, Any]) -> web.Response | None:
    if len(body["message"]) > MESSAGE_RUNES or not (body["message"] or body.get("file_ids")):
        return _error(400, "model.post.is_valid.message_length.app_error")
    for attachment in body["props"].get("attachments", []):
        for action in attachment.get("actions", []):
            url = urlsplit(action["integration"]["url"])
            named = re.fullmatch(r"[A-Za-z0-9]+", action["id"]) and action["name"] and action["type"] == "button"
            if not named or action["style"] not in _STYLES or url.scheme not in {"http", "https"}:
                return _error(400, "model.post.is_valid.props.app_error")
    return None


def _actions(post: Post) -> list[dict[str, Any]]:
    return [action for attachment in post.props.get("attachments", []) for action in attachment.get("actions", [])]


def _words(text: str) -> list[str]:
    """Letters, digits and ``:.-_@`` make words; everything else parts them."""
    return "".join(c if c.isalnum() or c in ":.-_@" else " " for c in text).split()


def _json(post: Post) -> dict[str, Any]:
    bot = {"from_bot": "true"} if post.user == ident("user", "bot") else {}
    return {
        "id": post.id,
        "create_at": post.at,
        "update_at": post.at,
        "delete_at": 0,
        "user_id": post.user,
        "channel_id": post.channel,
        "root_id": post.root,
        "message": post.message,
        "type": "",
        "props": post.props | bot,
        "file_ids": post.files,
    } | post.more


def _answer(data: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON without a charset, as the server sends it; some clients insist."""
    return web.Response(body=json.dumps(data).encode(), status=status, headers=headers, content_type="application/json")


def _error(status: int, name: str) -> web.Response:
    body = {"id": name, "message": "refused", "detailed_error": "", "request_id": "r1", "status_code": status}
    return _answer(body, status=status)
