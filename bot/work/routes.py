"""Which function handles which event. ``Routes`` marks functions of one module; ``RouteTable`` freezes the written list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from bot.core.errors import ConfigError
from bot.core.events import Command, Due, Message, Tap, Tick
from bot.core.menu import MenuItem
from bot.core.people import Role
from bot.work.work import Work

E = TypeVar("E")
F = TypeVar("F", bound=Callable[..., None])


class Args(StrEnum):
    """What a command's words may be: ASCII words only (they reach servers), any words, or one free text."""

    STRICT = "strict"
    WORDS = "words"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class CommandRoute(MenuItem):
    """A command and the function that handles it."""

    handler: Callable[[Command, Work], None]
    args: Args


@dataclass(frozen=True, slots=True)
class TickRoute:
    """A daily job at local time ``at``; after ``until`` of the same day it is handed over as missed."""

    job: str
    handler: Callable[[Tick, Work], None]
    at: str
    until: str


@dataclass(frozen=True, slots=True)
class Named(Generic[E]):
    name: str
    handler: Callable[[E, Work], None]


@dataclass
class Routes:
    """The routes of one capability, collected while its module is read."""

    area: str
    commands: list[CommandRoute] = field(default_factory=list)
    messages: list[Callable[[Message, Work], None]] = field(default_factory=list)
    taps: list[Named[Tap]] = field(default_factory=list)
    dues: list[Named[Due]] = field(default_factory=list)
    ticks: list[TickRoute] = field(default_factory=list)

    def command(
        self,
        verb: str,
        alias: str,
        *,
        args: Args = Args.WORDS,
        roles: tuple[Role, ...] = (),
        strangers: bool = False,
        usage: str = "",
        listed: bool = True,
    ) -> Callable[[F], F]:
        """Mark the handler of ``/verb`` and ``/alias``; ``usage`` shows its words, as in ``oa3``; ``listed`` in the menu."""

        def mark(handler: F) -> F:
            self.commands.append(CommandRoute(verb, alias, usage, self.area, roles, strangers, listed, handler, args))
            return handler

        return mark

    def message(self) -> Callable[[F], F]:
        """Mark the one handler of plain talk."""

        def mark(handler: F) -> F:
            self.messages.append(handler)
            return handler

        return mark

    def tap(self, verb: str) -> Callable[[F], F]:
        """Mark the handler of buttons whose action is ``verb:subject``."""

        def mark(handler: F) -> F:
            self.taps.append(Named(verb, handler))
            return handler

        return mark

    def due(self, kind: str) -> Callable[[F], F]:
        """Mark the handler of deadlines of ``kind`` (``<capability>.<name>``)."""

        def mark(handler: F) -> F:
            self.dues.append(Named(kind, handler))
            return handler

        return mark

    def tick(self, job: str, at: str, *, until: str) -> Callable[[F], F]:
        """Mark a daily job. ``at`` and ``until`` are ``HH:MM`` local, or names of duty settings that hold one."""

        def mark(handler: F) -> F:
            self.ticks.append(TickRoute(job, handler, at, until))
            return handler

        return mark


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The frozen table of the whole house."""

    commands: dict[str, CommandRoute]
    verbs: dict[str, str]
    message: Callable[[Message, Work], None] | None
    taps: dict[str, Callable[[Tap, Work], None]]
    dues: dict[str, Callable[[Due, Work], None]]
    ticks: tuple[TickRoute, ...]


def freeze(tables: Iterable[Routes]) -> RouteTable:
    """One table of all; two routes for one command, tap, deadline or job are all named in one ``ConfigError``."""
    tables = tuple(tables)
    faults: list[str] = []
    commands = [route for table in tables for route in table.commands]
    messages = [handler for table in tables for handler in table.messages]
    if len(messages) > 1:
        faults.append("two handlers of plain talk; there is one")
    verbs = _unique([(v, r.verb) for r in commands for v in (r.verb, r.alias)], "command", faults)
    ticks = tuple(tick for table in tables for tick in table.ticks)
    _unique([(t.job, t) for t in ticks], "job", faults)
    frozen = RouteTable(
        commands={route.verb: route for route in commands},
        verbs=verbs,
        message=messages[0] if messages else None,
        taps=_unique([(n.name, n.handler) for t in tables for n in t.taps], "tap", faults),
        dues=_unique([(n.name, n.handler) for t in tables for n in t.dues], "deadline", faults),
        ticks=ticks,
    )
    if faults:
        raise ConfigError(faults)
    return frozen


def _unique(pairs: list[tuple[str, Any]], what: str, faults: list[str]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name, value in pairs:
        if name in seen:
            faults.append(f"two routes for the {what} {name}; keep one")
        seen[name] = value
    return seen
