"""Requests to our own doors that no page of ours would send: the local chat's interface, signed links, pages behind them."""

import json
import random
from collections.abc import Iterator
from urllib.parse import quote

from tests.soak.fuzz.hostile import HEADS, damaged, twisted
from tests.soak.fuzz.wire import Request

_PATHS = [
    "/local/chats/shifuban/messages",
    "/local/chats/dm-zhou/messages",
    "/local/chats/slack:C1/messages",
    "/local/taps",
    "/local/files",
    "/local/stream/../taps",
]
_BODY = {
    "user": "zhou",
    "text": "谢谢",
    "id": "",
    "reply_to": "b-i1.1",
    "files": [],
    "message": "b-i1.1",
    "action": "oncall:now",
}


def requests(seed: int) -> Iterator[Request]:
    """Endless; a third are links with tokens that are not ours, or no longer whole."""
    rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
    number = 0
    while True:
        number += 1
        if rng.random() < 0.33:
            yield rng.choice(["GET", "POST"]), rng.choice([f"/tap/{_token(rng)}", _page(rng)]), {}, b""
            continue
        given = _BODY | {"id": f"f{number}"}
        body = json.dumps(twisted(rng, given, rng.randrange(3))).encode()
        body = damaged(rng, body) if rng.random() < 0.1 else body
        head = {"Content-Type": "application/json"}
        if rng.random() < 0.1:
            head = {"Content-Type": rng.choice(HEADS), "Origin": rng.choice(["null", "http://evil.example", "x"])}
        query = f"?after={quote(rng.choice(HEADS))}" if rng.random() < 0.1 else ""
        method = "GET" if query else rng.choice(["POST", "POST", "POST", "POST", "DELETE"])
        yield method, rng.choice(_PATHS) + query, head, b"" if query else body


def _page(rng: random.Random) -> str:
    run = rng.choice(["R1", "R999999999", "r1", "R0", "R-1", "..", "%00", "R1%2f..", "é", "R" + "9" * 40])
    below = rng.choice(["", "/files/R1.txt", "/files/..%2f..%2flink.key", "/files/", "/files/%ff", "/x"])
    key = rng.choice(["link", "link", "link", "Link", "link=a&link"])
    return f"/console/runs/{quote(run, safe='%.')}{below}?{key}={_token(rng)}"


def _token(rng: random.Random) -> str:
    signs = "ABCxyz019-_"
    body, mac = ("".join(rng.choices(signs, k=rng.randrange(1, 200))) for _ in range(2))
    return quote(rng.choice([f"{body}.{mac}", body, f"{body}.", "..", "é.签", f"{body}.{mac}.{mac}", "%00.%ff"]))
