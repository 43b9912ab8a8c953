"""Plain text as WeCom's message kinds take it: what people typed stays text, it neither mentions, links nor formats."""

import re

from bot.core.fit import utf8_bytes

_MENTION = re.compile(r"<(?=@)")
_TAG = re.compile(r"<(?=[@A-Za-z/!])")  # a link or a mention, which work in an app's text, too
_LINE_START = re.compile(r"^(?=[ \t]*(?:#{1,6}[ \t]|>|---|===))", re.MULTILINE)
_WORDS = str.maketrans({"*": "＊", "`": "｀", "~": "～"})
_INVISIBLE = "\u200b"  # takes a heading or quote sign from the start of its line


def as_text(text: str) -> str:
    """For ``text`` messages: ``<@userid>`` is the one thing that works inside them (WeCom 99110)."""
    return _MENTION.sub("＜", text)


def as_markdown(text: str) -> str:
    """For ``markdown`` messages. No escape sign is documented, so what would format is shown by its full-width twin."""
    plain = _TAG.sub("＜", text.translate(_WORDS)).replace("](", "] (")
    return _LINE_START.sub(_INVISIBLE, plain)


def as_app_text(text: str) -> str:
    """Plain text for a ``text`` message: nothing in it is a link or a mention."""
    return _TAG.sub("＜", text)


def app_text_bytes(text: str) -> int:
    """The length of ``text`` as it goes out."""
    return utf8_bytes(as_app_text(text))


def markdown_bytes(text: str) -> int:
    """The length of ``text`` as it goes out."""
    return utf8_bytes(as_markdown(text))
