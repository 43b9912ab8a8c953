"""How a post fits into what a platform takes: cut into pieces at line ends, never inside a character."""

from collections.abc import Callable
from dataclasses import replace

from bot.core.content import Post
from bot.core.ports import Capabilities

Measure = Callable[[str], int]
ELLIPSIS = "…"


def utf8_bytes(text: str) -> int:
    """The length that platforms with byte limits count: a Chinese character is 3."""
    return len(text.encode())


def pieces(post: Post, can: Capabilities) -> list[Post]:
    """``post`` as messages that each fit; a mention goes with the piece that has its name, card and files with the last."""
    texts = split(post.text, can.text_limit, can.measure)
    if len(texts) == 1:
        return [post]
    mentioned = [tuple(m for m in post.mentions if f"@{m.name}" in text) for text in texts]
    parts = [Post(text, mentions) for text, mentions in zip(texts, mentioned, strict=True)]
    return [*parts[:-1], replace(parts[-1], card=post.card, files=post.files)]


def split(text: str, limit: int, measure: Measure = len) -> list[str]:
    """Pieces of at most ``limit``, at line ends where possible, else between characters; joined they are the text."""
    if measure(text) <= limit:
        return [text]
    found: list[str] = []
    while text:
        most = _most(text, limit, measure)
        if most < len(text):
            most = text.rfind("\n", 0, most + 1) + 1 or most
        found.append(text[:most].rstrip("\n"))
        text = text[most:]
    return [piece for piece in found if piece.strip()] or found[:1]  # no platform takes a message of blanks


def cut(text: str, limit: int, measure: Measure = len) -> str:
    """The text, or what fits of it with ``…`` at its end."""
    if measure(text) <= limit:
        return text
    return text[: _most(text, limit - measure(ELLIPSIS), measure)] + ELLIPSIS


def _most(text: str, limit: int, measure: Measure) -> int:
    """How many characters of ``text`` fit into ``limit``; at least one, or nothing would ever move."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low
