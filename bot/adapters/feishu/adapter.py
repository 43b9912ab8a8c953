"""The Feishu adapter: cards and files go out through the app; a group with a custom robot of its own is served by that."""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.adapters.common.files import contents
from bot.adapters.common.http import Http, marked
from bot.adapters.common.ingress import Ingress
from bot.adapters.feishu.api import Api, file_content
from bot.adapters.feishu.codes import Withdrawn
from bot.adapters.feishu.format import CARD_LIMIT, At, Part, card, card_bytes, parts
from bot.adapters.feishu.robot import CAPABILITIES as ROBOT
from bot.adapters.feishu.robot import Robot
from bot.adapters.feishu.settings import FeishuSettings
from bot.adapters.feishu.verify import Gate
from bot.adapters.feishu.webhook import Receiver
from bot.core.content import Op
from bot.core.errors import Rejected
from bot.core.people import Chat
from bot.core.ports import Capabilities, Hears, Outgoing, Rate
from bot.settings import Settings

log = logging.getLogger(__name__)
NAME = "feishu"


class FeishuAdapter:
    """One app of one organisation."""

    name = NAME

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        mine = settings.section(FeishuSettings)
        self._state = settings.state_dir
        self._ingress = ingress
        self._http = Http()
        self._api, self._receiver = _app(mine, self._http, ingress)
        self._robots = {chat: Robot(self._http, mine.api_base, robot) for chat, robot in mine.robots.items()}
        self._can = Capabilities(
            hears=Hears.ALL if mine.hears_all else Hears.MENTIONS,
            text_limit=CARD_LIMIT,
            measure=card_bytes,
            rates=(Rate(5, 1.0),),
            call=f"@{mine.bot_name}",
        )
        self._can_direct = Capabilities(text_limit=CARD_LIMIT, measure=card_bytes, rates=(Rate(5, 1.0),))

    def capabilities(self, chat: Chat) -> Capabilities:
        """A robot only sends; the app hears groups as its permissions say, and everything in a direct chat."""
        if chat.id in self._robots:
            return ROBOT
        return self._can_direct if chat.private else self._can

    def mount(self, app: web.Application) -> None:
        """Robots alone need no route."""
        if self._receiver is not None:
            self._receiver.mount(app)

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Nothing runs in the background."""
        return {}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def send(self, out: Outgoing) -> str:
        """Post or change it; the platform's id of the (first) message. Raises ``Temporary`` or ``Rejected``."""
        pieces = self._pieces(out)
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
            key = await api.upload(file.name, await contents(self._state, file))
            ids.append(await _say(api, out, "file", file_content(key), str(number)))
        return ids[0]

    def _pieces(self, out: Outgoing) -> list[Part]:
        site = self._ingress.tools.site()
        accounts = ((site.account_of(mention.person, NAME), mention.name) for mention in out.post.mentions)
        people = [At(account, name) for account, name in accounts if account]
        return parts(marked(out, ROBOT if out.chat in self._robots else self._can), people)


def _app(settings: FeishuSettings, http: Http, ingress: Ingress) -> tuple[Api | None, Receiver | None]:
    """The app's two sides; none where only robots are set up."""
    if not (settings.app_id and settings.app_secret and settings.verification_token):
        return None, None
    key = settings.encrypt_key.get_secret_value() if settings.encrypt_key else None
    api = Api(http, settings.api_base, settings.app_id, settings.app_secret.get_secret_value(), ingress.tools.clock)
    gate = Gate(settings.app_id, settings.verification_token.get_secret_value(), key)
    return api, Receiver(ingress, gate, api, settings.bot_open_id, settings.bot_name)


async def _say(api: Api, out: Outgoing, kind: str, content: str, part: str) -> str:
    """One message, under the one it answers while that stands."""
    uuid = hashlib.sha256(f"{out.address}/{out.client_key}/{part}".encode()).hexdigest()[:40]  # 50 at the most
    if out.reply_to:
        try:
            return await api.reply(out.reply_to, kind, content, uuid)
        except Withdrawn:
            log.info("feishu: the message that is answered is gone; the answer goes into the chat")
    return await api.send(out.address, out.direct, kind, content, uuid)
