"""Reads the settings from ``zhiban.toml`` and the environment; every fault of every section in one report.

``ZHIBAN_SECTION__KEY`` overrides ``[section] key``; a secret may be named by file, ``key_file = "…"``. Merging is done here
and not by pydantic-settings because there a mistyped variable passes in silence (decisions: Settings).
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.core.errors import ConfigError
from bot.core.problems import Line, Told, in_locale
from bot.settings import HIDDEN, CapabilitySection, FolderSection, PlatformKind, PlatformSection, Section, Settings
from bot.settings_lines import Place, line_at, lines_of
from bot.settings_words import likely, sentence

_PREFIX = "ZHIBAN_"
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_MARK = "\ufeff"
_BASICS = ("timezone", "locale", "data_dir", "state_dir")
_NOT_SETTINGS = {"ZHIBAN_CRASH_AT", "ZHIBAN_CONFIG"}
T = TypeVar("T", bound=Section)


def load_settings(
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    platforms: Mapping[str, PlatformKind],
    sections: Mapping[str, type[CapabilitySection]],
    in_use: bool = True,
) -> Settings:
    """Read the file (``zhiban.toml`` in the working folder when it exists) and the environment.

    Relative paths count from the file's folder. A platform's section is checked whether ``adapters`` names it or not.
    ``sections`` are those of the capabilities, by table; ``in_use``: what ``adapters`` names must have what it needs.
    Raises ``ConfigError`` with one line a fault.
    """
    settings, faults = read_settings(config, environ, platforms=platforms, sections=sections, in_use=in_use)
    if settings is None or faults:
        raise ConfigError(faults)
    return settings


def read_settings(
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    platforms: Mapping[str, PlatformKind],
    sections: Mapping[str, type[CapabilitySection]],
    in_use: bool = True,
) -> tuple[Settings | None, list[str]]:
    """The same with every fault: the settings are then those that are as they must be, the others as if they were left out.

    None where nobody can tell which data folder is meant.
    """
    environ = os.environ if environ is None else environ
    path = config or Path(environ.get("ZHIBAN_CONFIG", "zhiban.toml"))
    try:
        text = _read(path, required=config is not None or "ZHIBAN_CONFIG" in environ)
    except ConfigError as error:
        return None, _in(_basics({}, environ).get("locale"), error.faults)
    report = _Report(path, lines_of(text))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        known = _basics(_line_by_line(text), environ)
        faults = _in(known.get("locale"), [_no_toml(path, str(error))])
        return _placed(_sound(known, platforms), path) if "data_dir" in known else None, faults
    _overlay(data, environ, report)
    _complete(data, sections, environ)
    settings = _settings(data, platforms, sections, report, in_use=in_use)
    faults = _in(settings.locale, report.faults)
    return _placed(settings, path) if isinstance(data.get("data_dir", ""), str) else None, faults


def _in(locale: str | None, faults: Iterable[str]) -> list[str]:
    """The faults in a language; in that of a new site where none is known."""
    known = locale if locale in {"zh", "en"} else Settings.model_fields["locale"].default
    return [in_locale(fault, known) for fault in faults]


def sections_of(settings: Settings, platforms: Mapping[str, PlatformKind]) -> list[PlatformSection]:
    """The sections of the platforms that are written, used or not."""
    return [settings.section(platforms[name].section()) for name in settings.platforms]


class _Report:
    """The faults found so far, each with where it stands: the line of the file, or the variable of the environment."""

    def __init__(self, path: Path, lines: Mapping[Place, int]) -> None:
        self.path = path
        self._lines = lines
        self._variables: dict[Place, str] = {}
        self.faults: list[str] = []

    def comes_from(self, place: Place, variable: str) -> None:
        """What stands at ``place`` is a variable's."""
        self._variables[place] = variable

    def add(self, fault: Told, place: Place = (), name: str = "") -> None:
        """A fault of what is written at ``place``; ``name`` stands in front of it."""
        variable, line = self._variable(place), line_at(self._lines, place)
        where = variable or (f"{self.path}:{line}" if line else str(self.path))
        self.faults.append(Line(f"{where}: {name}: " if name else f"{where}: ", fault, "en"))

    def _variable(self, place: Place) -> str | None:
        """The variable that wrote it, or something in it."""
        return next(
            (name for written, name in self._variables.items() if place and written[: len(place)] == place), None
        )

    def checked(
        self, make: Callable[[], T], kind: type[BaseModel], *section: str, more: Iterable[str] = ()
    ) -> T | None:
        """What ``make`` validates as a ``kind``; None when it is not as it must be, with one line for each mistake.

        ``more``: the tables that may stand beside its fields.
        """
        try:
            return make()
        except ValidationError as error:
            mistakes = error.errors()
            misspelt = {
                (*mistake["loc"][:-1], meant)
                for mistake in mistakes
                if mistake["type"] == "extra_forbidden" and (meant := likely(mistake, kind, more))
            }
            for mistake in mistakes:
                if mistake["type"] == "missing" and mistake["loc"] in misspelt:
                    continue
                place = tuple(str(part) for part in (*section, *mistake["loc"]) if part != "[key]")
                name = ".".join(place) or "settings"
                self.add(sentence(mistake, kind, name, more), place, name)
            return None


