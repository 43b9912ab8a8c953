"""A kit of the durable core on a fresh database."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.kit import Kit, opened


@pytest.fixture
def database(tmp_path: Path, empty_db: Path) -> Path:
    """A migrated, empty database of this test's own."""
    return Path(shutil.copyfile(empty_db, tmp_path / "zhiban.db"))


@pytest.fixture
async def kit(database: Path) -> AsyncIterator[Kit]:
    """The parts on that database, with a clock that stands still on Wednesday 2026-10-14 10:00."""
    async with opened(database.parent) as parts:
        yield parts
