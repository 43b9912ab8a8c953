"""What the service serves from, whatever is wrong in the data folder: reports are heard, rights are today's (decisions: Rights).

What was read last without a fault lies in ``last_good`` of the state folder, as it was written.
"""

import logging
import re
from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path

from bot.core.errors import ConfigError
from bot.core.problems import Problems, shown
from data.load.read import read_file
from data.load.rules import ROUTES, SEVERITIES
from data.load.site import FILES, compose, read_files, zone_of
from data.load.yaml_file import YamlFile
from data.site import Site

log = logging.getLogger(__name__)
FOLDER = "last_good"
_KEY = re.compile(r"(?<![\w-])([a-z0-9][a-z0-9_-]{0,39})[\"']?[ \t]{0,9}:", re.ASCII)
_COMMENT = re.compile(r"(?m)(?:^|[ \t])#.*$")
_READ = 4 << 20  # bytes of a file of people, at most
_SPARE = ("hosts", "holidays")  # without these there are no servers, or the days of the law; a desk serves all the same


def load_desk(data_dir: Path, state_dir: Path | None, tz: str, locale: str = "zh") -> Site:
    """The organisation; with ``faults`` where anything is wrong, and then nothing runs and no roster changes.

    People, and so every right, are those of ``people.yaml`` as far as it can be read now; where it cannot, those of before
    whose ids still stand in it. Any other file with a fault stands as it was when there was none, without whom it names and
    who is not there any more; where that is not known, what can be read of it. Raises ``ConfigError`` where that makes no
    duty desk: nobody to call, a report that no clock or route fits.
    """
    zone, problems = zone_of(tz, locale), Problems(locale)
    files = read_files(data_dir, problems)
    site = compose(files, zone, problems, data_dir, state_dir, locale).site
    if site is not None and not problems.found:
        _keep(files, state_dir)
        return site
    faults, ignored = tuple(problems.lines()), Problems()
    last = {name: file for name in FILES if (file := _last(name, state_dir, ignored))}
    paths = {fault.path for fault in problems.found}
    wrong = {name for name in FILES if shown(data_dir / f"{name}.yaml") in paths}
    chosen = {name: file for name in FILES if (file := _chosen(name, files.get(name), last.get(name), wrong))}
    for name in _SPARE:
        chosen.setdefault(name, YamlFile(data_dir / f"{name}.yaml", ignored))
    if len(chosen) < len(FILES):
        raise ConfigError(list(faults))
    for people in (_still_named(chosen["people"], data_dir / "people.yaml"), chosen["people"]):
        tried = {**chosen, "people": people}
        site = compose(tried, zone, ignored, data_dir, state_dir, locale).site
        if site is not None and _serves(site):
            return site.with_faults(faults)
    raise ConfigError(list(faults))


def _chosen(name: str, now: YamlFile | None, last: YamlFile | None, wrong: Container[str]) -> YamlFile | None:
    """The file as it stands, or as it stood; None where neither can be read."""
    if now is None or (name == "people" and not now.tree):
        return last
    return last or now if name in wrong and name != "people" else now


def _still_named(people: YamlFile, path: Path) -> YamlFile:
    """The people of before without whom the file, which is no YAML now, does not name any more; else ``people``."""
    everybody = people.tree.get("people") if isinstance(people.tree, dict) else None
    if people.path == path or not isinstance(people.tree, dict) or not isinstance(everybody, dict):
        return people
    try:
        text = path.read_bytes()[:_READ].decode("utf-8", "replace")
    except OSError:
        return people
    named = set(_KEY.findall(_COMMENT.sub("", text)))
    return replace(people, tree={**people.tree, "people": {key: one for key, one in everybody.items() if key in named}})


def _serves(site: Site) -> bool:
    """Whether every report would find a clock and a route."""
    places = [(region, severity) for region in (*site.regions, None) for severity in SEVERITIES]
    return all(any(p.fits(*place) for p in site.sla) for place in places) and all(r in site.routes for r in ROUTES)


def _last(name: str, state_dir: Path | None, ignored: Problems) -> YamlFile | None:
    path = state_dir / FOLDER / f"{name}.yaml" if state_dir else None
    return read_file(path, ignored) if path and path.exists() else None


def _keep(files: Mapping[str, YamlFile], state_dir: Path | None) -> None:
    """Keep the files as they are; nobody else may read the phones in them. A full disk keeps nobody from serving today."""
    if state_dir is None:
        return
    folder = state_dir / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, file in files.items():
            _replace(folder / f"{name}.yaml", file.path.read_bytes())
    except OSError as error:
        log.warning("data: the last good files could not be kept: %s", error.strerror)


def _replace(kept: Path, text: bytes) -> None:
    if kept.exists() and kept.read_bytes() == text:
        return
    beside = kept.with_suffix(".new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_bytes(text)
    beside.replace(kept)
