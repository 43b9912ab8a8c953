"""A post as Block Kit: its text in one section, the buttons below it in rows of five (Slack sheet 5: limits)."""

from collections.abc import Iterable
from typing import Any

from bot.adapters.slack.format import with_mentions
from bot.core.content import Button

SECTION = 3000  # characters of a section, after escaping
ROOM = 200  # of them kept for mentions, which are longer than the names they replace
TEXT = SECTION - ROOM
BUTTONS = 25
_ROW = 5
_LABEL, _VALUE = 75, 2000
_STYLES = {"primary", "danger"}
ACTION = "zhiban"  # every button of ours has an action id that starts with it


def content(text: str, people: Iterable[tuple[str, str]], buttons: tuple[Button, ...]) -> dict[str, Any]:
    """``text`` and ``blocks`` of a message; ``people`` are the (name, account) to mention really.

    The text stands beside the blocks for notifications and for clients that show none.
    """
    shown = with_mentions(text, people, SECTION) or " "
    section = {"type": "section", "text": {"type": "mrkdwn", "text": shown, "verbatim": True}}
    rows = [buttons[at : at + _ROW] for at in range(0, min(len(buttons), BUTTONS), _ROW)]
    return {"text": shown, "blocks": [section, *(_actions(row, number) for number, row in enumerate(rows))]}


def _actions(row: tuple[Button, ...], number: int) -> dict[str, Any]:
    elements = [_button(button, f"{ACTION}.{number}.{place}") for place, button in enumerate(row)]
    return {"type": "actions", "elements": elements}


def _button(button: Button, action_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": "button",
        "text": {"type": "plain_text", "text": button.label[:_LABEL], "emoji": False},
        "action_id": action_id,
        "value": button.action[:_VALUE],
    }
    return shown | {"style": button.style} if button.style in _STYLES else shown
