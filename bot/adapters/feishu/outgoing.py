"""How a post reaches Feishu: by the app as a card with its files behind it, or by the robot of the group."""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path

from bot.adapters.common.files import contents
from bot.adapters.common.http import marked
from bot.adapters.common.ingress import Ingress
from bot.adapters.common.mentions import mentioned
from bot.adapters.feishu.api import Api, file_content
from bot.adapters.feishu.codes import Withdrawn
from bot.adapters.feishu.format import Part, card, parts
from bot.adapters.feishu.robot import Robot
from bot.core.content import Op
from bot.core.errors import Rejected
from bot.core.ports import Capabilities, Outgoing

log = logging.getLogger(__name__)


class Poster:
    """Sends what the outbox holds. ``api`` is None where only robots are set up."""

    def __init__(self, api: Api | None, robots: Mapping[str, Robot], ingress: Ingress, state_dir: Path) -> None:
        self._api = api
        self._robots = robots
        self._ingress = ingress
        self._state_dir = state_dir

    async def send(self, out: Outgoing, can: Capabilities) -> str:
        """Post or change it; the platform's id of the (first) message. Raises ``Temporary`` or ``Rejected``."""
        people = mentioned(out.post, self._ingress.runtime.site(), self._ingress.platform)
        pieces = parts(marked(out, can), people)
        if robot := self._robots.get(out.chat):
            if out.op is Op.UPDATE:
                raise Rejected("a custom robot cannot change what it said")
            await robot.send(pieces, self._ingress.wall())
            return f"robot:{out.chat}:{out.client_key}"
        if self._api is None:
            raise Rejected("no app is set up under [feishu], and no robot for this chat")
        if out.op is Op.UPDATE:
            if out.message is None:
                raise Rejected("the message to update was never sent")
            await self._api.change(out.message, card(pieces, out.post.card, direct=out.direct))
            return out.message
        return await self._post(self._api, out, pieces)

    async def _post(self, api: Api, out: Outgoing, pieces: list[Part]) -> str:
        """The card, then its files as messages of their own; each with its own key, so that a repeat adds nothing."""
        ids: list[str] = []
        if pieces or not out.post.files:
            content = card(pieces, out.post.card, direct=out.direct)
            ids.append(await _say(api, out, "interactive", content, "card"))
        for number, file in enumerate(out.post.files):
            key = await api.upload(file.name, await contents(self._state_dir, file))
            ids.append(await _say(api, out, "file", file_content(key), str(number)))
        return ids[0]


async def _say(api: Api, out: Outgoing, kind: str, content: str, part: str) -> str:
    """One message, under the one it answers while that stands."""
    uuid = hashlib.sha256(f"{out.address}/{out.client_key}/{part}".encode()).hexdigest()[:40]  # 50 at the most
    if out.reply_to:
        try:
            return await api.reply(out.reply_to, kind, content, uuid)
        except Withdrawn:
            log.info("feishu: the message that is answered is gone; the answer goes into the chat")
    return await api.send(out.address, out.direct, kind, content, uuid)
