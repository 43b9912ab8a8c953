"""What a Slack message says, wherever it stands: its text, else its blocks; what was forwarded with it; a card of a link alone.

Nothing here refuses: a part that is not of the form it has today is left out, and the rest is heard.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.adapters.common.anywhere import shown
from bot.adapters.common.forwards import LONGEST, forwarded
from bot.core.events import FileRef

Plain = Callable[[str], str]
_KINDS = {"image": "[图片]", "audio": "[语音]", "video": "[视频]"}
_ADDRESS = re.compile(
    r"<(?:https?://[^<>\n]{1,3000}|@[A-Z0-9]{1,64}[^<>\n]{0,300})>"
)  # as Slack writes one, or a mention
_SAYS = re.compile(r"\w")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_MOST = 10  # files of one message that are kept by name


@dataclass(frozen=True, slots=True)
class Words:
    """``text`` is as people see it, ``raw`` in Slack's own form; ``quoted`` is the id (``C1:1700.1``) of a shared message.

    ``kinds``: its files as words (``[图片]``), for where there are no others.
    """

    text: str
    raw: str
    files: tuple[FileRef, ...] = ()
    quoted: str = ""
    kinds: str = ""


def written(event: dict[str, Any]) -> str:
    """The text of a message in Slack's form; where it has none, what its rich text says."""
    text = event.get("text")
    if isinstance(text, str) and text.strip():
        return text
    return "\n".join(line for block in _dicts(event.get("blocks")) if (line := _block(block)))[:LONGEST]


def words_of(event: dict[str, Any], plain: Plain) -> Words:
    """Everything that a message says. Own words come first, then each message that was shared with them."""
    raw = written(event)
    files, kinds = _files(event.get("files"))
    lines = [plain(raw).strip()]
    quoted = ""
    attached = _dicts(event.get("attachments"))
    for part in attached:
        if _is_message(part):
            more, their_kinds = _files(part.get("files"))
            files += more
            said = plain(_told(part)) or " ".join(their_kinds)
            lines.append(forwarded(plain(_text(part, "author_name") or _text(part, "author_subname")), said))
            quoted = quoted or _place(part)
        elif not _SAYS.search(_ADDRESS.sub("", raw)) or not _previews(part):
            lines += [line for line in _card(part, plain).split("\n") if line and line not in lines[0]]
    lines += _written_in(event.get("files"))
    text = "\n".join(line for line in lines if line) or " ".join(kinds)
    return Words(text, raw, files, quoted, " ".join(kinds))


def _is_message(part: dict[str, Any]) -> bool:
    """Whether an attachment is another message, shared or linked."""
    return any(part.get(name) is True for name in ("is_share", "is_msg_unfurl", "is_reply_unfurl"))


def _previews(part: dict[str, Any]) -> bool:
    """Whether an attachment is what Slack shows of an address in the text."""
    return any(_text(part, name) for name in ("from_url", "original_url", "service_name"))


def _written_in(files: Any) -> list[str]:
    """The words in files: a snippet that long text became, what was said in a recording, a mail, a title that somebody gave."""
    lines = []
    for file in _dicts(files)[:_MOST]:
        title = _text(file, "title")
        lines.append(title if _CHINESE.search(title) and title != _text(file, "name") else "")
        if _text(file, "mimetype").startswith("text/") or file.get("mode") in {"snippet", "post", "email"}:
            lines += [_text(file, name).strip()[:LONGEST] for name in ("subject", "plain_text", "preview_plain_text")]
            lines.append("" if lines[-1] or lines[-2] else _text(file, "preview").strip()[:LONGEST])
        lines += shown(file.get("transcription"))
    return [line for line in dict.fromkeys(lines) if line]


def _place(part: dict[str, Any]) -> str:
    channel, ts = _text(part, "channel_id"), _text(part, "ts")
    return f"{channel}:{ts}" if channel and ts else ""


def _told(part: dict[str, Any]) -> str:
    """What a shared message says; its own blocks where it has no text."""
    if text := _text(part, "text"):
        return text
    blocks = [message for message in _dicts(part.get("message_blocks")) if isinstance(message.get("message"), dict)]
    told = "\n".join(filter(None, (written(block["message"]) for block in blocks)))
    told = told or written({"blocks": part.get("blocks")}) or _text(part, "fallback")
    return told or "\n".join(filter(None, map(_told, _dicts(part.get("attachments"))[:_MOST])))


def _card(part: dict[str, Any], plain: Plain) -> str:
    """A card that an app or a link made: its title, its words, its address."""
    lines = [plain(_text(part, name)) for name in ("pretext", "title", "text")]
    lines += [plain(f"{_text(field, 'title')} {_text(field, 'value')}".strip()) for field in _dicts(part.get("fields"))]
    lines.append(plain(written({"blocks": part.get("blocks")})))
    lines += [_text(part, "title_link") or _text(part, "from_url") or _text(part, "original_url")]
    return "\n".join(line for line in lines if line) or plain(_text(part, "fallback"))


def _block(block: dict[str, Any]) -> str:
    """A block in Slack's form of text."""
    match block.get("type"):
        case "rich_text":
            return "\n".join(_rich(part) for part in _dicts(block.get("elements")))
        case "section" | "header":
            fields = [block.get("text"), *_dicts(block.get("fields"))]
            return "\n".join(_text(part, "text") for part in fields if isinstance(part, dict))
        case "context":
            return " ".join(_text(part, "text") for part in _dicts(block.get("elements")))
        case _:
            return "\n".join(map(_escaped, shown(block)))


def _rich(part: dict[str, Any]) -> str:
    """A section, list, quote or code of a rich text."""
    inner = _dicts(part.get("elements"))
    if part.get("type") == "rich_text_list":
        return "\n".join(_rich(item) for item in inner)
    return "".join(_spans(inner))


def _spans(elements: list[dict[str, Any]]) -> Iterator[str]:
    for element in elements:
        match element.get("type"):
            case "link":
                url, text = _text(element, "url"), _text(element, "text")
                yield f"<{url}|{_escaped(text)}>" if text else f"<{url}>"
            case "user":
                yield f"<@{_text(element, 'user_id')}>"
            case "channel":
                yield f"<#{_text(element, 'channel_id')}>"
            case "broadcast":
                yield f"<!{_text(element, 'range')}>"
            case "emoji":
                yield f":{_text(element, 'name')}:"
            case _:
                yield _escaped(next(filter(None, (_text(element, name) for name in ("text", "fallback", "value"))), ""))


def _escaped(text: str) -> str:
    """Rich text is not escaped; the text field is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _files(value: Any) -> tuple[tuple[FileRef, ...], tuple[str, ...]]:
    """The files of a message, and a word for each that stands in where nothing was written."""
    found = _dicts(value)
    named = [file for file in found if isinstance(file.get("name"), str)][:_MOST]
    links = [_text(file, "permalink") for file in named]
    refs = [
        FileRef(file["name"][:255], link if link.startswith("https://") else "", _text(file, "url_private_download"))
        for file, link in zip(named, links, strict=True)
    ]
    kinds = (_KINDS.get(str(file.get("mimetype")).partition("/")[0], "[文件]") for file in found)
    return tuple(refs), tuple(dict.fromkeys(kinds))


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
