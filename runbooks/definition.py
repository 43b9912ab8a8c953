"""What is a runbook? The typed form of one file of ``runbooks/catalog``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bot.core.errors import UserError
from bot.core.people import Role


class Confirm(StrEnum):
    """Who must say yes: nobody (it only reads), the requester himself, or a second person."""

    NONE = "none"
    SELF = "self"
    SECOND = "second"

    def stricter(self, other: "Confirm | None") -> "Confirm":
        """The stricter of two policies."""
        order = (Confirm.NONE, Confirm.SELF, Confirm.SECOND)
        return self if other is None else max(self, other, key=order.index)


class Effect(StrEnum):
    """What a run does to its node's service. ``OUT`` and ``BRIEF`` count against the floors of the host group."""

    NONE = "none"
    OUT = "out"
    BRIEF = "brief"
    IN = "in"


class Where(StrEnum):
    """Where steps without ``on`` run: on the host that an argument names, or on the load balancer of the group."""

    HOST = "host"
    BALANCER = "balancer"


class Kind(StrEnum):
    """What a step wants; see docs/runbooks.md for each."""

    RUN = "run"
    WAIT = "wait"
    DOWN = "down"
    UP = "up"
    EDIT = "edit"
    WORKERS = "workers"
    SET = "set"
    UPLOAD = "upload"
    DOWNLOAD = "download"
    ASK = "ask"

    @property
    def writes(self) -> bool:
        """Whether it changes a file under our own guard: backup, hash, put back on failure."""
        return self in {Kind.EDIT, Kind.SET, Kind.UPLOAD}


class Report(StrEnum):
    """How the output of a reading runbook is shown."""

    TEXT = "text"
    NODES = "nodes"
    CONNS = "conns"
    PORTS = "ports"
    DISK = "disk"
    FILE = "file"


class ArgumentType(StrEnum):
    HOST = "host"
    NODE = "node"
    GROUP = "group"
    CHOICE = "choice"
    INT = "int"
    DATE = "date"
    SIZE = "size"
    PORT = "port"
    PATH = "path"
    FILE = "file"

    @property
    def places(self) -> bool:
        """Whether it names a place where something runs."""
        return self in {ArgumentType.HOST, ArgumentType.NODE, ArgumentType.GROUP}


