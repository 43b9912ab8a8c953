"""Every deadline fires: never early, never twice, also when handlers fail, set anew or take back."""

import asyncio
import dataclasses
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.content import Priority
from bot.core.events import Due
from bot.storage.clock import ManualClock
from bot.work.routes import freeze
from bot.work.work import Work
from bot.workers.waker import BATCH, RETRIES, Waker, seconds_to_next
from tests.support.desk import WORKDAY
from tests.support.kit import OPERATOR, Kit
from tests.support.until import until


def waker(kit: Kit) -> Waker:
    return Waker(kit.store, kit.runtime, freeze([kit.on]))


async def fire(kit: Kit, made: Waker | None = None) -> None:
    made = made or waker(kit)
    while await made.step():
        pass


async def arm(kit: Kit, key: str, seconds: float, *, real: bool = False) -> None:
    at = kit.clock.now() + timedelta(seconds=seconds)
    await kit.transactions.do(f"arm {key} {at}", lambda work: work.due("test.x", key, at, real=real, note=key))


async def test_it_fires_at_its_time_with_its_payload_and_lateness(kit: Kit) -> None:
    fired: list[Due] = []
    kit.on.due("test.x")(lambda event, work: fired.append(event))
    await arm(kit, "a", 60)
    kit.later(59.999)
    await fire(kit)
    assert fired == []
    kit.later(3.001)
    await fire(kit)
    await fire(kit)
    (only,) = fired
    assert (only.key, only.payload, only.late) == ("a", {"note": "a"}, 3.0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spans=st.lists(st.integers(0, 300), min_size=1, max_size=12),
    moves=st.lists(st.integers(0, 120), min_size=1, max_size=8),
)
async def test_never_early_never_twice_oldest_first(kit: Kit, spans: list[int], moves: list[int]) -> None:
    """However the clock moves, each row fires once, at the first look at or after its time, in the order of due times."""
    fired: list[tuple[str, float]] = []
    kit.on.dues.clear()
    kit.on.due("test.x")(lambda event, work: fired.append((event.key, event.late)))
    start = kit.clock.now()
    for number, span in enumerate(spans):
        await arm(kit, f"{start.isoformat()}#{number}", span)
    made, elapsed = waker(kit), 0
    waiting, expected = sorted((span, number) for number, span in enumerate(spans)), []
    for move in (*moves, 301):
        elapsed += move
        kit.later(move)
        await fire(kit, made)
        expected += [number for span, number in waiting if span <= elapsed]
        waiting = [(span, number) for span, number in waiting if span > elapsed]
        assert [int(key.rpartition("#")[2]) for key, _ in fired] == expected
    assert all(late >= 0 for _, late in fired)


async def test_a_deadline_that_is_set_anew_counts_from_its_new_time(kit: Kit) -> None:
    fired: list[str] = []
    kit.on.due("test.x")(lambda event, work: fired.append(event.key))
    await arm(kit, "a", 60)
    await arm(kit, "a", 120)
    kit.later(61)
    await fire(kit)
    assert fired == []
    kit.later(60)
    await fire(kit)
    assert fired == ["a"]


async def test_one_that_fires_can_put_off_another_of_the_same_moment(kit: Kit) -> None:
    """Both are due; the first one's handler sets the second to a later time: it must not fire now, nor be lost."""
    fired: list[str] = []

    @kit.on.due("test.x")
    def handle(event: Due, work: Work) -> None:
        fired.append(event.key)
        if event.key == "a":
            work.due("test.x", "b", work.now + timedelta(seconds=100))

    await arm(kit, "a", 1)
    await arm(kit, "b", 2)
    kit.later(10)
    await fire(kit)
    assert fired == ["a"]
    kit.later(100)
    await fire(kit)
    assert fired == ["a", "b"]


async def test_one_that_fires_can_take_back_another_of_the_same_moment(kit: Kit) -> None:
    fired: list[str] = []

    @kit.on.due("test.x")
    def handle(event: Due, work: Work) -> None:
        fired.append(event.key)
        work.cancel_due("test.x", "b")

    await arm(kit, "a", 1)
    await arm(kit, "b", 2)
    kit.later(10)
    await fire(kit)
    assert fired == ["a"]


