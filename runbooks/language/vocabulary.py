"""The words of a runbook file that stand for one of a few: who confirms, what is at stake, where, what kind of step."""

from dataclasses import dataclass
from enum import StrEnum


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
    """What a step does; docs/runbooks.md describes each."""

    RUN = "run"
    WAIT = "wait"
    DOWN = "down"
    UP = "up"
    EDIT = "edit"
    WORKERS = "workers"
    DRAINED = "drained"
    SET = "set"
    UPLOAD = "upload"
    DOWNLOAD = "download"
    ASK = "ask"

    @property
    def writes(self) -> bool:
        """Whether it changes a file under our own guard: backup, hash, put back on failure."""
        return self in {Kind.EDIT, Kind.SET, Kind.UPLOAD}

    @property
    def of_nginx(self) -> bool:
        """Whether it is about the load balancer's nginx, wherever its runbook stands."""
        return self in {Kind.EDIT, Kind.WORKERS, Kind.DRAINED}


class Report(StrEnum):
    """How the output of a reading runbook is shown."""

    TEXT = "text"
    NODES = "nodes"
    CONNS = "conns"
    PORTS = "ports"
    DISK = "disk"
    FILE = "file"


class ArgumentType(StrEnum):
    """What one typed word of a command may be; see ``argument_types`` for how each is read."""

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
