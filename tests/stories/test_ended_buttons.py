"""The buttons of every question that has ended are gone, however it ended: read in a platform's own record of its messages."""

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.adapters.local import incoming
from bot.core.content import Op, Post
from bot.core.ports import Capabilities, Outgoing
from handlers.faults.model import State
from tests.support.desk import WORKDAY, Desk, open_desk
from tests.support.kit import Obedient
from tests.support.paths import ROOT

ONE, TWO = "GD-20261014-001", "GD-20261014-002"
NO_CHANGES = Capabilities(updates=False)
"""As of a WeCom robot on its long connection: buttons, and no way to take them off."""


@dataclass
class Record(Obedient):
    """A platform that keeps every message as its readers see it: (chat, post) by its id."""

    messages: dict[str, tuple[str, Post]] = field(default_factory=dict)

    async def send(self, out: Outgoing) -> str:
        sent = await super().send(out)
        message = out.message if out.op is Op.UPDATE and out.message else sent
        self.messages[message] = (out.chat, out.post)
        return message

    def asking(self, verbs: frozenset[str], chat: str = "") -> dict[str, list[str]]:
        """The messages (of ``chat``) with buttons of these verbs that somebody could press now: their actions by id."""
        found = {
            message: [button.action for button in post.buttons if button.action.partition(":")[0] in verbs]
            for message, (where, post) in self.messages.items()
            if chat in {"", where}
        }
        return {message: actions for message, actions in found.items() if actions}


@dataclass
class Play:
    """People at a desk that speaks by the platform of the test."""

    desk: Desk
    record: Record

    async def says(self, who: str, words: str, chat: str = "shifuban") -> None:
        await self.desk.says(who, words, chat=chat)

    async def later(self, minutes: float) -> None:
        await self.desk.later(minutes=minutes)

    async def taps(self, who: str, verb: str, chat: str) -> list[str]:
        """Somebody presses the newest button of that verb, or that very action, in a chat; gives what was said anew there."""
        found = [
            (message, button.action)
            for message, (where, post) in self.record.messages.items()
            for button in post.buttons
            if where == chat and verb in {button.action, button.action.partition(":")[0]}
        ]
        assert found, f"no {verb} in {chat}"
        return await self.presses(who, *found[-1], chat)

    async def presses(self, who: str, message: str, action: str, chat: str) -> list[str]:
        """The same of a message as somebody may still have it before him."""
        before = len(self.record.got)
        body = {"user": who, "message": message, "action": action}
        await self.desk.app.inbox.accept(incoming.tap(self.desk.clock, self.desk.site, body, chat, (action,)))
        await self.desk.settle()
        said = self.record.got[before:]
        return [out.post.text for out in said if out.op is Op.POST and out.chat == chat]


Act = Callable[[Play], Awaitable[object]]


def says(who: str, words: str, chat: str = "shifuban") -> Act:
    return lambda play: play.says(who, words, chat)


def taps(who: str, verb: str, chat: str) -> Act:
    return lambda play: play.taps(who, verb, chat)


def later(minutes: float) -> Act:
    return lambda play: play.later(minutes)


@dataclass(frozen=True)
class Question:
    """``asked`` by these acts with ``template``; its buttons are those of ``verbs`` (in ``chat``); it ends in these ``ways``."""

    template: str
    asked: tuple[Act, ...]
    verbs: frozenset[str]
    ways: dict[str, Act]
    chat: str = ""
    start: datetime = WORKDAY


