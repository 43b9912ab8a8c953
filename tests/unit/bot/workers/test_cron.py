"""A daily job runs exactly once a local date, catches up after a pause, and holds up no other when it fails."""

from datetime import datetime, timedelta

from bot.core.events import Tick
from bot.work.routes import freeze
from bot.work.work import Work
from bot.workers.cron import TELL_AFTER, Cron
from tests.support.kit import OPERATOR, Kit

MORNING = datetime.fromisoformat("2026-10-15T08:25:00+08:00")


def cron(kit: Kit) -> Cron:
    return Cron(kit.store, kit.transactions, freeze([kit.on]))


def hear(kit: Kit, job: str = "test.morning", at: str = "08:25", until: str = "10:00") -> list[Tick]:
    ticks: list[Tick] = []
    kit.on.tick(job, at, until=until)(lambda event, work: ticks.append(event))
    return ticks


async def test_it_ticks_once_a_date_however_often_it_is_looked_at(kit: Kit) -> None:
    ticks = hear(kit)
    made = cron(kit)
    assert await made.step() == 0  # first started at 10:00: this morning's was nobody's omission
    kit.clock.move_to(MORNING - timedelta(seconds=1))
    assert await made.step() == 0
    assert made.next_at() == MORNING
    kit.clock.move_to(MORNING)
    await made.step()
    await made.step()
    await cron(kit).step()  # a restart, or a second process
    kit.clock.move_to(MORNING + timedelta(days=1))
    await made.step()
    assert [(t.local_date.isoformat(), t.late, t.missed) for t in ticks] == [
        ("2026-10-15", 0.0, False),
        ("2026-10-16", 0.0, False),
    ]


async def test_after_a_pause_it_catches_up_within_its_window_and_is_missed_behind_it(kit: Kit) -> None:
    """Down all through 08:25: on return before 10:00 it runs late, after 10:00 it is handed over as missed (fault F12)."""
    ticks = hear(kit)
    await cron(kit).step()
    kit.clock.move_to(MORNING + timedelta(minutes=65))
    await cron(kit).step()
    kit.clock.move_to(MORNING + timedelta(days=1, minutes=120))
    await cron(kit).step()
    assert [(t.late, t.missed) for t in ticks] == [(65 * 60, False), (120 * 60, True)]


async def test_days_that_passed_while_it_was_down_are_not_made_up_for(kit: Kit) -> None:
    ticks = hear(kit)
    await cron(kit).step()
    kit.clock.move_to(MORNING + timedelta(days=5))
    await cron(kit).step()
    assert [t.local_date.isoformat() for t in ticks] == ["2026-10-20"]


async def test_a_failing_job_is_tried_on_and_told_and_the_next_one_runs(kit: Kit) -> None:
    broken = True
    runs: list[Tick] = []

    @kit.on.tick("test.broken", "08:00", until="23:59")
    def job(event: Tick, work: Work) -> None:
        work.say("help/pong", "shifuban", text="said once")
        runs.append(event)
        if broken:
            raise KeyError("a bug")

    ticks = hear(kit)
    made = cron(kit)
    await made.step()
    kit.clock.move_to(MORNING)
    for _ in range(TELL_AFTER + 2):
        await made.step()
    assert len(ticks) == 1
    broken = False
    await made.step()
    await made.step()
    await kit.sender().step()
    assert len(runs) == TELL_AFTER + 3
    assert kit.platform.texts("shifuban") == ["pong said once"]
    (told,) = kit.platform.texts(OPERATOR)
    assert "test.broken" in told
