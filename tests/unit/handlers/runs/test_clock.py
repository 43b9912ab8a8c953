"""The wall clock jumps by an hour while a question waits: it is good for exactly its true time (fault F77).

libfaketime moves the wall clock alone; true time is the recorder's, and what ran stands on the host.
"""

import asyncio
import re
import time
from functools import partial
from pathlib import Path

import pytest

from tests.support import estate as estates
from tests.support.estate import ADDRESSES, Estate
from tests.support.faketime import wall_clock
from tests.support.process import Platform, recorder, service
from tests.support.until import eventually

pytestmark = pytest.mark.servers
ROOM = "duty-room"
GOOD_FOR = 15.0  # seconds; a yes on a busy machine takes some of them


async def test_a_question_is_good_for_its_true_time(tmp_path: Path) -> None:
    """Two services at once, each with servers of its own, because most of it is true time that passes."""
    with estates.running(tmp_path / "one" / "estate") as one, estates.running(tmp_path / "two" / "estate") as two:
        stood = await asyncio.gather(
            asked_and_not_answered(tmp_path / "ahead", one, "+3600"),
            asked_and_not_answered(tmp_path / "back", two, "-3600"),
        )
    for since_said, since_asked in stood:
        assert since_said > GOOD_FOR
        assert since_asked < GOOD_FOR + 30, "an hour off would be much later"


async def asked_and_not_answered(folder: Path, estate: Estate, jump: str) -> tuple[float, float]:
    """Seconds from the command and from the question to its end; a later one is good, too, when the clock jumps back."""
    folder.mkdir()
    calls, clock = partial(estate.apps.calls, ADDRESSES["oa3"]), wall_clock(folder)
    ssh = {"ZHIBAN_SSH__KEY_FILE": str(estate.key_file), "ZHIBAN_SSH__KNOWN_HOSTS": str(estate.known_hosts)}
    with recorder() as platform, service(folder, platform, client_keys=True) as zhiban:
        estate.write_hosts(folder / "data")
        zhiban.start({**clock.environ, **ssh, "ZHIBAN_RUNS__CONFIRM_MINUTES": str(GOOD_FOR / 60)})
        await zhiban.ready()
        await platform.aim(zhiban.url)
        said = time.time()
        await platform.say("first", "zhou", ROOM, text="/restart oa3")
        asked = await heard(platform, "R1 重启应用")
        clock.jump(jump)
        ended = await heard(platform, "R1 没有执行：没有在时限内确认或开始")
        await platform.say("late", "wen", ROOM, text="/confirm R1")
        await heard(platform, "R1 已过期")
        told = re.search(r"the wall clock jumped by (-?\d+) s", zhiban.log())
        assert told is not None, "nothing was tried here"
        assert abs(int(told[1]) - float(jump)) < 5
        assert calls() == []

        await platform.say("second", "zhou", ROOM, text="/restart oa3")
        await heard(platform, "R2 重启应用")
        clock.jump("+0")  # back again, between the question and the yes
        await platform.say("in time", "wen", ROOM, text="/confirm R2")
        await heard(platform, "R2 完成")
        assert calls() == ["stop-domain", "start-domain"]
    return ended - said, ended - asked


async def heard(platform: Platform, words: str) -> float:
    """Wait until the room got a message with these words; when the platform got it."""
    found: list[float] = []

    async def look() -> bool:
        found[:] = [p["at"] for p in await platform.posts() if p["chat"] == ROOM and words in p["text"]]
        return bool(found)

    await eventually(look, 90)
    return found[0]
