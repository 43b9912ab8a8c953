"""What the content of a Feishu message says, whatever its kind: text, rich text, cards, things sent (Feishu sheet 1.3).

Nothing here refuses: what is not of the form that it has today is left out or named by its kind, and the rest is heard.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.adapters.common import anywhere
from bot.adapters.common.anywhere import with_more
from bot.core import calling
from bot.core.events import FileRef

FORWARDED = "merge_forward"
UNREAD = "[消息]"
_INSTEAD = {
    "image": "[图片]",
    "audio": "[语音]",
    "media": "[视频]",
    "video": "[视频]",
    "file": "[文件]",
    "folder": "[文件]",
    "location": "[位置]",
    "sticker": "[表情]",
    "interactive": "[卡片]",
    "share_chat": "[群名片]",
    "share_user": "[个人名片]",
    "share_calendar_event": "[日程]",
    "calendar": "[日程]",
    "general_calendar": "[日程]",
    "video_chat": "[视频会议]",
    "todo": "[任务]",
    "vote": "[投票]",
    FORWARDED: "[聊天记录]",
}
_NAMES = ("file_name", "name", "topic", "summary", "title", "text")
_DEEPEST = 12  # levels of a card


def content_of(value: Any) -> dict[str, Any] | None:
    """``content`` is JSON in a string; None where it is none, or holds half a character."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str) or not value:
        return None
    try:
        data = json.loads(value)
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def words_of(kind: str, content: Mapping[str, Any], keys: Mapping[str, str] | None = None) -> str:
    """The text of a message; for what has none, what it is, with its name where it has one. Empty where nothing can be read.

    ``keys``: the placeholders of the message's mentions by the account, for a mention that names that instead.
    """
    match kind:
        case "text":
            text = content.get("text")
            return text if isinstance(text, str) else ""
        case "post":
            return _rich(content, keys or {})
        case "interactive":
            shown = "\n".join(with_more(dict.fromkeys(_card(content, _DEEPEST)), content))
            return f"{_INSTEAD[kind]} {shown}".strip()
        case _:
            said = _INSTEAD.get(kind, UNREAD)
            inner = content.get("summary")
            within = _rich(inner, {}) if isinstance(inner, dict) else ""
            name = within or next((v for key in _NAMES if isinstance(v := content.get(key), str) and v.strip()), "")
            name = name or " ".join(anywhere.shown(content))
            return f"{said} {name}".strip()


def files_of(kind: str, content: Mapping[str, Any], message: str) -> tuple[FileRef, ...]:
    """The file of a message by its name; Feishu gives no address that people could open, the app fetches it by both ids."""
    name, key = content.get("file_name"), content.get("file_key")
    if kind not in {"file", "media", "folder"} or not isinstance(name, str) or not name:
        return ()
    return (FileRef(name[:255], "", f"{message} {key}" if kind == "file" and isinstance(key, str) else ""),)


def _rich(content: Mapping[str, Any], keys: Mapping[str, str]) -> str:
    """A rich text as lines; it may be wrapped in a language."""
    if "content" not in content:
        content = next((inner for inner in content.values() if isinstance(inner, dict)), {})
    title, rows = content.get("title"), content.get("content")
    lines = [title] if isinstance(title, str) and title else []
    for row in rows if isinstance(rows, list) else []:
        elements = row if isinstance(row, list) else [row]
        lines.append("".join(_element(element, keys) for element in elements))
    return "\n".join(lines)


def _element(element: Any, keys: Mapping[str, str] | None = None) -> str:
    if not isinstance(element, dict):
        return element if isinstance(element, str) else ""
    tag, text = element.get("tag"), element.get("text")
    shown = text if isinstance(text, str) else ""
    match tag:
        case "at":
            return _mention(element, keys or {})
        case "a":
            href = element.get("href")
            return _link(shown, href if isinstance(href, str) else "")
        case "img" | "media" | "emotion":
            return {"img": _INSTEAD["image"], "media": _INSTEAD["media"], "emotion": _INSTEAD["sticker"]}[tag]
        case _:
            return shown or "\n".join(anywhere.shown(element))


def _mention(element: Mapping[str, Any], keys: Mapping[str, str]) -> str:
    """The placeholder of the mentions; where an account stands in its place that is in none of them, the name, never the id."""
    account, name = element.get("user_id"), element.get("user_name")
    if account == "all":
        return "@_all"
    if not isinstance(account, str):
        return ""
    if account.startswith("@_"):
        return account
    shown = f"{calling.mention(name)} " if isinstance(name, str) and name.strip() else ""
    return keys.get(account, shown)


def _link(label: str, href: str) -> str:
    """Label and address, once where they are the same."""
    if not href or href == label or href.partition("://")[2].rstrip("/") == label.rstrip("/"):
        return label or href
    return f"{label} ({href})" if label else href


def _card(part: Any, deepest: int) -> Iterable[str]:
    """The lines of a card: its title and the texts of its elements, in their order."""
    if deepest == 0:
        return
    if isinstance(part, list):
        if part and all(isinstance(element, dict) and "tag" in element for element in part):
            yield from _row(part, deepest)
            return
        for inner in part:
            yield from _card(inner, deepest - 1)
    elif isinstance(part, dict):
        for name in (
            "header",
            "title",
            "text",
            "content",
            "elements",
            "fields",
            "columns",
            "actions",
            "body",
            "i18n_elements",
        ):
            inner = part.get(name)
            if isinstance(inner, str):
                yield inner
            else:
                yield from _card(inner, deepest - 1)


def _row(elements: list[dict[str, Any]], deepest: int) -> Iterable[str]:
    """Texts and links that stand side by side are one line; blocks are lines of their own."""
    inline = "".join(
        _element(element) for element in elements if isinstance(element.get("text"), str) or element["tag"] == "at"
    )
    if inline:
        yield inline
    for element in elements:
        if not isinstance(element.get("text"), str):
            yield from _card(element, deepest - 1)
