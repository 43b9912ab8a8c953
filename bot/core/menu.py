"""What a command looks like to people: its words, and who may give it."""

from dataclasses import dataclass, field

from bot.core.people import Person, Role


@dataclass(frozen=True, slots=True)
class Title:
    """What a capability is called above its commands; ``/help`` takes ``zh`` as a word too."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One command. ``alias`` is the Chinese verb, ``usage`` sample words (``oa3``), ``area`` its capability.

    ``roles`` empty: any known person; ``strangers``: anybody at all. ``listed``: shown by ``/help``; the typed twin of a button
    is shown where the button cannot be. ``title``: what it does, of those that have one (runbooks).
    """

    verb: str
    alias: str
    usage: str
    area: str
    roles: tuple[Role, ...]
    strangers: bool
    listed: bool
    title: Title | None = field(default=None, kw_only=True)

    def open_to(self, person: Person | None) -> bool:
        """Whether somebody may give this command; None is a stranger."""
        return self.strangers or (person is not None and (not self.roles or person.may(*self.roles)))
