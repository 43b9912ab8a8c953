"""The real sender keeps within what Feishu allows, in order, in the least time, and lets an outage pass."""

import pytest

from bot.workers.sender import Sender
from tests.unit.bot.adapters.feishu.bench import Bench


async def _sent(bench: Bench, count: int, step: float) -> list[float]:
    """Seconds after which each of ``count`` messages stood in 市府办."""
    sender = Sender(bench.kit.store, bench.kit.transactions, {"feishu": bench.adapter})
    start = bench.kit.clock.now()
    times: list[float] = []
    while len(times) < count:
        await sender.step()
        passed = (bench.kit.clock.now() - start).total_seconds()
        times += [passed] * (len(bench.fake.seen("shifuban")) - len(times))
        assert passed < 3600
        bench.kit.later(step)
    return times


async def test_thirty_messages_to_one_group_take_five_seconds(bench: Bench) -> None:
    await bench.kit.say("shifuban", *(str(n) for n in range(30)))
    times = await _sent(bench, 30, 0.05)
    assert times[-1] == pytest.approx(5.0, rel=0.05)
    assert [seen.text for seen in bench.fake.seen("shifuban")] == [f"pong {n}" for n in range(30)]


async def test_a_robot_keeps_to_a_hundred_a_minute_too(robot: Bench) -> None:
    await robot.kit.say("shifuban", *(str(n) for n in range(105)))
    times = await _sent(robot, 105, 0.1)
    assert times[99] == pytest.approx(19.0, rel=0.05)
    assert times[100] >= 60.0
    assert [seen.text for seen in robot.fake.seen("shifuban")] == [f"pong {n}" for n in range(105)]


async def test_a_limit_delays_only_its_own_group(bench: Bench) -> None:
    bench.fake.fail("limited")
    await bench.kit.say("shifuban", "x")
    sender = Sender(bench.kit.store, bench.kit.transactions, {"feishu": bench.adapter})
    await sender.step()
    await bench.kit.say("minzheng", "y")
    await sender.step()
    assert [len(bench.fake.seen(chat)) for chat in ("shifuban", "minzheng")] == [0, 1]
    bench.kit.later(29)
    await sender.step()
    assert bench.fake.seen("shifuban") == []
    bench.kit.later(2)
    await sender.step()
    assert len(bench.fake.seen("shifuban")) == 1


async def test_after_half_an_hour_without_the_platform_everything_arrives_once(bench: Bench) -> None:
    await bench.fake.stop()
    await bench.kit.say("shifuban", "1", "2", "3")
    sender = Sender(bench.kit.store, bench.kit.transactions, {"feishu": bench.adapter})
    for _ in range(60):
        await sender.step()
        bench.kit.later(30)
    await bench.fake.start()
    for _ in range(4):
        bench.kit.later(30)
        await sender.step()
    assert [seen.text for seen in bench.fake.seen("shifuban")] == ["pong 1", "pong 2", "pong 3"]
