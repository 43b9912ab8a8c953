"""Matrix for the story tests: a real Synapse, its people acting through matrix-nio, its record read by plain HTTP."""

import asyncio
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import nio

from data.load.site import load_site
from tests.support import synapse
from tests.support.paths import EXAMPLE
from tests.support.platforms.base import Seen
from tests.support.synapse import path_of
from tests.support.until import until

CHATS = ("shifuban", "minzheng", "duty-room")
_LINE = re.compile("^([1-9]\ufe0f\u20e3) ([^（\n]+)", re.MULTILINE)


@dataclass
class Member:
    """One person's account and client, and what the server's stream told since he was made: how far the bot has read."""

    id: str
    token: str
    client: nio.AsyncClient
    since: str = ""
    read: set[str] = field(default_factory=set)


class Members(dict[str, Member]):
    """People by name; an account is made when somebody is first needed, since each costs the server 20 ms."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __missing__(self, person: str) -> Member:
        server = synapse.shared()
        user, token = server.register(f"{self._prefix}{person}")
        client = nio.AsyncClient(server.url, user)
        client.restore_login(user, "tests", token)
        self[person] = Member(user, token, client)
        return self[person]

    def id(self, person: str) -> str:
        """The account that somebody has, or will have."""
        return f"@{self._prefix}{person}:{synapse.SERVER_NAME}"


@dataclass
class FakeMatrix:
    """The platform. Its accounts are its own; rooms are public, people come in when they first speak."""

    url: str = ""
    members: Members = field(default_factory=lambda: Members(f"{secrets.token_hex(4)}-"))
    rooms: dict[str, str] = field(default_factory=dict)

    async def start(self) -> None:
        server = await asyncio.to_thread(synapse.shared)
        self.url = server.url
        for chat in CHATS:
            self.rooms[chat] = self.room(self.members["lixiao"], chat)

    def room(self, owner: Member, name: str) -> str:
        body = {"preset": "public_chat", "name": name, "invite": [self.members["bot"].id]}
        return str(self.as_member(owner, "POST", "/_matrix/client/v3/createRoom", body)["room_id"])

    async def stop(self) -> None:
        for member in self.members.values():
            await member.client.close()

    def settings(self) -> dict[str, Any]:
        return {"matrix": {"homeserver": self.url, "access_token": self.members["bot"].token}}

    def deliver_to(self, base_url: str, wall: Callable[[], datetime]) -> None:
        """Nothing: the service comes and asks."""

    def site_names(self) -> tuple[dict[str, str], dict[str, str]]:
        return dict(self.rooms), {person: self.members.id(person) for person in load_site(EXAMPLE).people}

    def ready(self) -> bool:
        """Whether the bot has taken every invitation."""
        return set(self.rooms.values()) <= self.joined()

    def joined(self) -> set[str]:
        """The rooms that the bot is in."""
        return set(self.as_member(self.members["bot"], "GET", "/_matrix/client/v3/joined_rooms")["joined_rooms"])

    async def says(self, person: str, chat: str, text: str, *, quote: Seen | None = None, id: str | None = None) -> int:
        content: dict[str, Any] = {"msgtype": "m.text", "body": text}
        if quote is not None:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": quote.id.partition(">")[0]}}
        await self.sends(person, chat, "m.room.message", content, id)
        return 200

    async def sends(self, person: str, chat: str, kind: str, content: dict[str, Any], txn: str | None = None) -> str:
        """Send any event as that person and wait until the bot shows that it has it; the event's id."""
        room = await self._enter(person, chat)
        sent = await self.members[person].client.room_send(room, kind, content, tx_id=txn)
        assert isinstance(sent, nio.RoomSendResponse), sent
        event = str(sent.event_id)
        await until(lambda: self._taken(person, event))
        return event

    async def taps(self, person: str, seen: Seen, button: str) -> int:
        sign = next((value for label, value in seen.buttons if button in {label, value}), None)
        if sign is None:
            raise LookupError(button)
        room = next(chat for chat in (*self.rooms, f"dm-{person}") if any(s.id == seen.id for s in self.seen(chat)))
        relation = {"rel_type": "m.annotation", "event_id": seen.id.partition(">")[0], "key": sign}
        await self.sends(person, room, "m.reaction", {"m.relates_to": relation})
        return 200

    def seen(self, chat: str) -> list[Seen]:
        """The bot's messages by the server's own record, as the person himself, or a member of the group, may read it."""
        if chat.startswith("dm-"):
            reader = self.members[chat.removeprefix("dm-")]
            rooms = self.direct_rooms(reader)
        else:
            reader, rooms = self.members["lixiao"], [self.rooms[chat]] if chat in self.rooms else []
        return [found for room in rooms for found in self._read(reader, room)]

    def _read(self, reader: Member, room: str) -> list[Seen]:
        events = [event for event in self.events(reader, room) if event["sender"] == self.members["bot"].id]
        found: dict[str, Seen] = {}
        for event in events:
            content = event["content"]
            relation = content.get("m.relates_to", {})
            if event["type"] == "m.room.message" and relation.get("rel_type") == "m.replace":
                now = _seen(event["event_id"], content["m.new_content"])
                first = found[relation["event_id"]]
                first.text, first.buttons, first.updated = now.text, now.buttons, first.updated + 1
            elif event["type"] == "m.room.message" and content.get("body"):
                found[event["event_id"]] = _seen(event["event_id"], content)
        return list(found.values())

    def events(self, reader: Member, room: str) -> list[dict[str, Any]]:
        """A room's whole record, oldest first."""
        path = path_of(room, "messages") + "?dir=f&limit=1000"
        return list(self.as_member(reader, "GET", path)["chunk"])

    def direct_rooms(self, reader: Member) -> list[str]:
        """The rooms into which the bot invited somebody; he takes every invitation."""
        self._follow(reader)
        joined = self.as_member(reader, "GET", "/_matrix/client/v3/joined_rooms")["joined_rooms"]
        return [room for room in joined if room not in self.rooms.values()]

    def _follow(self, member: Member) -> None:
        """Reads a person's stream on: invitations are taken, the bot's receipts noted."""
        path = "/_matrix/client/v3/sync?timeout=0" + (f"&since={quote(member.since)}" if member.since else "")
        news = self.as_member(member, "GET", path)
        member.since = news["next_batch"]
        rooms = news.get("rooms", {})
        for room in rooms.get("invite", {}):
            self.as_member(member, "POST", path_of(room, "join"), {})
        for told in rooms.get("join", {}).values():
            for receipt in told["ephemeral"]["events"]:
                by = {event: who for event, who in receipt["content"].items() if isinstance(who, dict)}
                member.read |= {event for event, who in by.items() if self.members["bot"].id in who.get("m.read", {})}

    async def _enter(self, person: str, chat: str) -> str:
        member = self.members[person]
        if chat.startswith("dm-"):
            rooms = self.direct_rooms(member)
            return rooms[0] if rooms else await self._open_direct(member)
        joined = await member.client.join(self.rooms[chat])
        assert isinstance(joined, nio.JoinResponse), joined
        return self.rooms[chat]

    async def _open_direct(self, member: Member) -> str:
        made = await member.client.room_create(is_direct=True, invite=[self.members["bot"].id])
        assert isinstance(made, nio.RoomCreateResponse), made
        room = str(made.room_id)
        await until(lambda: room in self.joined())
        return room

    def _taken(self, person: str, event: str) -> bool:
        """Whether the bot's receipt stands at the event."""
        self._follow(self.members[person])
        return event in self.members[person].read

    def as_member(self, member: Member, method: str, path: str, body: Any = None) -> dict[str, Any]:
        return synapse.shared().call(method, path, member.token, body)


def _seen(event: str, content: dict[str, Any]) -> Seen:
    relation = content.get("m.relates_to", {})
    thread = relation.get("event_id") if relation.get("rel_type") == "m.thread" else None
    answered = relation.get("m.in_reply_to", {}).get("event_id")
    buttons = [(label.strip(), sign) for sign, label in _LINE.findall(content["body"])]
    mentions = content.get("m.mentions", {}).get("user_ids", [])
    files = [content["body"]] if content["msgtype"] in {"m.file", "m.image"} else []
    return Seen(event, content["body"], buttons, mentions, files, thread=thread or answered)
