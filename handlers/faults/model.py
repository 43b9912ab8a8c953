"""What a ticket is, as a frozen record between the store and the rules."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.work.understanding import Kind, RouteName

NUMBER = re.compile(r"GD-[0-9]{8}-[0-9]{3,9}", re.ASCII)
_SENT = re.compile(r"(?:转自[^：\n]{0,45}：)?(?:\[(?:图片|语音|视频|文件|聊天记录)\]\s{0,2}){1,9}")
_FILE_NAMES = re.compile(r"[^\n]{0,255}\.\w{1,8}|[^\n]{0,80}的聊天记录")  # and the title of a record


class State(StrEnum):
    """Where a ticket stands. Only ``waiting`` faults have a running clock; the last three are ends."""

    WAITING = "waiting"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"

    @property
    def open(self) -> bool:
        return self in OPEN


OPEN = frozenset({State.WAITING, State.ANSWERED})


class Happening(StrEnum):
    """What is kept of a ticket's life, each with the message that proves it: the answer to an SLA dispute."""

    OPENED = "opened"
    JOINED = "joined"
    RAISED = "raised"
    CHASED = "chased"
    ANSWERED = "answered"
    BREACHED = "breached"
    TAKEN_BACK = "taken_back"
    TOLD = "told"
    ASKED = "asked"
    ASSIGNED = "assigned"
    VENDOR = "vendor"
    REROUTED = "rerouted"
    CORRECTED = "corrected"
    RESOLVED = "resolved"
    WORKS = "works"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"
    KEPT = "kept"
    KEPT_SHOWN = "kept_shown"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Opened:
    """That somebody opened a ticket: what the limits go by."""

    number: str
    incident: str
    reporter: str
    chat: str
    at: datetime
    severity: int
    open: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One happening of a ticket as it was put on record."""

    ticket: str
    happening: Happening
    at: datetime
    person: str | None
    message: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ticket:
    """One report in one chat. Times are aware UTC.

    ``incident`` is the number of the first ticket of the same trouble. ``reporter`` is a person's id, or a stranger's user
    id. ``respond_by`` is None for questions and requests: only a fault starts the clock (SOP 2.1). ``engineer`` was on duty
    when it opened, ``owner`` took it. ``rung`` is the next rung of the ladder. ``card`` is the key of the
    receipt in ``card_chat``, rewritten as things move. ``confirmed``: the reporter said it works. ``remedy``: the engineer's
    words about what he did, shown the next time.
    """

    number: str
    incident: str
    kind: Kind
    state: State
    chat: str
    system: str | None
    route: RouteName
    severity: int
    unsure: bool
    reporter: str
    reporter_name: str
    text: str
    message: str
    opened_at: datetime
    received_at: datetime
    respond_by: datetime | None
    engineer: str
    vendor: str | None = None
    owner: str | None = None
    rung: int = 0
    joined: int = 0
    breached_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    confirmed: bool = False
    remedy: str | None = None
    card: str | None = None
    card_chat: str | None = None

    @property
    def fault(self) -> bool:
        return self.kind is Kind.FAULT

    @property
    def wordless(self) -> bool:
        """Whether it was reported with a picture, a recording or a file and not a word."""
        sent = _SENT.match(self.text) if self.unsure else None
        rest = self.text[sent.end() :] if sent else ""
        return sent is not None and (not rest or _FILE_NAMES.fullmatch(rest) is not None)
