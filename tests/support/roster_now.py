"""A roster of the example organisation for the days on which the tests are run, made once for all tests of a process."""

import shutil
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path

from bot.demo.roster import ensure_demo_roster
from tests.support.once import example_site


@cache
def _made() -> Path:
    folder, site = Path(tempfile.mkdtemp()), example_site()
    ensure_demo_roster(site, folder, datetime.now(site.tz).date())
    return folder / "roster"


def roster_for_now(state_dir: Path) -> None:
    """Put this month's and the next one's into a state folder."""
    shutil.copytree(_made(), state_dir / "roster")
