"""Mattermost's stand-in with the adapter in front of it: with a bot account, and with webhooks alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.mattermost.adapter import MattermostAdapter
from tests.support.platforms.lone import Lone, alone
from tests.support.platforms.mattermost import FakeMattermost


@pytest.fixture
async def server() -> AsyncIterator[FakeMattermost]:
    """A server where the bot has an account."""
    fake = FakeMattermost()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def lone(server: FakeMattermost, database: Path) -> AsyncIterator[Lone[MattermostAdapter]]:
    """The adapter, pointed at it."""
    async with alone(MattermostAdapter, "mattermost", server, database) as opened:
        yield opened
        await server.echoed()


@pytest.fixture
async def bare() -> AsyncIterator[FakeMattermost]:
    """A server that gave incoming webhooks and nothing else."""
    fake = FakeMattermost(bot=False, as_json=True)
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def hooked(bare: FakeMattermost, database: Path) -> AsyncIterator[Lone[MattermostAdapter]]:
    """The adapter on that."""
    async with alone(MattermostAdapter, "mattermost", bare, database) as opened:
        yield opened
