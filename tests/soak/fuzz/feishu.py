"""Requests that Feishu would never send: broken outside, or signed well with hostile JSON inside."""

import json
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.soak.fuzz.hostile import VALUES, broken, damaged, twisted
from tests.soak.fuzz.wire import Request
from tests.support.desk import WORKDAY
from tests.support.platforms.feishu import APP_ID, ENCRYPT_KEY, TOKEN, encrypted, signed_headers


def requests(seed: int, at: datetime = WORKDAY) -> Iterator[Request]:
    """Endless (method, path, headers, body); the signatures are made at ``at``, give or take."""
    rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
    number = 0
    while True:
        number += 1
        event = twisted(rng, _valid(rng, number, at), rng.randrange(4))
        plain = damaged(rng, json.dumps(event).encode()) if rng.random() < 0.1 else json.dumps(event).encode()
        body = json.dumps({"encrypt": encrypted(ENCRYPT_KEY, plain, rng.randbytes(16))}).encode()
        if rng.random() < 0.1:
            body = rng.choice([plain, damaged(rng, body), json.dumps({"encrypt": rng.choice(VALUES)}).encode()])
        skew = rng.choice([0, 0, 0, 299, -299, 301, -301, 10**9])
        headers = signed_headers(str(int(at.timestamp()) + skew), f"n{number}", ENCRYPT_KEY, body)
        if rng.random() < 0.2:
            headers = broken(rng, headers)
        if rng.random() < 0.05:
            body = damaged(rng, body)
        yield "POST", rng.choice(["/feishu/events", "/feishu/cards"]), headers, body


def _valid(rng: random.Random, number: int, at: datetime) -> dict[str, Any]:
    stamp = str(int(at.timestamp() * 1000))
    header = {"event_id": f"ev{number}", "event_type": "", "create_time": stamp, "token": TOKEN, "app_id": APP_ID}
    mention = {"key": "@_user_1", "id": {"open_id": "ou_bot"}, "name": "值班"}
    rich = {"title": "x", "content": [[{"tag": "text", "text": "盖章"}, {"tag": "at", "user_id": "@_user_1"}]]}
    match rng.randrange(5):
        case 0:
            return {"type": "url_verification", "challenge": "ch-1", "token": TOKEN}
        case 1:
            event = {
                "operator": {"open_id": "ou_zhou"},
                "action": {"tag": "button", "value": {"action": "claim:GD-20261014-001", "direct": False}},
                "context": {"open_message_id": "om_1", "open_chat_id": "oc_shifuban"},
            }
            return {"schema": "2.0", "header": header | {"event_type": "card.action.trigger"}, "event": event}
        case 2:
            event = {
                "type": "message",
                "chat_type": "group",
                "msg_type": "text",
                "open_id": "ou_lixiao",
                "open_chat_id": "oc_shifuban",
                "open_message_id": f"om_old{number}",
                "is_mention": True,
                "text_without_at_bot": "慢",
            }
            return {"uuid": f"u{number}", "ts": stamp[:-3], "token": TOKEN, "type": "event_callback", "event": event}
        case _:
            pass
    kind, content = rng.choice([("text", {"text": "@_user_1 慢"}), ("post", rich), ("file", {"file_name": "a"})])
    message = {
        "message_id": f"om_in{number}",
        "chat_id": "oc_shifuban",
        "chat_type": rng.choice(["group", "p2p"]),
        "message_type": kind,
        "content": json.dumps(twisted(rng, content, rng.randrange(3))),
        "create_time": stamp,
        "mentions": [mention],
    }
    sender = {"sender_id": {"open_id": "ou_lixiao"}, "sender_type": "user"}
    whole = {"sender": sender, "message": message}
    return {"schema": "2.0", "header": header | {"event_type": "im.message.receive_v1"}, "event": whole}
