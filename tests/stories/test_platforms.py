"""One story, the same text on every platform; the oracle is what the platform's server has on record."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from runbooks.remote.settings import SshSettings
from tests.support.estate import ADDRESSES, Estate
from tests.support.platforms.base import FakePlatform
from tests.support.platforms.every import STAND_INS
from tests.support.platforms.house import House, open_house
from tests.support.platforms.matrix import FakeMatrix

pytestmark = pytest.mark.servers

PLATFORMS: dict[str, tuple[str, Callable[[], FakePlatform]]] = {**STAND_INS, "matrix": ("matrix", FakeMatrix)}


@pytest.fixture(params=sorted(PLATFORMS))
async def house(request: pytest.FixtureRequest, estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[House]:
    platform, make = PLATFORMS[request.param]
    ssh = SshSettings(key_file=estate.key_file, known_hosts=estate.known_hosts)
    async with open_house(
        platform, make(), tmp_path / "state", empty_db, estate.site, capabilities={"ssh": ssh}
    ) as opened:
        yield opened


async def test_from_report_to_restart(house: House, estate: Estate) -> None:
    """Report → ticket → reply → escalation of another → restart, confirmed by a second person → result."""
    await house.says("lixiao", "shifuban", "电子印章盖不了章，点了没反应")
    receipt = house.last("shifuban", "已收到", "GD-20261014-001")
    assert "温若川" in receipt.text or house.account("wen") in receipt.mentions
    assert "13800000013" in receipt.text
    house.last("dm-wen", "GD-20261014-001", "请在 10:10 前回复")
    await house.taps("wen", "dm-wen", "我来处理", "GD-20261014-001")
    house.last("shifuban", "温若川", "已响应")
    assert not any("超时" in text for text in house.texts("dm-hemu"))

    await house.says("sun", "minzheng", "OA 登录不上，一直转圈")
    house.last("minzheng", "已收到", "GD-20261014-002")
    await house.later(minutes=11)
    house.last("dm-hemu", "超时未响应", "GD-20261014-002", "民政局交流群")
    await house.says("wen", "minzheng", "收到，马上看")
    await house.later(minutes=10)
    assert not house.reads("dm-shen"), "the clock did not stop"

    before = estate.apps.pid(ADDRESSES["oa3"])
    await house.says("wen", "duty-room", "/restart oa3")
    house.last("duty-room", "R1", "oa3", "需另一人确认")
    await house.taps("wen", "duty-room", "确认", "R1")
    house.last("duty-room", "申请人")
    assert estate.apps.pid(ADDRESSES["oa3"]) == before
    await house.taps("hemu", "duty-room", "确认", "R1")
    house.last("duty-room", "R1 完成", "oa3")
    assert estate.apps.pid(ADDRESSES["oa3"]) not in {None, before}