def _settings(
    data: dict[str, Any],
    platforms: Mapping[str, PlatformKind],
    sections: Mapping[str, type[CapabilitySection]],
    report: _Report,
    *,
    in_use: bool,
) -> Settings:
    """What is written, as far as it is as it must be; the rest is reported."""
    chats = {name: platforms[name].section() for name in platforms if name in data}
    own = {name: kind for name, kind in sections.items() if name in data}
    kinds: dict[str, type[FolderSection]] = {**chats, **own}
    tables = {name: data.pop(name) for name in kinds}
    for name, table in (data | tables).items():
        if isinstance(table, dict):
            _read_secret_files(table, report, (name,), frozenset(kinds.get(name, Section).model_fields))
    for name in ("platforms", "capabilities"):  # our own fields, nobody's section
        if name in data:
            report.add(Told("settings/nobodys", table=name), (name,), name)
            del data[name]
    data["platforms"] = {name: tables[name] for name in chats}
    data["capabilities"] = {name: tables[name] for name in own}
    beside = {*platforms, *sections} - HIDDEN
    settings = report.checked(partial(Settings.model_validate, data, context=platforms), Settings, more=beside)
    capable = {
        name: report.checked(partial(kind.model_validate, tables[name]), kind, name) for name, kind in own.items()
    }
    used = {
        name: report.checked(partial(kind.model_validate, tables[name]), kind, name) for name, kind in chats.items()
    }
    settings = settings or _sound(data, platforms)
    if in_use:
        _check_use(settings, platforms, used, report)
    return settings.model_copy(
        update={
            "platforms": {name: tables[name] for name, section in used.items() if section is not None},
            "capabilities": {name: tables[name] for name, section in capable.items() if section is not None},
        }
    )


def _sound(data: Mapping[str, Any], platforms: Mapping[str, PlatformKind]) -> Settings:
    """The settings of what is right by itself; a folder whose name is misspelt is the one that it is nearest to."""
    given = dict(data)
    for name in ("data_dir", "state_dir"):
        unknown = [key for key in data if key not in Settings.model_fields and isinstance(data[key], str)]
        for meant in get_close_matches(name, unknown, 1) if name not in data else ():
            given[name] = data[meant]
    if isinstance(adapters := data.get("adapters"), list):  # the others that it names are looked at all the same
        given["adapters"] = [name for name in adapters if _is_sound("adapters", [name], platforms)]
    return Settings.model_validate(
        {name: value for name, value in given.items() if _is_sound(name, value, platforms)}, context=platforms
    )


def _is_sound(name: str, value: object, platforms: Mapping[str, PlatformKind]) -> bool:
    try:
        Settings.model_validate({name: value}, context=platforms)
    except ValidationError:
        return False
    return True


