"""DingTalk as one chat platform: what it can do in a chat, which robot sends, and the door for what people say."""

import json
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.adapters.common.http import Http, marked
from bot.adapters.common.ingress import BadRequest, Ingress, body_of, check_fresh, one_header, strict_json
from bot.adapters.dingtalk.incoming import Said, said
from bot.adapters.dingtalk.outgoing import EnterpriseRobot
from bot.adapters.dingtalk.robots import At, CustomRobots
from bot.adapters.dingtalk.settings import DingtalkSettings
from bot.adapters.dingtalk.verify import signed
from bot.core.content import Post
from bot.core.errors import Rejected
from bot.core.events import Message
from bot.core.people import Account, Chat
from bot.core.ports import Capabilities, Hears, Outgoing, Rate
from bot.settings import Settings

PATH = "/dingtalk/events"
RATES = (Rate(20, 60),)  # a custom robot's; the enterprise robot keeps to it as well, for nothing else is stated
ROBOT_BYTES = 18_000  # of 20,000 for the whole message
APP_BYTES = 14_500  # of 15,000 for msgParam


def json_bytes(text: str) -> int:
    """What a text takes inside a JSON string: DingTalk's limits count the encoded message."""
    return len(json.dumps(text, ensure_ascii=False).encode())


class DingtalkAdapter:
    """A group with a custom robot is written to by it; every other chat by the enterprise robot, which alone hears."""

    name = "dingtalk"

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        self._settings = settings.section(DingtalkSettings)
        self._ingress = ingress
        self._clock = ingress.tools.clock
        self._http = Http(proxy=self._settings.proxy)
        self._robots = CustomRobots(self._http, self._settings.robot_base, self._settings.robots, self._clock)
        self._app = EnterpriseRobot(self._http, self._settings, self._clock) if self._settings.app_secret else None

    def capabilities(self, chat: Chat) -> Capabilities:
        """Text only: buttons would be links, nothing can be changed later, and no file type of ours is taken."""
        custom = self._robots.has(chat.id)
        in_group = Hears.MENTIONS if self._app else Hears.NOTHING
        return Capabilities(
            hears=Hears.ALL if chat.private and self._app else in_group,
            buttons=False,
            updates=False,
            threads=False,
            mentions=custom,
            files=False,
            client_keys=False,
            text_limit=ROBOT_BYTES if custom else APP_BYTES,
            measure=json_bytes,
            rates=RATES,
            call=self._settings.call,
        )

    async def send(self, out: Outgoing) -> str:
        """Send one post. A custom robot answers no id, so the client key stands for it."""
        can = self._capabilities_of(out)
        text = marked(out, can)
        if self._robots.has(out.chat):
            text, at = self._mentioning(text, out.post)
            await self._robots.send(out.chat, text, at)
            return f"robot:{out.client_key}"
        if self._app is None:
            raise Rejected("no robot for this chat")
        return await (self._app.to_person if out.direct else self._app.to_group)(out.address, text)

    def mount(self, app: web.Application) -> None:
        """Add the callback's route, where there is an enterprise robot to be called back."""
        if self._app is not None:
            app.router.add_post(PATH, self._ingress.route(self._hear))

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """None: DingTalk calls us."""
        return {}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    def _capabilities_of(self, out: Outgoing) -> Capabilities:
        return self.capabilities(Chat(id=out.chat, name="", platform=self.name))

    def _mentioning(self, text: str, post: Post) -> tuple[str, At]:
        """The first "@name" of everybody mentioned becomes the mention DingTalk knows; nobody else is mentioned."""
        site = self._ingress.tools.site()
        users: list[str] = []
        phones: list[str] = []
        for mention in sorted(post.mentions, key=lambda m: -len(m.name)):  # one name may begin with another
            account, person = site.account_of(mention.person, self.name), site.people.get(mention.person)
            phone = person.phone if person else None
            if account or phone:
                text = text.replace(f"@{mention.name}", f"@{account or phone}", 1)
                users += [account] if account else []
                phones += [phone] if phone and not account else []
        return text, At(tuple(users), tuple(phones))

    async def _hear(self, request: web.Request) -> web.Response:
        """The signature covers no body, so a replay within its five minutes ends at the message's id."""
        timestamp, signature = one_header(request, "timestamp"), one_header(request, "sign")
        body = await body_of(request)
        check_fresh(timestamp, self._ingress.wall(), per_second=1000)
        secret = self._settings.app_secret
        if secret is None or not signed(timestamp, signature, secret.get_secret_value()):
            raise BadRequest(401, "bad_signature")
        data = strict_json(body)
        if data.get("robotCode", self._settings.robot_code) != self._settings.robot_code:
            raise BadRequest(403, "wrong_receiver")
        if self._settings.corp_id and data.get("chatbotCorpId") != self._settings.corp_id:
            raise BadRequest(403, "wrong_tenant")
        message = said(data)
        if message is not None:
            await self._ingress.accept(self._event(message))
        return web.json_response({})

    def _event(self, message: Said) -> Message:
        envelope = self._ingress.envelope(
            key=message.key, user=message.user, chat=message.chat, sent_at=message.sent_at, direct=message.direct
        )
        found = (self._ingress.tools.site().person_of(Account(self.name, user)) for user in message.mentioned)
        return Message(
            envelope,
            message.text if message.direct else f"@bot {message.text}".strip(),
            message.answers,
            mentions=tuple(person.id for person in found if person),
            to_bot=True,
            quote=message.quote,
        )
