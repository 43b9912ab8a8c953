"""Forwarded words: how a message says that somebody passed on another's, the same on every platform."""

from collections.abc import Iterable

LONGEST = 20_000  # characters of one message that are read
MOST = 50  # messages of a forwarded record that are read


def forwarded(author: str, said: str) -> str:
    """One message that was passed on, with its author where he is known; empty where it says nothing."""
    words = said.strip()
    if not words:
        return ""
    return f"转自 {' '.join(author.split())[:40]}：{words}" if author.strip() else f"转自：{words}"


def record(lines: Iterable[tuple[str, str]], title: str = "") -> str:
    """A record of several messages, (author, words) each; its kind in brackets where nothing of it can be read."""
    shown = [forwarded(author, said) for author, said in lines][:MOST]
    text = "\n".join(line for line in shown if line)[:LONGEST]
    return text or f"[聊天记录] {title}".strip()
