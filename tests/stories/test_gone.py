"""A message that somebody deleted has nothing left to show: that it cannot be changed is nobody's task."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.once import example_site
from tests.support.platforms.base import Seen
from tests.support.platforms.feishu import FakeFeishu
from tests.support.platforms.house import House, open_house
from tests.support.platforms.mattermost import FakeMattermost
from tests.support.platforms.slack import FakeSlack


def delete_on_slack(fake: FakeSlack, seen: Seen) -> None:
    channel, ts = seen.id.split(":")[:2]
    kept = fake.channels[channel].find(ts)
    assert kept is not None
    fake.channels[channel].messages.remove(kept)


def delete_on_feishu(fake: FakeFeishu, seen: Seen) -> None:
    fake.withdraw(seen.id)


def delete_on_mattermost(fake: FakeMattermost, seen: Seen) -> None:
    fake.posts[seen.id].deleted = True


PLATFORMS: dict[str, tuple[Callable[[], Any], Callable[[Any, Seen], None]]] = {
    "slack": (FakeSlack, delete_on_slack),
    "feishu": (lambda: FakeFeishu(hears_all=True), delete_on_feishu),
    "mattermost": (FakeMattermost, delete_on_mattermost),
}


@pytest.fixture(params=sorted(PLATFORMS))
async def house(request: pytest.FixtureRequest, tmp_path: Path, empty_db: Path) -> AsyncIterator[House]:
    make, _ = PLATFORMS[request.param]
    async with open_house(request.param, make(), tmp_path / "state", empty_db, example_site()) as opened:
        yield opened


async def test_8_17_a_note_of_a_deleted_message_is_no_failed_send(house: House, request: pytest.FixtureRequest) -> None:
    _, delete = PLATFORMS[request.node.callspec.params["house"]]
    await house.says("lixiao", "shifuban", "OA 登录不上，一直转圈")
    delete(house.fake, house.last("dm-wen", "GD-20261014-001"))
    receipt = house.last("shifuban", "已收到", "GD-20261014-001")
    await house.says("wen", "shifuban", "收到，马上看")
    assert house.reads("shifuban")[0].id == receipt.id
    assert "已响应" in house.reads("shifuban")[0].text, "what stands there still is changed"
    told = [text for person in house.app.runtime.site().people for text in texts(house, person) if "已放弃" in text]
    assert told == []
    states = await house.app.store.read(
        lambda s: list(s.connection().exec_driver_sql("SELECT state FROM outbox").scalars())
    )
    assert "failed" not in states


def texts(house: House, person: str) -> list[str]:
    try:
        return house.texts(f"dm-{person}")
    except KeyError:
        return []
