"""A post as ``m.room.message``: plain text beside HTML in which what people typed stays text, with exactly the mentions meant.

Spec: "m.room.message msgtypes", "Mentioning the user" (``m.mentions``), "Event replacements", "Threading", "Rich replies".
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.adapters.matrix import buttons as signs
from bot.core.content import Button

TEXT_LIMIT = 9_000
"""Bytes of a text: an event holds 65,536, and an edit carries the text four times (plain and HTML, old and new)."""
_FALLBACK = re.compile(r"\A(?:> [^\n]*\n)+\n")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is hung: ``thread`` its thread's first event, ``reply_to`` the event that it answers."""

    thread: str | None = None
    reply_to: str | None = None


def measured(text: str) -> int:
    """Bytes of the text within an event, as HTML, which is the longer form: a new line takes four, a backslash two."""
    return len(json.dumps(_html(text, {}), ensure_ascii=False).encode()) - len('""')


def content(text: str, buttons: Sequence[Button], accounts: Mapping[str, str]) -> dict[str, Any]:
    """What is shown; ``accounts``: shown name → Matrix id of everybody who is mentioned."""
    offer = signs.lines(buttons)
    body = f"{text}\n{offer}" if offer else text
    found: dict[str, Any] = {
        "msgtype": "m.text",
        "body": body,
        "format": "org.matrix.custom.html",
        "formatted_body": _html(body, accounts),
        "m.mentions": {"user_ids": sorted(set(accounts.values()))} if accounts else {},
    }
    return found | ({signs.KEY: signs.offered(buttons)} if buttons else {})


def placed(shown: dict[str, Any], place: Place) -> dict[str, Any]:
    """The content under what it answers; a plain reply is shown beside it, a thread keeps to itself."""
    answered = {"m.in_reply_to": {"event_id": place.reply_to}} if place.reply_to else {}
    if place.thread:
        thread = {"rel_type": "m.thread", "event_id": place.thread, "is_falling_back": place.reply_to is None}
        return shown | {"m.relates_to": thread | (answered or {"m.in_reply_to": {"event_id": place.thread}})}
    return shown | ({"m.relates_to": answered} if answered else {})


def replacing(shown: dict[str, Any], event: str) -> dict[str, Any]:
    """The content as an edit of ``event``; older clients show it with a star. An edit mentions nobody anew."""
    old = {name: value for name, value in shown.items() if name != signs.KEY}
    relation = {"rel_type": "m.replace", "event_id": event}
    star = {"body": f"* {shown['body']}", "formatted_body": f"* {shown['formatted_body']}", "m.mentions": {}}
    return old | star | {"m.new_content": shown, "m.relates_to": relation}


def spoken(body: str, *, replies: bool) -> str:
    """What somebody typed; older clients put the message that they answer in front of it."""
    return (_FALLBACK.sub("", body) if replies else body).strip()


def _html(text: str, accounts: Mapping[str, str]) -> str:
    shown = html.escape(text)
    for name in sorted(accounts, key=len, reverse=True):
        address = f"https://matrix.to/#/{quote(accounts[name])}"
        pill = f'<a href="{address}">{html.escape(name)}</a>'
        shown = shown.replace(html.escape(f"@{name}"), pill, 1)
    return shown.replace("\n", "<br>")
