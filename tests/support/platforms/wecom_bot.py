"""The AI bot's callbacks as the platform sends them, sealed by wechatpy, and the addresses it gives for replies.

A reply address takes one message within an hour; on the wire that is ``POST /cgi-bin/aibot/response?response_code=…``.
"""

import itertools
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from wechatpy.enterprise.crypto import WeChatCrypto

TOKEN, KEY, NAME = "chatopsTestToken01", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno0A", "值班"
PATH = "/wecom/bot/duty"
SECTION = {"mode": "callback", "token": TOKEN, "aes_key": KEY, "display_name": NAME}
MARKDOWN_BYTES = 20_480
_numbers = itertools.count(1)


def sealed(message: str, at: datetime, nonce: str) -> tuple[str, str]:
    """(ciphertext, signature) of a message."""
    crypto = WeChatCrypto(TOKEN, KEY, "")
    xml = str(crypto.encrypt_message(message, nonce, str(int(at.timestamp()))))
    found = {name: re.search(rf"<{name}><!\[CDATA\[(.*?)\]\]></{name}>", xml) for name in ("Encrypt", "MsgSignature")}
    encrypted, signature = found["Encrypt"], found["MsgSignature"]
    assert encrypted is not None
    assert signature is not None
    return encrypted[1], signature[1]


def query(at: datetime, nonce: str, signature: str, **more: str) -> str:
    """The address with its query."""
    known = {"msg_signature": signature, "timestamp": str(int(at.timestamp())), "nonce": nonce}
    return f"{PATH}?{urlencode(known | more)}"


def callback(body: dict[str, Any] | str, at: datetime, nonce: str | None = None) -> tuple[str, bytes]:
    """(path with query, body) of a POST that holds ``body``."""
    nonce = nonce or f"nonce{next(_numbers)}"
    message = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    encrypted, signature = sealed(message, at, nonce)
    return query(at, nonce, signature), json.dumps({"encrypt": encrypted}).encode()


def said(user: str, text: str, *, chat: str | None = None, id: str | None = None, **more: Any) -> dict[str, Any]:
    """A text message; ``chat`` is the group's id, none for a direct one."""
    words = f"@{NAME} {text}" if chat else text
    where = {"chatid": chat, "chattype": "group"} if chat else {"chattype": "single"}
    known = {"msgid": id or f"BOTMSG{next(_numbers)}", "aibotid": "AIBOT01", "from": {"userid": user}}
    return {**known, **where, "msgtype": "text", "text": {"content": words}, **more}


@dataclass
class Address:
    """A reply address: where it leads, and until when."""

    chat: str
    until: datetime
    used: bool = False


class Addresses:
    """The platform's end of the reply addresses; ``fail`` makes the next answers errcodes."""

    def __init__(self, base_url: str = "") -> None:
        self.base_url = base_url
        self.posted: list[tuple[str, dict[str, Any]]] = []
        self.failures: list[int] = []
        self._addresses: dict[str, Address] = {}

    def mount(self, app: web.Application) -> None:
        app.router.add_post("/cgi-bin/aibot/response", self._take)

    def new(self, chat: str, now: datetime) -> str:
        """One more address for a chat."""
        code = f"CODE{next(_numbers)}"
        self._addresses[code] = Address(chat, now + timedelta(hours=1))
        return f"{self.base_url}/cgi-bin/aibot/response?response_code={code}"

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.json()
        address = self._addresses.get(request.query.get("response_code", ""))
        code = self.failures.pop(0) if self.failures else self._fault(address, body)
        if code == 0 and address is not None:
            address.used = True
            self.posted.append((address.chat, body))
        return web.json_response({"errcode": code, "errmsg": "ok" if code == 0 else "error"})

    def _fault(self, address: Address | None, body: dict[str, Any]) -> int:
        if address is None or address.used:
            return 40058
        if body.get("msgtype") not in ("markdown", "template_card"):
            return 40008
        content = body.get("markdown", {}).get("content", "")
        return 45002 if len(content.encode()) > MARKDOWN_BYTES else 0
