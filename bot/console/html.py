"""Pages as HTML: Jinja2 with everything escaped; the words of a language stand beside the page's one structure."""

import html
import json
import re
from collections.abc import Mapping
from datetime import timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from messages.render import span_en, span_zh

TEMPLATES = Path(__file__).parent / "templates"
_TENTHS_BELOW = 10  # seconds
_UNITS = ("KB", "MB", "GB", "TB")
_WORD = re.compile("([!-~]+)")  # of a command, a path, an address or a name: ASCII without blanks
_BREAKABLE = re.compile("[^0-9A-Za-z][!-~]")


@cache
def environment(folder: Path, locale: str, tz: tzinfo) -> Environment:
    """One for a process and folder: what a template is given is text, never markup, and a missing word is a bug."""
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    span = span_zh if locale == "zh" else span_en
    unit = " 秒" if locale == "zh" else " s"
    env.filters["moment"] = lambda at: at.astimezone(tz).strftime("%Y-%m-%d %H:%M:%S")
    env.filters["clock"] = lambda at: at.astimezone(tz).strftime("%m-%d %H:%M:%S")
    env.filters["took"] = lambda value: _took(value) + unit if _took(value) else span(value)
    env.filters["pairs"] = pairs
    env.filters["parts"] = parts
    env.filters["size"] = lambda count: _size(count, "字节" if locale == "zh" else "bytes")
    return env


def html_of(template: Path, locale: str, tz: tzinfo, facts: Mapping[str, Any]) -> str:
    """The page with the words of ``locale``, which stand beside it, as ``w``."""
    env = environment(template.parent, locale, tz)
    words = env.get_template(f"{locale}/words.html").module
    return env.get_template(template.name).render(**facts, w=words, locale=locale)


def pairs(detail: str) -> list[tuple[str, str]]:
    """What an audit line says beside its columns; values that are empty are left out, those that are records written out."""
    return [pair for key, value in json.loads(detail).items() if value is not None for pair in _pairs(key, value)]


def _pairs(key: str, value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return [(key, str(value) if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False))]
    if all(isinstance(said, list) for said in value.values()):  # lines that steps said
        return [(key, f"{title}: {'; '.join(map(str, lines))}".removesuffix(": ")) for title, lines in value.items()]
    return [(name, str(each)) for name, each in value.items() if each is not None]


def parts(text: str) -> list[tuple[str, bool]]:
    """``text`` in pieces, and of each whether it is a word that a line must not break: at a hyphen it would read as two."""
    plain = html.unescape(text) if hasattr(text, "__html__") else text
    return [(piece, bool(_BREAKABLE.search(piece))) for piece in _WORD.split(plain) if piece]


def _took(value: timedelta) -> str:
    """Short spans to the tenth of a second: most steps take less than one."""
    seconds = value.total_seconds()
    return f"{max(0.0, seconds):.1f}" if seconds < _TENTHS_BELOW else ""


def _size(count: int, unit: str) -> str:
    """Bytes as people and ``ls -lh`` say them: whole below 1 KB, above it one decimal of 1024."""
    if count < 1024:
        return f"{count} {unit}"
    value, power = count / 1024, 0
    while round(value, 1) >= 1024 and power < len(_UNITS) - 1:
        value, power = value / 1024, power + 1
    return f"{value:.1f} {_UNITS[power]}"