@dataclass(frozen=True, slots=True)
class Text:
    """A short text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Stricter:
    """What a single value of an argument asks for beyond the runbook's own policy; ``line``: where its file says so."""

    confirm: Confirm | None
    roles: tuple[Role, ...]
    confirmers: tuple[Role, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Argument:
    """One typed word, such as ``example``. ``choices`` maps what is typed to what the command gets; ``default`` stands
    when it is left out. ``least`` and ``most`` bound a number, or a size in bytes. ``roles``: who may give it at all.
    """

    name: str
    type: ArgumentType
    example: str = ""
    default: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    least: int = 0
    most: int = 0
    group: str = ""
    balanced: bool = False
    format: str = "%Y-%m-%d"
    root: str = ""
    match: str = ""
    many: bool = False
    roles: tuple[Role, ...] = ()
    values: Mapping[str, Stricter] = field(default_factory=dict)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Selector:
    """Which hosts: those of ``argument``, the ``balancer``, the roll's own (``here``), or those of a ``group``.

    Of a group: only those with ``tag``, those ``without`` one, only the ``first`` that is left.
    """

    argument: str = ""
    balancer: bool = False
    here: bool = False
    group: str = ""
    tag: str = ""
    without: str = ""
    first: bool = False
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Each:
    """A command is sent once for each host of a selection, or for each value of a ``many`` argument, as ``{name}``."""

    name: str
    of: Selector


@dataclass(frozen=True, slots=True)
class Look:
    """One reading command before anybody is asked. What it printed must match; the match is the fact ``name``.

    ``least`` and ``most`` (a number or an earlier fact) bound it, ``days_left`` a date. ``window``: no command, the change window.
    """

    name: str
    on: Selector | None
    argv: tuple[str, ...]
    ok: tuple[int, ...]
    become: str
    match: str
    least: str
    most: str
    days_left: int | None
    refuse: Text
    limit: float = 10.0
    window: bool = False


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """``argv`` holds words with ``{placeholder}``; ``limit`` is in seconds; ``may_fail``: a later check decides.

    ``at_once``: so many of its hosts at the same time, where nothing is changed. ``show``: what of its output belongs into
    the answer that people read. ``ends``: looks that need not hold any more once this step is behind a run that goes on.

    ``words`` are what the kind needs besides: ``file``, ``key``, ``value`` · ``source``, ``to``, ``mode`` · ``path``, ``name``.
    """

    kind: Kind
    title: Text
    argv: tuple[str, ...] = ()
    limit: float = 30.0
    may_fail: bool = False
    on: Selector | None = None
    become: str = ""
    cwd: str = ""
    stdin: str = ""
    ok: tuple[int, ...] = (0,)
    expect: str = ""
    forbid: str = ""
    show: str = ""
    tries: int = 1
    pause: float = 0.0
    undo: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    each: Each | None = None
    at_once: int = 1
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inner:
    """Another runbook run at this place; its words are checked like typed ones."""

    runbook: str
    words: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Roll:
    """``items`` for each host of ``over``, ``batch`` hosts at a time (a number or a placeholder)."""

    over: Selector
    batch: str
    items: tuple["Item", ...]


Item = StepDefinition | Inner | Roll


def flat(items: tuple[Item, ...]) -> Iterator[Item]:
    """Every item, those inside a roll too."""
    for item in items:
        yield item
        if isinstance(item, Roll):
            yield from flat(item.items)


@dataclass(frozen=True, slots=True)
class Definition:
    """One runbook. ``word``: what follows the verb in a command such as ``/backup app`` or ``/licence replace db``, and its
    Chinese twin; ``group``: the host group it is for (empty: any); ``undo``: the command that takes it back; ``values``:
    words that a host group may replace; ``path``: the site's own file that it is from, ``line`` where that names the group.
    """

    verb: str
    word: str
    word_alias: str
    alias: str
    title: Text
    source: str
    roles: tuple[Role, ...]
    confirm: Confirm
    confirmers: tuple[Role, ...]
    breakglass: bool
    group: str
    where: Where
    effect: Effect
    report: Report
    undo: str
    values: Mapping[str, str]
    arguments: tuple[Argument, ...]
    looks: tuple[Look, ...]
    steps: tuple[Item, ...]
    path: Path | None = None
    line: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        """The key in the catalogue: ``restart``, ``backup app``."""
        return f"{self.verb} {self.word}".rstrip()

    @property
    def placeless(self) -> tuple[StepDefinition, ...]:
        """The steps that stand where the runbook stands, because they do not say; a question has no place."""
        plain = [step for step in self.steps if isinstance(step, StepDefinition)]
        return tuple(step for step in plain if step.on is None and step.kind is not Kind.ASK)

    @property
    def usage(self) -> str:
        """The words that must follow the verb, as help shows them: ``oa3``."""
        needed = [a.example or a.name.upper() for a in self.arguments if a.default is None]
        return " ".join([self.word, *needed] if self.word else needed)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every runbook by name; what is not in here cannot run. ``faults``: while there are any, nothing runs at all."""

    definitions: Mapping[str, Definition]
    faults: tuple[str, ...] = ()

    def find(self, word: str) -> Definition | None:
        """By name (``restart``, ``backup app``) or alias; of several under one verb the first."""
        return next((d for d in self.definitions.values() if word in {d.name, d.verb, d.alias}), None)

    def verbs(self) -> dict[str, tuple[Definition, ...]]:
        """The commands that there are, each with its runbooks: several where the next word tells them apart."""
        verbs = dict.fromkeys(d.verb for d in self.definitions.values())
        return {verb: tuple(d for d in self.definitions.values() if d.verb == verb) for verb in verbs}

    def pick(self, verb: str, words: tuple[str, ...]) -> tuple[Definition, tuple[str, ...]]:
        """The runbook that a command means (verb or alias), and the words that are its arguments.

        Raises ``UserError``: ``unknown_command``, ``missing_argument``, ``bad_choice``.
        """
        found = [d for d in self.definitions.values() if verb in {d.verb, d.alias}]
        if not found:
            raise UserError("unknown_command", verb=verb, nearest=None)
        if not found[0].word:
            return found[0], words
        plain = tuple(word for word in words if not word.startswith("-"))
        options = [(form.split(), d) for d in found for form in (d.word, d.word_alias) if form]
        for form, definition in sorted(options, key=lambda option: -len(option[0])):
            if [word.lower() for word in plain[: len(form)]] == form:
                return definition, (*plain[len(form) :], *(word for word in words if word not in plain))
        known = tuple(d.word for d in found)
        if not plain:
            raise UserError("missing_argument", verb=verb, argument="|".join(known), example=f"/{verb} {known[0]}")
        raise UserError("bad_choice", argument=verb, value=" ".join(plain[:2]), choices=known)
