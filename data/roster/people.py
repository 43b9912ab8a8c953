"""Whom, which post and which kind of duty a word of a roster means, each refused with what to write instead."""

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from bot.core.people import Person, Role
from data.model import DutyPost, Slot
from data.roster.headings import clipped
from data.roster.keys import digits, key
from data.roster.sentences import RosterError

SLOT_WORDS = {
    "驻场": Slot.ONSITE,
    "驻点": Slot.ONSITE,
    "现场": Slot.ONSITE,
    "线上": Slot.ONLINE,
    "备班": Slot.STANDBY,
    "紧急联系人": Slot.STANDBY,
} | {slot.value: slot for slot in Slot}
_PLACEHOLDER = re.compile(r"[xX×*?]+|某+|待定|张三|TBD", re.IGNORECASE)
_NOBODY = {"", "无", "无人", "-", "—"}
_PHONE = re.compile(r"(?<![0-9])(?:\+?86[ -]?)?1[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])")
_PHONE_DIGITS = 11
_TITLE = re.compile(
    r"[(\[【](?:副?(?:组长|主任|科长|处长|队长|经理|主管)|工程师|主班|副班|带班|负责人|技术|同志|老师|师傅|[AB]角)[)\]】]"
)
_AND = re.compile(r"[/、,，;；+&|]|和|与|及")
_SHOWN = 6  # posts in a fault
_OFFERED = 3  # names in a fault
_LIKE = 0.5  # one of the two signs of a name, two of three
_ON_DUTY = (Role.ENGINEER, Role.LEAD, Role.DIRECTOR)
_BLANKS = re.compile(r"\s+")


def read_person(text: str, people: Mapping[str, Person], phone: str = "") -> Person:
    """A person by id or by a name that only one has, or only one with that phone; reachable by phone."""
    word = text.strip()
    if word in _NOBODY:
        raise RosterError("gap", "nobody_named")
    found = _called(word, people) or _with_remark(word, people)
    if len(found) > 1 and phone:
        found = [person for person in found if digits(person.phone or "") == digits(phone)] or found
    if not found and _PLACEHOLDER.fullmatch(word):
        raise RosterError("placeholder_name", given=clipped(word))
    if not found and _are_several(word, people):
        raise RosterError("several_people", given=clipped(word))
    if not found:
        raise RosterError("unknown_person", given=clipped(word), near=_like(word, people))
    if len(found) > 1:
        raise RosterError("ambiguous_person", given=clipped(word), ids=", ".join(person.id for person in found))
    if not found[0].phone:
        raise RosterError("no_contact", given=clipped(word))
    return found[0]


def read_who(text: str, people: Mapping[str, Person], phone: str = "", *, past: bool) -> str:
    """The person's id; of the past the word itself where it is nobody's any more."""
    try:
        return read_person(text, people, phone).id
    except RosterError as error:
        if not past or error.code != "unknown_person":
            raise
        return text.strip()


def _called(word: str, people: Mapping[str, Person]) -> list[Person]:
    """Those whose id or name it is, to the letter if anybody's, else whatever the blanks and the width of its signs."""
    exact = [person for person in people.values() if word in (person.id, person.name)]
    return exact or [person for person in people.values() if key(word) in (key(person.id), key(person.name))]


def _with_remark(word: str, people: Mapping[str, Person]) -> list[Person]:
    """Who is called with what people write beside a name: his phone, which must be his, a title in brackets, an @."""
    text = unicodedata.normalize("NFKC", word)
    phones = {digits(phone)[-_PHONE_DIGITS:] for phone in _PHONE.findall(text)}
    name = _TITLE.sub("", _PHONE.sub(" ", text)).strip(" @:：,，、;；/\\-\t\r\n")
    found = _called(name, people) if name and name != word else []
    return [person for person in found if phones <= {digits(person.phone or "")}]


def _are_several(word: str, people: Mapping[str, Person]) -> bool:
    names = {key(person.name) for person in people.values()}
    named = [name for name in names if name and name in key(word)]
    if sum(not any(name != other and name in other for other in named) for name in named) > 1:
        return True
    for cut in (_AND, _BLANKS):
        parts = [part for part in cut.split(word) if part]
        if len(parts) > 1 and all(_called(part, people) for part in parts):
            return True
    return False


def read_post(text: str, posts: Mapping[str, DutyPost]) -> DutyPost:
    """A post by id or name that has people of its own; ``市府/市委``, a post with those that it serves, is that post."""
    word = text.strip()
    post = _post(word, posts)
    if post is not None and post.served_by:
        raise RosterError("served_post", given=clipped(word), by=posts[post.served_by].name)
    if post is None:
        text = unicodedata.normalize("NFKC", word)
        parts = [
            _post(part, posts) for cut in _AND.split(text) for part in ([cut] if _post(cut, posts) else cut.split())
        ]
        serving = {part.served_by or part.id for part in parts if part is not None}
        if len(parts) < 2 or None in parts:
            close = get_close_matches(word, [*(post.name for post in posts.values()), *posts], n=1)
            known = "、".join(list(dict.fromkeys(post.name for post in posts.values()))[:_SHOWN])
            raise RosterError("unknown_post", given=clipped(word), near="".join(close), known=known)
        if len(serving) > 1:
            raise RosterError("several_posts", given=clipped(word))
        return posts[serving.pop()]
    return post


def _post(word: str, posts: Mapping[str, DutyPost]) -> DutyPost | None:
    exact = posts.get(word) or next((post for post in posts.values() if post.name == word), None)
    return exact or next((post for post in posts.values() if key(word) in (key(post.id), key(post.name))), None)


def read_slot(text: str) -> Slot:
    """``onsite``, ``online``, ``standby`` or their Chinese words."""
    word = key(text)
    if word not in SLOT_WORDS:
        raise RosterError("unknown_slot", given=clipped(text))
    return SLOT_WORDS[word]


def _like(word: str, people: Mapping[str, Person]) -> str:
    """The names, or ids, of people who may be on duty that are written much like the word; none where none is."""
    able = [person for person in people.values() if person.may(*_ON_DUTY)]
    names = get_close_matches(word, [person.name for person in able], n=_OFFERED, cutoff=_LIKE)
    ids = [] if names else get_close_matches(word, [person.id for person in able], n=1)
    return "、".join(dict.fromkeys(names or ids))
