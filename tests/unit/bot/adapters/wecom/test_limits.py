"""Everything goes out as fast as the platform allows, and never faster: the whole service, the fake's own count as oracle."""

import dataclasses
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.core.content import Attachment, Priority
from bot.work.work import Work
from tests.support.once import example_site
from tests.support.platforms.house import House, open_house
from tests.support.platforms.wecom import FakeWecom
from tests.support.platforms.wecom_qyapi import Posted
from tests.support.platforms.wecom_socket import FakeWecomSocket

HUNDRED_FIFTY = tuple(f"group{number:03}" for number in range(150))


@asynccontextmanager
async def house_with(groups: tuple[str, ...], tmp_path: Path, empty_db: Path) -> AsyncIterator[tuple[House, FakeWecom]]:
    site = example_site()
    model = site.chats["shifuban"]
    more = {group: dataclasses.replace(model, id=group, name=f"{group}交流群") for group in groups}
    fake = FakeWecom(groups)
    async with open_house("wecom", fake, tmp_path / "state", empty_db, dataclasses.replace(site, chats=more)) as house:
        yield house, fake


async def say(house: House, chat: str, *texts: str, priority: Priority = Priority.REPLY) -> None:
    def speak(work: Work) -> None:
        for text in texts:
            work.say("help/pong", chat, text=text, priority=priority)

    await house.app.transactions.do(f"{chat}:{texts[0]}", speak)


def at(fake: FakeWecom, group: str) -> list[Posted]:
    return [posted for posted in fake.api.posted if posted.place == f"robot:key-{group}"]


async def test_thirty_messages_to_one_group_go_in_order_in_the_least_time(tmp_path: Path, empty_db: Path) -> None:
    async with house_with(("a",), tmp_path, empty_db) as (house, fake):
        await say(house, "a", *map(str, range(30)))
        await house.later(minutes=3)
        posted = at(fake, "a")
        assert [entry.body["content"] for entry in posted] == [f"pong {number}" for number in range(30)]
        taken = (posted[-1].at - posted[0].at).total_seconds()
        assert 60 <= taken <= 63  # twenty at once, the others when the minute is over; five in a hundred to spare
        assert fake.api.limited == []


async def test_a_hundred_and_fifty_groups_are_announced_within_a_minute(tmp_path: Path, empty_db: Path) -> None:
    async with house_with(HUNDRED_FIFTY, tmp_path, empty_db) as (house, fake):
        tomorrow = house.clock.now() + timedelta(hours=22, minutes=24)  # 08:24
        await house.stepper.run_until(tomorrow)
        before = len(fake.api.posted)
        began = time.monotonic()
        await house.later(minutes=2)
        took = time.monotonic() - began
        announced = [entry for entry in fake.api.posted[before:] if "早上好" in entry.body["content"]]
        assert sorted(entry.place for entry in announced) == [f"robot:key-{group}" for group in HUNDRED_FIFTY]
        assert max(entry.at for entry in announced) - min(entry.at for entry in announced) <= timedelta(seconds=60)
        assert took < 60
        assert fake.api.limited == []


async def test_a_45009_delays_its_own_group_alone(tmp_path: Path, empty_db: Path) -> None:
    async with house_with(("a", "b"), tmp_path, empty_db) as (house, fake):
        fake.fail("code:45009")
        await say(house, "a", "late")
        await house.settle()
        await say(house, "b", "now")
        await house.settle()
        assert (len(at(fake, "a")), len(at(fake, "b"))) == (0, 1)
        await house.later(seconds=59)
        assert at(fake, "a") == []
        await house.later(seconds=2)
        assert [entry.body["content"] for entry in at(fake, "a")] == ["pong late"]  # not marked: it was not taken


async def test_a_429_delays_its_own_group_alone_and_as_long_as_it_says(tmp_path: Path, empty_db: Path) -> None:
    async with house_with(("a", "b"), tmp_path, empty_db) as (house, fake):
        fake.fail("429")
        await say(house, "a", "late")
        await house.settle()
        await say(house, "b", "now")
        await house.later(seconds=29)
        assert (len(at(fake, "a")), len(at(fake, "b"))) == (0, 1)
        await house.later(seconds=2)
        assert len(at(fake, "a")) == 1


async def test_an_escalation_overtakes_a_hundred_queued_notices(tmp_path: Path, empty_db: Path) -> None:
    async with house_with(("a",), tmp_path, empty_db) as (house, fake):
        await say(house, "a", *map(str, range(100)), priority=Priority.NOTICE)
        await house.settle()
        assert len(at(fake, "a")) == 20
        await say(house, "a", "wake up", priority=Priority.ESCALATION)
        await house.later(seconds=61)
        assert at(fake, "a")[20].body["content"] == "pong wake up"
        await house.later(minutes=6)
        assert len(at(fake, "a")) == 101
        assert fake.api.limited == []


async def test_a_platform_that_was_down_for_half_an_hour_gets_everything_once(tmp_path: Path, empty_db: Path) -> None:
    async with house_with(("a", "b"), tmp_path, empty_db) as (house, fake):
        await fake.api.stop()
        await say(house, "a", *map(str, range(5)))
        await say(house, "b", "x")
        await house.later(minutes=30)
        await fake.api.start()
        await house.later(minutes=2)
        assert [entry.body["content"] for entry in at(fake, "a")] == [f"pong {number}" for number in range(5)]
        assert len(at(fake, "b")) == 1


async def test_the_long_connection_keeps_to_thirty_a_minute(tmp_path: Path, empty_db: Path) -> None:
    fake = FakeWecomSocket()
    async with open_house("wecom", fake, tmp_path / "state", empty_db, example_site()) as house:
        await say(house, "shifuban", *map(str, range(40)))
        await house.later(minutes=2)
        assert [seen.text for seen in fake.seen("shifuban")] == [f"pong {number}" for number in range(40)]
        assert (fake.posted[-1].at - fake.posted[0].at).total_seconds() <= 63
        sent = [frame for frame in fake.commands if frame["cmd"] == "aibot_send_msg"]
        assert len(sent) == 40  # none was refused and sent again


async def test_files_count_for_the_pace(tmp_path: Path, empty_db: Path) -> None:
    """Fifteen posts with a file each are thirty messages."""
    async with house_with(("a",), tmp_path, empty_db) as (house, fake):
        (house.app.settings.state_dir / "out.txt").write_text("some output")

        def speak(work: Work) -> None:
            for number in range(15):
                work.say("help/pong", "a", text=str(number), files=(Attachment("out.txt", "out.txt"),))

        await house.app.transactions.do("with files", speak)
        await house.later(minutes=2)
        assert [entry.kind for entry in at(fake, "a")] == ["text", "file"] * 15
        assert (at(fake, "a")[-1].at - at(fake, "a")[0].at).total_seconds() <= 63
        assert fake.api.limited == []
