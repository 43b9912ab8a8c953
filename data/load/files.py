"""What each file of the data folder may say, as it is written; ``data.model`` holds what the house makes of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from bot.core.people import Reach, Role
from data.holidays import DayKind
from data.load.written import CHOSEN, ONE_OR_MORE, Flag, Hours, Number, Span, Word, WordMap, Words, Written
from data.model import Audience, Days, Slot

Port = Annotated[int, Number(1, 65535)]
Count = Annotated[int, Number()]
Roles = Annotated[tuple[Role, ...], CHOSEN]
Told = Annotated[tuple[Audience, ...], CHOSEN]


class Locale(StrEnum):
    """The languages that messages exist in."""

    ZH = "zh"
    EN = "en"


class PersonEntry(Written):
    name: Word
    roles: Roles = ()
    team: Word = ""
    phone: Word = ""
    organisation: Word = ""
    vendor: Word = ""
    accounts: WordMap = Field(default_factory=dict)
    locale: Locale | None = None


class Contacts(Written):
    emergency: Word
    headquarters: Words = ()


class PeopleFile(Written):
    """Everybody by id, and the two contacts that are named rather than found by role."""

    teams: WordMap = Field(default_factory=dict)
    contacts: Contacts
    people: dict[str, PersonEntry] = Field(default_factory=dict)


class CoverEntry(Written):
    days: Days = Days.ALL
    hours: Hours
    slot: Slot


class PostEntry(Written):
    name: Word
    team: Word = ""
    lead: Word = ""
    place: Word = ""
    served_by: Word = ""
    shared: Flag = False
    presence: Annotated[tuple[Hours, ...], ONE_OR_MORE] = ()
    cover: tuple[CoverEntry, ...] = ()


class PostsFile(Written):
    posts: dict[str, PostEntry] = Field(default_factory=dict)


class ChatEntry(Written):
    name: Word
    platform: Word = "local"
    chat_id: Word = ""
    post: Word = ""
    region: Word = ""
    importance: Annotated[int, Number(1, 10_000)] = 100
    reach: Reach = Reach.BOT
    members: Words = ()


class ChatsFile(Written):
    """The group chats, and the regions they lie in (id to name)."""

    regions: WordMap = Field(default_factory=dict)
    chats: dict[str, ChatEntry] = Field(default_factory=dict)


class SshEntry(Written):
    """What holds for every host that does not say otherwise."""

    user: Word = "zhiban"
    port: Port = 22


class BalancerEntry(Written):
    host: Word
    conf: Word
    binary: Word
    upstream: Word


class HealthEntry(Written):
    """``codes``: single ones or ranges (``200-399``)."""

    path: Word = "/"
    codes: Words = ("200-499",)


class GroupEntry(Written):
    name: Word
    min_in_service: Count = 0
    max_unavailable: Count = 0
    app_port: Port | None = None
    app_home: Word = ""
    balancer: BalancerEntry | None = None
    values: WordMap = Field(default_factory=dict)
    change_window: Hours | None = None
    health: HealthEntry = Field(default_factory=HealthEntry)


class HostEntry(Written):
    group: Word
    address: Word
    port: Port | None = None
    user: Word = ""
    upstream: Word = ""
    web: Word = ""
    become: Word = ""
    tags: Words = ()
    jump: Word = ""
    login: Words = ()
    environment: Words = ()
    encoding: Word = ""


class HostsFile(Written):
    ssh: SshEntry = Field(default_factory=SshEntry)
    groups: dict[str, GroupEntry] = Field(default_factory=dict)
    hosts: dict[str, HostEntry] = Field(default_factory=dict)


class RungEntry(Written):
    after: Span
    to: Told = ()
    breach: Flag = False


class PolicyEntry(Written):
    respond: Span
    arrive: Span
    rungs: tuple[RungEntry, ...] = ()
    repeat_every: Span
    repeat_max: Count
    forgotten_after: Span
    regions: Words = ()
    severities: Words = ()


class SlaFile(Written):
    """The policies in the order they are tried."""

    policies: dict[str, PolicyEntry] = Field(default_factory=dict)


class RouteEntry(Written):
    name: Word
    to: Told = ()
    copy_to: Told = Field((), alias="copy")
    then: Told = ()
    then_after: Span | None = None
    chase_after: Span | None = None


class VendorEntry(Written):
    name: Word
    contact: Word
    systems: Words = ()


class RoutesFile(Written):
    """Who gets what (SOP 4.1–4.4), the systems people report about, and the third parties behind some of them."""

    routes: dict[str, RouteEntry] = Field(default_factory=dict)
    systems: WordMap = Field(default_factory=dict)
    vendors: dict[str, VendorEntry] = Field(default_factory=dict)


class DayEntry(Written):
    kind: DayKind
    name: Word = ""


class HolidaysFile(Written):
    """The site's own days, by ISO date."""

    days: dict[str, DayEntry] = Field(default_factory=dict)


BY_NAME: Mapping[str, type[Written]] = {
    "people": PeopleFile,
    "posts": PostsFile,
    "chats": ChatsFile,
    "hosts": HostsFile,
    "sla": SlaFile,
    "routes": RoutesFile,
    "holidays": HolidaysFile,
}
