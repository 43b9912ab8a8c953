"""What a Mattermost post says, wherever it stands: its text, what /me made, a post that was passed on, files by their kind.

Nothing here refuses: a part that is not of the form it has today is left out, and the rest is heard.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.adapters.common.anywhere import shown
from bot.adapters.common.forwards import LONGEST, forwarded
from bot.core.events import FileRef

_KINDS = {"image": "[图片]", "audio": "[语音]", "video": "[视频]"}
_FILE = "[文件]"
_ADDRESS = re.compile(r"https?://\S+|@[A-Za-z0-9._-]+")  # a mention as well
_SAYS = re.compile(r"\w")
_MOST = 10  # files of one post that are kept by name


def words_of(post: Mapping[str, Any]) -> str:
    """The words of a post, then those of every post that was passed on with it; of files alone, their kinds."""
    lines = [_own(post), *_passed_on(post)]
    text = "\n".join(line for line in lines if line)[:LONGEST]
    if _SAYS.search(_ADDRESS.sub("", text)):
        return text
    return "\n".join([*filter(None, [text]), *_beside(post)])[:LONGEST] or _kinds(post)


def files_of(post: Mapping[str, Any]) -> tuple[FileRef, ...]:
    """The files of a post by their names; they are opened in Mattermost itself."""
    infos = _dicts(_metadata(post).get("files"))
    return tuple(FileRef(name[:255], "", _text(info, "id")) for info in infos if (name := _text(info, "name")))[:_MOST]


def _own(post: Mapping[str, Any]) -> str:
    """What was typed; of a /me the words without the stars that the server puts around them."""
    props = post.get("props")
    typed = props.get("message") if post.get("type") == "me" and isinstance(props, dict) else None
    text = typed if isinstance(typed, str) and typed.strip() else _text(post, "message")
    return text.strip().removeprefix("*").removesuffix("*") if post.get("type") == "me" else text.strip()


def _passed_on(post: Mapping[str, Any], deepest: int = 4) -> Iterator[str]:
    """The posts that a forward or a link to a post shows below it."""
    for embed in _dicts(_metadata(post).get("embeds")):
        data = embed.get("data")
        passed = data.get("post") if embed.get("type") == "permalink" and isinstance(data, dict) else None
        if isinstance(passed, dict):
            inside = list(_passed_on(passed, deepest - 1)) if deepest else []
            yield forwarded("", _own(passed)) or "\n".join(inside) or forwarded("", _kinds(passed))


def _beside(post: Mapping[str, Any]) -> list[str]:
    """What a post says that has no text of its own: in its attachments, its card, the transcript of a recording, a link's title."""
    links = [embed.get("data") for embed in _dicts(_metadata(post).get("embeds")) if embed.get("type") == "opengraph"]
    props = post.get("props")
    said = {name: props[name] for name in ("card", "transcript") if name in props} if isinstance(props, dict) else {}
    return [*(line for line in _attached(post) if line), *shown(said), *shown(links)]


def _attached(post: Mapping[str, Any]) -> Iterator[str]:
    """The words of attachments, for a post that says nothing else."""
    props = post.get("props")
    for part in _dicts(props.get("attachments")) if isinstance(props, dict) else []:
        lines = [_text(part, name).strip() for name in ("pretext", "title", "text", "title_link")]
        lines += [f"{_text(field, 'title')} {_text(field, 'value')}".strip() for field in _dicts(part.get("fields"))]
        yield "\n".join(line for line in lines if line) or _text(part, "fallback")


def _kinds(post: Mapping[str, Any]) -> str:
    infos = _dicts(_metadata(post).get("files"))
    kinds = [_KINDS.get(_text(info, "mime_type").partition("/")[0], _FILE) for info in infos]
    return " ".join(dict.fromkeys(kinds)) or (_FILE if post.get("file_ids") else "")


def _metadata(post: Mapping[str, Any]) -> Mapping[str, Any]:
    found = post.get("metadata")
    return found if isinstance(found, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
