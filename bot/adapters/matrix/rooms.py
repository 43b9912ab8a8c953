"""Which room is whose direct chat: the account's own list on the homeserver (``m.direct``; spec: "Direct messaging")."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.adapters.matrix.api import Api

KIND = "m.direct"


class DirectRooms:
    """The list as last heard of. A change made here is kept on the homeserver before it counts."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._rooms: dict[str, list[str]] | None = None
        self._changing = asyncio.Lock()

    def heard(self, content: Mapping[str, Any]) -> None:
        """The list as the homeserver tells it."""
        self._rooms = _checked(content)

    async def owner(self, room: str) -> str | None:
        """Whose direct chat ``room`` is; None for a group."""
        return next((user for user, rooms in (await self._known()).items() if room in rooms), None)

    async def room_of(self, user: str, event: str = "") -> tuple[str, bool]:
        """The room with one person, who is in it or invited, and whether it is where ``event`` happened.

        Of several the one with the event, else the newest; a new one where there is none.
        """
        async with self._changing:
            rooms = (await self._known()).get(user, [])
            newest = ""
            for room in reversed(rooms):
                if not await self._open(room, user):
                    continue
                if not event or len(rooms) == 1 or await self._api.event(room, event) is not None:
                    return room, True
                newest = newest or room
            return newest or await self._opened(user), False

    async def _open(self, room: str, user: str) -> bool:
        """Whether the person can read there what the bot says; out of a room the bot sees it as it left it."""
        if await self._api.membership(room, await self._api.me()) != "join":
            return False
        return await self._api.membership(room, user) in {"join", "invite"}

    async def _opened(self, user: str) -> str:
        room = await self._api.create_direct(user)
        await self._keep(user, room)
        return room

    async def add(self, user: str, room: str) -> None:
        """Somebody invited the bot into a direct chat."""
        async with self._changing:
            await self._keep(user, room)

    async def _keep(self, user: str, room: str) -> None:
        known = await self._known()
        changed = known | {user: [*(found for found in known.get(user, []) if found != room), room]}
        await self._api.keep_account_data(KIND, changed)
        self._rooms = changed

    async def _known(self) -> dict[str, list[str]]:
        if self._rooms is None:
            self._rooms = _checked(await self._api.account_data(KIND))
        return self._rooms


def _checked(content: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        user: [room for room in rooms if isinstance(room, str)]
        for user, rooms in content.items()
        if isinstance(user, str) and isinstance(rooms, list)
    }
