"""The organisation while the service runs: a changed file counts at once, and with a fault nothing runs until it is mended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.core.errors import ConfigError
from data.site import Site

log = logging.getLogger(__name__)
EVERY = 1.0  # seconds between two looks at the folder


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

    def _look(self) -> dict[Path, tuple[int, int]]:
        files = [
            f
            for folder in self._watched
            if folder.is_dir()
            for f in folder.iterdir()
            if f.suffix.lower() in {".csv", ".xlsx", ".yaml"}
        ]
        stats = {f: f.stat() for f in files}
        return {f: (s.st_mtime_ns, s.st_size) for f, s in stats.items()}
