"""``zhiban runbooks test``: the cases of a site's own runbooks on scratch hosts; loaded for that alone, it brings an SSH server."""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bot.core.problems import Told
from bot.settings import Settings
from bot.storage.clock import SystemClock
from bot.trial.cases import Case, load_cases
from bot.trial.scratch import scratch_hosts
from bot.trial.trial import try_case
from data.site import Site
from runbooks.language.definition import Catalogue


def main(settings: Settings, catalogue: Catalogue, load: Callable[[], Site], files: list[Path]) -> int:
    """Every case of the named files, or of the site's own folder: 0 all hold, 1 one does not, or there is none."""
    paths = files or sorted((settings.data_dir / "runbooks").glob("*.test.yaml"))
    cases = [case for path in paths for case in load_cases(path)]
    if not cases:
        told = Told("runbooks/no_cases", folder=str(settings.data_dir / "runbooks"))
        print(told.text(settings.locale), file=sys.stderr)
        return 1
    return asyncio.run(_try_all(settings, catalogue, load(), cases))


async def _try_all(settings: Settings, catalogue: Catalogue, site: Site, cases: list[Case]) -> int:
    failed = 0
    with tempfile.TemporaryDirectory(prefix="zhiban-test-") as folder:
        async with scratch_hosts(site, Path(folder)) as scratch:
            for case in cases:
                now = SystemClock().real().astimezone(site.tz)
                faults = await try_case(case, catalogue, scratch, now, settings.state_dir / "files")
                failed += bool(faults)
                print(f"{'FAIL' if faults else 'ok  '} {case.source}: {case.name}")
                for row in "\n".join(faults).splitlines():
                    print(f"     {row}")
    print(f"{len(cases) - failed} of {len(cases)} hold")
    return 1 if failed else 0
