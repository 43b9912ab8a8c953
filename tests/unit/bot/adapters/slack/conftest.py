"""The Slack adapter with a workspace in front of it."""

from collections.abc import AsyncIterator

import pytest

from tests.support.kit import Kit
from tests.support.platforms.slack import FakeSlack
from tests.unit.bot.adapters.slack.kit import Slack, running


@pytest.fixture
async def slack(kit: Kit) -> AsyncIterator[Slack]:
    """Hearing everything, over HTTP."""
    async with running(kit, FakeSlack()) as opened:
        yield opened
