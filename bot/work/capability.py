"""A capability: everything that one folder adds to the service, as one record that is built once and listed once.

The application, the command line, the menu and the migrations go through the list; none of them knows a capability by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from bot.core.menu import Title
from bot.settings import CapabilitySection, Settings
from bot.storage.tables import TableModel
from bot.work.pages import Page
from bot.work.routes import Routes
from bot.work.work import Transactions
from bot.work.worker import Worker
from data.site import Site

T = TypeVar("T")


class Services:
    """What a capability is built from: the settings, and what several capabilities share."""

    def __init__(self, settings: Settings, made: Mapping[Callable[..., Any], Any] | None = None) -> None:
        """``made``: what was made already, by what makes it."""
        self.settings = settings
        self._made = dict(made or {})

    def shared(self, make: Callable[..., T], *of: Callable[[Settings], Any]) -> T:
        """What ``make`` gives, made for the first capability that asks: two read the one catalogue of runbooks.

        It makes it of the settings or, where ``of`` names other shared things, of those.
        """
        if make not in self._made:
            self._made[make] = make(*map(self.shared, of)) if of else make(self.settings)
        return cast(T, self._made[make])


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found: ``problems`` make ``zhiban check`` fail, ``notes`` are only worth knowing."""

    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """Looks at settings and data, for ``zhiban check`` and at every start; reads only.

    ``find`` gets the organisation, None where that cannot be read. ``told`` is the message (fact: ``faults``) by which the
    operators hear of problems at a start, which goes on all the same; without one they are not told. ``needs``: the files of
    the organisation without which nothing can be said; all where it is empty.
    """

    find: Callable[[Site | None], Findings]
    told: str = ""
    needs: frozenset[str] = frozenset()

    def among(self, site: Site | None, unread: frozenset[str]) -> Findings:
        """What it finds while some files cannot be read."""
        missing = unread & self.needs if self.needs else unread
        return self.find(None if missing else site)


@dataclass(frozen=True, slots=True)
class Capability:
    """``name`` is its folder's and that of its ``Routes``; ``title`` heads its commands, None where it has none.

    ``tables`` are the classes of its rows. ``workers`` make what runs beside the handlers, once the store is there.
    ``pages`` are its part of the console. ``settings`` are its sections of ``zhiban.toml``, which stand in
    ``bot/sections.py`` too.
    """

    name: str
    title: Title | None = None
    routes: Routes | None = None
    tables: tuple[TableModel, ...] = ()
    workers: tuple[Callable[[Transactions], Worker], ...] = ()
    checks: tuple[Check, ...] = ()
    pages: tuple[Page, ...] = ()
    settings: tuple[type[CapabilitySection], ...] = ()


Build = Callable[[Services], Capability]
