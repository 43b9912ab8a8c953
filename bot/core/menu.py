"""What a command looks like to people: its words, and who may give it."""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from typing import Any, Self

from bot.core.people import Person, Role


@dataclass(frozen=True, slots=True)
class Title:
    """What a capability is called above its commands; ``/help`` takes ``zh`` as a word too."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Form:
    """One way to give a command, for its own page of help: ``line`` would be right as it stands, ``twin`` in Chinese words.

    ``asks``: who must say yes before anything happens (``none``, ``self``, ``second``). ``more``: what may follow, word by word.
    ``file``: the word of ``line`` that stands for a file which people hand in. ``roles`` empty: whoever may give the command;
    ``word``: what tells it from the other ways.
    """

    line: str
    twin: str
    title: Title
    asks: str
    more: tuple[str, ...] = ()
    file: str = ""
    roles: tuple[Role, ...] = ()
    word: str = ""


@dataclass(frozen=True, slots=True)
class Here:
    """How a command is given in one organisation: with hosts and people of its own, and those runbooks that can run there."""

    usage: str
    forms: tuple[Form, ...] = ()


Locally = Callable[[Any, datetime], Here | None]
"""How a command is given in an organisation (``data.site.Site``) at a moment; None where it cannot be."""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One command. ``alias`` is the Chinese verb, ``usage`` sample words (``oa3``), ``area`` its capability.

    ``roles`` empty: any known person; ``strangers``: anybody at all. ``forms``: the runbooks behind it.
    ``here``: what it looks like in an organisation, where it has words of that. Whoever may give it
    finds it in ``/help`` and in the hints while he types; nothing is kept from them.
    """

    verb: str
    alias: str
    usage: str
    area: str
    roles: tuple[Role, ...]
    strangers: bool
    forms: tuple[Form, ...] = field(default=(), kw_only=True)
    here: Locally | None = field(default=None, kw_only=True, compare=False)

    def at(self, site: Any, now: datetime) -> Self | None:
        """The command as it is given in an organisation; None where it cannot be."""
        if self.here is None:
            return self
        found = self.here(site, now)
        return None if found is None else replace(self, usage=found.usage, forms=found.forms)

    def open_to(self, person: Person | None) -> bool:
        """Whether somebody may give this command; None is a stranger."""
        return self.strangers or (person is not None and (not self.roles or person.may(*self.roles)))

    def of(self, person: Person | None) -> Self | None:
        """The command in those of its ways that somebody may give; None where he may give none."""
        if not self.open_to(person):
            return None
        his = tuple(form for form in self.forms if not form.roles or (person is not None and person.may(*form.roles)))
        if len(his) == len(self.forms):
            return self
        if len(his) == 1:
            return replace(self, usage=" ".join(his[0].line.split()[1:]), forms=his)
        left = {form.word for form in his}
        return replace(self, usage="|".join(w for w in self.usage.split("|") if w in left), forms=his) if his else None


def offered(menu: Iterable[MenuItem], site: Any, now: datetime) -> tuple[MenuItem, ...]:
    """Those of the commands that can be given in this organisation, each as it is given there."""
    return tuple(item for item in (item.at(site, now) for item in menu) if item is not None)


def given_by(person: Person | None, menu: Iterable[MenuItem]) -> tuple[MenuItem, ...]:
    """Those of the commands that somebody may give, each in the ways that are his."""
    return tuple(item for item in (item.of(person) for item in menu) if item is not None)


def sample(item: MenuItem, words: Iterable[str] = ()) -> str:
    """A line that would be right: of several ways that with the most of ``words``, as they were typed behind the verb."""
    typed = [word.lower() for word in words]
    forms = [form.line for form in item.forms] or [f"/{item.verb} {item.usage}".rstrip()]
    return max(forms, key=lambda line: _in_common(line.split()[1:], typed))


def _in_common(one: Iterable[str], other: Iterable[str]) -> int:
    """How many words two lines begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


_SLIP = 0.75
"""Two letters in the wrong order of a word of four; anything less is another word: ``/shutdown`` never meant ``/undo``."""
_SLIP_OF_TWO = 0.5
"""One character of two, as most Chinese commands have."""


def nearest(word: str, items: Iterable[MenuItem], person: Person | None) -> str | None:
    """The verb or alias that was meant by a word that is none, of those that this person may use."""
    his = [known for item in items if item.open_to(person) for known in (item.verb, item.alias)]
    return next(iter(difflib.get_close_matches(word, his, 1, _SLIP if word.isascii() else _SLIP_OF_TWO)), None)
