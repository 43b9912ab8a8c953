"""Change one thing at a time; a test must notice. ``python -m tests.soak.mutation [name …]``; with a name: those guards alone.

First what :mod:`tests.soak.mutation.tool` changes: every expression in the functions of the lifecycles, the policy, the floors,
the outbox and the deadlines. Then the guards elsewhere, which are taken away as they are listed: each in a copy of the project;
the tests named beside it must pass without it and fail with it.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.soak.mutation import tool
from tests.soak.mutation.hosts import HOSTS
from tests.soak.mutation.mutations import Mutation
from tests.soak.mutation.pages import PAGES
from tests.soak.mutation.people import PEOPLE
from tests.soak.mutation.servers import SERVERS
from tests.support.paths import ROOT

PARTS = ("bot", "data", "deploy", "handlers", "messages", "runbooks", "tests", "pyproject.toml")
MUTATIONS = (*PEOPLE, *SERVERS, *HOSTS, *PAGES)


def copy(folder: Path) -> None:
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)


def passes(folder: Path, tests: Iterable[str]) -> bool:
    """Whether these tests pass in the copy; a test that is not there is no answer at all."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode not in {0, 1}:
        raise SystemExit(ended.stdout + ended.stderr)
    return ended.returncode == 0


def killed(mutation: Mutation) -> bool:
    """Whether the tests notice; the text must stand there exactly once, or the list is out of date."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy(folder)
        path = folder / mutation.path
        text = path.read_text("utf-8")
        if text.count(mutation.old) != 1:
            raise SystemExit(f"{mutation.name}: {mutation.path} has {text.count(mutation.old)} such places")
        path.write_text(text.replace(mutation.old, mutation.new), "utf-8")
        return not passes(folder, mutation.tests)


def main(wanted: list[str]) -> int:
    whole = bool(wanted) or tool.noticed()
    chosen = [m for m in MUTATIONS if not wanted or any(word in m.name for word in wanted)]
    survived = 0
    for mutation in chosen:
        dead = killed(mutation)
        survived += not dead
        print(f"{'noticed ' if dead else 'SURVIVED'} {mutation.name}", flush=True)
    print(f"{len(chosen) - survived} of {len(chosen)} noticed")
    return 1 if survived or not whole else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
