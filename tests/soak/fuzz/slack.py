"""Events, commands and button presses that Slack would never send, most of them with the right signature."""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from tests.soak.fuzz.hostile import broken, damaged, twisted
from tests.soak.fuzz.wire import Request
from tests.support.desk import WORKDAY
from tests.support.platforms.slack import FakeSlack
from tests.support.platforms.slack_server import Kept

_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_WORDS = [
    "盖章打不开",
    "收到",
    "@bot 谁值班",
    "@bot help",
    "/ping x",
    "<@U0BOT00001> <http://a|b> &lt;x&gt;",
    "好了 <!here>",
]


def requests(seed: int, at: datetime = WORKDAY) -> Iterator[Request]:
    """Endless (method, path, headers, body)."""
    rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
    fake = FakeSlack()
    fake.deliver_to("", lambda: at + timedelta(seconds=rng.randrange(-20, 20)))
    card = Kept("C0SHIFUBAN", "1790000000.000100", "x", [])
    fake.channels[card.channel].messages.append(card)
    while True:
        kind, fields = _valid(rng, fake)
        if kind == "payload":
            body = _form({"payload": json.dumps(twisted(rng, fields, rng.randrange(4)))})
        elif kind == "command":
            body = _form(twisted(rng, fields, rng.randrange(3)))
        else:
            body = json.dumps(twisted(rng, fields, rng.randrange(4))).encode()
        if rng.random() < 0.1:
            body = damaged(rng, body)
        headers = {"Content-Type": _JSON if kind == "event" else _FORM, **fake.signed(body)}
        if rng.random() < 0.05:
            headers["Content-Type"] = rng.choice([_JSON, _FORM, "text/plain; charset=utf-16", "multipart/form-data"])
        yield "POST", "/slack/events", broken(rng, headers) if rng.random() < 0.1 else headers, body


def _form(data: dict[str, Any]) -> bytes:
    return urlencode({k: str(v) for k, v in data.items()}, errors="surrogatepass").encode()


def _valid(rng: random.Random, fake: FakeSlack) -> tuple[str, dict[str, Any]]:
    person, words = rng.choice(["lixiao", "zhou", "qin"]), rng.choice(_WORDS)
    chat = rng.choice(["shifuban", "duty-room", f"dm-{person}"])
    match rng.randrange(8):
        case 0:
            return "payload", fake.tap(person, "C0SHIFUBAN:1790000000.000100", rng.choice(["claim:GD-1", "confirm:R1"]))
        case 1:
            return "command", fake.command(person, chat, rng.choice(["/zhiban", "/restart", "/ping"]), words)
        case 2:
            return "event", {"type": "url_verification", "challenge": words}
        case _:
            thread = rng.choice([None, None, "1790000000.000100"])
            event = fake.message(person, chat, words, ts=fake.ts(), thread=thread)
            extra = rng.choice(
                [{}, {"subtype": "file_share", "files": [{"id": "F1", "name": "a", "mimetype": "image/png"}]}]
            )
            return "event", fake.callback({**event, **extra})
