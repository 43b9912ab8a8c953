"""A bot that does not hear: not ready, and the operators know it once, and once that it hears again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.adapters.local import store as record
from bot.storage.audit_log import lines
from tests.support.once import example_site
from tests.support.platforms.house import House, open_house
from tests.support.platforms.slack import FakeSlack
from tests.support.platforms.wecom_socket import BOT_ID, FakeWecomSocket
from tests.support.until import until

DISCONNECTED = {
    "cmd": "aibot_event_callback",
    "headers": {"req_id": "away"},
    "body": {"msgtype": "event", "aibotid": BOT_ID, "event": {"eventtype": "disconnected_event"}},
}
FIRST_REMINDER = 5 * 60  # seconds, of the example's clocks (sla.yaml)


class Night:
    """A house whose pauses between two connections are passed by hand."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.pauses: list[float] = []
        self.passed = asyncio.Event()
        (self.listening,) = house.app.connections
        self.listening.sleep = self._sleep

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.passed.clear()
        await self.passed.wait()

    async def ready(self) -> tuple[int, dict[str, Any]]:
        url = f"http://127.0.0.1:{self.house.app.web.port}"
        async with aiohttp.ClientSession(url) as session, session.get("/readyz") as answer:
            return answer.status, await answer.json()

    async def metric(self) -> str:
        url = f"http://127.0.0.1:{self.house.app.web.port}"
        async with aiohttp.ClientSession(url) as session, session.get("/metrics") as answer:
            return next(line for line in (await answer.text()).splitlines() if "connection_hears{" in line)

    async def looks(self, **span: float) -> None:
        """Time passes, and the watch looks as it does every two seconds."""
        await self.house.later(**span)
        for _ in range(3):
            await self.house.app.deaf_watch.look()
        await self.house.settle()

    async def told(self, chat: str = "dm-qin") -> list[str]:
        """What the bot said in a local chat."""
        shown = await self.house.app.store.read(lambda s: record.after(s, 0, chat))
        return [str(m.shown["text"]) for m in shown if m.shown["user"] == "bot"]


@pytest.fixture
async def wecom(tmp_path: Path, empty_db: Path) -> AsyncIterator[Night]:
    """A bot on a long connection, and the operator's page on the machine itself as another way to him."""
    fake = FakeWecomSocket()
    more = {"adapters": ("wecom", "local"), "server": {"port": 0}}
    async with open_house("wecom", fake, tmp_path / "state", empty_db, example_site(), **more) as house:
        yield Night(house)


async def test_8_14_a_bot_that_is_displaced_says_so_at_once_by_another_way(wecom: Night) -> None:
    fake = wecom.house.fake
    assert isinstance(fake, FakeWecomSocket)
    assert await wecom.ready() == (200, {"ready": True})
    assert (await wecom.metric()).endswith(" 1.0")
    assert fake._live is not None
    await fake._live.send_json(DISCONNECTED)
    await until(lambda: bool(wecom.pauses))

    status, said = await wecom.ready()
    assert (status, said["ready"]) == (503, False)
    assert "taken over" in said["deaf"]["wecom bot duty"]
    assert (await wecom.metric()).endswith(" 0.0")
    await wecom.looks(seconds=2)
    (word,) = await wecom.told()
    assert "企业微信" in word
    assert "另一个进程" in word
    assert not await wecom.house.app._well(), "the outside alarm hears of it, too"
    await wecom.looks(minutes=30)
    assert len(await wecom.told()) == 1, "once"
    assert wecom.pauses[0] < FIRST_REMINDER

    wecom.passed.set()
    await until(lambda: fake.subscriptions == 2)
    await until(lambda: wecom.listening.deaf is None)
    assert (await wecom.ready())[0] == 200
    await wecom.looks(minutes=2)
    assert len(await wecom.told()) == 2
    assert "恢复" in (await wecom.told())[-1]
    await wecom.looks(minutes=30)
    assert len(await wecom.told()) == 2, "once"
    assert await wecom.house.app._well()


async def test_8_14_a_line_that_comes_back_by_itself_is_no_news(wecom: Night) -> None:
    fake = wecom.house.fake
    assert isinstance(fake, FakeWecomSocket)
    await fake.drop()
    await until(lambda: bool(wecom.pauses))
    assert (await wecom.ready())[0] == 503
    await wecom.looks(seconds=50)
    wecom.passed.set()
    await until(lambda: wecom.listening.deaf is None)
    await wecom.looks(minutes=5)
    assert await wecom.told() == []


async def test_8_14_a_line_that_stays_away_is_told_after_a_minute(wecom: Night) -> None:
    fake = wecom.house.fake
    assert isinstance(fake, FakeWecomSocket)
    await wecom.looks(minutes=10)
    await fake.drop()
    await until(lambda: bool(wecom.pauses))
    await wecom.looks(seconds=58)
    assert await wecom.told() == []
    await wecom.looks(seconds=4)
    assert len(await wecom.told()) == 1
    audit = await wecom.house.app.store.read(lambda s: list(lines(s)))
    assert [(line.entry.target, line.entry.outcome) for line in audit if line.entry.action == "connection"] == [
        ("wecom bot duty", "deaf")
    ]


async def test_8_14_where_the_operator_has_no_other_way_the_duty_room_hears_of_it(
    tmp_path: Path, empty_db: Path
) -> None:
    """Socket Mode switched off: Slack still takes what is said."""
    fake = FakeSlack(socket=True)
    async with open_house("slack", fake, tmp_path / "state", empty_db, example_site()) as house:
        night = Night(house)
        fake.closes_with = "link_disabled"
        await fake.sockets[0].send_json({"type": "disconnect", "reason": "link_disabled"})
        await fake.sockets[0].close()
        await until(lambda: bool(night.pauses))
        await night.looks(seconds=2)
        await house.calm()
        for chat in ("dm-qin", "duty-room"):
            assert "被关掉" in house.last(chat, "听不到消息").text
