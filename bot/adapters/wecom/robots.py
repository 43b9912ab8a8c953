"""Group robots: one webhook key for each group; they send and cannot hear (WeCom 99110).

A robot takes text with real mentions, files and pictures; no buttons, no changes, no client keys. Whether it worked says
``errcode`` alone: the HTTP status is 200 either way.
"""

import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web

from bot.adapters.common.files import contents
from bot.adapters.common.http import Answer, Http, marked
from bot.adapters.common.ingress import Ingress
from bot.adapters.wecom.choice import call_of
from bot.adapters.wecom.codes import check
from bot.adapters.wecom.format import as_text
from bot.adapters.wecom.progress import Paced, Progress
from bot.adapters.wecom.settings import WecomSettings
from bot.core.content import Attachment, Post
from bot.core.errors import Rejected
from bot.core.fit import utf8_bytes
from bot.core.people import Chat
from bot.core.ports import Capabilities, Hears, Outgoing, Rate
from bot.settings import Settings

log = logging.getLogger(__name__)
TEXT_BYTES = 2048
ROOM = utf8_bytes("(补发) ")  # a repeat must fit, too
FILE_BYTES = 20 * 2**20
PICTURE_BYTES = 2 * 2**20
LEAST_BYTES = 6  # smaller files are refused
PICTURES = ("image/png", "image/jpeg")
RATE = Rate(20, 60)


class Robots:
    """All groups' robots; ``[wecom.robots.CHAT]`` names the group by our chat id."""

    def __init__(self, settings: Settings, http: Http, ingress: Ingress) -> None:
        self._wecom = settings.section(WecomSettings)
        self._state_dir = settings.state_dir
        self._http = http
        self._ingress = ingress
        self._progress = Progress()
        self._pace = Paced(ingress.runtime.clock, RATE)
        self._can = Capabilities(
            buttons=False,
            updates=False,
            threads=False,
            client_keys=False,
            text_limit=TEXT_BYTES - ROOM,
            measure=lambda text: utf8_bytes(as_text(text)),
            rates=(RATE,),
        )

    def handles(self, chat: Chat) -> bool:
        """Whether the group has a robot."""
        return chat.id in self._wecom.robots

    def capabilities(self, chat: Chat) -> Capabilities:
        """The same for every robot; it hears where an AI bot is in the group as well."""
        call = call_of(self._wecom.bots, chat)
        return replace(self._can, hears=Hears.MENTIONS if call else Hears.NOTHING, call=call)

    async def send(self, out: Outgoing) -> str:
        """Post the text, then the files; the webhook gives no message id, so ours is the client key."""
        steps: list[Callable[[], Awaitable[None]]] = []
        if out.post.text.strip():
            steps.append(partial(self._post, out.chat, self._text(out)))
        steps += [partial(self._file, out.chat, file) for file in out.post.files]
        await self._progress.go(out.client_key, steps)
        return out.client_key

    def mount(self, app: web.Application) -> None:
        """Robots hear nothing."""

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """None."""
        return {}

    async def close(self) -> None:
        """Nothing to let go of."""

    def _text(self, out: Outgoing) -> dict[str, Any]:
        accounts, phones = self._mentioned(out.post)
        content: dict[str, Any] = {"content": as_text(marked(out, self._can))}
        if accounts:
            content["mentioned_list"] = accounts
        if phones:
            content["mentioned_mobile_list"] = phones
        return {"msgtype": "text", "text": content}

    def _mentioned(self, post: Post) -> tuple[list[str], list[str]]:
        """Accounts, and the phones of those without one; never everybody at once."""
        site = self._ingress.runtime.site()
        accounts: list[str] = []
        phones: list[str] = []
        for mention in post.mentions:
            person = site.people.get(mention.person)
            if account := site.account_of(mention.person, self._ingress.platform):
                accounts.append(account)
            elif person is not None and person.phone:
                phones.append(person.phone)
        return [account for account in dict.fromkeys(accounts) if account != "@all"], list(dict.fromkeys(phones))

    async def _file(self, chat: str, file: Attachment) -> None:
        data = await contents(self._state_dir, file)
        if file.media_type in PICTURES and len(data) <= PICTURE_BYTES:
            md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
            image = {"base64": base64.b64encode(data).decode(), "md5": md5}
            return await self._post(chat, {"msgtype": "image", "image": image})
        if len(data) > FILE_BYTES:
            raise Rejected("a file is larger than 20 MB")
        media = await self._upload(chat, file, data.ljust(LEAST_BYTES, b"\n"))
        return await self._post(chat, {"msgtype": "file", "file": {"media_id": media}})

    async def _upload(self, chat: str, file: Attachment, data: bytes) -> str:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("media", data, filename=file.name, content_type="application/octet-stream")
        answer = await self._call(chat, "upload_media", {"type": "file"}, data=form)
        media = answer.data.get("media_id")
        if not isinstance(media, str):
            raise Rejected("the upload gave no media_id")
        return media

    async def _post(self, chat: str, body: dict[str, Any]) -> None:
        answer = await self._pace.go(chat, partial(self._call, chat, "send", {}, json=body))
        if str(answer.data.get("errmsg", "ok")).lower() not in ("", "ok"):
            log.warning("wecom: the robot of %s was told of a format that is not right; it was sent all the same", chat)

    async def _call(self, chat: str, what: str, params: dict[str, str], **body: Any) -> Answer:
        robot = self._wecom.robots.get(chat)
        if robot is None:
            raise Rejected("gone: the chat has no robot any more")
        url = f"{self._wecom.api_base.rstrip('/')}/cgi-bin/webhook/{what}"
        answer = await self._http.json("POST", url, params={"key": robot.key.get_secret_value(), **params}, **body)
        check(answer.data.get("errcode"), answer.status)
        return answer
