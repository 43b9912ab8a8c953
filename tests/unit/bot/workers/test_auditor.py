"""The auditor finds what the waker missed, mends it once, and says so (fault F40)."""

from datetime import timedelta

from bot.core.events import Due
from bot.work.routes import freeze
from bot.work.work import Work
from bot.workers.auditor import OVERDUE, Auditor
from bot.workers.waker import Waker
from tests.support.kit import OPERATOR, Kit


async def overdue(kit: Kit, *keys: str) -> None:
    """Deadlines whose waker is dead."""

    def arm(work: Work) -> None:
        for number, key in enumerate(keys):
            work.due("test.x", key, work.now + timedelta(seconds=number))

    await kit.transactions.do(f"arm {keys} {kit.clock.now()}", arm)
    kit.later(len(keys) + OVERDUE.total_seconds() + 1)


def auditor(kit: Kit) -> Auditor:
    return Auditor(kit.store, kit.transactions, freeze([kit.on]))


async def test_what_a_dead_waker_left_is_fired_once_and_told(kit: Kit) -> None:
    fired: list[Due] = []
    kit.on.due("test.x")(lambda event, work: fired.append(event))
    await overdue(kit, "a", "b")
    made = auditor(kit)
    assert await made.step() == 2
    assert await made.step() == 0
    assert await Waker(kit.store, kit.runtime, freeze([kit.on])).step() == 0
    await kit.sender().step()
    assert [event.key for event in fired] == ["a", "b"]
    assert all(event.late > OVERDUE.total_seconds() for event in fired)
    assert len(kit.platform.texts(OPERATOR)) == 1


async def test_it_leaves_alone_what_the_waker_still_has_time_for(kit: Kit) -> None:
    fired: list[Due] = []
    kit.on.due("test.x")(lambda event, work: fired.append(event))
    await kit.transactions.do("arm", lambda work: work.due("test.x", "a", work.now))
    kit.later(OVERDUE.total_seconds() - 1)
    assert await auditor(kit).step() == 0


async def test_one_that_fails_does_not_keep_it_from_the_others(kit: Kit) -> None:
    fired: list[str] = []

    @kit.on.due("test.x")
    def handle(event: Due, work: Work) -> None:
        if event.key == "bad":
            raise KeyError("a bug")
        fired.append(event.key)

    await overdue(kit, "bad", "good")
    assert await auditor(kit).step() == 1
    assert fired == ["good"]


async def test_it_mends_and_tells_again_after_a_restart(kit: Kit) -> None:
    """The same deadline, set anew and missed again in the next life of the process."""
    fired: list[str] = []
    kit.on.due("test.x")(lambda event, work: fired.append(event.key))
    for _ in range(2):
        await overdue(kit, "a")
        assert await auditor(kit).step() == 1
    await kit.sender().step()
    assert fired == ["a", "a"]
    assert len(kit.platform.texts(OPERATOR)) == 2


async def test_a_waiting_queue_wakes_its_worker(kit: Kit) -> None:
    await kit.accept("e1")
    await kit.say("shifuban", "1")
    woken = [kit.store.event(name) for name in ("inbox", "outbox")]
    kit.later(OVERDUE.total_seconds() + 1)
    for event in woken:
        event.clear()
    await auditor(kit).step()
    await kit.column("SELECT 1")  # the nudge comes over the loop
    assert all(event.is_set() for event in woken)
