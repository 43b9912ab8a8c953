"""The organisation while the service runs: a changed file is read at once, and one with a fault changes nothing."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from bot.core.errors import ConfigError
from data.site import Site

log = logging.getLogger(__name__)
EVERY = 1.0  # seconds between two looks at the folder


class LiveSite:
    """Calls give the newest site that loaded without a fault; ``run`` looks for changed roster files."""

    def __init__(
        self, load: Callable[[], Site], watched: tuple[Path, ...], first: Callable[[], Site] | None = None
    ) -> None:
        """``first``: how to load where no good inventory could stay in force: at the start, and until there is one."""
        self._load = load
        self._first = first or load
        self._watched = watched
        self._site = self._first()
        self._seen = self._look()

    def __call__(self) -> Site:
        return self._site

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(EVERY)
            await asyncio.to_thread(self.refresh)

    def refresh(self) -> bool:
        """Load again when a watched file changed; says whether a new site is in force."""
        seen = self._look()
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            self._site = self._first() if self._site.servers_off else self._load()
        except ConfigError as error:
            log.error(
                "data: the changed files have %d faults, the old ones stay in force: %s",
                len(error.faults),
                error.faults[0],
            )
            return False
        log.info("data: loaded anew")
        return True

    def _look(self) -> dict[Path, tuple[int, int]]:
        files = [
            f
            for folder in self._watched
            if folder.is_dir()
            for f in folder.iterdir()
            if f.suffix in {".csv", ".xlsx", ".yaml"}
        ]
        stats = {f: f.stat() for f in files}
        return {f: (s.st_mtime_ns, s.st_size) for f, s in stats.items()}
