"""What breaks parsers: values that are not what they should be, bodies cut and spoiled, heads missing or absurd."""

import base64
import copy
import random
from typing import Any

VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**400,
    float("nan"),
    float("inf"),
    "",
    " ",
    "x" * 5000,
    "\ud800",
    "\x00\x1b[31m",
    "‮@所有人 <!channel>",
    "🧯" * 50,
    '{"text": ',
    "../../users/me",
    "9" * 30,
    [],
    {},
    [[[[[[{}]]]]]],
    [None, 1, "x"],
    {"content": 7},
    {"action": "confirm:R1", "direct": "yes", "key": 1, "mac": "签"},
]
HEADS = ["", "0", "-1", "1e9", "9" * 40, "é", "x" * 3000, " ", "１２３"]


def twisted(rng: random.Random, data: Any, times: int) -> Any:
    """``data`` with some of its parts replaced or left out."""
    data = copy.deepcopy(data)
    for _ in range(times):
        node = data
        while isinstance(node, dict | list) and node:
            key: Any = rng.choice(list(node)) if isinstance(node, dict) else rng.randrange(len(node))
            inner = node[key]
            if not isinstance(inner, dict | list) or not inner or rng.random() < 0.3:
                if rng.random() < 0.2 and isinstance(node, dict):
                    del node[key]
                else:
                    node[key] = copy.deepcopy(rng.choice(VALUES))
                break
            node = inner
    return data


def damaged(rng: random.Random, body: bytes) -> bytes:
    """The body cut, spoiled, replaced, or wrapped."""
    match rng.randrange(4):
        case 0:
            return body[: rng.randrange(len(body))] if body else b"{"
        case 1:
            place = rng.randrange(len(body) + 1)
            return body[:place] + rng.randbytes(3) + body[place:]
        case 2:
            return rng.randbytes(rng.randrange(200))
        case _:
            return base64.b64encode(body)


def broken(rng: random.Random, headers: dict[str, str]) -> dict[str, str]:
    """The headers with one left out or absurd."""
    name = rng.choice(list(headers))
    if rng.random() < 0.4:
        return {key: value for key, value in headers.items() if key != name}
    return headers | {name: rng.choice(HEADS)}
