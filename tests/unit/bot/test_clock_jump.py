"""A wall clock that jumps by an hour under the running service: no timer fires early, stalls, or gets lost (faults F34, F35)."""

import time
from pathlib import Path

import pytest

from tests.support.faketime import jumped, wall_clock
from tests.support.process import Platform, recorder, service
from tests.support.until import eventually

SLA = {
    "policies": {
        "one": {
            "respond": "4s",
            "arrive": "30m",
            "rungs": [{"after": "4s", "to": ["director"], "breach": True}],
            "repeat_every": "2h",
            "repeat_max": 1,
            "forgotten_after": "2h",
        }
    }
}


@pytest.mark.waits
@pytest.mark.servers
async def test_the_ladder_follows_true_time_and_the_operators_hear_of_the_jump(tmp_path: Path) -> None:
    """libfaketime moves the wall clock alone, ahead and then back; the recorder, outside of it, notes true times."""
    clock = wall_clock(tmp_path)
    with recorder() as platform, service(tmp_path, platform, client_keys=True, sla=SLA) as zhiban:
        zhiban.start(clock.environ)
        await zhiban.ready()
        await platform.aim(zhiban.url)
        for number, (chat, jump) in enumerate((("guozi", "+3600"), ("minzheng", "-3600")), 1):
            said = time.time()
            await platform.say(f"r{number}", "wu", chat, text="OA 打不开了")
            await heard(platform, chat, "GD-")
            await jumped(clock, jump, zhiban.url)
            breach = await heard(platform, "dm-shen", "GD-", number)
            assert 4.0 <= breach - said < 60.0, "an hour off would be much later, or never"
        await heard(platform, "dm-qin", "跳变")


async def heard(platform: Platform, chat: str, word: str, times: int = 1) -> float:
    """When a chat got its first, second … message with this word."""
    found: list[float] = []

    async def look() -> bool:
        found[:] = [post["at"] for post in await platform.posts() if post["chat"] == chat and word in post["text"]]
        return len(found) >= times

    await eventually(look)
    return found[times - 1]
