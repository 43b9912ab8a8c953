"""Plain text as DingTalk takes it: its length in a message, and whom a custom robot's message mentions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.adapters.common.mentions import spans

Person: TypeAlias = tuple[str, str]  # name, and account or phone


@dataclass(frozen=True, slots=True)
class At:
    """Who is mentioned: by account, or by phone where there is none."""

    users: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


def json_bytes(text: str) -> int:
    """What a text takes inside a JSON string: DingTalk's limits count the encoded message."""
    return len(json.dumps(text, ensure_ascii=False).encode())


def with_mentions(text: str, accounts: Sequence[Person], phones: Sequence[Person]) -> tuple[str, At]:
    """The text in which everybody's first ``@name`` is the mention that DingTalk knows; nobody else is mentioned.

    Who stands nowhere in the text is mentioned all the same, as DingTalk does at its end.
    """
    shown, done = "", 0
    for span in spans(text, [*accounts, *phones]):
        shown += f"{text[done : span.begin]}@{span.account}"
        done = span.end
    return shown + text[done:], At(tuple(account for _, account in accounts), tuple(phone for _, phone in phones))
