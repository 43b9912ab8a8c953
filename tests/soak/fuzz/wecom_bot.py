"""Requests that WeCom would never send to an AI bot: broken outside, or signed well with hostile JSON inside."""

import copy
import itertools
import json
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from bot.adapters.wecom.crypto import Crypto
from tests.support.desk import WORKDAY
from tests.support.platforms.wecom_sealed import BOT_KEY, BOT_TOKEN

Request = tuple[str, str, dict[str, str], bytes]

_PATH = "/wecom/bot/duty"
_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**400,
    1e308,
    float("nan"),
    "",
    " ",
    "@值班",
    "@",
    "x" * 5000,
    "\ud800",
    "\x00\x0b\x1f\u2028",
    "‮@所有人",
    "🧯" * 50,
    "/restart oa3; rm -rf /",
    "{{ 7 * 7 }}",
    "http://169.254.169.254/latest",
    "https://[",
    "https://qyapi.weixin.qq.com:x/",
    "event",
    "mixed",
    "template_card_event",
    "single",
    [],
    {},
    [[[[[{}]]]]],
    {"msgtype": "mixed", "mixed": {"msg_item": [{"msgtype": "mixed"}, 3]}},
)
_BODIES = (b"", b"\xff\xfe", b"[]", b"{", b'"x"', b"null", b"[" * 200_000, b'{"a":' * 400, b'{"encrypt": NaN}')
_OUTER = ('{{"encrypt": ["{0}"]}}', '{{"encrypt": "{0}", "encrypt": ""}}', "{0}", '"{0}"', '{{"Encrypt": "{0}"}}')


def requests(seed: int, at: datetime = WORKDAY) -> Iterator[Request]:
    """Endless (method, path and query, headers, body); the signatures are made at ``at``, give or take."""
    rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
    right, other = Crypto(BOT_TOKEN, BOT_KEY, ""), Crypto(BOT_TOKEN, BOT_KEY, "ww0000000000000000")
    number = 0
    while True:
        number += 1
        crypto = other if rng.random() < 0.05 else right
        method = "GET" if rng.random() < 0.1 else "POST"
        message = _message(rng, number, at) if method == "POST" else rng.randbytes(rng.randrange(100))
        encrypted = crypto.encrypt(message, prefix=rng.randbytes(16))
        if rng.random() < 0.1:
            cut = rng.randrange(len(encrypted))
            encrypted = encrypted[:cut] + rng.choice(["", "A", "=", "é", " "]) + encrypted[cut + 1 :]
        timestamp = str(int(at.timestamp()) + rng.choice([0, 0, 0, 0, 299, -299, 301, -301, 10**9]))
        if rng.random() < 0.05:
            timestamp = rng.choice(["", "-1", "1e9", "１７００", "9" * 400, "x"])
        query = [("timestamp", timestamp), ("nonce", f"n{number}")]
        query.append(("msg_signature", crypto.signature(timestamp, f"n{number}", encrypted)))
        body = json.dumps({"encrypt": encrypted}).encode()
        if rng.random() < 0.1:
            body = rng.choice([*(outer.format(encrypted).encode() for outer in _OUTER), *_BODIES])
        if method == "GET":
            body = b""
            query.append(("echostr", encrypted))
        yield method, f"{_PATH}?{_query(rng, query)}", {"Content-Type": "application/json"}, body


def callbacks(seed: int, at: datetime = WORKDAY) -> Iterator[dict[str, Any]]:
    """Endless hostile callbacks, as the long connection brings them."""
    rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
    for number in itertools.count(1):
        yield _twisted(rng, _valid(rng, number, at), rng.randrange(4))


def _message(rng: random.Random, number: int, at: datetime) -> bytes:
    """A callback with some of its parts replaced or left out; sometimes no callback at all."""
    if rng.random() < 0.05:
        return rng.choice(_BODIES)
    message = _twisted(rng, _valid(rng, number, at), rng.randrange(4))
    data = json.dumps(message).encode()
    if rng.random() < 0.05:
        cut = rng.randrange(len(data))
        data = data[:cut] + rng.randbytes(1) + data[cut + 1 :]
    return data


def _valid(rng: random.Random, number: int, at: datetime) -> dict[str, Any]:
    known: dict[str, Any] = {
        "msgid": f"MSG{number}",
        "aibotid": "AIBOT01",
        "chatid": "wrshifuban",
        "chattype": rng.choice(["group", "single"]),
        "from": {"userid": rng.choice(["u_zhou", "u_lixiao", "u_nobody"])},
        "response_url": f"https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=C{number}",
    }
    text = {"msgtype": "text", "text": {"content": rng.choice(["@值班 盖章点了没反应", "@值班 /ping x", "收到"])}}
    image = {"msgtype": "image", "image": {"url": "https://x/y"}}
    click = {"card_type": "button_interaction", "event_key": "claim:GD-1", "task_id": f"t{number}-1"}
    kinds: list[dict[str, Any]] = [
        text,
        text | {"quote": copy.deepcopy(text)},
        {"msgtype": "voice", "voice": {"content": "打不开"}},
        {"msgtype": "mixed", "mixed": {"msg_item": [copy.deepcopy(text), image]}},
        image,
        {"msgtype": "stream", "stream": {"id": "S"}},
        {"msgtype": "event", "event": {"eventtype": "enter_chat"}},
        {"msgtype": "event", "event": {"eventtype": "template_card_event", "template_card_event": click}},
        {"msgtype": "event", "event": {"eventtype": "template_card_event", **click}},
    ]
    created = {"create_time": int(at.timestamp())} if rng.random() < 0.5 else {}
    return known | created | rng.choice(kinds)


def _twisted(rng: random.Random, data: dict[str, Any], times: int) -> dict[str, Any]:
    """``data`` with some of its parts, at any depth, replaced or left out."""
    for _ in range(times):
        node: Any = data
        while isinstance(node, dict | list) and node:
            place: Any = rng.choice(list(node)) if isinstance(node, dict) else rng.randrange(len(node))
            inner = node[place]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.6:
                node = inner
                continue
            if rng.random() < 0.2:
                del node[place]
            else:
                node[place] = copy.deepcopy(rng.choice(_VALUES))
            break
    return data


def _query(rng: random.Random, query: list[tuple[str, str]]) -> str:
    """The query as it should be, or with a parameter missing, twice, strange, or encoded wrongly."""
    if rng.random() < 0.85:
        return urlencode(query)
    place = rng.randrange(len(query))
    match rng.randrange(4):
        case 0:
            del query[place]
        case 1:
            query.append(query[place])
        case 2:
            return urlencode(query).replace("%", rng.choice(["%25", "%", "+"]))
        case _:
            return urlencode(query) + rng.choice(["&%", "&=", "&msg_signature", "%00", f"&{quote('号')}=%ff%fe"])
    return urlencode(query)
