"""Any order of reports, answers, ends and time: every rung once, never early, none missed (a model of a few lines)."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.support.desk import Desk, empty_database, open_desk
from tests.support.scale import cases

T = TypeVar("T")
MINUTES = {5: "dm-wen", 8: "dm-wen", 10: "dm-hemu", 15: "dm-shen", 20: "dm-shen", 25: "dm-shen", 30: "dm-shen"}
"""Who is told at which minute of a report (data/example/sla.yaml), read by hand; tests stop before minute 35."""
GROUPS = ("shifuban", "fangkong", "gongxin")
SYSTEMS = {"OA打不开了": "协同办公", "VPN连不上": "VPN", "WPS打不开": "WPS"}


@dataclass
class Model:
    """What must have been said: one report is open per group, each of a system of its own (so no incident is shared)."""

    now: int = 0
    opened: dict[str, int] = field(default_factory=dict)
    expected: list[tuple[int, str, str]] = field(default_factory=list)

    def later(self, minutes: int) -> None:
        for group, start in self.opened.items():
            for minute, chat in MINUTES.items():
                if self.now < start + minute <= self.now + minutes:
                    self.expected.append((start + minute, group, chat))
        self.now += minutes


class Ladder(RuleBasedStateMachine):
    """Drives a desk; ``told`` is what its chats showed, by minute."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.desk = self.run(self.stack.enter_async_context(_desk()))
        self.model = Model()
        self.told: list[tuple[int, str, str]] = []

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(what)

    @rule(group=st.sampled_from(GROUPS))
    def report(self, group: str) -> None:
        words = list(SYSTEMS)[GROUPS.index(group)]
        self.run(self.desk.says("lixiao", words, chat=group))
        self.model.opened.setdefault(group, self.model.now)

    @precondition(lambda self: self.model.opened)
    @rule(data=st.data())
    def answered(self, data: st.DataObject) -> None:
        group = data.draw(st.sampled_from(sorted(self.model.opened)))
        self.run(self.desk.says("wen", "收到，马上看", chat=group))
        (offer,) = self.run(self.desk.says("wen", "已恢复", chat=group))
        self.run(self.desk.taps("lixiao", offer, "resolved"))
        del self.model.opened[group]

    @rule(group=st.sampled_from(GROUPS), line=st.sampled_from(["好的", "中午吃什么", "怎么样了"]))
    def talk(self, group: str, line: str) -> None:
        self.run(self.desk.says("zhao", line, chat=group))

    @precondition(lambda self: self.model.now < 30)
    @rule(minutes=st.integers(1, 6))
    def later(self, minutes: int) -> None:
        for _ in range(minutes):
            self.model.later(1)
            for message in self.run(self.desk.later(minutes=1)):
                first = message.text.splitlines()[0]
                if first.startswith(("还剩", "超时未响应")):
                    system = first.partition("· ")[2]
                    group = next(g for g, s in zip(GROUPS, SYSTEMS.values(), strict=True) if system.startswith(s))
                    self.told.append((self.model.now, group, message.chat))
        assert sorted(self.told) == sorted(self.model.expected)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()


@asynccontextmanager
async def _desk() -> AsyncIterator[Desk]:
    with tempfile.TemporaryDirectory() as folder:
        async with open_desk(Path(folder) / "state", _empty()) as desk:
            yield desk


@cache
def _empty() -> Path:
    return empty_database(Path(tempfile.mkdtemp(prefix="zhiban-")))


TestLadder = pytest.mark.soak(Ladder.TestCase)
TestLadder.settings = settings(
    max_examples=cases(12, 1_000),
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking whole desks takes minutes, and the steps are few
)
