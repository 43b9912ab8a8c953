"""What a file of the organisation may say and yet can hardly mean: a number cut short, one phone or name for two people.

The service serves on with it; ``zhiban check`` does not call it fine.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bot.core.people import Chat, Person
from bot.core.problems import Problems, Told, nearest_of
from data.load.people import PHONE, REACHED_BY_PHONE
from data.load.read import read_file
from data.load.yaml_file import Spot, YamlFile

E = TypeVar("E")
_MOBILE = re.compile(r"1[3-9]\d*", re.ASCII)
_MOBILE_DIGITS, _LEAST_DIGITS = 11, 7  # a mobile number of China; the shortest that can be called from anywhere


def doubtful_people(data_dir: Path, people: Mapping[str, Person], locale: str) -> list[str]:
    """One line ``path:line: what is doubtful; what to write instead`` for each."""
    problems = Problems(locale)
    at = _entries(data_dir, "people", problems)
    _twice(at, people, "name", lambda person: "".join(person.name.split()).casefold())
    called = {key: person for key, person in people.items() if person.may(*REACHED_BY_PHONE)}
    _twice(at, called, "phone", lambda person: _digits(person.phone))
    for key, person in people.items():
        _short(at.child(key), person.phone)
    return problems.lines()


def doubtful_chats(data_dir: Path, chats: Mapping[str, Chat], locale: str) -> list[str]:
    """One line for each group that is called as another is: nobody could tell which of them a message names."""
    problems = Problems(locale)
    at = _entries(data_dir, "chats", problems)
    _twice(at, chats, "name", lambda chat: "".join(chat.name.split()).casefold())
    return problems.lines()


def unknown_platforms(
    data_dir: Path, people: Iterable[Person], chats: Iterable[Chat], known: Collection[str], locale: str
) -> list[str]:
    """One line for each chat or account on a platform that there is not: nothing would ever reach it."""
    problems = Problems(locale)
    at = _entries(data_dir, "chats", problems)
    for chat in chats:
        if chat.platform not in known:
            text = _no_platform("platform", chat.platform, known)
            at.child(chat.id).report(text, "platform")
    at = _entries(data_dir, "people", problems)
    for person in people:
        for account in person.accounts:
            if account.platform not in known:
                text = _no_platform("accounts", account.platform, known)
                at.child(person.id).report(text, "accounts")
    return problems.lines()


def _no_platform(key: str, name: str, known: Collection[str]) -> Told:
    return Told("data/no_platform", key=key, given=name, near=nearest_of(name, known))


def _entries(data_dir: Path, name: str, problems: Problems) -> Spot:
    """Where the entries of a file stand; what is wrong with the file itself is told by whoever loads it."""
    path = data_dir / f"{name}.yaml"
    file = read_file(path, Problems())
    return replace(file, problems=problems).top.child(name) if file else YamlFile(path, problems).top


def _twice(at: Spot, entries: Mapping[str, E], what: str, of: Callable[[E], str]) -> None:
    """A roster names people by name and a page says which number to call: each must mean one."""
    first: dict[str, str] = {}
    for key, entry in entries.items():
        value = of(entry)
        if value and first.setdefault(value, key) != key:
            at.child(key).report(Told("data/twice", what=what, first=first[value], second=key), what)


def _short(at: Spot, phone: str | None) -> None:
    digits = _digits(phone)
    if not digits or not PHONE.fullmatch(phone or ""):  # what is no number at all is told by whoever loads the file
        return
    if _MOBILE.fullmatch(digits) and len(digits) >= _LEAST_DIGITS and len(digits) != _MOBILE_DIGITS:
        at.report(Told("data/not_mobile", given=phone, count=len(digits), right=_MOBILE_DIGITS), "phone")
    elif len(digits) < _LEAST_DIGITS:
        at.report(Told("data/short_phone", given=phone, count=len(digits)), "phone")


def _digits(phone: str | None) -> str:
    """The digits alone, of a number of China without its country code."""
    return re.sub(r"\D", "", phone.removeprefix("+86") if phone else "")
