"""What is a runbook? The typed form of one file of ``runbooks/catalog``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.people import Role


class Confirm(StrEnum):
    """Who must say yes: nobody (it only reads), the requester himself, or a second person."""

    NONE = "none"
    SELF = "self"
    SECOND = "second"


class Effect(StrEnum):
    """What a run does to its node's service. ``OUT`` and ``BRIEF`` count against the floors of the host group."""

    NONE = "none"
    OUT = "out"
    BRIEF = "brief"
    IN = "in"


class Where(StrEnum):
    """Where the steps run: on the host that an argument names, or on the load balancer of the group."""

    HOST = "host"
    BALANCER = "balancer"


class Kind(StrEnum):
    """What a step wants: the command succeeds; nothing answers; something does; or the two nginx steps."""

    RUN = "run"
    DOWN = "down"
    UP = "up"
    EDIT = "edit"
    WORKERS = "workers"


class Report(StrEnum):
    """How the output of a reading runbook is shown."""

    TEXT = "text"
    NODES = "nodes"
    CONNS = "conns"
    DISK = "disk"


class ArgumentType(StrEnum):
    HOST = "host"
    NODE = "node"
    CHOICE = "choice"
    INT = "int"


@dataclass(frozen=True, slots=True)
class Text:
    """A short name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Argument:
    """One typed word, such as ``example``. ``choices`` maps what is typed to what the command gets; ``default`` stands
    when it is left out.
    """

    name: str
    type: ArgumentType
    example: str = ""
    default: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """``argv`` holds words with ``{placeholder}``; ``limit`` is in seconds; ``may_fail``: a later check decides."""

    kind: Kind
    title: Text
    argv: tuple[str, ...]
    limit: float
    may_fail: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """One runbook. ``group``: the host group it is for (empty: any); ``undo``: the command that takes it back."""

    verb: str
    alias: str
    title: Text
    source: str
    roles: tuple[Role, ...]
    confirm: Confirm
    confirmers: tuple[Role, ...]
    group: str
    where: Where
    effect: Effect
    report: Report
    undo: str
    arguments: tuple[Argument, ...]
    steps: tuple[StepDefinition, ...]

    @property
    def usage(self) -> str:
        """The words that must follow the verb, as help shows them: ``oa3``."""
        return " ".join(a.example or a.name.upper() for a in self.arguments if a.default is None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every runbook by verb; what is not in here cannot run."""

    definitions: Mapping[str, Definition]

    def find(self, word: str) -> Definition | None:
        """By verb or alias."""
        return next((d for d in self.definitions.values() if word in {d.verb, d.alias}), None)
