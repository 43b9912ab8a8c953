"""What a Mattermost post says, wherever it stands: its text, what /me made, a post that was passed on, files by their kind.

Nothing here refuses: a part that is not of the form it has today is left out, and the rest is heard.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.adapters.common.forwards import LONGEST, forwarded
from bot.core.events import FileRef

_KINDS = {"image": "[图片]", "audio": "[语音]", "video": "[视频]"}
_FILE = "[文件]"
_MOST = 10  # files of one post that are kept by name


def words_of(post: Mapping[str, Any]) -> str:
    """The words of a post, then those of every post that was passed on with it; of files alone, their kinds."""
    lines = [_own(post), *_passed_on(post)]
    text = "\n".join(line for line in lines if line)[:LONGEST]
    return text or _kinds(post) or "\n".join(_attached(post))[:LONGEST]


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


def _passed_on(post: Mapping[str, Any]) -> Iterator[str]:
    """The posts that a forward or a link to a post shows below it."""
    for embed in _dicts(_metadata(post).get("embeds")):
        data = embed.get("data")
        shown = data.get("post") if embed.get("type") == "permalink" and isinstance(data, dict) else None
        if isinstance(shown, dict):
            yield forwarded("", _own(shown) or _kinds(shown))


def _attached(post: Mapping[str, Any]) -> Iterator[str]:
    """The words of attachments, for a post that says nothing else."""
    props = post.get("props")
    for part in _dicts(props.get("attachments")) if isinstance(props, dict) else []:
        lines = [_text(part, name).strip() for name in ("pretext", "title", "text", "title_link")]
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