def _placed(settings: Settings, path: Path) -> Settings:
    """The same with whole paths."""
    base = path.parent.resolve() if path.exists() else Path.cwd()
    return settings.model_copy(update={"data_dir": base / settings.data_dir, "state_dir": base / settings.state_dir})


def _check_use(
    settings: Settings,
    platforms: Mapping[str, PlatformKind],
    written: Mapping[str, PlatformSection | None],
    report: _Report,
) -> None:
    """Faults of what is each right by itself: a platform that is used without what it needs, a store of another kind."""
    for name in settings.adapters:
        section = written[name] if name in written else settings.section(platforms[name].section())
        for fault in section.faults_in_use(settings.server) if section else ():
            report.add(fault, (name,) if name in written else ("adapters",))
    if settings.store.url and not settings.store.url.startswith("sqlite:///"):
        report.add(Told("settings/only_sqlite"), ("store", "url"), "store.url")


def _read(path: Path, *, required: bool) -> str:
    """The file's text; a byte order mark, which editors of Windows put in front, is none of it."""
    if not path.exists():
        if required:
            raise ConfigError([Line(f"{path}: ", Told("settings/no_file"), "en")])
        return ""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        text = _MARK
    if text.startswith(_MARK) or "\0" in text:  # a second mark, or UTF-16 that has none
        raise ConfigError([Line(f"{path}: ", Told("settings/not_utf8"), "en")])
    return text


def _no_toml(path: Path, said: str) -> str:
    found = _AT_LINE.search(said)
    where, what = (f"{path}:{found[1]}", said[: found.start()]) if found else (str(path), said)
    return Line(f"{where}: ", Told("settings/no_toml", what=what), "en")


def _line_by_line(text: str) -> dict[str, Any]:
    """What can be read of a file that is no TOML: the lines above its first table, each by itself."""
    data: dict[str, Any] = {}
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            break
        try:
            data |= tomllib.loads(line)
        except tomllib.TOMLDecodeError:
            continue
    return data


def _basics(data: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """What says where the data lies and how it is told of, from the file or the environment."""
    given = {name: environ.get(f"{_PREFIX}{name.upper()}", data.get(name)) for name in _BASICS}
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _complete(
    data: dict[str, Any], sections: Mapping[str, type[CapabilitySection]], environ: Mapping[str, str]
) -> None:
    for name, kind in sections.items():
        written = data.get(name, {})
        if isinstance(written, dict):
            data[name] = dict(kind.completed(written, environ))


def _overlay(data: dict[str, Any], environ: Mapping[str, str], report: _Report) -> None:
    for name in sorted(environ):
        if not name.startswith(_PREFIX) or name in _NOT_SETTINGS:
            continue
        *sections, key = name[len(_PREFIX) :].lower().split("__")
        node: Any = data
        for section in sections:
            node = node.setdefault(section, {}) if isinstance(node, dict) else None
        if not isinstance(node, dict):
            report.faults.append(Line(f"{name}: ", Told("settings/no_section", section=".".join(sections)), "en"))
            continue
        report.comes_from((*sections, key), name)
        node[key] = (
            [v.strip() for v in environ[name].split(",")] if (sections, key) == ([], "adapters") else environ[name]
        )


def _read_secret_files(
    node: dict[str, Any], report: _Report, place: Place, paths: frozenset[str] = frozenset()
) -> None:
    """Put the contents of ``key_file`` under ``key``, except for ``paths``: fields of that very name."""
    for key in list(node):
        value = node[key]
        if isinstance(value, dict):
            _read_secret_files(value, report, (*place, key))
        elif key.endswith("_file") and key not in paths and isinstance(value, str):
            try:
                node[key.removesuffix("_file")] = Path(value).read_text("utf-8-sig").strip()
            except OSError as error:
                told = Told("settings/file_unread", path=value, reason=error.strerror)
                report.add(told, (*place, key), ".".join((*place, key)))
            except UnicodeDecodeError:
                report.add(Told("settings/file_no_text", path=value), (*place, key), ".".join((*place, key)))
            del node[key]
