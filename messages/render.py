"""Templates to platform-neutral posts (Jinja2; what people typed is a value, never a template).

A template is ``messages/<locale>/<capability>/<name>.j2``; its first line declares its facts, ``{# facts: ticket, age #}``:
exactly what ``say`` must pass. Buttons, mentions, the clock and the tone are collected while it renders, so nothing a
person wrote can become one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError, meta

from bot.core.content import Button, Card, Countdown, Mention, Post
from bot.core.errors import ConfigError
from bot.core.people import Person

ROOT = Path(__file__).parent
LOCALES = ("zh", "en")
_FACTS = re.compile(r"\{#-? *facts:([^#]*?)-?#\}")
_TOOLS = ("button", "mention", "countdown", "tone")


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
    env.filters["day"] = lambda at: (at.astimezone(tz) if isinstance(at, datetime) else at).strftime("%m-%d")
    env.filters["span"] = span_zh if locale == "zh" else span_en
    return env


@cache
def _used(env: Environment, source: str) -> frozenset[str]:
    """The facts that a template uses. Raises ``TemplateError`` for a wrong word, filter or test."""
    return frozenset(meta.find_undeclared_variables(env.parse(source)))


@cache
def _template(env: Environment, source: str) -> Template:
    """Compiled when it is first needed: all of them at the start would take a second."""
    return env.from_string(source)


class Renderer:
    """All templates of all locales, checked when built (every fault in one ``ConfigError``)."""

    def __init__(self, tz: tzinfo, root: Path = ROOT) -> None:
        self._environments = {locale: _environment(root / locale, locale, tz) for locale in LOCALES}
        self._templates: dict[tuple[str, str], tuple[str, frozenset[str]]] = {}
        faults = [fault for locale in LOCALES for fault in self._load(root / locale, locale)]
        faults += self._compare()
        if faults:
            raise ConfigError(faults)

    def _load(self, folder: Path, locale: str) -> list[str]:
        faults = []
        for path in sorted(folder.rglob("*.j2")):
            name = path.relative_to(folder).with_suffix("").as_posix()
            source = path.read_text("utf-8")
            declared = _FACTS.match(source)
            if declared is None:
                faults.append(f"{path}:1: the first line must declare the facts; write {{# facts: … #}}")
                continue
            facts = frozenset(f.strip() for f in declared[1].split(",") if f.strip())
            try:
                used = _used(self._environments[locale], source) - set(_TOOLS)
            except TemplateError as error:
                faults.append(f"{path}: {error}")
                continue
            if used - facts:
                faults.append(f"{path}:1: uses undeclared facts: {', '.join(sorted(used - facts))}")
            self._templates[locale, name] = (source, facts)
        return faults

    def _compare(self) -> list[str]:
        faults = []
        first, second = LOCALES
        names = {name for _, name in self._templates}
        for name in sorted(names):
            one, two = self._templates.get((first, name)), self._templates.get((second, name))
            if one is None or two is None:
                faults.append(
                    f"messages/{first if one is None else second}/{name}.j2: missing; every message has both languages"
                )
            elif one[1] != two[1]:
                faults.append(f"messages/{second}/{name}.j2:1: declares other facts than the {first} template")
        return faults

    def names(self) -> frozenset[str]:
        return frozenset(name for _, name in self._templates)

    def post(self, name: str, locale: str, facts: Mapping[str, Any]) -> Post:
        """Render ``name``; a template or fact that does not exist is a bug and raises ``LookupError``."""
        try:
            source, declared = self._templates[locale, name]
        except KeyError:
            raise LookupError(f"no template {name} in {locale}") from None
        if declared != facts.keys():
            raise LookupError(f"template {name} wants the facts {sorted(declared)}, was given {sorted(facts)}")
        collected = _Collected()
        text = _template(self._environments[locale], source).render({**facts, **collected.tools()})
        lines = [line.rstrip() for line in text.splitlines()]
        card = None
        if collected.buttons or collected.countdown or collected.tone:
            card = Card(tuple(collected.buttons), collected.countdown, collected.tone)
        return Post(text="\n".join(lines).strip("\n"), mentions=tuple(collected.mentions), card=card)


def _seconds(value: timedelta | float) -> int:
    return round(value.total_seconds() if isinstance(value, timedelta) else value)


def _parts(value: timedelta | float) -> tuple[int, int, int]:
    seconds = max(0, _seconds(value))
    if seconds >= 60:
        seconds = (seconds + 30) // 60 * 60  # a rung that fires a breath late still says 还剩 5 分
    return seconds // 3600, seconds % 3600 // 60, seconds % 60


def span_zh(value: timedelta | float) -> str:
    """A duration as people say it: 6 秒, 4 分, 2 小时 5 分."""
    hours, minutes, seconds = _parts(value)
    if hours:
        return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
    return f"{minutes} 分" if minutes else f"{seconds} 秒"


def span_en(value: timedelta | float) -> str:
    """The English twin of :func:`span_zh`."""
    hours, minutes, seconds = _parts(value)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"
