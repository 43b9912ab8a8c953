"""A Slack workspace with people in it: what they type and press reaches the service signed, as Slack sends it."""

import asyncio
import hashlib
import hmac
import io
import itertools
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.support.once import example_site
from tests.support.platforms.base import Seen
from tests.support.platforms.slack_server import APP, BOT_USER, TEAM, Channel, Kept, SlackServer

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # Slack's published sample
CHATS = ("shifuban", "minzheng", "duty-room")
_CALLED = re.compile(r"^[@＠](?:bot|值班)\s*")
_MENTION = re.compile(r"<@([A-Z0-9]+)>")
_MASS = re.compile(r"<!(\w+)")


class FakeSlack(SlackServer):
    """``hears``: what the app is subscribed to. ``commands``: the slash commands that it has registered, the umbrella apart."""

    def __init__(
        self,
        hears: str = "all",
        *,
        socket: bool = False,
        commands: frozenset[str] = frozenset(),
        chats: tuple[str, ...] = CHATS,
    ) -> None:
        super().__init__()
        self._hears = hears
        self._by_socket = socket
        self._commands = commands
        self._service = ""
        self._given: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._accounts = {person: f"U0{person.upper()}" for person in example_site().people}
        self._places = {chat: "C0" + re.sub("[^A-Z0-9]", "", chat.upper()) for chat in chats}
        self.ims = {account: f"D{account[1:]}" for account in self._accounts.values()}
        self.channels = {place: Channel(place) for place in (*self._places.values(), *self.ims.values())}
        self.scopes = {"history"} if hears == "all" else set()
        self.last_answer = ""

    def settings(self) -> dict[str, Any]:
        section = {
            "bot_token": self.token,
            "api_base_url": f"{self.url}/api/",
            "hears": self._hears,
        }
        hearing = {"app_token": self.app_token} if self._by_socket else {"signing_secret": SECRET}
        return {"slack": section | hearing}

    def deliver_to(self, base_url: str, wall: Callable[[], datetime]) -> None:
        self._service, self.wall = base_url, wall

    def site_names(self) -> tuple[dict[str, str], dict[str, str]]:
        return dict(self._places), dict(self._accounts)

    def place(self, chat: str) -> str:
        """The channel of our chat; of ``dm-PERSON`` his direct channel with the bot."""
        return self.ims[self._accounts[chat.removeprefix("dm-")]] if chat.startswith("dm-") else self._places[chat]

    def seen(self, chat: str) -> list[Seen]:
        channel = self.channels[self.place(chat)]
        shown = {kept.ts: _seen(kept) for kept in channel.messages if not kept.files}
        for kept in channel.messages:
            if kept.files:  # shared under a message: they belong to it
                shown[str(kept.thread_ts)].files += self.file_names(kept.files)
        return list(shown.values())

    def ready(self) -> bool:
        return bool(self.sockets) or not self._by_socket

    async def says(self, person: str, chat: str, text: str, *, quote: Seen | None = None, id: str | None = None) -> int:
        """A line that starts with / is a slash command, which Slack does not offer in threads."""
        if text[:1] == "/" and quote is None:
            return await self.slash(person, chat, text, id=id)
        ts = self._given.setdefault(id, self.ts()) if id else self.ts()
        return await self.event(
            self.message(person, chat, text, ts=ts, thread=quote.id.split(":")[-1] if quote else None)
        )

    def message(self, person: str, chat: str, text: str, *, ts: str, thread: str | None = None) -> dict[str, Any]:
        """The ``message`` event of a line."""
        place = self.place(chat)
        shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        called = _CALLED.match(shown) is not None or text[:1] == "/"
        only_called = self._hears == "mentions" and not chat.startswith("dm-")
        if called or only_called:
            shown = f"<@{BOT_USER}> {_CALLED.sub('', shown)}"
        kind = "im" if chat.startswith("dm-") else "channel"
        event = {
            "type": "app_mention" if only_called else "message",
            "user": self._accounts[person],
            "text": shown,
            "ts": ts,
            "event_ts": ts,
            "channel": place,
            "team": TEAM,
        }
        return event | ({} if only_called else {"channel_type": kind}) | ({"thread_ts": thread} if thread else {})

    async def event(self, event: dict[str, Any], **envelope: Any) -> int:
        """Deliver an event; one that calls the bot in a channel comes twice, as ``message`` and as ``app_mention``."""
        status = await self.deliver(self.callback(event, **envelope))
        if event["type"] == "message" and f"<@{BOT_USER}>" in event.get("text", "") and event["channel"][0] != "D":
            await self.deliver(self.callback({**event, "type": "app_mention"}, **envelope))
        return status

    def callback(self, event: dict[str, Any], **envelope: Any) -> dict[str, Any]:
        """The envelope of the Events API."""
        number = next(self._numbers)
        authorization = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True}
        return {
            "token": "deprecated",
            "team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number:08d}",
            "event_time": int(self.wall().timestamp()),
            "authorizations": [authorization],
            **envelope,
        }

    async def slash(self, person: str, chat: str, text: str, *, id: str | None = None) -> int:
        """A slash command: registered by its own name, else behind the umbrella command."""
        verb, _, rest = text.partition(" ")
        known = verb == "/zhiban" or verb in self._commands
        fields = self.command(person, chat, verb if known else "/zhiban", rest if known else text[1:], id=id)
        return await self.deliver(fields, form=True)

    def command(self, person: str, chat: str, command: str, text: str, *, id: str | None = None) -> dict[str, str]:
        """The form of a slash command."""
        place = self.place(chat)
        return {
            "token": "deprecated",
            "team_id": TEAM,
            "team_domain": "zhiban",
            "channel_id": place,
            "channel_name": "directmessage" if place.startswith("D") else chat,
            "user_id": self._accounts[person],
            "user_name": person,
            "command": command,
            "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": f"https://hooks.slack.com/commands/{TEAM}/1/secret",
            "trigger_id": self._trigger(id),
        }

    async def taps(self, person: str, seen: Seen, button: str) -> int:
        value = next((value for label, value in seen.buttons if button in {label, value}), None)
        if value is None:
            value = next((v for _, v in seen.buttons if v.partition(":")[0] == button), None)
        if value is None:
            raise LookupError(button)
        return await self.deliver({"payload": json.dumps(self.tap(person, seen.id, value))}, form=True)

    def tap(self, person: str, message: str, value: str, *, id: str | None = None) -> dict[str, Any]:
        """The payload of a pressed button."""
        channel, ts = message.split(":")[:2]
        kept = self.channels[channel].find(ts)
        assert kept is not None
        elements = [e for block in kept.blocks if block["type"] == "actions" for e in block["elements"]]
        action_id = next((e["action_id"] for e in elements if e["value"] == value), "zhiban.0.0")
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False}
        thread = {"thread_ts": kept.thread_ts} if kept.thread_ts else {}
        action = {"action_id": action_id, "block_id": "b", "type": "button", "value": value, "action_ts": self.ts()}
        return {
            "type": "block_actions",
            "user": {"id": self._accounts[person], "username": person, "team_id": TEAM},
            "api_app_id": APP,
            "token": "deprecated",
            "container": container | thread,
            "trigger_id": self._trigger(id),
            "team": {"id": TEAM, "domain": "zhiban"},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel, "name": "x"},
            "message": {"ts": ts, **thread},
            "state": {"values": {}},
            "response_url": f"https://hooks.slack.com/actions/{TEAM}/1/secret",
            "actions": [action],
        }

    def _trigger(self, given: str | None) -> str:
        return f"13345224609.738474920.{given or next(self._numbers)}"

    async def deliver(self, payload: dict[str, Any], *, form: bool = False) -> int:
        """Send it over the socket, or signed over HTTP; the status of the answer."""
        if self._by_socket:
            return await self._by_frame(payload, form=form)
        body = urlencode(payload).encode() if form else json.dumps(payload).encode()
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        return await self.post(body, {"Content-Type": kind, **self.signed(body)})

    def signed(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """The two headers that sign ``body``."""
        stamp = str(int(self.wall().timestamp() if at is None else at))
        digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    async def post(self, body: bytes, headers: dict[str, str]) -> int:
        """Send bytes with exactly these headers."""
        async with aiohttp.request(
            "POST", f"{self._service}/slack/events", data=io.BytesIO(body), headers=headers
        ) as answer:
            self.last_answer = await answer.text()
            return answer.status

    async def _by_frame(self, payload: dict[str, Any], *, form: bool) -> int:
        """Through any one of the sockets; 504 when nobody acknowledges within three seconds."""
        kind = "interactive" if "payload" in payload else "slash_commands" if form else "events_api"
        inner = json.loads(payload["payload"]) if kind == "interactive" else payload
        envelope_id = f"envelope-{next(self._numbers)}"
        acked = self.acks.setdefault(envelope_id, asyncio.Event())
        frame = {"envelope_id": envelope_id, "type": kind, "payload": inner, "accepts_response_payload": form}
        await self.sockets[-1].send_json(frame)
        try:
            await asyncio.wait_for(acked.wait(), 3)
        except TimeoutError:
            return 504
        return 200


def _seen(kept: Kept) -> Seen:
    buttons = [(e["text"]["text"], e["value"]) for b in kept.blocks if b["type"] == "actions" for e in b["elements"]]
    mentions = [*_MENTION.findall(kept.text), *(f"!{mass}" for mass in _MASS.findall(kept.text))]
    text = _MENTION.sub(r"@\1", kept.text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    thread = kept.thread_ts if kept.thread_ts != kept.ts else None
    name = f"{kept.channel}:{kept.ts}" + (f":{thread}" if thread else "")
    return Seen(name, text, buttons, mentions, updated=kept.updated, thread=thread and f"{kept.channel}:{thread}")