REPORT, SECOND = says("lixiao", "OA打不开了"), says("zhao", "OA一打开就提示系统繁忙，急着发文")
TAKEN, DONE = says("wen", "收到"), says("wen", "已恢复")
ANSWERED = {
    "tap": taps("wen", "claim", "dm-wen"),
    "typed": says("wen", f"/claim {ONE}", "duty-room"),
    "words": TAKEN,
    "somebody else": says("zhou", "收到，马上看"),
    "taken back": says("lixiao", "撤回"),
    "no fault": says("hemu", f"/notfault {ONE}", "duty-room"),
}
CLOSED = {
    "tap": taps("wen", "resolve", "dm-wen"),
    "typed": says("wen", f"/resolve {ONE}", "duty-room"),
    "somebody else": says("zhou", f"/resolve {ONE}", "duty-room"),
    "no fault": says("hemu", f"/notfault {ONE}", "duty-room"),
    "taken back": says("lixiao", "撤回"),
}
CHOSEN = {
    "tap": taps("hemu", f"reroute:{ONE}:business", "dm-hemu"),
    "another tap": taps("hemu", f"assign:{ONE}:zhou", "dm-hemu"),
    "typed way": says("hemu", f"/route {ONE} business", "duty-room"),
    "typed name": says("hemu", f"/assign {ONE} 乔望", "duty-room"),
    "somebody else": says("fang", f"/route {ONE} urgent", "duty-room"),
    "ticket over": says("lixiao", "撤回"),
}
OVER = {
    "yes": taps("lixiao", "resolved", "shifuban"),
    "no": taps("lixiao", "still", "shifuban"),
    "typed yes": says("lixiao", f"/resolve {ONE}"),
    "typed no": says("lixiao", f"/reopen {ONE}"),
    "yes in words": says("lixiao", "好了"),
    "no in words": says("lixiao", "还是不行"),
    "somebody else": says("hemu", f"/resolve {ONE}", "duty-room"),
    "no fault": says("hemu", f"/notfault {ONE}", "duty-room"),
    "time": later(61),
}
REOPENED = {
    "tap": taps("lixiao", "still", "shifuban"),
    "typed": says("lixiao", f"/reopen {ONE}"),
    "words": says("lixiao", "又不行了"),
    "yes in words": says("lixiao", "好了，谢谢"),
}
CLAIMS, ENDS = frozenset({"claim", "isfault"}), frozenset({"resolve", "route", "notfault"})
ASKS, AGAIN, WAYS = frozenset({"resolved", "still"}), frozenset({"still"}), frozenset({"assign", "reroute"})
TOGETHER = (
    REPORT,
    *(says(who, "OA打不开了", chat) for who, chat in (("sun", "minzheng"), ("wu", "guozi"))),
    *(says("lixiao", "OA打不开了", chat) for chat in ("fangkong", "gongxin", "tongji", "weijian", "jiaoyu")),
    later(1.5),
)
ALL = {"typed": says("wen", "/claim 1 2 3 4 5 6 7 8", "duty-room")}
QUESTIONS = [
    Question("faults/page", (REPORT,), CLAIMS, ANSWERED),
    Question("faults/page", (REPORT, TAKEN), ENDS, CLOSED, "dm-wen"),
    Question("faults/page", (says("sun", "@值班 那个电子章的事", "minzheng"),), frozenset({"isfault"}), {
        "tap": taps("wen", "isfault", "dm-wen"),
        "typed": says("wen", f"/isfault {ONE}", "duty-room"),
        "somebody else": says("hemu", f"/isfault {ONE}", "duty-room"),
        "no fault": taps("wen", "notfault", "dm-wen"),
        "answer": taps("wen", "claim", "dm-wen"),
    }),
    Question("faults/rung", (REPORT, later(11)), CLAIMS, ANSWERED),
    Question("faults/rung", (REPORT, says("sun", "OA打不开了", "minzheng"), later(11)), CLAIMS, {
        "tap": taps("hemu", f"claim:{ONE},002", "dm-hemu"),
        "typed": says("wen", f"/claim {ONE},002", "duty-room"),
    }),
    Question(
        "faults/reminded",
        (REPORT, says("sun", "OA打不开了", "minzheng"), later(11), says("wen", "收到", "minzheng")),
        CLAIMS,
        ANSWERED,
    ),
    Question("faults/handed", (says("lixiao", "全市的OA都打不开，紧急"),), CLAIMS, ANSWERED, "dm-hemu"),
    Question("faults/more", TOGETHER, CLAIMS, ALL),
    Question("faults/added", (REPORT, SECOND), CLAIMS, {key: way for key, way in ANSWERED.items() if key != "taken back"}),
    Question("faults/urged", (REPORT, later(11), says("lixiao", "有人看吗")), CLAIMS, ANSWERED),
    Question("faults/works", (REPORT, TAKEN, DONE), ASKS, OVER),
    Question("faults/works", (REPORT, says("lixiao", "好像好了"), TAKEN, DONE), ASKS, OVER),
    Question("faults/resolved", (REPORT, TAKEN, says("wen", f"/resolve {ONE}", "dm-wen")), AGAIN, REOPENED),
    Question("faults/unconfirmed", (REPORT, TAKEN, DONE, later(61)), AGAIN, REOPENED),
    Question("faults/still", (REPORT, TAKEN, DONE, says("lixiao", "还是不行")), ENDS, CLOSED, "dm-wen"),
    Question("faults/forgotten", (REPORT, TAKEN, later(300)), ENDS, CLOSED),
    Question("faults/chase", (says("lixiao", "WPS打不开"), TAKEN, later(31)), ENDS, CLOSED),
    Question("faults/ways", (REPORT, later(11), taps("hemu", "route", "dm-hemu")), WAYS, CHOSEN),
    Question("faults/mine", (REPORT, says("wen", "/mine", "dm-wen")), CLAIMS, ANSWERED),
    Question("faults/mine", (REPORT, TAKEN, says("wen", "/mine", "dm-wen")), ENDS, CLOSED, "dm-wen"),
    Question("faults/status", (REPORT, says("zhao", "WPS打不开"), says("hemu", "/status", "duty-room")), CLAIMS, {
        "both at once": says("wen", "/claim 1 2", "duty-room"),
        "both in words": TAKEN,
    }, "duty-room"),
    Question("faults/mine", (REPORT, says("lixiao", "/mine", "dm-lixiao")), ASKS, {
        "tap": taps("lixiao", "resolved", "dm-lixiao"),
        "typed": says("lixiao", f"/resolve {ONE}"),
        "taken back": says("lixiao", "撤回"),
    }, "dm-lixiao"),
    Question("faults/status", (REPORT, says("hemu", "/status", "duty-room")), CLAIMS, ANSWERED | {
        "tap": taps("hemu", "claim", "duty-room"),
    }),
    Question("duty/by_hand", (later(30),), frozenset({"sent"}), {
        "tap": taps("wen", "sent", "dm-wen"),
        "typed": says("hemu", "/sent shiweiban", "duty-room"),
        "the next day": later(24 * 60),
    }, start=datetime.fromisoformat("2026-10-14T08:00:00+08:00")),
]  # fmt: skip
NO_QUESTIONS = {"duty/now", "help/menu"}  # buttons that look something up, on any day


