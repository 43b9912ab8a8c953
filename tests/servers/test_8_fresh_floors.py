"""Who asks what is in service is told the same everywhere: by the refusal, and by the list of nodes; real nginx and nodes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.desk import Desk
from tests.support.estate import Estate
from tests.unit.handlers.runs.rooms import say, served

pytestmark = pytest.mark.servers


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    async with served(estate, tmp_path / "state", empty_db) as opened:
        yield opened


async def test_8_18_a_refusal_by_the_floor_names_who_is_not_in_service(desk: Desk) -> None:
    """nginx lists the stopped node like the others, so ``/nodes`` cannot tell it."""
    await say(desk, "zhou", "/stop oa3")
    assert "R1 完成" in (await say(desk, "wen", "/confirm R1")).text
    refused = await say(desk, "zhou", "/drain oa4")
    assert "现在在线 3/4" in refused.text
    assert "不在线：oa3。" in refused.text
    await say(desk, "zhou", "/start oa3")
    assert "完成" in (await say(desk, "wen", "/confirm R3")).text
    await say(desk, "zhou", "/drain oa3")
    assert "完成" in (await say(desk, "wen", "/confirm R4")).text
    refused = await say(desk, "zhou", "/restart oa4")
    assert "不在线：oa3（已摘除）。" in refused.text


async def test_8_9_the_list_of_nodes_does_not_call_a_stopped_node_online(desk: Desk, estate: Estate) -> None:
    await say(desk, "zhou", "/stop oa3")
    await say(desk, "wen", "/confirm R1")
    assert await asyncio.to_thread(estate.apps.pid, estate.addresses["oa3"]) is None
    listed = await say(desk, "zhou", "/nodes")
    assert "在线" not in listed.text
    assert "nginx 配置，不代表节点有应答" in listed.text
