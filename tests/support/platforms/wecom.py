"""WeCom as people and the service meet it: each group has a robot that speaks and an AI bot that hears, each person the app."""

import io
import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiohttp

from bot.core.people import Reach
from tests.support.once import example_site
from tests.support.platforms.base import Seen
from tests.support.platforms.wecom_qyapi import Posted, Qyapi
from tests.support.platforms.wecom_sealed import (
    AGENT,
    APP_KEY,
    APP_SECRET,
    APP_TOKEN,
    BOT_KEY,
    BOT_TOKEN,
    CORP,
    Sealed,
    for_app,
    for_bot,
    xml_of,
)

CALL = "值班"


class FakeWecom:
    """The platform. ``groups``: our ids of the chats it has, those of the example organisation where none are given."""

    def __init__(self, groups: tuple[str, ...] = ()) -> None:
        site = example_site()
        self.groups = groups or tuple(chat.id for chat in site.chats.values() if chat.reach is Reach.BOT)
        self.people = tuple(site.people)
        self.api = Qyapi({account(person) for person in self.people}, {key(chat) for chat in self.groups})
        self.url = ""
        self._service = ""
        self._numbers = itertools.count(1)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Listen; after ``stop`` on the same port again."""
        await self.api.start()
        self.url = self.api.url
        self._session = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Close the doors; what was posted stays."""
        if self._session is not None:
            await self._session.close()
        await self.api.stop()

    def fail(self, *faults: str) -> None:
        """The next posting requests, see :meth:`Qyapi.fail`."""
        self.api.fail(*faults)

    def settings(self) -> dict[str, Any]:
        """The section of ``zhiban.toml``."""
        app = {"corp_id": CORP, "agent_id": AGENT, "secret": APP_SECRET, "token": APP_TOKEN, "aes_key": APP_KEY}
        bot = {"mode": "callback", "display_name": CALL, "token": BOT_TOKEN, "aes_key": BOT_KEY}
        robots = {chat: {"key": key(chat)} for chat in self.groups}
        return {"wecom": {"api_base": self.url, "apps": {"duty": app}, "bots": {"duty": bot}, "robots": robots}}

    def site_names(self) -> tuple[dict[str, str], dict[str, str]]:
        """Chat ids as the AI bot sees them, and userids."""
        return {chat: chat_id(chat) for chat in self.groups}, {person: account(person) for person in self.people}

    def deliver_to(self, base_url: str, wall: Callable[[], datetime]) -> None:
        """Where callbacks go, and the clock they are signed with."""
        self._service, self.api.wall = base_url, wall

    # -- what people do

    def ready(self) -> bool:
        """It calls us."""
        return True

    async def says(self, person: str, chat: str, text: str, *, quote: Seen | None = None, id: str | None = None) -> int:
        """A word to the app, or in a group to the AI bot; a quotation has text alone, as there."""
        if chat.startswith("dm-"):
            return await self.post(self.app_message(person, {"MsgType": "text", "Content": text}, id))
        said: dict[str, object] = {"msgtype": "text", "text": {"content": f"@{CALL} {text}"}}
        if quote is not None:
            said["quote"] = {"msgtype": "text", "text": {"content": quote.text}}
        return await self.post(self.bot_message(person, chat, said, id))

    async def taps(self, person: str, seen: Seen, button: str) -> int:
        """Press a button of a card in somebody's direct chat; nowhere else are there any."""
        card = next((posted for posted in self.api.posted if posted.id == seen.id), None)
        offered = _buttons(card) if card else []
        action = next((action for label, action in offered if button in (label, action)), None)
        if card is None or action is None:
            raise LookupError(button)
        return await self.post(self.click(person, card, action))

    def app_message(self, person: str, fields: dict[str, str], id: str | None = None, *, shift: float = 0) -> Sealed:
        """A message of one person to the app, on its way."""
        about = {"ToUserName": CORP, "FromUserName": account(person), "CreateTime": self._time(), "AgentID": str(AGENT)}
        message = id or str(7_000_000_000_000_000_000 + next(self._numbers))
        return for_app(xml_of(about | {"MsgId": message} | fields), self._time(shift), self._nonce())

    def click(self, person: str, card: Posted, action: str) -> Sealed:
        """A click on a card, on its way; it brings another right to change the card."""
        fields = {
            "ToUserName": CORP,
            "FromUserName": account(person),
            "CreateTime": self._time(),
            "MsgType": "event",
            "Event": "template_card_event",
            "EventKey": action,
            "TaskId": card.body["task_id"],
            "CardType": "button_interaction",
            "ResponseCode": self.api.new_right(card),
            "AgentID": str(AGENT),
        }
        return for_app(xml_of(fields), self._time(), self._nonce())

    def bot_message(self, person: str, chat: str, said: dict[str, object], id: str | None = None) -> Sealed:
        """Something said to the AI bot in a group, on its way."""
        body = {
            "msgid": id or f"MSG{next(self._numbers)}",
            "aibotid": "AIBOT01",
            "chatid": chat_id(chat),
            "chattype": "group",
            "from": {"userid": account(person)},
            "response_url": self.api.reply_address(chat_id(chat)),
        }
        return for_bot(body | said, self._time(), self._nonce())

    async def post(self, sealed: Sealed) -> int:
        """Deliver; the status of the answer."""
        return (await self.exchange("POST", sealed.path_qs, sealed.body))[0]

    async def exchange(self, method: str, path_qs: str, body: bytes = b"") -> tuple[int, bytes]:
        """Any request to the service; the status and the body of its answer."""
        assert self._session is not None
        async with self._session.request(method, self._service + path_qs, data=io.BytesIO(body)) as answer:
            return answer.status, await answer.read()

    def _time(self, shift: float = 0) -> str:
        return str(int(self.api.wall().timestamp() + shift))

    def _nonce(self) -> str:
        return f"nonce{next(self._numbers)}"

    # -- what stands there

    def seen(self, chat: str) -> list[Seen]:
        """What the bot put into our chat."""
        direct = chat.startswith("dm-")
        places = (
            {f"app:{account(chat.removeprefix('dm-'))}"} if direct else {f"robot:{key(chat)}", f"bot:{chat_id(chat)}"}
        )
        return [self._shown(posted) for posted in self.api.posted if posted.place in places]

    def _shown(self, posted: Posted) -> Seen:
        body = posted.body
        match posted.kind:
            case "file":
                return Seen(posted.id, "", files=[self.api.files[body["media_id"]][0]])
            case "image":
                return Seen(posted.id, "", files=["image"])
            case "template_card":
                title = body.get("main_title", {})
                lines = [title.get("title", ""), title.get("desc", ""), body.get("sub_title_text", "")]
                text = "\n".join(line for line in lines if line)
                return Seen(posted.id, text, _buttons(posted), updated=posted.updated)
            case _:
                pass
        mentioned = [*body.get("mentioned_list", []), *body.get("mentioned_mobile_list", [])]
        return Seen(posted.id, body["content"], mentions=mentioned + _inline(body["content"]))


def account(person: str) -> str:
    """The userid of a person."""
    return f"u_{person}"


def chat_id(chat: str) -> str:
    """A group's id as the AI bot sees it."""
    return f"wr{chat}"


def key(chat: str) -> str:
    """The key of a group's robot."""
    return f"key-{chat}"


def _buttons(posted: Posted) -> list[tuple[str, str]]:
    """Those that can be pressed; a card with ``replace_text`` is greyed."""
    body = posted.body
    return [] if body.get("replace_text") else [(b["text"], b["key"]) for b in body.get("button_list", [])]


def _inline(content: str) -> list[str]:
    """Accounts that ``<@userid>`` in a text mentions."""
    return [part.partition(">")[0] for part in content.split("<@")[1:] if ">" in part]
