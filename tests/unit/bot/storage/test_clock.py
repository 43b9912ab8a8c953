"""Time goes on as it truly passes, whatever the wall clock does (faults F34 to F37)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.storage import clock
from bot.storage.clock import TELL_AGAIN, Jumps, ManualClock, SystemClock, demo_clock

START = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)


class Machine:
    """A wall clock and a monotonic one, set by hand."""

    def __init__(self) -> None:
        self.wall = START
        self.ticks = 1000.0

    def passes(self, seconds: float, jump: float = 0.0) -> None:
        self.ticks += seconds
        self.wall += timedelta(seconds=seconds + jump)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(clock, "_wall", lambda: made.wall)
    monkeypatch.setattr(clock, "_monotonic", lambda: made.ticks)
    return made


@pytest.mark.parametrize("jump", [3600.0, -3600.0, 86_400.0])
def test_a_jump_of_the_wall_clock_is_noticed_and_not_followed(machine: Machine, jump: float) -> None:
    ours = SystemClock()
    machine.passes(5, jump)
    assert ours.now() == ours.real() == START + timedelta(seconds=5)
    assert ours.jump() == jump


def test_a_suspended_machine_counts_as_elapsed_time(machine: Machine) -> None:
    ours = SystemClock()
    machine.passes(1800)
    assert ours.now() == START + timedelta(seconds=1800)
    assert ours.jump() == 0.0


def test_a_wall_clock_that_is_nudged_is_no_jump(machine: Machine) -> None:
    ours = SystemClock()
    machine.passes(600, jump=1.5)
    assert ours.jump() == 0.0


def test_a_jump_is_told_once_and_so_is_the_way_back() -> None:
    jumps = Jumps()
    assert jumps.news(0.0, at=10.0) is None
    assert jumps.news(3600.0, at=12.0) == 3600.0
    assert jumps.news(3600.5, at=14.0) is None
    assert jumps.news(3600.5, at=14.0 + TELL_AGAIN) is None
    assert jumps.news(0.0, at=16.0 + TELL_AGAIN) == -3600.0


def test_a_clock_that_goes_to_and_fro_is_told_every_ten_minutes_at_most() -> None:
    jumps = Jumps()
    told = [jumps.news(seconds, at) for at, seconds in ((0.0, 60.0), (2.0, 0.0), (4.0, 90.0), (TELL_AGAIN, 90.0))]
    assert told == [60.0, None, None, 30.0]


def test_the_demo_runs_duty_time_fast_and_true_time_true(machine: Machine) -> None:
    ours = SystemClock(speed=60)
    machine.passes(10)
    assert ours.now() == START + timedelta(minutes=10)
    assert ours.real() == START + timedelta(seconds=10)
    assert ours.real_seconds(600) == 10


def test_the_demo_goes_on_where_it_was_and_never_back(machine: Machine, tmp_path: Path) -> None:
    ours = demo_clock(tmp_path, 60)
    machine.passes(60)
    reached = ours.now()
    ours.stop()
    machine.passes(5)
    again = demo_clock(tmp_path, 1)
    assert again.now() == reached
    machine.passes(7200)
    assert demo_clock(tmp_path, 1).now() == machine.wall


@pytest.mark.parametrize("ran", [0.0, 0.3, 1.0, 59.7])
@pytest.mark.parametrize("speed", [1, 60, 600])
def test_8_10_a_killed_demo_never_steps_back(machine: Machine, tmp_path: Path, ran: float, speed: float) -> None:
    """Whatever it told last, and however long nobody asked before."""
    ours = demo_clock(tmp_path, speed)
    told = ours.now()
    for part in (ran / 3, ran * 2 / 3):
        machine.passes(part)
        told = max(told, ours.now())
    del ours
    again = demo_clock(tmp_path, speed)
    assert told <= again.now() <= told + timedelta(seconds=1.01 * speed)


def test_8_10_kill_upon_kill_it_goes_on_and_on(machine: Machine, tmp_path: Path) -> None:
    told = [demo_clock(tmp_path, 60).now()]
    for _ in range(20):
        ours = demo_clock(tmp_path, 60)
        machine.passes(0.4)
        told.append(ours.now())
    assert told == sorted(told)


def test_the_hand_set_clock_never_goes_back() -> None:
    ours = ManualClock(START)
    ours.move_to(START + timedelta(seconds=5))
    ours.move_to(START)
    assert ours.now() == ours.real() == START + timedelta(seconds=5)
