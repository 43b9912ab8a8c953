"""The WeCom adapter alone on a real store, with the platform's stand-in behind it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.wecom.adapter import WecomAdapter
from tests.support.platforms.lone import Lone, alone
from tests.support.platforms.wecom import FakeWecom

Wecom = Lone[WecomAdapter]


@pytest.fixture
async def fake() -> AsyncIterator[FakeWecom]:
    """The platform."""
    platform = FakeWecom()
    await platform.start()
    yield platform
    await platform.stop()


@pytest.fixture
async def wecom(fake: FakeWecom, tmp_path: Path, empty_db: Path) -> AsyncIterator[Wecom]:
    """The adapter."""
    database = tmp_path / "zhiban.db"
    shutil.copyfile(empty_db, database)
    async with alone(WecomAdapter, "wecom", fake, database) as lone:
        yield lone
