"""The tables of the runs. All times are true time (decisions: Time), aware UTC."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel


class RunRow(SQLModel, table=True):
    """One run. ``hash`` binds the confirmation to ``plan`` and ``keys``, the pinned fingerprints of each host.

    ``posts`` are the copies of its card, as [chat, key]. ``first`` is the step it begins with, ``done`` the places behind it
    that are done already, ``origin`` the run it goes on with or takes back. ``waits`` is the step that a person was asked
    about. ``reason`` is that of a break-glass. ``undone``: what became of the changes of a run that failed. ``look_back``: the
    servers are still to be asked how far it came.
    """

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_state", "state", "id"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    verb: str
    line: str
    dry_run: bool
    requester: str
    chat: str
    message: str
    state: str
    plan: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    hash: str = ""
    posts: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    requested_at: datetime
    expires_at: datetime | None = None
    confirmer: str | None = None
    confirmed_at: datetime | None = None
    started_at: datetime | None = None
    heartbeat_at: datetime | None = None
    owner: str | None = None
    lease_until: datetime | None = None
    ended_at: datetime | None = None
    step: int = 0
    stop: bool = False
    look_back: bool = False
    keys: dict[str, list[str]] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    first: int = 1
    done: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]"))
    origin: int | None = None
    waits: int | None = None
    reason: str | None = None
    code: str | None = None
    undone: str | None = None


class RunStepRow(SQLModel, table=True):
    """One step of a run: what was sent where, and how it ended. ``output`` is the clean end of what it said."""

    __tablename__ = "run_step"

    run: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    host: str
    commands: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))
    state: str
    exit: int | None = None
    started_at: datetime
    ended_at: datetime | None = None
    output: str = ""


class RunLockRow(SQLModel, table=True):
    """A target that a run holds; there is one holder at a time because the target is the key."""

    __tablename__ = "run_lock"

    target: str = Field(primary_key=True)
    run: int


class RunQuestionRow(SQLModel, table=True):
    """A step that asks people, from the moment it was put; ``until`` is its deadline.

    ``answered_by`` is who said yes. ``taken_at``: the worker took the answer, or the silence at the deadline, and the run no
    longer waits here.
    """

    __tablename__ = "run_question"

    run: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    asked_at: datetime
    until: datetime
    answered_by: str | None = None
    answered_at: datetime | None = None
    taken_at: datetime | None = Field(default=None, index=True)


class RunResultRow(SQLModel, table=True):
    """The whole result of a step of a run that waits for a person, to go on with; gone with the run's end.

    ``files``: the names of what was downloaded, which lies in the state folder. ``workers``: those of the balancer before
    its reload, where the step has changed its file.
    """

    __tablename__ = "run_result"

    run: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    exit: int | None = None
    output: str
    host: str
    files: list[str] = Field(sa_column=Column(JSON, nullable=False))
    workers: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class RunWatchRow(SQLModel, table=True):
    """The wait for the old connections of a node (``node``: its address) that the step ``place`` of a run took out.

    It is looked at from ``next_look_at`` on, at most until ``until``; ``before``: the workers of before the reload, None where
    nobody has noted them yet. ``workers``, ``connections``, ``seen_at``: what the last look that saw anything has found;
    ``unseen``: why the last look of all saw nothing. ``answered_by`` is who lets the run go on without waiting.
    """

    __tablename__ = "run_watch"
    __table_args__ = (Index("ix_run_watch_state", "state", "run"),)

    run: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    node: str
    began_at: datetime
    until: datetime
    next_look_at: datetime
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    state: str
    workers: int | None = None
    connections: int | None = None
    seen_at: datetime | None = None
    unseen: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    owner: str | None = None
    lease_until: datetime | None = None


class RunGuessRow(SQLModel, table=True):
    """A run id that somebody typed and that does not exist; kept for the minute in which it counts."""

    __tablename__ = "run_guess"

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(index=True)
    at: datetime
