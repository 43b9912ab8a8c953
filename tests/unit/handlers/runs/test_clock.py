"""The wall clock jumps by an hour while a question waits: it is good for exactly its true time (fault F77).

libfaketime moves the wall clock alone; true time is the recorder's, and what ran stands on the host.
"""

import time
from pathlib import Path

import pytest

from tests.support.estate import ADDRESSES, Estate
from tests.support.faketime import jumped, wall_clock
from tests.support.process import Platform, recorder, service
from tests.support.until import eventually

pytestmark = pytest.mark.servers
ROOM = "duty-room"
GOOD_FOR = 12.0  # seconds; a yes on a busy machine takes some of them


@pytest.mark.waits
async def test_a_question_is_good_for_its_true_time(tmp_path: Path, estate: Estate) -> None:
    """Asked, and then the clock jumps ahead, and back: it ends at its time, and a yes within its time is still good."""
    clock = wall_clock(tmp_path)
    ssh = {"ZHIBAN_SSH__KEY_FILE": str(estate.key_file), "ZHIBAN_SSH__KNOWN_HOSTS": str(estate.known_hosts)}
    with recorder() as platform, service(tmp_path / "service", platform, client_keys=True) as zhiban:
        estate.write_hosts(zhiban.folder / "data")
        zhiban.start({**clock.environ, **ssh, "ZHIBAN_RUNS__CONFIRM_MINUTES": str(GOOD_FOR / 60)})
        await zhiban.ready()
        await platform.aim(zhiban.url)
        for number, jump in enumerate(("+3600", "-3600"), 1):
            said = time.time()
            await platform.say(f"first {number}", "zhou", ROOM, text="/restart oa3")
            asked = await heard(platform, f"R{number} 重启应用")
            await jumped(clock, jump, zhiban.url)
            ended = await heard(platform, f"R{number} 没有执行：没有在时限内确认或开始")
            await platform.say(f"late {number}", "wen", ROOM, text=f"/confirm R{number}")
            await heard(platform, f"R{number} 已过期")
            assert ended - said > GOOD_FOR
            assert ended - asked < GOOD_FOR + 30, "an hour off would be much later"
        assert estate.apps.calls(ADDRESSES["oa3"]) == []

        await platform.say("second", "zhou", ROOM, text="/restart oa3")
        await heard(platform, "R3 重启应用")
        await jumped(clock, "+0", zhiban.url)  # ahead again, between the question and the yes
        await platform.say("in time", "wen", ROOM, text="/confirm R3")
        await heard(platform, "R3 完成")
        assert estate.apps.calls(ADDRESSES["oa3"]) == ["stop-domain", "start-domain"]


async def heard(platform: Platform, words: str) -> float:
    """Wait until the room got a message with these words; when the platform got it."""
    found: list[float] = []

    async def look() -> bool:
        found[:] = [p["at"] for p in await platform.posts() if p["chat"] == ROOM and words in p["text"]]
        return bool(found)

    await eventually(look, 90)
    return found[0]
