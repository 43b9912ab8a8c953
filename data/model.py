"""What the organisation is made of, as plain frozen records: posts, servers, clocks, routes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from data.times import Window


class Slot(StrEnum):
    """How somebody covers a post: in the room, online, or as the emergency contact behind both."""

    ONSITE = "onsite"
    ONLINE = "online"
    STANDBY = "standby"


class Days(StrEnum):
    """Which days a cover is declared for; a make-up day (调休) is a workday, a holiday never is."""

    WORKDAYS = "workdays"
    OFFDAYS = "offdays"
    ALL = "all"


class Audience(StrEnum):
    """Who a rung or a route tells; the engineers are those on duty for the chat at that minute."""

    ENGINEER = "engineer"
    LEAD = "lead"
    DIRECTOR = "director"
    EMERGENCY = "emergency"
    HEADQUARTERS = "headquarters"
    BUSINESS = "business"
    VENDOR = "vendor"
    COORDINATOR = "coordinator"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Cover:
    """Hours that somebody must be on duty; an hour of it without a person is a gap (presence hours are not cover)."""

    days: Days
    window: Window
    slot: Slot


@dataclass(frozen=True, slots=True)
class DutyPost:
    """A place and scope that somebody is on duty for (驻点; SOP 2.1–2.3).

    ``served_by``: another post's people answer for this one (市委 by 市府). ``shared``: whoever is on this post answers
    for every post, after their own people (the online cover). ``presence``: hours in the room, shown to people only.
    """

    id: str
    name: str
    team: str | None = None
    lead: str | None = None
    place: str = ""
    served_by: str | None = None
    shared: bool = False
    presence: tuple[Window, ...] = ()
    cover: tuple[Cover, ...] = ()


LOGINS = ("noisy", "csh", "profile")


@dataclass(frozen=True, slots=True)
class AccountTraits:
    """What is peculiar to the account that signs in on a host.

    ``login``: ``noisy``, something is printed at login; ``csh``, its shell is csh or tcsh; ``profile``, commands need the
    environment that only a login has. ``environment``: variables that must be set there. ``encoding``: of what programs say,
    where that is not UTF-8.
    """

    login: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    encoding: str = ""


PLAIN = AccountTraits()


@dataclass(frozen=True, slots=True)
class Host:
    """A server. ``address``/``port`` is where SSH goes; ``upstream`` is its entry in the load balancer.

    ``tags`` tell the hosts of a group apart for the runbooks: ``primary``, ``standby``. ``jump``: the host that SSH goes
    through to reach it. ``web``: where people's browsers reach it, if that is neither of the two addresses.
    """

    id: str
    group: str
    address: str
    port: int = 22
    user: str = "zhiban"
    upstream: str | None = None
    web: str = ""
    become: str | None = None
    tags: tuple[str, ...] = ()
    jump: "Host | None" = None
    account: AccountTraits = PLAIN


@dataclass(frozen=True, slots=True)
class Balancer:
    """The nginx in front of a host group (SOP 5.3): on which host, its files, and the name of the upstream block."""

    host: str
    conf: str
    binary: str
    upstream: str


@dataclass(frozen=True, slots=True)
class Health:
    """How a node of a group shows that it serves: an HTTP status within ``codes`` (from, to) on ``path``."""

    path: str = "/"
    codes: tuple[tuple[int, int], ...] = ((200, 499),)

    def fine(self, status: int) -> bool:
        """Whether a node that answers with this status serves."""
        return any(least <= status <= most for least, most in self.codes)


ANY_ANSWER = Health()


@dataclass(frozen=True, slots=True)
class HostGroup:
    """Hosts that do the same. Never fewer than ``min_in_service`` in service, never more than ``max_unavailable`` out.

    ``app_home``: where the application server is installed; empty means the SOP's own place (5.1). ``values``: the site's
    words for what a runbook declares under ``values``. ``change_window``: when ``window: true`` lets a runbook begin.
    """

    id: str
    name: str
    min_in_service: int = 0
    max_unavailable: int = 0
    app_port: int | None = None
    app_home: str = ""
    balancer: Balancer | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    change_window: Window | None = None
    health: Health = ANY_ANSWER


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder: who is told when nobody answered ``after`` the report; ``breach``: the deadline's own."""

    after: timedelta
    to: tuple[Audience, ...]
    breach: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The clocks of a ticket (SOP 2.1, 2.3): answer within ``respond``, be on site within ``arrive``.

    Empty ``regions`` or ``severities`` mean all. After the last rung it is repeated every ``repeat_every``, at most
    ``repeat_max`` times. ``forgotten_after``: claimed, then no word for so long.
    """

    id: str
    respond: timedelta
    arrive: timedelta
    rungs: tuple[Rung, ...]
    repeat_every: timedelta
    repeat_max: int
    forgotten_after: timedelta
    regions: frozenset[str] = frozenset()
    severities: frozenset[int] = frozenset()

    def fits(self, region: str | None, severity: int) -> bool:
        """Whether this policy is meant for a ticket of that region and severity."""
        return (not self.regions or region in self.regions) and (not self.severities or severity in self.severities)


@dataclass(frozen=True, slots=True)
class Route:
    """Who gets a ticket of a kind (问题导流, SOP 4.1–4.4): ``to`` at once, ``copy`` of a question or request too, ``then`` when it
    stays open.

    ``chase_after``: silence of the third party after which the engineer, who still owes the answer, is told to chase.
    """

    id: str
    name: str
    to: tuple[Audience, ...]
    copy: tuple[Audience, ...] = ()
    then: tuple[Audience, ...] = ()
    then_after: timedelta | None = None
    chase_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Vendor:
    """A third party: the systems that are its own and the person who is asked by default."""

    id: str
    name: str
    contact: str
    systems: tuple[str, ...]
