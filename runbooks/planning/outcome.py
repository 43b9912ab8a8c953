"""How a step ended, and if not well, why."""

from dataclasses import dataclass
from enum import StrEnum


class StepFault(StrEnum):
    """Why a step failed, for the report."""

    EXIT = "exit"
    TIME = "time"
    SIGNAL = "signal"
    NO_ANSWER = "no_answer"
    EXPECT = "expect"
    FORBIDDEN = "forbidden"
    DIFFERS = "differs"
    STILL_UP = "still_up"
    NOT_UP = "not_up"
    CHANGED = "changed"
    NOT_WRITTEN = "not_written"
    NOT_RELOADED = "not_reloaded"
    OLD_WORKERS = "old_workers"
    UNREACHABLE = "unreachable"
    HOST_KEY = "host_key"
    KNOWN_HOSTS = "known_hosts"
    KEY = "key"
    LOGIN = "login"
    SESSIONS = "sessions"
    REPEATED = "repeated"
    NO_RECORD = "no_record"
    ACCOUNT = "account"
    NO_CURL = "no_curl"
    FLOOR = "floor"
    NOT_CONFIRMED = "not_confirmed"
    TOO_BIG = "too_big"


@dataclass(frozen=True, slots=True)
class WorkersBefore:
    """The worker processes (``pids``) of an nginx before it is reloaded; ``pid_file``: where its master's process id stands."""

    pid_file: str
    pids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of before a reload: ``workers`` of nginx that are still ending, and ``connections`` from it to the node.

    ``connections`` None: they could not be counted. Old workers without any to this node have those of others. ``workers``
    None: the host did not say, so nothing is known.
    """

    workers: int | None
    connections: int | None = None


@dataclass(frozen=True, slots=True)
class LeftSeen:
    """One look at what is left. ``before``: the workers that were looked for. ``out``: nginx still sends the node nothing.

    Whether it is out is looked at only where it matters.
    """

    before: WorkersBefore
    left: Left
    out: bool = True


@dataclass(frozen=True, slots=True)
class StepResult:
    """``fault`` None: it went well. ``output`` is clean already; ``files`` are what was downloaded, by name.

    ``host``: the machine that was not reached, where that is why; it may be a jump host or the balancer. ``workers``: what
    an edit of the balancer's file leaves to the step that verifies it. ``left``: of before the reload, where the run went on
    although something is.
    """

    fault: StepFault | None
    exit: int | None = None
    output: str = ""
    files: tuple[tuple[str, bytes], ...] = ()
    host: str = ""
    workers: WorkersBefore | None = None
    left: Left | None = None


class Waiting(Exception):
    """The step has put its question to people; the run goes on from this step when there is an answer."""


class Undone(StrEnum):
    """What became of the changes of a run whose later step failed."""

    NOTHING = "nothing"
    RESTORED = "restored"
    LEFT = "left"
