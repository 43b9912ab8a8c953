"""What one plain line says, as every capability hears it: read once for each event, and never again by anybody."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What a line is. Only a fault starts the clock of SOP 2.1 (answer within 10 minutes)."""

    FAULT = "fault"
    QUESTION = "question"
    REQUEST = "request"
    OTHER = "other"


class RouteName(StrEnum):
    """The ways of SOP 4.1–4.4 (问题导流)."""

    THIRD_PARTY = "third_party"
    INTERNAL = "internal"
    URGENT = "urgent"
    BUSINESS = "business"
    FAQ = "faq"


class Act(StrEnum):
    """What a line does in a running dialogue.

    ``confirm`` and ``deny`` are a plain yes and no, which mean something only to a question; ``relapse`` is "又不行了";
    ``probe`` is an engineer's own "恢复了吗"; ``correct`` names another system than the speaker named before.
    """

    REPORT = "report"
    JOIN = "join"
    CHASE = "chase"
    ANSWER = "answer"
    PROGRESS = "progress"
    PROBE = "probe"
    END = "end"
    CONFIRM = "confirm"
    DENY = "deny"
    WITHDRAW = "withdraw"
    RELAPSE = "relapse"
    CORRECT = "correct"
    THANK = "thank"
    NOTICE = "notice"
    ASK = "ask"
    NOTHING = "nothing"


class Scope(IntEnum):
    """How far a fault reaches; the number is the severity of its ticket."""

    WIDE = 1  # a whole unit or system, or its security
    BLOCKED = 2  # a few people cannot work
    IMPAIRED = 3  # slow, intermittent, cosmetic


class Certainty(StrEnum):
    """Whether a person is asked if it is a fault; of small talk and notices it is certain that they are none."""

    SURE = "sure"
    DOUBTFUL = "doubtful"


class Speaker(StrEnum):
    """Who speaks, as the reading of a line depends on it; everybody else, also a director, is a user."""

    USER = "user"
    ENGINEER = "engineer"
    VENDOR = "vendor"


class Matter(Protocol):
    """Something open in a chat that a line may be about: a capability's own frozen record."""

    @property
    def number(self) -> str: ...

    @property
    def system(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a line falls into: the matters open in its chat, newest first, and the one whose message it quotes.

    ``elsewhere``: it names another group of the organisation than the one it is said in.
    """

    open: tuple[Matter, ...] = ()
    refers_to: Matter | None = None
    elsewhere: bool = False

    @property
    def systems(self) -> frozenset[str]:
        """The systems that something open is about."""
        return frozenset(matter.system for matter in self.open if matter.system)


@dataclass(frozen=True, slots=True)
class Understanding:
    """One line as it was understood.

    ``words`` are as said, without the bot's name in front; ``text`` is their cleaned form, lower case.
    ``also``: further acts of the same line, for where the first one meets nothing.
    ``system``: what the line is about, with the default of its kind; ``subject``: the system that its words name as
    their matter; ``systems``: every system that they mention.
    ``failing``: its words tell of something that does not work, whoever says them; ``greets``: it says hello and no more.
    ``duty_day``: of a line that asks who is on duty, the day as it says it, empty for now.
    ``refers_to`` and ``open`` are the surroundings in which it was read. ``symptom``: the sort of failure that a report
    tells of, ``names`` what it calls its system, where that is a name, ``parts`` those of it that it speaks of (the login);
    ``hedged``: its speaker is not sure ("好像好了"). ``takes``: of an engineer's line, that he takes a fault on and nothing
    besides; ``leaves``: that it asks, or leaves it to somebody else. ``denies``: of a correction, the system that it is not,
    where the words say so; ``subject`` is then the one that it is.
    """

    words: str
    text: str = ""
    speaker: Speaker = Speaker.USER
    kind: Kind = Kind.OTHER
    act: Act = Act.NOTHING
    also: tuple[Act, ...] = ()
    route: RouteName | None = None
    system: str | None = None
    subject: str | None = None
    systems: frozenset[str] = frozenset()
    scope: Scope | None = None
    certainty: Certainty = Certainty.SURE
    failing: bool = False
    greets: bool = False
    duty_day: str | None = None
    refers_to: Matter | None = None
    open: tuple[Matter, ...] = ()
    symptom: str | None = None
    names: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    hedged: bool = False
    takes: bool = False
    leaves: bool = False
    denies: str | None = None

    @property
    def named(self) -> bool:
        """Whether a report, question or request names its system; ``system`` is a default where it does not."""
        return self.kind is not Kind.OTHER and self.subject is not None

    def does(self, act: Act) -> bool:
        """Whether the line is this act, first or besides."""
        return self.act is act or act in self.also


def combined(parts: Iterable[Surroundings]) -> Surroundings:
    """What the capabilities see around one line, as one; of two that know the quoted message the first counts."""
    seen = tuple(parts)
    quoted = (part.refers_to for part in seen if part.refers_to is not None)
    open_ones = tuple(matter for part in seen for matter in part.open)
    return Surroundings(open_ones, next(quoted, None), any(part.elsewhere for part in seen))
