"""What a command looks like to people: its words, and who may give it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

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
    """

    line: str
    twin: str
    title: Title
    asks: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One command. ``alias`` is the Chinese verb, ``usage`` sample words (``oa3``), ``area`` its capability.

    ``roles`` empty: any known person; ``strangers``: anybody at all. ``forms``: the runbooks behind it. Whoever may give it
    finds it in ``/help`` and in the hints while he types; nothing is kept from them.
    """

    verb: str
    alias: str
    usage: str
    area: str
    roles: tuple[Role, ...]
    strangers: bool
    forms: tuple[Form, ...] = field(default=(), kw_only=True)

    def open_to(self, person: Person | None) -> bool:
        """Whether somebody may give this command; None is a stranger."""
        return self.strangers or (person is not None and (not self.roles or person.may(*self.roles)))


_SLIP = 0.75
"""Two letters in the wrong order of a word of four; anything less is another word: ``/shutdown`` never meant ``/undo``."""
_SLIP_OF_TWO = 0.5
"""One character of two, as most Chinese commands have."""


def nearest(word: str, items: Iterable[MenuItem], person: Person | None) -> str | None:
    """The verb or alias that was meant by a word that is none, of those that this person may use."""
    his = [known for item in items if item.open_to(person) for known in (item.verb, item.alias)]
    return next(iter(difflib.get_close_matches(word, his, 1, _SLIP if word.isascii() else _SLIP_OF_TWO)), None)
