"""A rolling restart told in chat lines, on real servers: one node does not start, somebody mends it, the run goes on."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runbooks.remote.settings import SshSettings
from tests.support.desk import Desk, make_settings, open_desk
from tests.support.estate import ADDRESSES, Estate
from tests.support.runner import runner
from tests.support.traffic import Traffic

pytestmark = pytest.mark.servers
ROOM = "duty-room"


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    ssh = SshSettings(key_file=estate.key_file, known_hosts=estate.known_hosts)
    settings = make_settings(tmp_path / "state", capabilities={"ssh": ssh})
    async with open_desk(tmp_path / "state", empty_db, site=estate.site, settings=settings) as opened:
        opened.work.append(runner(opened.app).step)
        yield opened


async def says(desk: Desk, user: str, text: str) -> str:
    """The last thing said in the room once everything is done."""
    said = await desk.says(user, text, chat=ROOM)
    return said[-1].text


@pytest.mark.waits
async def test_a_roll_that_stops_and_goes_on(desk: Desk, estate: Estate) -> None:
    broken = estate.apps.home / f"{ADDRESSES['oa2']}.broken"
    broken.touch()
    traffic, stop = Traffic(estate.nginx.port), threading.Event()
    clients = [asyncio.create_task(asyncio.to_thread(traffic.ask, stop)) for _ in range(2)]

    asked = await says(desk, "zhou", "/滚动重启 oa")
    assert "4 台依次：oa1、oa2、oa3、oa4。" in asked
    told = await says(desk, "wen", "/confirm R1")
    assert "启动（oa2）报错（返回码 1）" in told
    assert "oa2 停在摘除状态，没有恢复；oa1 已完成；oa3、oa4 没有动。" in told
    assert f"#server {estate.address('oa2')};" in estate.nginx.conf.read_text()
    assert estate.apps.pid(ADDRESSES["oa2"]) is None
    assert [estate.apps.calls(ADDRESSES[name]) for name in ("oa3", "oa4")] == [[], []]

    broken.unlink()
    asked = await says(desk, "zhou", "/resume R1")
    assert "从第 21 步继续" in asked
    done = await says(desk, "wen", "/confirm R2")
    assert done.startswith("R2 完成")
    stop.set()
    await asyncio.gather(*clients)
    assert traffic.failures == []
    assert "#server" not in estate.nginx.conf.read_text()
    calls = {name: estate.apps.calls(ADDRESSES[name]) for name in ("oa1", "oa2", "oa3", "oa4")}
    assert calls["oa2"] == ["stop-domain", "start-domain", "start-domain"]
    assert all(calls[name] == ["stop-domain", "start-domain"] for name in ("oa1", "oa3", "oa4"))
