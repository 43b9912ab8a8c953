"""A run as the code sees it: its states, its record, its name."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from runbooks.planning.outcome import Undone
from runbooks.planning.plan import Plan

_NAME = re.compile(r"[Rr]([1-9][0-9]{0,8})", re.ASCII)


class State(StrEnum):
    """Where a run stands (decisions: Runs); the moves between them stand in :mod:`runbooks.runs.lifecycle`."""

    REQUESTED = "requested"
    ASKED = "asked"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    VOID = "void"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUSED = "refused"


OPEN = (State.REQUESTED, State.ASKED, State.APPROVED, State.RUNNING, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it stands. ``plan`` is what was shown; ``step`` the place of the step begun last.

    ``first`` and ``done``: where in the whole plan it begins, and the places behind it that are done already.
    """

    id: int
    verb: str
    line: str
    dry_run: bool
    requester: str
    chat: str
    message: str
    state: State
    plan: Plan
    hash: str
    posts: list[list[str]]
    requested_at: datetime
    expires_at: datetime | None
    confirmer: str | None
    confirmed_at: datetime | None
    started_at: datetime | None
    heartbeat_at: datetime | None
    ended_at: datetime | None
    step: int
    stop: bool
    look_back: bool
    keys: dict[str, list[str]]
    first: int
    origin: int | None
    waits: int | None
    reason: str | None
    code: str | None
    undone: Undone | None = None
    done: tuple[int, ...] = ()
    owner: str | None = None
    lease_until: datetime | None = None

    @property
    def name(self) -> str:
        """``R17``."""
        return f"R{self.id}"

    @property
    def goes_on(self) -> bool:
        """Whether it begins behind what another run has done."""
        return self.first > 1 or bool(self.done)

    @property
    def chats(self) -> frozenset[str]:
        """The chats that were asked; of a run that needed no yes to begin, the one where it was asked for."""
        return frozenset(chat for chat, _ in self.posts) or frozenset({self.chat})

    @property
    def record(self) -> str:
        """The name of the hosts' own record of it; its second tells it from an R17 of another database."""
        return f"{self.name}-{int(self.requested_at.timestamp())}"


def number_of(name: str) -> int | None:
    """``R17`` → 17; None for what is no run id."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None
