"""How a post reaches a room: sent or edited with the outbox's key, its files behind it, its buttons' signs below it.

The homeserver remembers the keys of an access token for about a day: a repeat after a crash is answered with the first event.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.adapters.common.files import contents
from bot.adapters.matrix import buttons as signs
from bot.adapters.matrix.api import Api
from bot.adapters.matrix.format import Place, content, placed, replacing
from bot.adapters.matrix.ids import MessageId, parse
from bot.adapters.matrix.rooms import DirectRooms
from bot.core.content import Attachment, Op
from bot.core.errors import Rejected
from bot.core.ports import Outgoing

log = logging.getLogger(__name__)


class Poster:
    """Sends what the outbox holds; ``state_dir`` is where the files of posts lie."""

    def __init__(self, api: Api, rooms: DirectRooms, state_dir: Path) -> None:
        self._api = api
        self._rooms = rooms
        self._state_dir = state_dir

    async def send(self, out: Outgoing, accounts: Mapping[str, str]) -> str:
        """Send or edit; the message's name. ``accounts``: shown name → Matrix id of who is mentioned."""
        named = parse(out.message if out.op is Op.UPDATE else out.reply_to)
        room, holds = (
            await self._rooms.room_of(out.address, named.event if named else "") if out.direct else (out.address, True)
        )
        shown = content(out.post.text, out.post.buttons, accounts)
        if out.op is Op.UPDATE:
            return await self._edit(room, out, shown)
        answered = named if holds else None
        place = Place(answered.thread or None, answered.event) if answered else Place()
        event = await self._api.send(room, "m.room.message", out.client_key, placed(shown, place))
        for number, file in enumerate(out.post.files):
            await self._send_file(room, f"{out.client_key}.file{number}", file, place)
        await self._sign(room, event, f"{out.client_key}.sign", signs.offered(out.post.buttons))
        return str(MessageId(event, place.thread or ""))

    async def _edit(self, room: str, out: Outgoing, shown: dict[str, Any]) -> str:
        """Rewrite a message; buttons that are gone lose their signs, new ones get theirs."""
        message = parse(out.message)
        if message is None:
            raise Rejected("the message to update was never sent")
        await self._api.send(room, "m.room.message", out.client_key, replacing(shown, message.event))
        wanted = signs.offered(out.post.buttons)
        own = await self._own_signs(room, message.event)
        for sign in own.keys() - wanted.keys():
            await self._api.redact(room, own[sign], f"{out.client_key}.unsign{own[sign]}")
        missing = {sign: action for sign, action in wanted.items() if sign not in own}
        await self._sign(room, message.event, f"{out.client_key}.sign", missing)
        return str(message)

    async def _own_signs(self, room: str, event: str) -> dict[str, str]:
        """Sign → event of the bot's own reactions to a message."""
        me = await self._api.me()
        found: dict[str, str] = {}
        for reaction in await self._api.reactions(room, event):
            relation = reaction.get("content", {}).get("m.relates_to", {})
            if reaction.get("sender") == me and isinstance(relation.get("key"), str):
                found[relation["key"]] = str(reaction.get("event_id"))
        return found

    async def _sign(self, room: str, event: str, key: str, wanted: Mapping[str, str]) -> None:
        """Put the signs below a message; where the room does not let the bot react, people put them there or type."""
        for sign in wanted:
            relation = {"rel_type": "m.annotation", "event_id": event, "key": sign}
            try:
                await self._api.send(room, "m.reaction", f"{key}{sign[0]}", {"m.relates_to": relation})
            except Rejected as error:
                log.info("matrix: no sign below a message: %s", error.reason)
                return

    async def _send_file(self, room: str, key: str, file: Attachment, place: Place) -> None:
        data = await contents(self._state_dir, file)
        address = await self._api.upload(file.name, file.media_type, data)
        image = file.media_type.startswith("image/")
        info = {"mimetype": file.media_type.partition(";")[0], "size": len(data)}
        shown = {"msgtype": "m.image" if image else "m.file", "body": file.name, "url": address, "info": info}
        await self._api.send(room, "m.room.message", key, placed(shown, Place(place.thread)))
