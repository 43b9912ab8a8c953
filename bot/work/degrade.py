"""What a post becomes where a platform can do less: by declared capability, never by the platform's name.

No buttons: the short replies stand in the text, and in a direct chat signed links. No files: the end of a text file.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.core.content import Attachment, Button, Card, Post
from bot.core.people import Chat
from bot.core.ports import Capabilities
from bot.work.links import LIFE, Links, Offer
from messages.render import Renderer

TAIL = 1200  # characters of a text file's end that stand in for the file


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a post is about to go into: ``key`` is its own, ``now`` true time, ``state_dir`` where its files are."""

    renderer: Renderer
    links: Links | None
    locale: str
    chat: Chat
    key: str
    now: datetime
    state_dir: Path


def degrade(post: Post, can: Capabilities, around: Surroundings) -> Post:
    """``post`` with what the platform cannot show said in words."""
    if post.files and not can.files:
        post = _without_files(post, around)
    allowed = can.most_buttons if can.buttons else 0
    if len(post.buttons) > allowed and post.card is not None:
        post = _in_words(post, post.card, allowed, can, around)
    return post


def _in_words(post: Post, card: Card, allowed: int, can: Capabilities, around: Surroundings) -> Post:
    rest = card.buttons[allowed:]
    replies = [(button.label, button.typed) for button in rest if button.typed and not _linked(around)]
    links = [(button.label, url) for n, button in enumerate(rest) if (url := _link(button, n, around))]
    facts = {"replies": replies, "links": links, "call": "" if around.chat.private else can.call}
    words = around.renderer.post("shared/replies", around.locale, facts).text
    text = f"{post.text}\n{words}" if words else post.text
    return replace(post, text=text, card=replace(card, buttons=card.buttons[:allowed]))


def _linked(around: Surroundings) -> bool:
    return around.links is not None and around.chat.person is not None


def _link(button: Button, number: int, around: Surroundings) -> str | None:
    """The link that presses ``button`` for the one person who reads the chat; None in groups."""
    if around.links is None or around.chat.person is None:
        return None
    offer = Offer(around.chat.person, button.action, button.label, f"{around.key}/{number}", around.now + LIFE)
    return around.links.url(offer)


def _without_files(post: Post, around: Surroundings) -> Post:
    shown = [(file.name, _tail(file, around.state_dir)) for file in post.files]
    words = around.renderer.post("shared/files", around.locale, {"files": shown}).text
    return replace(post, text=f"{post.text}\n{words}", files=())


def _tail(file: Attachment, state_dir: Path) -> str:
    """The end of a text file; nothing of any other kind."""
    if not file.media_type.startswith("text/"):
        return ""
    data = (state_dir / file.path).read_bytes()[-4 * TAIL :]
    return data.decode("utf-8", "replace")[-TAIL:].strip()
