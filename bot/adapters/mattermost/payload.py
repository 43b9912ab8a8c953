"""What Mattermost tells us, checked field by field: an outgoing webhook, a post, a slash command, a pressed button."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.adapters.common import fields
from bot.adapters.mattermost.api import ID
from bot.adapters.mattermost.words import files_of, words_of
from bot.core.events import FileRef

_DIRECT = re.compile(r"[a-z0-9]{26}__[a-z0-9]{26}", re.ASCII)
_LATEST = 10**14  # milliseconds
_BY_PEOPLE = (None, "", "me")  # types of post that somebody wrote; "me" is what /me makes


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody's post. ``root`` is the first message of the thread it stands in; ``trigger`` the word that called us.

    ``sent_at`` is None where no time is told.
    """

    post: str
    user: str
    channel: str
    text: str
    sent_at: datetime | None
    root: str | None = None
    trigger: str = ""
    files: tuple[FileRef, ...] = ()


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


def from_webhook(data: Mapping[str, Any]) -> Heard:
    """An outgoing webhook; its time is in seconds in a form and in milliseconds in JSON."""
    return Heard(
        post=fields.matching(data, "post_id", ID),
        user=fields.matching(data, "user_id", ID),
        channel=fields.matching(data, "channel_id", ID),
        text=fields.maybe(data, "text") or ("[文件]" if data.get("file_ids") else ""),
        sent_at=_time(data.get("timestamp")),
        trigger=fields.maybe(data, "trigger_word") or "",
    )


def from_post(post: Mapping[str, Any], trigger: str = "") -> Heard | None:
    """A post as the server has it; None for what no person said now: bots, webhooks, notices, what is deleted."""
    props = post.get("props") or {}
    by_machine = isinstance(props, dict) and any(
        props.get(name) in ("true", True) for name in ("from_bot", "from_webhook")
    )
    if by_machine or post.get("type") not in _BY_PEOPLE or post.get("delete_at"):
        return None
    return Heard(
        post=fields.matching(post, "id", ID),
        user=fields.matching(post, "user_id", ID),
        channel=fields.matching(post, "channel_id", ID),
        text=words_of(post),
        sent_at=_time(post.get("create_at")),
        root=_root(post),
        trigger=trigger,
        files=files_of(post),
    )


def slash(data: Mapping[str, Any]) -> Slash:
    """A slash command; typed in anybody's direct chat it is said to the bot alone."""
    command = _text(data, "command")
    if not command.startswith("/"):
        fields.bad()
    return Slash(
        key=f"command-{_trigger(data)}",
        user=fields.matching(data, "user_id", ID),
        channel=fields.matching(data, "channel_id", ID),
        command=command,
        text=_text(data, "text").strip(),
        direct=_DIRECT.fullmatch(_text(data, "channel_name")) is not None,
        root=_root(data),
    )


def pressed(data: Mapping[str, Any]) -> Pressed:
    """A pressed button."""
    context = data.get("context")
    if not isinstance(context, dict):
        fields.bad()
    return Pressed(
        key=f"action-{_trigger(data)}",
        user=fields.matching(data, "user_id", ID),
        channel=fields.matching(data, "channel_id", ID),
        post=fields.matching(data, "post_id", ID),
        context=context,
    )


def _trigger(data: Mapping[str, Any]) -> str:
    """What makes one press or command one event: the server's signed, random trigger id, shortened."""
    trigger = _text(data, "trigger_id")
    if not trigger:
        fields.bad()
    return base64.b32encode(hashlib.sha256(trigger.encode()).digest()).decode().lower()[:32]


def _root(data: Mapping[str, Any]) -> str | None:
    root = fields.maybe(data, "root_id") or ""
    return root if ID.fullmatch(root) else None


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        fields.bad()
    return value


def _time(value: Any) -> datetime | None:
    """Milliseconds as a number, seconds as text; None for what is no time."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 11:
        value = int(value) * 1000
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LATEST:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)
