"""Reads the settings from ``zhiban.toml`` and the environment; every fault of every section in one report.

``ZHIBAN_SECTION__KEY`` overrides ``[section] key``; a secret may be named by file, ``key_file = "…"``. Merging is done here
and not by pydantic-settings because there a mistyped variable passes in silence (decisions: Settings).
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.core.errors import ConfigError
from bot.settings import CapabilitySection, FolderSection, PlatformKind, PlatformSection, Section, Settings

_PREFIX = "ZHIBAN_"
_NOT_SETTINGS = {"ZHIBAN_CRASH_AT", "ZHIBAN_CONFIG"}
T = TypeVar("T", bound=Section)


def load_settings(
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    platforms: Mapping[str, PlatformKind],
    sections: Mapping[str, type[CapabilitySection]],
) -> Settings:
    """Read the file (``zhiban.toml`` in the working folder when it exists) and the environment.

    Relative paths count from the file's folder. A platform's section is checked whether ``adapters`` names it or not.
    ``sections`` are those of the capabilities, by table. Raises ``ConfigError`` with one line a fault.
    """
    environ = os.environ if environ is None else environ
    path = config or Path(environ.get("ZHIBAN_CONFIG", "zhiban.toml"))
    data = _read(path, required=config is not None or "ZHIBAN_CONFIG" in environ)
    report = _Report(path)
    _overlay(data, environ, report)
    _complete(data, sections, environ)
    settings = _settings(data, platforms, sections, report)
    if settings is None or report.faults:
        raise ConfigError(report.faults)
    base = path.parent.resolve() if path.exists() else Path.cwd()
    return settings.model_copy(update={"data_dir": base / settings.data_dir, "state_dir": base / settings.state_dir})


def sections_of(settings: Settings, platforms: Mapping[str, PlatformKind]) -> list[PlatformSection]:
    """The sections of the platforms that are written, used or not."""
    return [settings.section(platforms[name].section()) for name in settings.platforms]


class _Report:
    """The faults found so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[str] = []

    def add(self, fault: str) -> None:
        """A fault of the file."""
        self.faults.append(f"{self.path}: {fault}")

    def checked(self, make: Callable[[], T], *section: str) -> T | None:
        """What ``make`` validates; None when it is not as it must be, with one line for each mistake."""
        try:
            return make()
        except ValidationError as error:
            for mistake in error.errors():
                place = ".".join(map(str, (*section, *mistake["loc"]))) or "settings"
                self.add(f"{place}: {mistake['msg'].removeprefix('Value error, ')}")
            return None


def _settings(
    data: dict[str, Any],
    platforms: Mapping[str, PlatformKind],
    sections: Mapping[str, type[CapabilitySection]],
    report: _Report,
) -> Settings | None:
    chats = {name: platforms[name].section() for name in platforms if name in data}
    own = {name: kind for name, kind in sections.items() if name in data}
    kinds: dict[str, type[FolderSection]] = {**chats, **own}
    tables = {name: data.pop(name) for name in kinds}
    for name, table in (data | tables).items():
        if isinstance(table, dict):
            _read_secret_files(table, report, frozenset(kinds.get(name, Section).model_fields))
    for name in ("platforms", "capabilities"):  # our own fields, nobody's section
        if name in data:
            report.add(f"{name}: Extra inputs are not permitted")
    data["platforms"] = {name: tables[name] for name in chats}
    data["capabilities"] = {name: tables[name] for name in own}
    settings = report.checked(partial(Settings.model_validate, data, context=platforms))
    for name, kind in own.items():
        report.checked(partial(kind.model_validate, tables[name]), name)
    used = {name: report.checked(partial(kind.model_validate, tables[name]), name) for name, kind in chats.items()}
    if settings is not None:
        _check_use(settings, platforms, used, report)
    return settings


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
            report.add(f"settings: {fault}")
    if settings.store.url and not settings.store.url.startswith("sqlite:///"):
        report.add("store.url: only sqlite:/// is supported in this version; leave it out to use state_dir")


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    if not path.exists():
        if required:
            raise ConfigError([f"{path}: no such file; give an existing zhiban.toml"])
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: not valid TOML: {error}"]) from None


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
            report.faults.append(f"{name}: {'.'.join(sections)} is not a section")
            continue
        node[key] = (
            [v.strip() for v in environ[name].split(",")] if (sections, key) == ([], "adapters") else environ[name]
        )


def _read_secret_files(node: dict[str, Any], report: _Report, paths: frozenset[str] = frozenset()) -> None:
    """Put the contents of ``key_file`` under ``key``, except for ``paths``: fields of that very name."""
    for key in list(node):
        value = node[key]
        if isinstance(value, dict):
            _read_secret_files(value, report)
        elif key.endswith("_file") and key not in paths and isinstance(value, str):
            try:
                node[key.removesuffix("_file")] = Path(value).read_text("utf-8-sig").strip()
            except OSError as error:
                report.add(f"{key}: cannot read {value}: {error.strerror}")
            del node[key]
