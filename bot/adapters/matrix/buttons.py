"""Buttons as reactions: a post offers ``1️⃣ 我来处理``, the bot puts ``1️⃣`` below it, and who taps that presses the button.

What each sign stands for is kept in the post itself, under a key of ours, and read back from the homeserver when somebody
reacts: nothing is remembered here, so a restart forgets no button, and a post of somebody else's can offer none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.content import Button

KEY = "org.zhiban.buttons"
_VARIATION = "\ufe0f"  # some clients leave it out of what they send
_SIGNS = tuple(f"{digit}{_VARIATION}\u20e3" for digit in range(1, 10))
MOST = len(_SIGNS)


def offered(buttons: Sequence[Button]) -> dict[str, str]:
    """Sign → action of the buttons of a post."""
    return {sign: button.action for sign, button in zip(_SIGNS, buttons, strict=False)}


def lines(buttons: Sequence[Button]) -> str:
    """The buttons in words, each with the reply that may be typed instead."""
    told = zip(_SIGNS, buttons, strict=False)
    return "\n".join(f"{sign} {b.label}" + (f"（{b.typed}）" if b.typed else "") for sign, b in told)


def pressed(content: Mapping[str, Any], key: str) -> str | None:
    """The action behind a reaction ``key`` to the post ``content``; None where the post offers no such button."""
    known = content.get(KEY)
    if not isinstance(known, dict):
        return None
    action = known.get(_canonical(key))
    return action if isinstance(action, str) and action else None


def _canonical(key: str) -> str:
    bare = key.replace(_VARIATION, "")
    return next((sign for sign in _SIGNS if sign.replace(_VARIATION, "") == bare), key)
