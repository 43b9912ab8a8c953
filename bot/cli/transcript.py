"""What was said in a dry run, as JSON lines or as a table."""

import json
from collections.abc import Iterable
from typing import Any
from unicodedata import east_asian_width

from bot.core.content import Op
from bot.workers.transcript import Said
from data.site import Site

CHAT_WIDTH = 18  # columns of a terminal


def print_json(found: Iterable[Said], site: Site) -> None:
    """One object a line; keys without a value are left out. ``to``: the person of a direct chat."""
    for one in found:
        print(json.dumps(_object(one, site), ensure_ascii=False))


def print_table(found: Iterable[Said], site: Site) -> None:
    """Time, chat and text in columns; further lines of a text stand below its first."""
    for one in found:
        at = f"{site.local(one.at):%m-%d %H:%M:%S}"
        chat = site.chat(one.chat)
        name = _padded(("↻ " if one.op is Op.UPDATE else "") + (chat.name if chat else one.chat), CHAT_WIDTH)
        first, *more = [line for line in one.post.text.split("\n") if line.strip()] or [""]
        labels = " ".join(f"[{button.label}]" for button in one.post.buttons)
        print(f"{at}  {name}  {first}")
        for line in [*more, *([labels] if labels else [])]:
            print(f"{'':{len(at)}}  {'':{CHAT_WIDTH}}  {line}")


def _object(one: Said, site: Site) -> dict[str, Any]:
    chat = site.chat(one.chat)
    card = one.post.card
    row = {
        "at": site.local(one.at).isoformat(),
        "chat": one.chat,
        "to": chat.person if chat else None,
        "text": one.post.text,
        "mentions": [mention.person for mention in one.post.mentions],
        "buttons": [{"action": button.action, "label": button.label} for button in card.buttons] if card else [],
        "reply_to": one.reply_to,
        "update": one.op is Op.UPDATE,
    }
    return {key: value for key, value in row.items() if value or key == "text"}


def _padded(text: str, width: int) -> str:
    """``text`` filled with blanks to ``width`` columns, where a Chinese character takes two."""
    columns = sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(0, width - columns)
