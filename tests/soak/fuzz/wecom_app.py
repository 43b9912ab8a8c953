"""Requests that WeCom would never send to a self-built app: broken outside, or signed well with hostile XML inside."""

import random
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from bot.adapters.wecom.crypto import Crypto
from tests.support.desk import WORKDAY
from tests.support.platforms.wecom_sealed import APP_KEY, APP_TOKEN, CORP

Request = tuple[str, str, dict[str, str], bytes]

_PATH = "/wecom/app/duty"
_LONGEST_LINE = 8000  # the web server itself refuses a longer one, and cuts the line
_VALUES = (
    "",
    " ",
    "0",
    "-1",
    "9" * 400,
    "1e9",
    "１７００",
    "x" * 5000,
    "u_zhou",
    "@all",
    "../../etc/passwd",
    "]]>",
    "</xml>",
    "&lt;!ENTITY x&gt;",
    "\x00\x0b\x1f",
    "\ufffe\uffff",
    "‮@所有人",
    "🧯" * 50,
    "/restart oa3; rm -rf /",
    "{{ 7 * 7 }}",
    "template_card_event",
    "event",
    "text",
)
_DOCUMENTS = (
    b"",
    b"\xff\xfe\x00",
    b"<xml>",
    b"<xml/>",
    b"<a/>",
    b"<xml>" + b"<a>" * 5000,
    b'<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><FromUserName>&b;</FromUserName></xml>',
    b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>',
    b'<?xml version="1.0" encoding="utf-7"?><xml/>',
    b'<?xml version="1.0" encoding="big5"?><xml><FromUserName>\xa4</FromUserName></xml>',
    b'{"msgtype": "text"}',
)
_OUTER = (
    "<xml><Encrypt>{0}</Encrypt><Encrypt>{0}</Encrypt></xml>",
    "<xml><Encrypt><Encrypt>{0}</Encrypt></Encrypt></xml>",
    "<xml><a>{0}</a></xml>",
    "<xml><Encrypt/></xml>",
    '<!DOCTYPE xml [<!ENTITY e "{0}">]><xml><Encrypt>&e;</Encrypt></xml>',
    '{{"encrypt": "{0}"}}',
    "{0}",
)


def requests(seed: int, at: datetime = WORKDAY) -> Iterator[Request]:
    """Endless (method, path and query, headers, body); the signatures are made at ``at``, give or take."""
    rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
    right, other = Crypto(APP_TOKEN, APP_KEY, CORP), Crypto(APP_TOKEN, APP_KEY, "ww0000000000000000")
    number = 0
    while True:
        number += 1
        crypto = other if rng.random() < 0.05 else right
        encrypted = crypto.encrypt(_message(rng, number, at), prefix=rng.randbytes(16))
        if rng.random() < 0.15:
            encrypted = _damaged_text(rng, encrypted)
        timestamp = str(int(at.timestamp()) + rng.choice([0, 0, 0, 0, 299, -299, 301, -301, 10**9]))
        if rng.random() < 0.05:
            timestamp = rng.choice(_VALUES)
        query = [("timestamp", timestamp), ("nonce", f"n{number}")]
        query.append(("msg_signature", crypto.signature(timestamp, f"n{number}", encrypted)))
        body = f"<xml><AgentID>1000002</AgentID><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
        if rng.random() < 0.1:
            body = rng.choice(_OUTER).format(encrypted).encode()
        if rng.random() < 0.1:
            body = _damaged(rng, body)
        method = "POST"
        if rng.random() < 0.1:
            method, body = "GET", b""
            query.append(("echostr", encrypted))
        path_qs = f"{_PATH}?{_query(rng, query)}"
        if len(path_qs) < _LONGEST_LINE:
            yield method, path_qs, {"Content-Type": "text/xml"}, body


def _message(rng: random.Random, number: int, at: datetime) -> bytes:
    """A message or a click, with some of its fields replaced, left out or doubled; sometimes no message at all."""
    if rng.random() < 0.1:
        return rng.choice(_DOCUMENTS)
    fields = {
        "ToUserName": CORP,
        "FromUserName": "u_zhou",
        "CreateTime": str(int(at.timestamp())),
        "MsgType": "text",
        "Content": "盖章点了没反应",
        "MsgId": str(7_000_000_000 + number),
    }
    if rng.random() < 0.4:
        fields |= {"MsgType": "event", "Event": "template_card_event", "EventKey": "claim:GD-1", "TaskId": f"t{number}"}
        fields |= {"ResponseCode": f"RC{number}"}
    names = list(fields)
    for name in rng.sample(names, rng.randrange(3)):
        if rng.random() < 0.3:
            del fields[name]
        else:
            fields[name] = rng.choice(_VALUES)
    parts = [f"<{name}>{escape(value)}</{name}>" for name, value in fields.items()]
    if parts and rng.random() < 0.05:
        parts.append(rng.choice(parts))
    message = f"<xml>{''.join(parts)}</xml>".encode("utf-8", "replace")
    return _damaged(rng, message) if rng.random() < 0.1 else message


def _query(rng: random.Random, query: list[tuple[str, str]]) -> str:
    """The query as it should be, or with a parameter missing, twice, strange, or encoded wrongly."""
    if rng.random() < 0.8:
        return urlencode(query)
    place = rng.randrange(len(query))
    match rng.randrange(5):
        case 0:
            del query[place]
        case 1:
            query.append(query[place])
        case 2:
            query[place] = query[place][0], rng.choice(_VALUES)
        case 3:
            return urlencode(query).replace("%", rng.choice(["%25", "%", "+"]))
        case _:
            return urlencode(query) + rng.choice(["&%", "&=", "&msg_signature", "%00", f"&{quote('号')}=%ff%fe"])
    return urlencode(query)


def _damaged_text(rng: random.Random, text: str) -> str:
    place = rng.randrange(len(text))
    match rng.randrange(4):
        case 0:
            return text[:place]
        case 1:
            return f"{text[:place]}{rng.choice('AZaz09+/=*号 ')}{text[place + 1 :]}"
        case 2:
            return text + text
        case _:
            return rng.choice(["", "=", "AAAA", "A" * 17, "A" * 64])


def _damaged(rng: random.Random, body: bytes) -> bytes:
    place = rng.randrange(len(body) + 1)
    match rng.randrange(3):
        case 0:
            return body[:place]
        case 1:
            return body[:place] + rng.randbytes(3) + body[place:]
        case _:
            return rng.randbytes(rng.randrange(200))
