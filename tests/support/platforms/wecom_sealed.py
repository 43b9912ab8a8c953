"""Requests as WeCom makes them: encrypted and signed with an implementation that is not ours (wechatpy)."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from wechatpy.enterprise.crypto import WeChatCrypto

CORP, AGENT, APP_SECRET = "ww1234567890abcdef", 1000002, "wecom-app-secret"
APP_TOKEN, APP_KEY = "chatopsTestToken01", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno0A"
BOT_TOKEN, BOT_KEY = "chatopsTestToken02", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"


@dataclass(frozen=True)
class Sealed:
    """One callback on its way: its address with the query, and its body."""

    path: str
    query: dict[str, str]
    body: bytes

    @property
    def path_qs(self) -> str:
        return f"{self.path}?{urlencode(self.query)}"


def seal(text: str, *, token: str, key: str, receiver: str, timestamp: str, nonce: str) -> tuple[str, dict[str, str]]:
    """(ciphertext, query) for a message."""
    crypto = WeChatCrypto(token, key, receiver)
    envelope = crypto.encrypt_message(text, nonce, timestamp)
    signature = inside(envelope, "MsgSignature")
    return inside(envelope, "Encrypt"), {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}


def for_app(message: str, timestamp: str, nonce: str, *, app: str = "duty", receiver: str = CORP) -> Sealed:
    """A message (XML) to the self-built app's callback."""
    path = f"/wecom/app/{app}"
    encrypted, query = seal(message, token=APP_TOKEN, key=APP_KEY, receiver=receiver, timestamp=timestamp, nonce=nonce)
    body = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><AgentID><![CDATA[{AGENT}]]></AgentID>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    return Sealed(path, query, body.encode())


def for_bot(message: dict[str, object], timestamp: str, nonce: str, *, bot: str = "duty") -> Sealed:
    """A message (JSON) to the AI bot's callback; nobody's id is in it."""
    path = f"/wecom/bot/{bot}"
    text = json.dumps(message, ensure_ascii=False)
    encrypted, query = seal(text, token=BOT_TOKEN, key=BOT_KEY, receiver="", timestamp=timestamp, nonce=nonce)
    return Sealed(path, query, json.dumps({"encrypt": encrypted}).encode())


def xml_of(fields: dict[str, str]) -> str:
    """A message as the app's page shows it; what people typed stands in CDATA."""
    return "<xml>" + "".join(f"<{name}>{cdata(value)}</{name}>" for name, value in fields.items()) + "</xml>"


def cdata(text: str) -> str:
    """Text whose ``]]>`` ends nothing."""
    return text if text.isdigit() else f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def inside(envelope: str, tag: str) -> str:
    """What stands in an element of wechatpy's envelope."""
    text = envelope.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return text.removeprefix("<![CDATA[").removesuffix("]]>")
