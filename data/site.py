"""The organisation as one frozen value: people, chats, posts, servers, clocks, routes, roster; who belongs to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.core.people import Account, Chat, Person, Reach, Role, direct_chat, undeclared_chat
from data.holidays import Calendar
from data.model import DutyPost, Host, HostGroup, Policy, Route, Vendor
from data.shifts import Roster

LOCAL = "local"
SIGNED = "link"  # a tap on a link that we signed for one person


@dataclass(frozen=True)
class Site:
    """Everything the data folder says; checked, so every id in it leads somewhere. Mappings are by id.

    ``faults``: what is wrong in the folder, a line each; while there is any, no runbook runs and no roster changes (decisions:
    Rights).
    """

    tz: ZoneInfo
    people: Mapping[str, Person]
    emergency: Person
    headquarters: tuple[Person, ...]
    regions: Mapping[str, str]
    chats: Mapping[str, Chat]
    posts: Mapping[str, DutyPost]
    host_groups: Mapping[str, HostGroup]
    hosts: Mapping[str, Host]
    sla: tuple[Policy, ...]
    routes: Mapping[str, Route]
    systems: Mapping[str, str]
    vendors: Mapping[str, Vendor]
    calendar: Calendar
    roster: Roster
    faults: tuple[str, ...] = ()

    def local(self, moment: datetime) -> datetime:
        """The same instant on the organisation's wall clock."""
        return moment.astimezone(self.tz)

    def person_of(self, account: Account) -> Person | None:
        """Who is behind an account, None for a stranger; on the local platform the account is the person's id."""
        if account.platform in {LOCAL, SIGNED}:
            return self.people.get(account.user_id)
        return self._by_account.get(account)

    def account_of(self, person: str, platform: str) -> str | None:
        """The user id of a person on a platform; None where he has none."""
        if platform == LOCAL:
            return person if person in self.people else None
        return self._accounts.get((person, platform))

    def chat(self, chat: str) -> Chat | None:
        """A chat by id; ``dm-PERSON`` is the direct chat of a known person, ``slack:C1`` a chat that nobody declared."""
        person = self.people.get(chat.removeprefix("dm-")) if chat.startswith("dm-") else None
        return direct_chat(person) if person else self.chats.get(chat) or undeclared_chat(chat)

    def chat_at(self, platform: str, chat_id: str) -> Chat | None:
        """The declared chat with that id on that platform."""
        return self._by_place.get((platform, chat_id))

    def address(self, chat: Chat, platform: str) -> str | None:
        """Where ``platform`` delivers to a chat: its id there, or its person's account; None where he has none."""
        return self.account_of(chat.person, platform) if chat.person else chat.chat_id or chat.id

    @cached_property
    def duty_room(self) -> Chat | None:
        """The engineers' own group: the first chat without a post that the bot can enter."""
        rooms = (chat for chat in self.chats.values() if chat.post is None and chat.reach is Reach.BOT)
        return min(rooms, key=lambda chat: chat.importance, default=None)

    def post_of(self, chat: Chat) -> DutyPost | None:
        """The post whose people answer in a chat, ``served_by`` followed; None for the duty room and direct chats."""
        return self.serving(self.posts[chat.post]) if chat.post else None

    def serving(self, post: DutyPost) -> DutyPost:
        """The post whose people really answer (市委 is served by 市府)."""
        while post.served_by:
            post = self.posts[post.served_by]
        return post

    def lead_of(self, post: DutyPost | None) -> Person | None:
        """The lead of a post, of the serving one when it has none of its own."""
        if post is None:
            return None
        lead = post.lead or self.serving(post).lead
        return self.people[lead] if lead else None

    def with_role(self, role: Role) -> tuple[Person, ...]:
        """Everybody who has a role, in the order of ``people.yaml``."""
        return tuple(person for person in self.people.values() if role in person.roles)

    def vendor_of(self, system: str | None) -> Vendor | None:
        """The third party that a system belongs to."""
        return next((vendor for vendor in self.vendors.values() if system in vendor.systems), None)

    def policy(self, region: str | None, severity: int) -> Policy:
        """The SLA of a region and severity: the first that fits; the last in ``sla.yaml`` fits everything."""
        return next(policy for policy in self.sla if policy.fits(region, severity))

    def group_hosts(self, group: str) -> tuple[Host, ...]:
        """The hosts of a group, in the order of ``hosts.yaml``."""
        return tuple(host for host in self.hosts.values() if host.group == group)

    def with_hosts(self, hosts: Mapping[str, Host]) -> "Site":
        """The same site with some hosts somewhere else (the demo fleet's addresses)."""
        return replace(self, hosts={**self.hosts, **hosts})

    def with_roster(self, roster: Roster) -> "Site":
        """The same site with another roster."""
        return replace(self, roster=roster)

    def with_faults(self, faults: tuple[str, ...]) -> "Site":
        """The same site while something is wrong in its folder."""
        return replace(self, faults=faults)

    @cached_property
    def _by_account(self) -> dict[Account, Person]:
        return {account: person for person in self.people.values() for account in person.accounts}

    @cached_property
    def _accounts(self) -> dict[tuple[str, str], str]:
        found = ((person.id, account) for person in self.people.values() for account in person.accounts)
        return {(person, account.platform): account.user_id for person, account in found}

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], Chat]:
        return {(chat.platform, chat.chat_id or chat.id): chat for chat in self.chats.values()}