async def test_a_failing_one_is_tried_again_then_parked_and_told_and_holds_up_nobody(kit: Kit) -> None:
    tries: list[float] = []
    fired: list[str] = []

    @kit.on.due("test.x")
    def handle(event: Due, work: Work) -> None:
        work.say("help/pong", "shifuban", text="half done")
        if event.key == "bad":
            tries.append(kit.clock.now().timestamp())
            raise KeyError("a bug")
        fired.append(event.key)

    await arm(kit, "bad", 1)
    await arm(kit, "good", 1)
    kit.later(1)
    for _ in range(len(RETRIES) + 2):
        await fire(kit)
        kit.later(await kit.store.read(lambda s: seconds_to_next(s, kit.runtime)))
    await kit.sender().step()
    assert fired == ["good"]
    assert len(tries) == len(RETRIES) + 1
    assert kit.platform.texts("shifuban") == ["pong half done"]
    assert "test.x bad" in kit.platform.texts(OPERATOR)[0]


async def test_the_pause_to_the_next_one_is_the_nearest_of_all(kit: Kit) -> None:
    assert await kit.store.read(lambda s: seconds_to_next(s, kit.runtime)) == 20.0
    await arm(kit, "a", 15)
    await arm(kit, "b", 7, real=True)
    assert await kit.store.read(lambda s: seconds_to_next(s, kit.runtime)) == 7.0
    kit.later(30)
    assert await kit.store.read(lambda s: seconds_to_next(s, kit.runtime)) == 0.0


async def test_the_pause_is_true_time_however_fast_duty_time_runs(kit: Kit) -> None:
    class Fast(ManualClock):
        """A minute of duty passes in a second."""

        def real_seconds(self, duty_seconds: float) -> float:
            return duty_seconds / 60

    await arm(kit, "duty", 300)
    fast = dataclasses.replace(kit.runtime, clock=Fast(WORKDAY))
    assert await kit.store.read(lambda s: seconds_to_next(s, fast)) == 5.0
    await arm(kit, "true", 3, real=True)
    assert await kit.store.read(lambda s: seconds_to_next(s, fast)) == 3.0


async def test_what_fires_is_told_and_noted_by_its_own_clock(kit: Kit) -> None:
    """True time is an hour ahead of duty time here."""

    class Apart(ManualClock):
        def real(self) -> datetime:
            return self.now() + timedelta(hours=1)

    fired: list[Due] = []
    kit.on.due("test.x")(lambda event, work: fired.append(event))
    await arm(kit, "duty", 0)
    await arm(kit, "true", 3595, real=True)
    apart = dataclasses.replace(kit.runtime, clock=Apart(WORKDAY), owner="me")
    await fire(kit, Waker(kit.store, apart, freeze([kit.on])))
    duty, true = fired
    assert (duty.kind, duty.key, duty.due_at, duty.late) == ("test.x", "duty", WORKDAY, 0.0)
    assert (true.kind, true.key, true.due_at, true.late) == ("test.x", "true", WORKDAY + timedelta(seconds=3595), 5.0)
    assert await kit.column("SELECT late FROM deadline ORDER BY id") == [0.0, 5.0]
    assert await kit.column("SELECT owner FROM deadline") == ["me", "me"]
    assert await kit.column("SELECT count(fired_at) FROM deadline") == [2]


async def test_no_more_fire_at_a_time_than_a_batch(kit: Kit) -> None:
    fired: list[str] = []
    kit.on.due("test.x")(lambda event, work: fired.append(event.key))

    def some(work: Work) -> None:
        for number in range(BATCH + 1):
            work.due("test.x", str(number), work.now)

    await kit.transactions.do("some", some)
    assert [await waker(kit).step() for _ in range(3)] == [BATCH, 1, 0]
    assert fired == [str(number) for number in range(BATCH + 1)]


async def test_one_that_fires_can_take_back_what_another_has_just_set(kit: Kit) -> None:
    taken: list[bool] = []

    @kit.on.due("test.x")
    def handle(event: Due, work: Work) -> None:
        if event.key == "a":
            work.due("test.x", "c", work.now)
        else:
            taken.append(work.cancel_due("test.x", "c"))

    await arm(kit, "a", 0)
    await arm(kit, "b", 0)
    await fire(kit)
    assert taken == [True]
    assert await kit.column("SELECT state FROM deadline WHERE key = 'c'") == ["cancelled"]


