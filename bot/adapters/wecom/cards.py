"""A post with buttons as ``button_interaction`` cards, for the app and the AI bot (WeCom 90236, 101032).

A card shows little: a title and a short text; six buttons. What is longer goes before it as a message of its own, and
further buttons go into a second card.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.content import Button
from bot.core.fit import cut

TITLE, TEXT, LABEL = 26, 112, 10  # characters that the pages advise
MOST = 6  # buttons of a card
MOST_BUTTONS = 2 * MOST
_STYLES = {"primary": 1, "danger": 2}
_BREAKS, _OPENING, _CLOSING = " ·：，。", "（(“", "）)”"
Card = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """What to send: ``lead`` first where the cards cannot show the whole text, then the cards."""

    lead: str | None
    cards: tuple[Card, ...]


def message_id(client_key: str) -> str:
    """Our id for the post of ``client_key``, of the signs that a task id may have; its cards' task ids begin with it."""
    return hashlib.sha256(client_key.encode()).hexdigest()[:32]


def message_of(task_id: str) -> str:
    """The message that a card belongs to."""
    return task_id.partition("-")[0]


def layout(text: str, buttons: Sequence[Button], task_id: str) -> Layout:
    """``text`` and ``buttons`` as cards; their task ids are ``task_id``, ``task_id-2``."""
    title, rest = headed(text)
    whole = len(rest) <= TEXT
    below = rest
    if not whole:  # the message before it has everything; the card ends its own first line
        below = cut(_first(rest), TEXT) if len(_first(text)) > TITLE else ""
    cards = []
    for number, start in enumerate(range(0, len(buttons), MOST), 1):
        card: Card = {
            "card_type": "button_interaction",
            "main_title": {"title": title},
            "button_list": [_button(button) for button in buttons[start : start + MOST]],
            "task_id": task_id if number == 1 else f"{task_id}-{number}",
        }
        if below and number == 1:
            card["sub_title_text"] = below
        cards.append(card)
    return Layout(None if whole else text, tuple(cards))


def pressed(card: Card, action: str, by: str) -> dict[str, Any]:
    """The answer to a click: for the one who clicked the card keeps only what he chose, so that he sees it was taken.

    For him alone: the click may be refused, and then somebody else's still counts (a run that needs a second person).
    """
    chosen = [button for button in card["button_list"] if button["key"] == action]
    label = chosen[0]["text"] if chosen else ""
    shown = card | {"button_list": chosen or card["button_list"], "replace_text": f"已提交：{label}"}
    return {"response_type": "update_template_card", "userids": [by], "template_card": shown}


def headed(text: str) -> tuple[str, str]:
    """The text as (title, what stands below it): its first line, or of a longer one what comes before a break."""
    text = text.strip()
    first = _first(text)
    if len(first) <= TITLE:
        return first, text[len(first) :].strip("\n")
    at = _break(first)
    if at == 0:
        return cut(first, TITLE), text
    return first[:at].rstrip(_BREAKS), text[at:].lstrip(_BREAKS)


def _first(text: str) -> str:
    return text.strip().partition("\n")[0]


def _break(line: str) -> int:
    """Where a line too long for a title is best broken: before a bracket or after a pause, not inside brackets; 0: nowhere."""
    best = depth = 0
    for place, sign in enumerate(line[: TITLE + 1]):
        if depth == 0 and place > 1 and (sign in _OPENING or line[place - 1] in _BREAKS):
            best = place
        depth += (sign in _OPENING) - (sign in _CLOSING)
    return best


def _button(button: Button) -> dict[str, Any]:
    style = _STYLES.get(button.style)
    return {"text": cut(button.label, LABEL), "key": button.action} | ({"style": style} if style else {})
