"""A desk whose runner works by hand."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.desk import Desk, make_settings, open_desk
from tests.support.paths import EXAMPLE
from tests.support.runner import runner

POLICIES = Path(__file__).parent / "policies"


@pytest.fixture
async def runs(tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    """The example organisation; no host key is pinned, so its servers are never reached."""
    async with open_desk(tmp_path / "state", empty_db) as desk:
        desk.work.append(runner(desk.app).step)
        yield desk


@pytest.fixture
def quick_state(tmp_path: Path, empty_db: Path) -> Iterator[Path]:
    """A state folder with an empty database where a commit costs little: for tests of what is granted, not of what lasts."""
    memory = Path("/dev/shm")
    state = (memory if memory.is_dir() else tmp_path) / f"zhiban-{os.getpid()}-{tmp_path.name}"
    state.mkdir()
    shutil.copyfile(empty_db, state / "zhiban.db")
    yield state
    shutil.rmtree(state)


@pytest.fixture
def policy_data(tmp_path: Path) -> Path:
    """The example organisation with runbooks of every policy."""
    data = tmp_path / "data"
    shutil.copytree(EXAMPLE, data)
    shutil.copytree(POLICIES, data / "runbooks", dirs_exist_ok=True)
    return data


@pytest.fixture
async def policies(tmp_path: Path, empty_db: Path, policy_data: Path) -> AsyncIterator[Desk]:
    """The same desk with those."""
    settings = make_settings(tmp_path / "state", data_dir=policy_data)
    async with open_desk(tmp_path / "state", empty_db, settings=settings) as desk:
        desk.work.append(runner(desk.app).step)
        yield desk
