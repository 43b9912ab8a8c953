"""Which function handles which event. ``Routes`` marks functions of one module; ``RouteTable`` freezes the written list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from bot.core.errors import ConfigError
from bot.core.events import Command, Due, Message, Tap, Tick
from bot.core.menu import Form, Locally, MenuItem
from bot.core.people import Role
from bot.settings import Settings
from bot.work.understanding import Surroundings, Understanding, combined
from bot.work.work import Work

E = TypeVar("E")
F = TypeVar("F", bound=Callable[..., None])
TimeOfDay = str | Callable[[Settings], str]
Hearer = Callable[[Message, Understanding, Work], bool]
Looker = Callable[[Message, Work], Surroundings]
Reader = Callable[[Message, Surroundings, Work], Understanding]
NOTHING: Mapping[str, str] = {}


class Args(StrEnum):
    """What a command's words may be: ASCII words only (they reach servers), any words, one free text, or a person's report.

    What protects hosts (one line, no hidden signs, a bound on its length) holds for all but the report: that is what people say.
    """

    STRICT = "strict"
    WORDS = "words"
    TEXT = "text"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class CommandRoute(MenuItem):
    """A command and the function that handles it.

    ``consent``: it is somebody's yes to what changes servers. ``twins``: the word that a Chinese one means (状态: status).
    ``also``: further words for the same verb, which no list shows.
    """

    handler: Callable[[Command, Work], None]
    args: Args
    consent: bool = field(default=False, kw_only=True)
    twins: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    also: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class TickRoute:
    """A daily job at local time ``at``; after ``until`` of the same day it is handed over as missed."""

    job: str
    handler: Callable[[Tick, Work], None]
    at: TimeOfDay
    until: TimeOfDay


@dataclass(frozen=True, slots=True)
class Named(Generic[E]):
    name: str
    handler: Callable[[E, Work], None]


@dataclass
class Routes:
    """The routes of one capability, collected while its module is read."""

    area: str
    commands: list[CommandRoute] = field(default_factory=list)
    hearers: list[Hearer] = field(default_factory=list)
    exact: list[Hearer] = field(default_factory=list)
    lookers: list[Looker] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
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
        consent: bool = False,
        twins: Mapping[str, str] = NOTHING,
        also: tuple[str, ...] = (),
        forms: tuple[Form, ...] = (),
        here: Locally | None = None,
    ) -> Callable[[F], F]:
        """Mark the handler of ``/verb`` and ``/alias``; ``usage`` shows its words, as in ``oa3``."""

        def mark(handler: F) -> F:
            item = (verb, alias, usage, self.area, roles, strangers)
            self.commands.append(
                CommandRoute(*item, handler, args, consent=consent, twins=twins, also=also, forms=forms, here=here)
            )
            return handler

        return mark

    def message(self, *, exact: bool = False) -> Callable[[Hearer], Hearer]:
        """Mark a handler of plain talk; it says whether it took the line. The first in the written list that does ends it.

        ``exact``: it takes a line only where the whole of it is about a thing of its own, so it is asked before all others.
        """

        def mark(handler: Hearer) -> Hearer:
            (self.exact if exact else self.hearers).append(handler)
            return handler

        return mark

    def surroundings(self) -> Callable[[Looker], Looker]:
        """Mark what finds the capability's open matters in the chat of a line, and the one whose message it quotes."""

        def mark(look: Looker) -> Looker:
            self.lookers.append(look)
            return look

        return mark

    def reader(self) -> Callable[[Reader], Reader]:
        """Mark the one function that understands plain talk, for all who hear it."""

        def mark(read: Reader) -> Reader:
            self.readers.append(read)
            return read

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

    def tick(self, job: str, at: TimeOfDay, *, until: TimeOfDay) -> Callable[[F], F]:
        """Mark a daily job. ``at`` and ``until`` are ``HH:MM`` local, or what reads one in the settings."""

        def mark(handler: F) -> F:
            self.ticks.append(TickRoute(job, handler, at, until))
            return handler

        return mark


@dataclass(frozen=True, slots=True)
class PlainTalk:
    """The chain that plain words go through: looked around once, understood once, then heard in the written order."""

    lookers: tuple[Looker, ...]
    reader: Reader
    hearers: tuple[Hearer, ...]

    def read(self, message: Message, work: Work) -> Understanding:
        """The one understanding of a line, in what surrounds it."""
        around = combined(look(message, work) for look in self.lookers)
        return self.reader(message, around, work)

    def heard(self, message: Message, understanding: Understanding, work: Work) -> bool:
        """Give the line to each capability until one takes it; False where none does."""
        return any(hear(message, understanding, work) for hear in self.hearers)


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The frozen table of the whole house."""

    commands: dict[str, CommandRoute]
    verbs: dict[str, str]
    plain_talk: PlainTalk | None
    taps: dict[str, Callable[[Tap, Work], None]]
    dues: dict[str, Callable[[Due, Work], None]]
    ticks: tuple[TickRoute, ...]


def freeze(tables: Iterable[Routes]) -> RouteTable:
    """One table of all; two routes for one command, tap, deadline or job are all named in one ``ConfigError``."""
    tables = tuple(tables)
    faults: list[str] = []
    commands = [route for table in tables for route in table.commands]
    verbs = _unique([(v, r.verb) for r in commands for v in (r.verb, r.alias, *r.also)], "command", faults)
    ticks = tuple(tick for table in tables for tick in table.ticks)
    _unique([(t.job, t) for t in ticks], "job", faults)
    frozen = RouteTable(
        commands={route.verb: route for route in commands},
        verbs=verbs,
        plain_talk=_plain_talk(tables, faults),
        taps=_unique([(n.name, n.handler) for t in tables for n in t.taps], "tap", faults),
        dues=_unique([(n.name, n.handler) for t in tables for n in t.dues], "deadline", faults),
        ticks=ticks,
    )
    if faults:
        raise ConfigError(faults)
    return frozen


def _plain_talk(tables: tuple[Routes, ...], faults: list[str]) -> PlainTalk | None:
    first = [hear for table in tables for hear in table.exact]
    hearers = (*first, *(hear for table in tables for hear in table.hearers))
    readers = [read for table in tables for read in table.readers]
    if hearers and len(readers) != 1:
        faults.append(f"plain talk is heard and read by {len(readers)}; exactly one reads it")
    if not hearers or not readers:
        return None
    return PlainTalk(tuple(look for table in tables for look in table.lookers), readers[0], hearers)


def _unique(pairs: list[tuple[str, Any]], what: str, faults: list[str]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name, value in pairs:
        if name in seen:
            faults.append(f"two routes for the {what} {name}; keep one")
        seen[name] = value
    return seen
