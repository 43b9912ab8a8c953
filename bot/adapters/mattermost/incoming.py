"""What Mattermost tells us: an outgoing webhook, a post, a slash command, a pressed button, each checked field by field."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from bot.adapters.common.ingress import BadRequest, body_of, strict_json
from bot.adapters.mattermost.api import ID

_DIRECT = re.compile(r"[a-z0-9]{26}__[a-z0-9]{26}", re.ASCII)
_FIELDS = 200  # of a form, at most
_LATEST = 10**14  # milliseconds


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody's post. ``root`` is the first message of the thread it stands in; ``trigger`` the word that called us."""

    post: str
    user: str
    channel: str
    text: str
    sent_at: datetime
    root: str | None = None
    trigger: str = ""


@dataclass(frozen=True, slots=True)
class Slash:
    """A slash command: ``command`` with its slash, ``text`` as typed behind it."""

    key: str
    user: str
    channel: str
    command: str
    text: str
    direct: bool
    root: str | None


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button, with the context that it carried; not checked yet."""

    key: str
    user: str
    channel: str
    post: str
    context: Mapping[str, Any]


async def fields_of(request: web.Request) -> dict[str, Any]:
    """The body as one mapping: a form or JSON, whichever the webhook was set up with."""
    body = await body_of(request)
    if request.content_type == "application/json":
        return strict_json(body)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except ValueError:
        raise BadRequest(400, "bad_body") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise BadRequest(400, "ambiguous")
    return dict(pairs)


def from_webhook(fields: Mapping[str, Any]) -> Heard:
    """An outgoing webhook; its time is in seconds in a form and in milliseconds in JSON."""
    return Heard(
        post=_id(fields, "post_id"),
        user=_id(fields, "user_id"),
        channel=_id(fields, "channel_id"),
        text=_words(_text(fields, "text"), fields.get("file_ids")),
        sent_at=_time(fields.get("timestamp")),
        trigger=_text(fields, "trigger_word"),
    )


def from_post(post: Mapping[str, Any], trigger: str = "") -> Heard | None:
    """A post as the server has it; None for what no person said now: bots, webhooks, notices, what is deleted."""
    props = post.get("props") or {}
    by_machine = isinstance(props, dict) and "true" in (props.get("from_bot"), props.get("from_webhook"))
    if by_machine or post.get("type") or post.get("delete_at"):
        return None
    return Heard(
        post=_id(post, "id"),
        user=_id(post, "user_id"),
        channel=_id(post, "channel_id"),
        text=_words(_text(post, "message"), post.get("file_ids")),
        sent_at=_time(post.get("create_at")),
        root=_root(post),
        trigger=trigger,
    )


def slash(fields: Mapping[str, Any]) -> Slash:
    """A slash command; typed in anybody's direct chat it is said to the bot alone."""
    command = _text(fields, "command")
    if not command.startswith("/"):
        raise BadRequest(400, "bad_body")
    return Slash(
        key=f"command-{_trigger(fields)}",
        user=_id(fields, "user_id"),
        channel=_id(fields, "channel_id"),
        command=command,
        text=_text(fields, "text").strip(),
        direct=_DIRECT.fullmatch(_text(fields, "channel_name")) is not None,
        root=_root(fields),
    )


def pressed(fields: Mapping[str, Any]) -> Pressed:
    """A pressed button."""
    context = fields.get("context")
    if not isinstance(context, dict):
        raise BadRequest(400, "bad_body")
    return Pressed(
        key=f"action-{_trigger(fields)}",
        user=_id(fields, "user_id"),
        channel=_id(fields, "channel_id"),
        post=_id(fields, "post_id"),
        context=context,
    )


def _trigger(fields: Mapping[str, Any]) -> str:
    """What makes one press or command one event: the server's signed, random trigger id, shortened."""
    trigger = _text(fields, "trigger_id")
    if not trigger:
        raise BadRequest(400, "bad_body")
    return base64.b32encode(hashlib.sha256(trigger.encode()).digest()).decode().lower()[:32]


def _words(text: str, files: Any) -> str:
    """The words; for a message of files alone, that there were some."""
    return text.strip() or ("[文件]" if files else "")


def _root(fields: Mapping[str, Any]) -> str | None:
    root = _text(fields, "root_id")
    return root if ID.fullmatch(root) else None


def _id(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise BadRequest(400, "bad_body")
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise BadRequest(400, "bad_body")
    return value


def _time(value: Any) -> datetime:
    """Milliseconds as a number, seconds as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 11:
        value = int(value) * 1000
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LATEST:
        raise BadRequest(400, "bad_body")
    return datetime.fromtimestamp(value / 1000, UTC)
