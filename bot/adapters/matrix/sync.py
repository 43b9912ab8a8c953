"""The stream of what happens in the bot's rooms (spec: "Syncing"): every event is kept before the stream's place is.

After a crash the stream is read from the kept place again, and an event that is kept already ends at its key. A gap that the
homeserver leaves (a busy room, a long absence) is read back page by page.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.adapters.common.ingress import Ingress
from bot.adapters.common.listening import Cause, Ended
from bot.adapters.matrix.api import Api
from bot.adapters.matrix.codes import TokenRefused
from bot.adapters.matrix.rooms import KIND, DirectRooms
from bot.core.errors import Rejected, Temporary

log = logging.getLogger(__name__)
TRIES = 5  # failures to answer an invitation; a room on a homeserver that is no more must not keep the others waiting
PAGES = 50  # of a hundred events each, read back in one gap at the most
_TYPES = ["m.room.message", "m.sticker", "m.reaction", "m.room.member"]
_TIMELINE = {"types": _TYPES, "limit": 50}
_FILTER = json.dumps(
    {
        "room": {
            "timeline": _TIMELINE,
            "state": {"types": []},
            "ephemeral": {"types": []},
            "account_data": {"types": []},
        },
        "presence": {"types": []},
        "account_data": {"types": [KIND]},
    }
)
_PAGE = json.dumps({"types": _TYPES})
PLACE = "matrix.since"

Take = Callable[[str, Mapping[str, Any]], Awaitable[None]]


class Sync:
    """``take(room, event)`` keeps one event or raises ``Temporary``."""

    def __init__(self, api: Api, rooms: DirectRooms, ingress: Ingress, take: Take) -> None:
        self._api = api
        self._rooms = rooms
        self._ingress = ingress
        self._take = take
        self._failed: Counter[str] = Counter()  # by room: failures in a row to answer an invitation
        self._listening = ingress.listening("matrix stream")
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Listens for ever; a failure is tried again, later and later."""
        while True:
            await self._listening.again(await self._listen())

    async def _listen(self) -> Ended:
        """Listen until something fails. The first answer comes at once, so that it shows whether we hear."""
        try:
            await self.step(patient=False)
            with self._listening.standing():
                while True:
                    await self.step()
        except TokenRefused as error:
            return Ended(error.reason, error.retry_after, Cause.REFUSED)
        except Temporary as error:
            return Ended(error.reason, error.retry_after)
        except Rejected as error:
            return Ended(error.reason, cause=Cause.REFUSED)

    async def step(self, *, patient: bool = True) -> None:
        """One answer of the homeserver, whole; then the place behind it is kept. The first one ever only finds the place."""
        noted = f"{PLACE} {await self._api.me()}"
        since = await self._ingress.noted(noted) or ""
        news = await self._api.sync(since, _FILTER, patient=patient)
        for event in _events(news.get("account_data")):
            if event.get("type") == KIND and isinstance(event.get("content"), dict):
                self._rooms.heard(event["content"])
        rooms = _objects(news.get("rooms"))
        if since:
            for room, told in (_objects(rooms.get("join")) | _objects(rooms.get("leave"))).items():
                await self._heard(room, told, since)
        for room, invitation in _objects(rooms.get("invite")).items():
            await self._invited(room, invitation)
        place = news.get("next_batch")
        if not isinstance(place, str) or not place:
            raise Temporary("an answer without next_batch")
        if place != since:
            await self._ingress.note(noted, place)
        self.listening.set()

    async def _heard(self, room: str, told: Mapping[str, Any], since: str) -> None:
        """One room's news; what the homeserver refuses to tell about it is no reason to hear nothing any more."""
        try:
            events = await self._timeline(room, told, since)
        except Rejected as error:
            log.warning("matrix: a gap that cannot be read: %s", error.reason)
            events = _while_in(_events(told.get("timeline")), await self._api.me())
        for event in events:
            try:
                await self._take(room, event)
            except Rejected as error:
                log.warning("matrix: an event that cannot be taken: %s", error.reason)

    async def _timeline(self, room: str, told: Mapping[str, Any], since: str) -> list[Mapping[str, Any]]:
        """A room's new events, oldest first, with what the homeserver left out between ``since`` and them.

        What was said while the bot was not in the room was not said to it.
        """
        timeline, me = told.get("timeline"), await self._api.me()
        found = _events(timeline)
        start = timeline.get("prev_batch") if isinstance(timeline, dict) and timeline.get("limited") else None
        for _ in range(PAGES):
            if not isinstance(start, str):
                return _while_in(found, me)
            page = await self._api.messages(room, start, since, _PAGE)
            found = [*reversed(_events(page, "chunk")), *found]
            start = page.get("end")
        log.error("matrix: a gap of more than %d pages; the oldest of it were not read", PAGES)
        return _while_in(found, me)

    async def _invited(self, room: str, invitation: Mapping[str, Any]) -> None:
        """Joins where somebody of the organisation, or of the bot's own homeserver, invites; nobody else's rooms."""
        me = await self._api.me()
        member = next(
            (
                event
                for event in _events(invitation.get("invite_state"))
                if event.get("type") == "m.room.member" and event.get("state_key") == me
            ),
            {},
        )
        by, content = member.get("sender"), member.get("content")
        wanted = isinstance(by, str) and self._may_invite(by, me)
        if wanted and isinstance(content, dict) and content.get("is_direct") is True:
            await self._rooms.add(str(by), room)  # before joining: after a crash between them it is known all the same
        if not wanted:
            await self._ingress.refuse("strange_invitation", room)
        try:
            await (self._api.join(room) if wanted else self._api.leave(room))
        except Rejected as error:
            log.info("matrix: an invitation that cannot be answered: %s", error.reason)
        except Temporary as error:
            self._failed[room] += 1
            if self._failed[room] < TRIES:
                raise
            log.error("matrix: an invitation is given up; let the bot be invited anew: %s", error.reason)
        self._failed.pop(room, None)

    def _may_invite(self, user: str, me: str) -> bool:
        return self._ingress.person(user) is not None or user.partition(":")[2] == me.partition(":")[2]


def _while_in(events: list[Mapping[str, Any]], me: str) -> list[Mapping[str, Any]]:
    """What was said while the bot was in the room, by its own comings and goings; a new name of it is neither."""
    found: list[Mapping[str, Any]] = []
    since_then: list[Mapping[str, Any]] = []
    inside = True
    for event in events:
        if event.get("type") != "m.room.member" or event.get("state_key") != me:
            since_then.append(event)
            continue
        if _object(_object(event, "unsigned"), "prev_content").get("membership") == "join":
            found += since_then
        since_then, inside = [], _object(event, "content").get("membership") == "join"
    return found + since_then if inside else found


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _objects(value: Any) -> dict[str, Any]:
    return {name: found for name, found in value.items() if isinstance(found, dict)} if isinstance(value, dict) else {}


def _events(value: Any, name: str = "events") -> list[Mapping[str, Any]]:
    found = value.get(name) if isinstance(value, dict) else None
    return [event for event in found if isinstance(event, dict)] if isinstance(found, list) else []
