"""Slack's text and plain text: three escaped signs, and ``<…>`` for mentions, channels and links (Slack sheet 2)."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from bot.adapters.common.addresses import pattern
from bot.core import calling
from bot.core.content import Button

_MARK = re.compile(r"<([@#!]?)([^<>|\n]{1,3000})(?:\|([^<>\n]{0,3000}))?>")
_SCHEME = re.compile(r"(?:https?://|mailto:|tel:)")
_SIGNS = (("<", "&lt;"), (">", "&gt;"), ("&", "&amp;"))
SECTION = 3000  # characters of a section, after escaping
ROOM = 200  # of them kept for mentions, which are longer than the names they replace
TEXT = SECTION - ROOM
BUTTONS = 25
_ROW = 5
_LABEL, _VALUE = 75, 2000
_STYLES = {"primary", "danger"}
ACTION = "zhiban"  # every button of ours has an action id that starts with it
_TWINS = {"*": "＊", "_": "＿", "~": "～", "`": "｀"}
_EMOJI = re.compile(r":(?=(?:100|1234|[a-z0-9_+'-]{0,30}[a-z_+-][a-z0-9_+'-]{0,30}):)")
_ADDRESS, _ESCAPED_ADDRESS = pattern(), pattern("&amp;")
_MOST_MENTION = 40  # characters that a mention may take more than the name it replaces


def escaped(text: str) -> str:
    """Plain text for Slack: nothing in it is a mention, a link or an entity any more."""
    for sign, entity in reversed(_SIGNS):
        text = text.replace(sign, entity)
    return text


def escaped_length(text: str) -> int:
    """How many characters it takes of Slack's limits."""
    return len(text) + 3 * (text.count("<") + text.count(">")) + 4 * text.count("&")


def with_mentions(text: str, people: Iterable[tuple[str, str]], limit: int) -> str:
    """Escaped text in which the first ``@name`` of each (name, account) really mentions; the text decides nobody else's.

    A mention that would not fit ``limit`` any more stays a name.
    """
    shown = escaped(text)
    accounts = {escaped(f"@{name}"): account for name, account in people}
    names = sorted(accounts, key=len, reverse=True)  # the longer name first: 周予 must not eat into 周予安
    if not names:
        return shown
    left = dict(accounts)

    def mention(match: re.Match[str]) -> str:
        account = left.get(match[0])
        if account is None or len(shown) + _MOST_MENTION * (len(accounts) - len(left) + 1) > limit:
            return match[0]
        del left[match[0]]
        return f"<@{account}>"

    return re.sub("|".join(map(re.escape, names)), mention, shown)


def content(text: str, people: Iterable[tuple[str, str]], buttons: tuple[Button, ...]) -> dict[str, Any]:
    """``text`` and ``blocks`` of a message; ``people`` are the (name, account) to mention really.

    The text stands beside the blocks for notifications and for clients that show none.
    """
    shown = with_mentions(text, people, SECTION) or " "
    rows = [buttons[at : at + _ROW] for at in range(0, min(len(buttons), BUTTONS), _ROW)]
    section = {"type": "section", "text": _shown(text, people)}
    return {"text": shown, "blocks": [section, *(_actions(row, number) for number, row in enumerate(rows))]}


def _shown(text: str, people: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The text as a block shows it: as it was typed. Only where somebody is mentioned, or an address is to be followed, it is
    Slack's markup, in which what would format is shown by its full-width twin."""
    if not _ADDRESS.search(text) and with_mentions(text, people, SECTION) == escaped(text):
        return {"type": "plain_text", "text": text or " ", "emoji": False}
    quiet = "".join(part if number % 2 else _quiet(part) for number, part in enumerate(_ADDRESS.split(text)))
    marked = with_mentions(quiet, people, SECTION)
    linked = _ESCAPED_ADDRESS.sub(r"<\1>", marked)
    return {"type": "mrkdwn", "text": linked if len(linked) <= SECTION else marked, "verbatim": True}


def _quiet(text: str) -> str:
    """Signs that would format, by pairs on a line or at its beginning; a single star in a command stays one."""
    lines = [_quiet_line(line) for line in _EMOJI.sub("：", text).split("\n")]
    return "\n".join(lines)


def _quiet_line(line: str) -> str:
    for sign, twin in _TWINS.items():
        if line.count(sign) > 1:
            line = line.replace(sign, twin)
    return f"＞{line[1:]}" if line.startswith(">") else line


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


def plain(text: str, name_of: Callable[[str], str | None]) -> str:
    """What a person sees of Slack's text; ``name_of`` gives the name behind an account, None for nobody we know."""

    def shown(match: re.Match[str]) -> str:
        kind, body, label = match[1], match[2], match[3]
        match kind:
            case "@":
                return calling.mention(name_of(body) or label or body)
            case "#":
                return f"#{label or body}"
            case "!" if body.startswith("date^"):
                return label or ""
            case "!":
                return f"@{(label or body.split('^')[0]).removeprefix('@')}"
            case _:
                return _link(body, label)

    text = _MARK.sub(shown, text)
    for sign, entity in _SIGNS:
        text = text.replace(entity, sign)
    return text


def _link(target: str, label: str | None) -> str:
    """A link that Slack made of what was typed shows what was typed; any other shows both."""
    bare = _SCHEME.sub("", target, count=1)
    if not label or label in {target, bare, bare.removesuffix("/")}:
        return label or target
    return f"{label} ({target})"


def accounts_in(text: str) -> tuple[str, ...]:
    """The accounts that a text mentions, each once."""
    return tuple(dict.fromkeys(m[2] for m in _MARK.finditer(text) if m[1] == "@"))
