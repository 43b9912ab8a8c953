"""A running fleet for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.fleet import Fleet, start_fleet


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    """Ten nodes and a balancer, twenty times as quick as in the demo."""
    async with start_fleet(tmp_path, pace=0.05) as running:
        yield running
