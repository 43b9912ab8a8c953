"""How a post looks on Feishu: a card for the app bot, rich text for a custom robot; text of people stays text."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.adapters.common.mentions import spans
from bot.core.content import Button, Card

CARD_LIMIT = 24_000  # bytes of 30 KB, the rest is for buttons and mentions (Feishu sheet 1.4)
ROBOT_LIMIT = 18_000  # bytes of 20 KB (Feishu sheet 1.1)
TITLE_LIMIT = 60  # characters; a longer first line would be cut off in a card's head
_ACCOUNT = re.compile(r"ou_[A-Za-z0-9_-]+")  # never "all", whatever people.yaml says
_COLOURS = {"open": "orange", "breach": "red", "quiet": "grey", "ask": "blue", "done": "green"}
_STYLES = {"primary", "danger"}
_ESCAPED = "&<>*~_`[]()\\$"
_MARKUP = re.compile(rf"(https?://(?:[A-Za-z0-9./?=%_:#+-]|&(?=\w+=))+)|[{re.escape(_ESCAPED)}]")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f]")
CONTROL_WEIGHT = 6  # \\u0001 for one byte
_CARD_WEIGHTS = {char: len(f"&#{ord(char)};") - 1 for char in _ESCAPED} | {'"': 3, "\n": 2}  # bytes more than its own
_RICH_WEIGHTS = {"\\": 1, '"': 1, "\n": len('"}],[{"tag":"text","text":"') - 1}


@dataclass(frozen=True, slots=True)
class At:
    """A real mention of an account (its open_id); ``name`` is how the text calls the person."""

    account: str
    name: str


Part: TypeAlias = str | At


def parts(text: str, people: Iterable[tuple[str, str]]) -> list[Part]:
    """``text`` with the first ``@name`` of each (name, account) taken out as a mention; every other @ stays a word."""
    pieces: list[Part] = []
    done = 0
    for span in spans(text, [person for person in people if _ACCOUNT.fullmatch(person[1])]):
        pieces += [text[done : span.begin], At(span.account, span.name)]
        done = span.end
    return [piece for piece in (*pieces, text[done:]) if piece]


def card(pieces: list[Part], look: Card | None, *, direct: bool) -> str:
    """The content of an interactive message: a coloured head for the first line, the text, the buttons.

    ``direct`` comes back with a tap, which does not say by itself what kind of chat it was in.
    """
    whole: dict[str, Any] = {"config": {"wide_screen_mode": True, "update_multi": True}}  # without it no PATCH
    colour = _COLOURS.get(look.tone) if look else None
    if colour and pieces and isinstance(pieces[0], str):
        first, line_end, rest = pieces[0].partition("\n")
        if first and len(first) <= TITLE_LIMIT and (line_end or len(pieces) == 1):
            whole["header"] = {"template": colour, "title": {"tag": "plain_text", "content": first}}
            pieces = [rest, *pieces[1:]] if rest else pieces[1:]
    elements: list[dict[str, Any]] = []
    if pieces:
        elements.append({"tag": "div", "text": {"tag": "lark_md", "content": "".join(map(_markdown, pieces))}})
    if look and look.buttons:
        elements.append({"tag": "action", "actions": [_button(button, direct) for button in look.buttons]})
    return _json(whole | {"elements": elements})


def card_bytes(text: str) -> int:
    """How many bytes ``text`` takes at the most in a request, escaped for the card, and its JSON once more as a string."""
    return _weighed(text, _CARD_WEIGHTS)


def rich_text(pieces: list[Part]) -> dict[str, Any]:
    """The content of a robot's message: text and mentions as elements of their own, so nothing needs escaping."""
    lines: list[list[dict[str, str]]] = [[]]
    for piece in pieces:
        if isinstance(piece, At):
            lines[-1].append({"tag": "at", "user_id": piece.account, "user_name": piece.name})
            continue
        first, *more = piece.split("\n")
        lines[-1].append({"tag": "text", "text": first})
        lines += [[{"tag": "text", "text": line}] for line in more]
    return {"post": {"zh_cn": {"title": "", "content": lines}}}


def rich_text_bytes(text: str) -> int:
    """How many bytes ``text`` takes at the most in a robot's message, where each line is an element."""
    return _weighed(text, _RICH_WEIGHTS)


def _weighed(text: str, weights: dict[str, int]) -> int:
    """By counting, because texts are cut to size by measuring them again and again."""
    controls = CONTROL_WEIGHT * len(_CONTROLS.findall(text))
    return len(text.encode()) + controls + sum(text.count(char) * more for char, more in weights.items())


def _markdown(piece: Part) -> str:
    if isinstance(piece, At):
        return f"<at id={piece.account}></at>"
    return _MARKUP.sub(lambda found: found[1] or f"&#{ord(found[0])};", piece)


def _button(button: Button, direct: bool) -> dict[str, Any]:
    return {
        "tag": "button",
        "text": {"tag": "plain_text", "content": button.label},
        "type": button.style if button.style in _STYLES else "default",
        "value": {"action": button.action, "direct": direct},
    }


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
