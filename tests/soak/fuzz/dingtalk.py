"""Callbacks that DingTalk would never send: heads broken, or signed well with hostile JSON behind them."""

import json
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.soak.fuzz.hostile import broken, damaged, twisted
from tests.soak.fuzz.wire import Request
from tests.support.desk import WORKDAY
from tests.support.platforms.base import Seen
from tests.support.platforms.dingtalk import APP_SECRET, FakeDingtalk, signature

_SKEWS = [0, 0, 0, 0, 299, -299, 301, -301, 10**9]  # seconds
_CONTENTS: list[dict[str, Any]] = [
    {"msgtype": "richText", "content": {"richText": [{"text": "看"}, {"type": "picture", "downloadCode": "x"}]}},
    {"msgtype": "audio", "content": {"recognition": "打不开", "duration": 3}},
    {"msgtype": "picture", "content": {"downloadCode": "x"}},
    {"msgtype": "file", "content": {"fileName": "a.pdf", "fileId": "x"}},
]


def requests(seed: int, at: datetime = WORKDAY) -> Iterator[Request]:
    """Endless (method, path, headers, body); the signatures are made at ``at``, give or take."""
    rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
    fake = FakeDingtalk()
    fake.deliver_to("", lambda: at)
    while True:
        body = json.dumps(twisted(rng, _valid(rng, fake), rng.randrange(4))).encode()
        if rng.random() < 0.1:
            body = damaged(rng, body)
        timestamp = str((int(at.timestamp()) + rng.choice(_SKEWS)) * 1000)
        headers = {"timestamp": timestamp, "sign": signature(timestamp, APP_SECRET), "Content-Type": "application/json"}
        yield "POST", "/dingtalk/events", broken(rng, headers) if rng.random() < 0.15 else headers, body


def _valid(rng: random.Random, fake: FakeDingtalk) -> dict[str, Any]:
    chat = rng.choice(["shifuban", "minzheng", "duty-room", "dm-lixiao"])
    quote = Seen("pqk1=", "GD-20261014-001 请处理") if rng.random() < 0.3 else None
    words = rng.choice(["盖章打不开", "收到", "谁值班", "/ping x", "restart oa3", "／ｈｅｌｐ"])
    body = fake.body("lixiao", chat, words, quote=quote)
    if rng.random() < 0.2:
        body |= rng.choice(_CONTENTS)
    return body
