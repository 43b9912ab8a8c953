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
from bot.settings import PlatformKind, PlatformSection, Section, Settings, SshSettings

_PREFIX = "ZHIBAN_"
_NOT_SETTINGS = {"ZHIBAN_CRASH_AT", "ZHIBAN_CONFIG"}
T = TypeVar("T", bound=Section)


def load_settings(
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    platforms: Mapping[str, PlatformKind],
) -> Settings:
    """Read the file (``zhiban.toml`` in the working folder when it exists) and the environment.

    Relative paths count from the file's folder. A platform's section is checked whether ``adapters`` names it or not.
    Raises ``ConfigError`` with one line a fault.
    """
    environ = os.environ if environ is None else environ
    path = config or Path(environ.get("ZHIBAN_CONFIG", "zhiban.toml"))
    data = _read(path, required=config is not None or "ZHIBAN_CONFIG" in environ)
    report = _Report(path)
    _overlay(data, environ, report)
    _add_credential(data, environ)
    settings = _settings(data, platforms, report)
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


def _settings(data: dict[str, Any], platforms: Mapping[str, PlatformKind], report: _Report) -> Settings | None:
    tables = {name: data.pop(name) for name in platforms if name in data}
    kinds = {name: platforms[name].section() for name in tables}
    for name, table in (data | tables).items():
        if isinstance(table, dict):
            kind = kinds.get(name, SshSettings if name == "ssh" else Section)
            _read_secret_files(table, report, frozenset(kind.model_fields))
    if "platforms" in data:  # our own field, nobody's section
        report.add("platforms: Extra inputs are not permitted")
    whole = data | {"platforms": tables}
    settings = report.checked(partial(Settings.model_validate, whole, context=platforms))
    sections = {name: report.checked(partial(kinds[name].model_validate, tables[name]), name) for name in kinds}
    if settings is None:
        return None
    for name in settings.adapters:
        section = sections[name] if name in sections else settings.section(platforms[name].section())
        for fault in section.faults_in_use(settings.server) if section else ():
            report.add(f"settings: {fault}")
    if settings.store.url and not settings.store.url.startswith("sqlite:///"):
        report.add("store.url: only sqlite:/// is supported in this version; leave it out to use state_dir")
    return settings


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    if not path.exists():
        if required:
            raise ConfigError([f"{path}: no such file; give an existing zhiban.toml"])
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: not valid TOML: {error}"]) from None


def _add_credential(data: dict[str, Any], environ: Mapping[str, str]) -> None:
    """A key that systemd hands over (``LoadCredential=ssh-key:…``, and ``ssh-key-cert.pub``) unless another is named."""
    folder, ssh = environ.get("CREDENTIALS_DIRECTORY"), data.setdefault("ssh", {})
    if not folder or not isinstance(ssh, dict) or "key_file" in ssh:
        return
    key = Path(folder, "ssh-key")
    certificate = Path(folder, "ssh-key-cert.pub")
    if key.is_file():
        ssh["key_file"] = str(key)
        if certificate.is_file():
            ssh.setdefault("certificate_file", str(certificate))


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
                node[key.removesuffix("_file")] = Path(value).read_text("utf-8").strip()
            except OSError as error:
                report.add(f"{key}: cannot read {value}: {error.strerror}")
            del node[key]
