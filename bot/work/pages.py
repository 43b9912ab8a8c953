"""A page of the console as its capability describes it: there is no web in it, so that handlers may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.core.people import Person
from bot.storage.store import Session
from data.site import Site


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody opens the page of ``subject`` (``R17``) at ``now``, true time."""

    subject: str
    reader: Person
    site: Site
    state_dir: Path
    now: datetime


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that a page offers; ``size`` in bytes."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Shown:
    """The facts of the template, and the files: it finds those as ``files``, each with its address."""

    facts: Mapping[str, Any]
    files: tuple[KeptFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """``/console/<name>/<subject>``: read only, for whoever has a signed link to it.

    ``template`` is its HTML, ``<locale>/words.html`` beside it the words of a language. ``show`` runs in a reader thread; None
    where there is no such subject or this person may not see it now: the answer to both is the same.
    """

    name: str
    template: Path
    show: Callable[[Session, Reading], Shown | None]
