"""The organisation while the service runs: a changed file counts at once, and with a fault nothing runs until it is mended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.core.bugs import where
from bot.core.errors import ConfigError
from data.site import Site

log = logging.getLogger(__name__)
EVERY = 1.0  # seconds between two looks at the folder
KINDS = {".csv", ".xlsx", ".yaml"}
State = tuple[int, ...]


class LiveSite:
    """Calls give the organisation as its folder says it now; ``run`` looks for changed files.

    While anything is wrong there, the site has ``faults``, and the roster is the last one that had none, without those who
    are not there any more (decisions: Rights).
    """

    def __init__(self, load: Callable[[], Site], watched: tuple[Path, ...]) -> None:
        """``load`` raises ``ConfigError`` where the folder makes no site at all; the last one then stays, with its faults told."""
        self._load = load
        self._watched = watched
        self._seen = self._look()
        self._site = load()
        self._roster = None if self._site.faults else self._site.roster
        self._told = self._site.faults

    def __call__(self) -> Site:
        return self._site

    async def run(self, told: Callable[[], Awaitable[None]]) -> None:
        """Look for ever. ``told`` is called for what is wrong, or well again, in two looks running: an editor saves in parts."""
        while True:
            await asyncio.sleep(EVERY)
            if not await asyncio.to_thread(self.refresh) and self._told != self._site.faults:
                self._told = self._site.faults
                await told()

    def refresh(self) -> bool:
        """Load again when a watched file changed; says whether it did."""
        seen = self._look()
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            site = self._load()
        except ConfigError as error:
            site = self._site.with_faults(tuple(error.faults))
        except Exception as error:  # what cannot be read for whatever reason lets nothing run
            log.error("data: the files could not be loaded: %s", where(error))
            site = self._site.with_faults((f"the data folder cannot be read ({type(error).__name__}); see the log",))
        if not site.faults:
            self._roster = site.roster
        elif self._roster is not None:
            site = site.with_roster(self._roster.of_people(site.people))
        self._site = site
        if site.faults:
            log.error("data: the changed files have %d faults: %s", len(site.faults), site.faults[0])
        else:
            log.info("data: loaded anew")
        return True

    def _look(self) -> dict[Path, State]:
        return {path: _state(path) for folder in self._watched for path in _files(folder)}


def _files(folder: Path) -> list[Path]:
    """The files that count; of a folder that cannot be looked into, the folder alone."""
    try:
        return [path for path in folder.iterdir() if path.suffix.lower() in KINDS] if folder.is_dir() else []
    except OSError:
        return [folder]


def _state(path: Path) -> State:
    """What changes with a file: also its rights, and what replaces it with an older time. An editor's lock leads nowhere."""
    try:
        found = path.stat()
    except OSError as error:
        return (error.errno or 0,)
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
