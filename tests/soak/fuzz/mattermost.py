"""Webhooks, commands and button presses that Mattermost would never send, most of them with the right token."""

import json
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from bot.adapters.mattermost.buttons import Buttons, secret_from
from bot.core.content import Button, Card, Post
from tests.soak.fuzz.hostile import broken, damaged, twisted
from tests.soak.fuzz.wire import Request
from tests.support.desk import WORKDAY
from tests.support.platforms.mattermost import BOT_TOKEN, FakeMattermost, ident

_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_SIGNER = Buttons("http://zhiban.example", secret_from(BOT_TOKEN))


def requests(seed: int, at: datetime = WORKDAY) -> Iterator[Request]:
    """Endless (method, path, headers, body)."""
    rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
    fake = FakeMattermost()
    fake.deliver_to("", lambda: at)
    while True:
        path, fields = _valid(rng, fake)
        data = twisted(rng, fields, rng.randrange(4))
        kind = _JSON if path.endswith("actions") or rng.random() < 0.4 else _FORM
        body = json.dumps(data).encode() if kind == _JSON else _form(data)
        if rng.random() < 0.1:
            body = damaged(rng, body)
        headers = {"Content-Type": kind}
        yield "POST", path, broken(rng, headers) if rng.random() < 0.1 else headers, body


def _form(data: dict[str, Any]) -> bytes:
    return urlencode({k: str(v) for k, v in data.items()}, errors="surrogatepass").encode()


def _valid(rng: random.Random, fake: FakeMattermost) -> tuple[str, dict[str, Any]]:
    chat = rng.choice(["shifuban", "duty-room", "dm-lixiao"])
    words = rng.choice(["盖章打不开", "收到", "@值班 谁值班", "@zhiban help", "/ping x"])
    match rng.randrange(3):
        case 0:
            fake.as_json = rng.random() < 0.5
            post = fake.add_post("lixiao", "shifuban", words)
            fake.posts.clear()
            return "/mattermost/outgoing", fake.outgoing(post)
        case 1:
            line = rng.choice(["/zhiban", "/ping", "/help"])
            return "/mattermost/command", fake.command("lixiao", chat, f"{line} {words}")
        case _:
            post = fake.add_post("lixiao", "shifuban", words)
            fake.posts.clear()
            return "/mattermost/actions", fake.action("lixiao", post, _context(rng, post.channel))


def _context(rng: random.Random, channel: str) -> dict[str, Any]:
    """A context that we signed ourselves, for what no message of ours offers."""
    action = rng.choice(["claim:GD-20261014-001", "confirm:R17", "nonsense", "", ":", "claim:" + "x" * 900])
    card = Post("x", card=Card(buttons=(Button(action, "x"),)))
    place = channel if rng.random() < 0.9 else ident("channel", "elsewhere")
    attachments = _SIGNER.attachments(card, "k1", place, direct=rng.random() < 0.2)
    context: dict[str, Any] = attachments[0]["actions"][0]["integration"]["context"]
    return context
