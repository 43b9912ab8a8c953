"""Templates to platform-neutral posts (Jinja2; what people typed is a value, never a template).

What stands where is told in :mod:`messages.sources`. The facts of a message are exactly what ``say`` must pass, and each of
them is used in at least one language. Buttons, mentions, the clock and the tone are collected while it renders, so nothing
that a person wrote can become one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError, meta

from bot.core.content import Button, Card, Countdown, Mention, Post
from bot.core.errors import ConfigError
from bot.core.people import Person
from bot.core.problems import in_locale
from messages.sources import Source, sources

ROOT = Path(__file__).parent
LOCALES = ("zh", "en")
IN_DAYS = 48  # hours; from then on a duration is told in days
_TOOLS = frozenset({"button", "mention", "countdown", "tone"})


@dataclass
class _Collected:
    buttons: list[Button] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    countdown: Countdown | None = None
    tone: str = ""

    def button(self, action: str, label: str, style: str = "default", typed: str = "") -> str:
        self.buttons.append(Button(action, label, style, typed))
        return ""

    def mention(self, person: Person) -> str:
        self.mentions.append(Mention(person.id, person.name))
        return f"@{person.name}"

    def set_countdown(self, start: datetime, due: datetime, ended: datetime | None = None) -> str:
        self.countdown = Countdown(start, due, ended)
        return ""

    def set_tone(self, tone: str) -> str:
        self.tone = tone
        return ""

    def tools(self) -> dict[str, Any]:
        return {"button": self.button, "mention": self.mention, "countdown": self.set_countdown, "tone": self.set_tone}


@cache
def _environment(folder: Path, locale: str, tz: tzinfo) -> Environment:
    """One for a process, as are the facts and the code below: most of what a service cost to build was parsing."""
    env = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  # plain text for chats; the page shows it with textContent
    )
    env.filters["time"] = lambda at: at.astimezone(tz).strftime("%H:%M")
    env.filters["moment"] = partial(_moment, tz)
    env.filters["day"] = lambda at: (at.astimezone(tz) if isinstance(at, datetime) else at).strftime("%m-%d")
    env.filters["told"] = partial(in_locale, locale=locale)
    env.filters["span"] = span_zh if locale == "zh" else span_en
    return env


@cache
def _used(env: Environment, source: str) -> frozenset[str]:
    """The facts that a template uses. Raises ``TemplateError`` for a wrong word, filter or test."""
    return frozenset(meta.find_undeclared_variables(env.parse(source)))


@cache
def _template(env: Environment, source: str) -> Template:
    return env.from_string(source)


class Renderer:
    """All messages in all languages. Each is parsed and compiled when it is first said: all of them would take a second.

    What is wrong with any of them is told by :meth:`check`, which ``zhiban check`` and the tests call.
    """

    def __init__(self, tz: tzinfo, root: Path = ROOT) -> None:
        self._environments = {locale: _environment(root / locale, locale, tz) for locale in LOCALES}
        self._unread: list[str] = []
        self._sources = {
            locale: {source.name: source for source in sources(root / locale, self._unread)} for locale in LOCALES
        }
        self._facts: dict[str, frozenset[str]] = {}

    def check(self) -> None:
        """Raises ``ConfigError`` with every fault of every message."""
        faults = [*self._unread, *(fault for name in sorted(self.names()) for fault in self._faults(name))]
        if faults:
            raise ConfigError(faults)

    def _faults(self, name: str) -> Iterator[str]:
        used: dict[Source, frozenset[str]] = {}
        for locale in LOCALES:
            source = self._sources[locale].get(name)
            if source is None:
                yield f"messages/{locale}/{name}: missing; every message has both languages"
                continue
            try:
                used[source] = self._used(locale, source)
            except TemplateError as error:
                yield f"{source.where}: {error}"
        facts = frozenset[str]().union(*used.values())
        for source, uses in used.items():
            yield from _declared_wrongly(source, uses, facts)

    def _used(self, locale: str, source: Source) -> frozenset[str]:
        """The facts that a text uses, with those of the cards within it. Raises ``TemplateError``."""
        seen, within = {source}, [source]
        uses: frozenset[str] = frozenset()
        while within:
            shown = within.pop()
            uses |= _used(self._environments[locale], shown.text) - _TOOLS
            included = {self._sources[locale][name] for name in shown.includes if name in self._sources[locale]}
            if source in included:
                raise TemplateError("shows itself within itself")
            within += included - seen
            seen |= included
        return uses

    def facts_of(self, name: str) -> frozenset[str]:
        """Exactly what must be passed with ``name``. Raises ``LookupError``, and ``TemplateError`` for a broken one."""
        if name not in self._facts:
            if name not in self.names():
                raise LookupError(f"no message {name}")
            shown = ((locale, found.get(name)) for locale, found in self._sources.items())
            uses = (self._used(locale, source) for locale, source in shown if source is not None)
            self._facts[name] = frozenset[str]().union(*uses)
        return self._facts[name]

    def names(self) -> frozenset[str]:
        return frozenset().union(*self._sources.values())

    def post(self, name: str, locale: str, facts: Mapping[str, Any]) -> Post:
        """Render ``name``; a template or fact that does not exist is a bug and raises ``LookupError``."""
        declared = self.facts_of(name)
        if declared != facts.keys():
            raise LookupError(f"template {name} wants the facts {sorted(declared)}, was given {sorted(facts)}")
        collected = _Collected()
        text = _template(self._environments[locale], self._sources[locale][name].text).render(
            {**facts, **collected.tools()}
        )
        lines = [line.rstrip() for line in text.splitlines()]
        card = None
        if collected.buttons or collected.countdown or collected.tone:
            card = Card(tuple(collected.buttons), collected.countdown, collected.tone)
        return Post(text="\n".join(lines).strip("\n"), mentions=tuple(collected.mentions), card=card)


def _declared_wrongly(source: Source, uses: frozenset[str], facts: frozenset[str]) -> Iterator[str]:
    """What the first line of a card says too little or too much; ``facts``: what both languages use together."""
    if source.declared is None:
        return
    if undeclared := uses - source.declared:
        yield f"{source.where}:1: uses undeclared facts: {', '.join(sorted(undeclared))}"
    elif idle := source.declared - facts:
        yield f"{source.where}:1: declares facts that no language uses: {', '.join(sorted(idle))}"
    elif facts - source.declared:
        yield f"{source.where}:1: declares other facts than the other language uses"


def _seconds(value: timedelta | float) -> int:
    return round(value.total_seconds() if isinstance(value, timedelta) else value)


def _moment(tz: tzinfo, at: datetime, told: datetime) -> str:
    """A time of day, with its date where it is told on another day: after a pause "10:10" alone would be today's."""
    local, seen = at.astimezone(tz), told.astimezone(tz)
    return local.strftime("%H:%M" if local.date() == seen.date() else "%m-%d %H:%M")


def _parts(value: timedelta | float) -> tuple[int, int, int]:
    seconds = max(0, _seconds(value))
    if seconds >= 60:
        seconds = (seconds + 30) // 60 * 60  # a rung that fires a breath late still says 还剩 5 分
    return seconds // 3600, seconds % 3600 // 60, seconds % 60


def span_zh(value: timedelta | float) -> str:
    """A duration as people say it: 6 秒, 4 分, 2 小时 5 分."""
    hours, minutes, seconds = _parts(value)
    if hours >= IN_DAYS:
        return f"{hours // 24} 天 {hours % 24} 小时" if hours % 24 else f"{hours // 24} 天"
    if hours:
        return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
    return f"{minutes} 分" if minutes else f"{seconds} 秒"


def span_en(value: timedelta | float) -> str:
    """The English twin of :func:`span_zh`."""
    hours, minutes, seconds = _parts(value)
    if hours >= IN_DAYS:
        return f"{hours // 24} d {hours % 24} h" if hours % 24 else f"{hours // 24} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"
