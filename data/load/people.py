"""``people.yaml``, ``posts.yaml`` and ``chats.yaml``: who there is, what is covered when, where people talk."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.core.people import Account, Chat, Person, Reach, Role
from data.load.yaml_fields import Fields
from data.model import Cover, Days, DutyPost, Slot

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)  # a platform's own id may serve as ours
_PHONE = re.compile(r"\+?[0-9][0-9-]{4,18}[0-9]", re.ASCII)
_REACHED_BY_PHONE = (Role.ENGINEER, Role.LEAD, Role.DIRECTOR)


class Locale(StrEnum):
    """The languages that messages exist in."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class People:
    """``people.yaml``: everybody by id, and the two contacts that are named rather than found by role."""

    all: dict[str, Person]
    emergency: Person | None
    headquarters: tuple[Person, ...]


def good_id(fields: Fields, key: str) -> str:
    """An id as it may stand in a file name, an action or an address."""
    if not _ID.fullmatch(key):
        fields.fault(f"{key} is no id; use a-z, 0-9, - and _, at most 40")
    return key


def load_people(file: Fields) -> People:
    """Everybody of the organisation, with roles, phones and platform accounts."""
    teams = file.child("teams").scalars()
    people = {key: _person(good_id(fields, key), fields, teams) for key, fields in file.child("people").items()}
    _accounts_once(file, people)
    contacts = file.child("contacts")
    emergency = contacts.text("emergency")
    found = people.get(contacts.check("emergency", emergency, people, "person") or "") if emergency else None
    if found and not found.phone:
        contacts.fault(f"emergency: {found.id} has no phone; the emergency contact needs one", "emergency")
    named = [contacts.check("headquarters", key, people, "person") for key in contacts.texts("headquarters")]
    contacts.done()
    file.done()
    return People(people, found, tuple(people[key] for key in named if key))


def _person(key: str, fields: Fields, teams: dict[str, str]) -> Person:
    accounts = fields.child("accounts")
    person = Person(
        id=key,
        name=fields.text("name"),
        roles=frozenset(fields.choices("roles", Role)),
        team=fields.known("team", teams, "team"),
        phone=_phone(fields),
        organisation=fields.text("organisation", ""),
        vendor=fields.maybe("vendor"),
        accounts=tuple(Account(platform, user) for platform, user in accounts.scalars().items()),
        locale=_locale(fields),
    )
    if person.phone is None and person.may(*_REACHED_BY_PHONE):
        fields.fault(f"{key} has no phone; engineers, leads and directors need one: write phone: …")
    fields.done()
    return person


def _locale(fields: Fields) -> str | None:
    chosen = fields.choices("locale", Locale)
    return chosen[0].value if chosen else None


def _phone(fields: Fields) -> str | None:
    phone = fields.maybe("phone")
    if phone and not _PHONE.fullmatch(phone):
        fields.fault(f"phone: {phone} is a placeholder or no number; write digits", "phone")
    return phone


def _accounts_once(file: Fields, people: dict[str, Person]) -> None:
    owners: dict[Account, str] = {}
    for person in people.values():
        for account in person.accounts:
            if account in owners:
                both = f"{owners[account]} and {person.id}"
                file.fault(f"{account.platform} account {account.user_id} belongs to {both}; give it to one", "people")
            owners[account] = person.id


def load_posts(file: Fields, people: People) -> dict[str, DutyPost]:
    """The duty posts with presence, declared cover and leads; ``served_by`` chains must end."""
    entries = dict(file.child("posts").items())
    posts = {key: _post(good_id(fields, key), fields, people, set(entries)) for key, fields in entries.items()}
    for key, fields in entries.items():
        if _circles(key, posts):
            fields.fault(f"served_by: {key} leads back to itself; let one of them have people of its own", "served_by")
    file.done()
    return posts


def _post(key: str, fields: Fields, people: People, posts: set[str]) -> DutyPost:
    post = DutyPost(
        id=key,
        name=fields.text("name"),
        team=fields.maybe("team"),
        lead=fields.known("lead", people.all, "person"),
        place=fields.text("place", ""),
        served_by=fields.known("served_by", posts, "post"),
        shared=fields.flag("shared"),
        presence=fields.windows("presence"),
        cover=tuple(_cover(cover) for cover in fields.children("cover")),
    )
    if post.team and post.team not in {person.team for person in people.all.values()}:
        fields.fault(f"team: nobody is in team {post.team}; name a team of people.yaml", "team")
    if post.lead and Role.LEAD not in people.all[post.lead].roles:
        fields.fault(f"lead: {post.lead} does not have the role lead; add it in people.yaml", "lead")
    if post.served_by and post.cover:
        fields.fault("cover: a post served by another has no cover of its own; remove cover or served_by", "cover")
    if not post.served_by and not post.cover:
        fields.fault("cover is missing; write when somebody must be on duty, or served_by: another post")
    if not post.served_by and not post.shared and post.lead is None:
        fields.fault("lead is missing; a post with people of its own has a lead")
    fields.done()
    return post


def _cover(fields: Fields) -> Cover:
    cover = Cover(fields.choice("days", Days, Days.ALL), fields.window("hours"), fields.choice("slot", Slot))
    fields.done()
    return cover


def _circles(start: str, posts: dict[str, DutyPost]) -> bool:
    seen = {start}
    following = posts[start].served_by
    while following:
        if following in seen:
            return True
        seen.add(following)
        following = posts[following].served_by
    return False


def load_chats(file: Fields, people: People, posts: dict[str, DutyPost]) -> tuple[dict[str, Chat], dict[str, str]]:
    """The group chats, and the regions they lie in (id to name)."""
    regions = file.child("regions").scalars()
    chats: dict[str, Chat] = {}
    for key, fields in file.child("chats").items():
        if key.startswith("dm-"):
            fields.fault(f"{key}: ids that start with dm- are direct chats; choose another id")
        members = [fields.check("members", member, people.all, "person") for member in fields.texts("members")]
        platform = fields.text("platform", "local")
        chats[key] = Chat(
            id=_chat_id(fields, key, platform),
            name=fields.text("name"),
            platform=platform,
            chat_id=fields.text("chat_id", ""),
            post=fields.known("post", posts, "post"),
            region=fields.known("region", regions, "region"),
            importance=fields.number("importance", 100, least=1, most=10_000),
            reach=fields.choice("reach", Reach, Reach.BOT),
            members=tuple(member for member in members if member),
        )
        fields.done()
    _places_once(file, chats)
    file.done()
    return chats, regions


def _chat_id(fields: Fields, key: str, platform: str) -> str:
    """Our id of a chat; on another platform than our own its id there may serve."""
    return key if platform != "local" and _PLACE.fullmatch(key) else good_id(fields, key)


def _places_once(file: Fields, chats: dict[str, Chat]) -> None:
    owners: dict[tuple[str, str], str] = {}
    for chat in chats.values():
        place = (chat.platform, chat.chat_id or chat.id)
        if place in owners:
            file.fault(f"{place[0]} chat {place[1]} is both {owners[place]} and {chat.id}; keep one", "chats")
        owners[place] = chat.id
