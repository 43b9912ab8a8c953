"""A desk whose runner works by hand."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.desk import Desk, open_desk


@pytest.fixture
async def runs(tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    """The example organisation; no host key is pinned, so its servers are never reached."""
    async with open_desk(tmp_path / "state", empty_db) as desk:
        desk.work.append(desk.app.runner.step)
        yield desk