@asynccontextmanager
async def playing(state: Path, empty: Path | None, question: Question, record: Record) -> AsyncIterator[Play]:
    async with open_desk(state, empty, start=question.start) as desk:
        desk.app.sender._adapters = {"local": record}  # the one seam of a sender under test
        desk.app.runtime.capabilities = lambda _platform, _chat: record.can
        yield Play(desk, record)


CASES = [
    pytest.param(question, way, id=f"{question.template}-{number}-{way}")
    for number, question in enumerate(QUESTIONS)
    for way in question.ways
]


@pytest.mark.parametrize(("question", "way"), CASES)
async def test_8_27_the_buttons_of_an_ended_question_are_gone(
    tmp_path: Path, empty_db: Path, question: Question, way: str
) -> None:
    record = Record()
    async with playing(tmp_path / "state", empty_db, question, record) as play:
        for act in question.asked:
            await act(play)
        asked = record.asking(question.verbs, question.chat)
        assert asked
        await question.ways[way](play)
        left = record.asking(question.verbs, question.chat)
        assert {message: left[message] for message in asked if message in left} == {}


FIRST = [pytest.param(question, id=f"{question.template}-{number}") for number, question in enumerate(QUESTIONS)]


@pytest.mark.parametrize("question", FIRST)
async def test_8_27_they_go_when_the_question_ends_after_a_restart(
    tmp_path: Path, empty_db: Path, question: Question
) -> None:
    record = Record()
    async with playing(tmp_path / "state", empty_db, question, record) as play:
        for act in question.asked:
            await act(play)
        at = play.desk.clock.now()
    asked = record.asking(question.verbs, question.chat)
    again = dataclasses.replace(question, start=at)
    async with playing(tmp_path / "state", None, again, record) as play:
        await play.desk.settle()
        assert record.asking(question.verbs, question.chat) == asked, "a restart ends no question"
        await list(question.ways.values())[-1](play)
        left = record.asking(question.verbs, question.chat)
        assert {message: left[message] for message in asked if message in left} == {}


@pytest.mark.parametrize("question", FIRST)
async def test_8_27_where_they_cannot_go_a_late_tap_gets_one_line_and_changes_nothing(
    tmp_path: Path, empty_db: Path, question: Question
) -> None:
    record = Record(can=NO_CHANGES)
    async with playing(tmp_path / "state", empty_db, question, record) as play:
        for act in question.asked:
            await act(play)
        asked = record.asking(question.verbs, question.chat)
        await play.says("lixiao", "好了，谢谢" if question.verbs == AGAIN else "撤回")
        for number, state, *_ in await tickets(play.desk):
            if State(str(state)).open:
                await play.says("hemu", f"/notfault {number}", "duty-room")
        for message, actions in asked.items():
            chat = record.messages[message][0]
            who = chat.removeprefix("dm-") if chat.startswith("dm-") else "hemu"
            before, heard = await tickets(play.desk), len(record.got)
            await play.presses(who, message, actions[0], chat)
            got = [out for out in record.got[heard:] if out.op is Op.POST and out.chat in {chat, f"dm-{who}"}]
            said = [out.post.text for out in got]
            assert await tickets(play.desk) == before
            assert [line.count("\n") for line in said] == [0]


async def tickets(desk: Desk) -> list[tuple[object, ...]]:
    """Every ticket and what is on its record, as the database has them."""
    sql = (
        "SELECT number, state, owner, closed_by, (SELECT count(*) FROM ticket_event WHERE ticket = number) FROM ticket"
    )
    return await desk.app.store.read(lambda session: [tuple(row) for row in session.connection().execute(text(sql))])


def test_8_27_every_message_with_buttons_is_one_of_these() -> None:
    found = {
        str(path.relative_to(ROOT / "messages" / "zh").with_suffix(""))
        for path in (ROOT / "messages" / "zh").glob("**/*.j2")
        if "{{ button(" in path.read_text()
    }
    of_runs = {name for name in found if name.startswith("runs/")}
    assert found - of_runs - NO_QUESTIONS == {question.template for question in QUESTIONS}
