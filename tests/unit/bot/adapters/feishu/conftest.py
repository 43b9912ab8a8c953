"""A bench with the app set up as the documents say, and one whose group has a robot."""

from collections.abc import AsyncIterator

import pytest

from tests.support.kit import Kit
from tests.support.platforms.feishu import FakeFeishu
from tests.unit.bot.adapters.feishu.bench import Bench, opened


@pytest.fixture
async def bench(kit: Kit) -> AsyncIterator[Bench]:
    """Encrypted, heard only when mentioned."""
    async with opened(kit, FakeFeishu()) as opened_bench:
        yield opened_bench


@pytest.fixture
async def robot(kit: Kit) -> AsyncIterator[Bench]:
    """A custom robot stands for 市府办."""
    async with opened(kit, FakeFeishu(robot="shifuban")) as opened_bench:
        yield opened_bench
