"""DingTalk's stand-in with the adapter in front of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.dingtalk.adapter import DingtalkAdapter
from tests.support.platforms.dingtalk import FakeDingtalk
from tests.support.platforms.lone import Lone, alone


@pytest.fixture
async def ding() -> AsyncIterator[FakeDingtalk]:
    """The platform; 市府办交流群 has a custom robot."""
    fake = FakeDingtalk()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def lone(ding: FakeDingtalk, database: Path) -> AsyncIterator[Lone[DingtalkAdapter]]:
    """The adapter, pointed at it."""
    async with alone(DingtalkAdapter, "dingtalk", ding, database) as opened:
        yield opened
