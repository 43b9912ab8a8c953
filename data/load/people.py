"""``people.yaml``, ``posts.yaml`` and ``chats.yaml``: who there is, what is covered when, where people talk."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from bot.core.people import Account, Chat, Person, Role
from bot.core.problems import Told
from data.load.files import ChatEntry, ChatsFile, Contacts, CoverEntry, PeopleFile, PersonEntry, PostEntry, PostsFile
from data.load.references import Unread, known, several
from data.load.yaml_file import Spot
from data.model import Cover, DutyPost

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)  # a platform's own id may serve as ours
PHONE = re.compile(r"\+?[0-9][0-9-]{4,18}[0-9]", re.ASCII)
REACHED_BY_PHONE = (Role.ENGINEER, Role.LEAD, Role.DIRECTOR)


@dataclass(frozen=True, slots=True)
class People:
    """``people.yaml``: everybody by id, and the two contacts that are named rather than found by role.

    ``unsure``: whose roles cannot be read, so that nobody says which he lacks.
    """

    all: dict[str, Person]
    emergency: Person | None
    headquarters: tuple[Person, ...]
    unsure: frozenset[str] = frozenset()


def good_id(at: Spot, key: str) -> str:
    """An id as it may stand in a file name, an action or an address."""
    if not _ID.fullmatch(key):
        at.report(Told("data/bad_id", given=key))
    return key


def load_people(file: PeopleFile, at: Spot) -> People:
    """Everybody of the organisation, with roles, phones and platform accounts."""
    people = {
        key: _person(good_id(at.child("people", key), key), entry, at.child("people", key), file.teams)
        for key, entry in file.people.items()
    }
    found = _with_contacts(_accounts_once(at, people), file.contacts, at.child("contacts"))
    return replace(found, unsure=frozenset(key for key in people if at.child("people", key).told("roles")))


def anybody(people: Mapping[str, Person]) -> Person | None:
    """Who is called while no emergency contact is named: a director, else a lead, else an engineer, with a phone."""
    reachable = [person for person in people.values() if person.phone]
    return next((p for role in reversed(REACHED_BY_PHONE) for p in reachable if role in p.roles), None)


def _with_contacts(people: dict[str, Person], contacts: Contacts, at: Spot) -> People:
    found = people.get(known(at, "emergency", contacts.emergency, people, "person") or "")
    asked = found and (found.may(*REACHED_BY_PHONE) or at.up().child("people", found.id).told("phone"))
    if found and not found.phone and not asked:
        at.report(Told("data/contact_without_phone", person=found.id), "emergency")
    named = several(at, "headquarters", contacts.headquarters, people, "person")
    return People(people, found, tuple(people[key] for key in named))


def _person(key: str, entry: PersonEntry, at: Spot, teams: Collection[str]) -> Person:
    if entry.phone and not PHONE.fullmatch(entry.phone):
        at.report(Told("data/bad_phone", given=entry.phone), "phone")
    person = Person(
        id=key,
        name=entry.name,
        roles=frozenset(entry.roles),
        team=known(at, "team", entry.team, teams, "team"),
        phone=entry.phone or None,
        organisation=entry.organisation,
        vendor=entry.vendor or None,
        accounts=tuple(Account(platform, user) for platform, user in entry.accounts.items()),
        locale=entry.locale.value if entry.locale else None,
    )
    if person.phone is None and person.may(*REACHED_BY_PHONE):
        at.lacks("phone", Told("data/without_phone", person=key))
    return person


def _accounts_once(at: Spot, people: dict[str, Person]) -> dict[str, Person]:
    """An account that two claim speaks for neither."""
    owners: dict[Account, str] = {}
    contested: set[Account] = set()
    for person in people.values():
        for account in person.accounts:
            if account in owners:
                both = {"first": owners[account], "second": person.id}
                told = Told("data/account_twice", platform=account.platform, account=account.user_id, **both)
                at.report(told, "people")
                contested.add(account)
            owners[account] = person.id
    return {key: _without(person, contested) for key, person in people.items()}


def _without(person: Person, contested: set[Account]) -> Person:
    rest = tuple(account for account in person.accounts if account not in contested)
    return person if len(rest) == len(person.accounts) else replace(person, accounts=rest)


def load_posts(file: PostsFile, at: Spot, people: People) -> dict[str, DutyPost]:
    """The duty posts with presence, declared cover and leads; ``served_by`` chains must end."""
    spots = {key: at.child("posts", key) for key in file.posts}
    posts = {
        key: _post(good_id(spots[key], key), entry, spots[key], people, file.posts) for key, entry in file.posts.items()
    }
    circling = [key for key in spots if _circles(key, posts)]
    for key in circling:
        spots[key].report(Told("data/served_circle", post=key), "served_by")
    return {key: replace(post, served_by=None) if key in circling else post for key, post in posts.items()}


def _post(key: str, entry: PostEntry, at: Spot, people: People, posts: Collection[str]) -> DutyPost:
    post = DutyPost(
        id=key,
        name=entry.name,
        team=entry.team or None,
        lead=known(at, "lead", entry.lead, people.all, "person"),
        place=entry.place,
        served_by=None if entry.cover else known(at, "served_by", entry.served_by, posts, "post"),
        shared=entry.shared,
        presence=entry.presence,
        cover=tuple(_cover(cover) for cover in entry.cover),
    )
    teams = {person.team for person in people.all.values()}
    if post.team and post.team not in teams and not isinstance(people.all, Unread):
        at.report(Told("data/empty_team", team=post.team), "team")
    if post.lead and post.lead not in people.unsure and Role.LEAD not in people.all[post.lead].roles:
        at.report(Told("data/without_role", key="lead", person=post.lead, role="lead"), "lead")
    if entry.served_by and entry.cover:  # which of the two was meant nobody knows: its own rows are not judged by it
        at.report(Told("data/served_cover"), "cover")
    if not entry.served_by and not post.cover:
        at.lacks("cover", Told("data/no_cover"))
    if not entry.served_by and not post.shared and not entry.lead:
        at.lacks("lead", Told("data/no_lead"))
    return post


def _cover(entry: CoverEntry) -> Cover:
    return Cover(entry.days, entry.hours, entry.slot)


def _circles(start: str, posts: Mapping[str, DutyPost]) -> bool:
    seen = {start}
    following = posts[start].served_by
    while following:
        if following in seen:
            return True
        seen.add(following)
        following = posts[following].served_by
    return False


def load_chats(file: ChatsFile, at: Spot, people: People, posts: Mapping[str, DutyPost]) -> dict[str, Chat]:
    """The group chats; no two are at one place of a platform."""
    chats = {
        key: _chat(key, entry, at.child("chats", key), people, posts, file.regions) for key, entry in file.chats.items()
    }
    _places_once(at, chats)
    return chats


def _chat(
    key: str, entry: ChatEntry, at: Spot, people: People, posts: Mapping[str, DutyPost], regions: Collection[str]
) -> Chat:
    if key.startswith("dm-"):
        at.report(Told("data/direct_id", given=key))
    return Chat(
        id=_chat_id(at, key, entry.platform),
        name=entry.name,
        platform=entry.platform,
        chat_id=entry.chat_id,
        post=known(at, "post", entry.post, posts, "post") or _any_post(entry, posts),
        region=known(at, "region", entry.region, regions, "region"),
        importance=entry.importance,
        reach=entry.reach,
        members=several(at, "members", entry.members, people.all, "person"),
    )


def _any_post(entry: ChatEntry, posts: Mapping[str, DutyPost]) -> str | None:
    """A chat whose post nobody knows is somebody's all the same; without a post it would be the engineers' own room."""
    return next(iter(posts), None) if entry.post else None


def _chat_id(at: Spot, key: str, platform: str) -> str:
    """Our id of a chat; on another platform than our own its id there may serve."""
    return key if platform != "local" and _PLACE.fullmatch(key) else good_id(at, key)


def _places_once(at: Spot, chats: Mapping[str, Chat]) -> None:
    owners: dict[tuple[str, str], str] = {}
    for chat in chats.values():
        place = (chat.platform, chat.chat_id or chat.id)
        if place in owners:
            at.report(
                Told("data/place_twice", platform=place[0], place=place[1], first=owners[place], second=chat.id),
                "chats",
            )
        owners[place] = chat.id
