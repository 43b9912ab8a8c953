"""Who speaks and where: accounts, persons, roles, chats."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; a person without any role is a reporter."""

    ENGINEER = "engineer"
    LEAD = "lead"
    DIRECTOR = "director"
    BUSINESS = "business"
    VENDOR = "vendor"
    COORDINATOR = "coordinator"
    OPERATOR = "operator"


class Reach(StrEnum):
    """How a chat gets its messages: by the bot, or by hand where no bot can enter (personal WeChat)."""

    BOT = "bot"
    MANUAL = "manual"


STRANGER = "dm:"  # in the id of a stranger's direct chat


@dataclass(frozen=True, slots=True)
class Account:
    """A platform's user, from the verified envelope only; belongs to a Person or to nobody."""

    platform: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the organisation. Two-person rules compare ``id``, never accounts."""

    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    team: str | None = None
    phone: str | None = None
    organisation: str = ""
    vendor: str | None = None
    accounts: tuple[Account, ...] = ()
    locale: str | None = None

    def may(self, *roles: Role) -> bool:
        """Whether the person holds at least one of ``roles``."""
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Chat:
    """A group, the duty room (no post) or a direct chat ``dm-PERSON``; ``importance`` 1 is told first.

    ``chat_id`` is the platform's id of it. Of a chat that ``chats.yaml`` does not have, ``known`` is False and the id is
    ``platform:chat_id``; a stranger's direct chat is ``platform:dm:account``.
    """

    id: str
    name: str
    platform: str = "local"
    post: str | None = None
    region: str | None = None
    importance: int = 100
    reach: Reach = Reach.BOT
    members: tuple[str, ...] = field(default=())
    chat_id: str = ""
    known: bool = True

    @property
    def direct(self) -> bool:
        return self.id.startswith("dm-")

    @property
    def private(self) -> bool:
        """Whether one person alone reads it: a direct chat, a stranger's too."""
        return self.direct or self.id.partition(":")[2].startswith(STRANGER)

    @property
    def person(self) -> str | None:
        """The person a direct chat belongs to."""
        return self.id[3:] if self.id.startswith("dm-") else None


def undeclared_chat(chat: str) -> Chat | None:
    """The chat behind ``platform:chat_id`` or ``platform:dm:account``, for what no data file has; None for any other id."""
    platform, colon, address = chat.partition(":")
    if not (platform and colon and address):
        return None
    return Chat(id=chat, name=address, platform=platform, chat_id=address.removeprefix(STRANGER), known=False)


def direct_chat(person: Person, platform: str = "local") -> Chat:
    """The direct chat of a person (``dm-PERSON``)."""
    return Chat(id=f"dm-{person.id}", name=person.name, platform=platform)