async def test_one_that_fires_can_drop_what_another_has_just_said(kit: Kit) -> None:
    dropped: list[int] = []

    @kit.on.due("test.x")
    def handle(event: Due, work: Work) -> None:
        if event.key == "a":
            work.say("help/pong", "shifuban", text="moot", about="t1", priority=Priority.ESCALATION)
        else:
            dropped.append(work.drop("t1"))

    await arm(kit, "a", 0)
    await arm(kit, "b", 0)
    await fire(kit)
    assert dropped == [1]
    assert await kit.column("SELECT state FROM outbox") == ["dropped"]


async def test_one_that_failed_is_waited_for_as_long_as_its_own_pause(kit: Kit) -> None:
    @kit.on.due("test.x")
    def handle(_event: Due, _work: Work) -> None:
        raise KeyError("a bug")

    made = waker(kit)
    await arm(kit, "bad", 0)
    for pause in RETRIES:
        await fire(kit, made)
        assert await made.rest() == pytest.approx(pause)
        assert await kit.column("SELECT error FROM deadline") == ["KeyError"]
        kit.later(pause)
    await fire(kit, made)
    assert await made.rest() is None
    audit = "SELECT actor || '|' || action || '|' || target || '|' || outcome || '|' || code FROM audit"
    assert await kit.column(audit) == ["system|deadline|test.x bad|parked|KeyError"]
    assert await kit.column("SELECT state FROM deadline") == ["parked"]


async def test_a_life_that_begins_alone_takes_up_at_once_what_was_to_be_tried_again(kit: Kit) -> None:
    @kit.on.due("test.x")
    def handle(_event: Due, _work: Work) -> None:
        raise KeyError("a bug")

    await arm(kit, "bad", 0)
    await fire(kit)
    kit.later(0.1)
    await Waker(kit.store, kit.runtime, freeze([kit.on]), alone=False).recover()
    assert await waker(kit).rest() == pytest.approx(RETRIES[0] - 0.1)
    await waker(kit).recover()
    assert await waker(kit).rest() == 0.0
    assert await kit.column("SELECT count(*) FROM deadline WHERE next_try IS NOT NULL") == [1]  # tried once before


def over(fired: list[str], number: int) -> bool:
    return len(fired) == number


class Watched(asyncio.Event):
    """An event that knows whether somebody waits for it."""

    waited_for = False

    async def wait(self) -> Literal[True]:
        self.waited_for = True
        try:
            return await super().wait()
        finally:
            self.waited_for = False


def asleep_of(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Whether the waker has nothing to do and waits to be woken."""
    events: defaultdict[str, Watched] = defaultdict(Watched)
    monkeypatch.setattr(kit.store, "event", events.__getitem__)
    return lambda: events["deadlines"].waited_for


async def test_while_it_runs_what_is_set_fires_without_a_wait(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so that only the wake-up brings it to what is set; the pause of 20 s would be too long."""
    fired: list[str] = []
    asleep = asleep_of(kit, monkeypatch)
    kit.on.due("test.x")(lambda event, work: fired.append(event.key))
    running = asyncio.create_task(waker(kit).run())
    for number, key in enumerate("abc", 1):
        await until(asleep)
        await arm(kit, key, 0)
        await until(partial(over, fired, number), 10)
    assert not running.done()
    running.cancel()
    assert fired == ["a", "b", "c"]


async def test_while_it_runs_what_comes_due_fires_at_its_time(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    fired: list[str] = []
    kit.on.due("test.x")(lambda event, work: fired.append(event.key))
    await arm(kit, "a", 0.3)
    asleep = asleep_of(kit, monkeypatch)
    running = asyncio.create_task(waker(kit).run())
    await until(asleep)
    assert fired == []
    kit.later(0.3)  # nobody wakes it: its own pause ends
    await until(lambda: fired == ["a"], 15)
    assert not running.done()
    running.cancel()
