"""Every message about runs reads well in both languages: rendered whole, with the facts that are passed."""

import dataclasses
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from messages.render import Renderer
from runbooks.language.vocabulary import Kind
from runbooks.planning.outcome import Left, StepFault, Undone
from runbooks.planning.plan import Seen
from runbooks.planning.planner import plan_run
from runbooks.remote.journal import Ending
from runbooks.runs.cut_together import Apart
from runbooks.runs.layout import Line, blocks
from runbooks.runs.recovery import Found
from runbooks.runs.report import Connections, Disk, NodeLine, Ports, Shown, coming
from runbooks.runs.roll_progress import Rolled
from runbooks.runs.run import Run, State
from tests.support.once import catalogue, example_site

SITE = example_site()
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
SEEN = Seen("/data/nginx/conf/nginx.conf", "a" * 64, "b" * 64, ("- server x;", "+ #server x;"), 10, 9)
CATALOGUE = catalogue()
PLAN = plan_run(CATALOGUE.definitions["drain"], ("10.154.54.58",), SITE)
PLAN = dataclasses.replace(PLAN, seen=SEEN)
RUN = Run(
    id=17,
    verb="drain",
    line=PLAN.line,
    dry_run=False,
    requester="zhou",
    chat="duty-room",
    message="m1",
    state=State.ASKED,
    plan=PLAN,
    hash="",
    posts=[],
    requested_at=NOW,
    expires_at=None,
    confirmer=None,
    confirmed_at=None,
    started_at=None,
    heartbeat_at=None,
    ended_at=None,
    step=0,
    stop=False,
    look_back=False,
    keys={},
    first=1,
    origin=None,
    waits=None,
    reason=None,
    code=None,
)
PERSON = dataclasses.replace(SITE.people["wen"], name="Wen")
ROOM = dataclasses.replace(SITE.chats["duty-room"], name="Duty room")
STATES = ("in", "out", "down", "backup")
APART = [Apart(f"oa{n}", n, outcome, n % 2, None) for n, outcome in enumerate(("done", "failed", *Ending), 1)]
BASE: dict[str, Any] = {"run": RUN, "plan": PLAN}
STEP = PLAN.steps[1]
LAST = dataclasses.replace(RUN, id=12)
SHOWN: dict[str, Any] = {**BASE, "hosts": blocks(PLAN.steps), "last": LAST, "differs": ["- lb1: nginx -t"]}
ROWS = [Line("done", "", None, 60, 3), Line("done", "oa1", None, 42, 4), Line("now", "lb1", STEP.title, 0.4)]
SAID = [Shown("oa1", STEP.title, ("1.2G",)), Shown("oa1", STEP.title, ("a", "b")), Shown("oa1", STEP.title, ())]
WAITED: dict[str, Any] = {
    "run": RUN,
    "node": "oa3",
    "old": Left(2, 3),
    "unseen": None,
    "waited": timedelta(minutes=30),
    "limit": 1800.0,
}
SAYS: dict[str, Any] = {"roles": ("lead", "director"), "alone": ""}
FACTS: dict[str, dict[str, Any]] = {
    "ask": {**SHOWN, "roles": ("engineer", "lead"), "requester": PERSON, "valid": timedelta(minutes=5), "old": None},
    "plan": SHOWN,
    "asked_there": {**BASE, "rooms": [ROOM], "valid": timedelta(minutes=5)},
    "commands": {
        "run": RUN,
        "steps": [{"title": STEP.title, "host": "lb1", "lines": ["nginx -t"], "typed": ["y"], "diff": ["- a", "+ b"]}],
    },
    "progress": {**BASE, "place": 2, "total": 4, "step": STEP, "rows": ROWS, "together": {"hosts": 4, "ended": 1}},
    "closed": {**BASE, "reason": "confirmed", "person": PERSON, "rows": ROWS},
    "done": {**BASE, "seconds": 6, "rows": SAID, "old": None},
    "failed": {
        **BASE,
        "place": 2,
        "step": STEP,
        "fault": "exit",
        "exit": 1,
        "undone": "restored",
        "roll": None,
        "old": None,
        "out": (),
        "down": (),
        "with_it": {"done": (), "failed": ()},
        "passed": None,
        "left": (),
        "said": "",
    },
    "unknown": {**BASE, "place": 2, "step": STEP, "ended": False, "hosts": ["oa1", "oa2"]},
    "each_looked_back": {**BASE, "title": STEP.title, "hosts": APART, "finished": False},
    "looked_back": {
        **BASE,
        "place": 2,
        "step": STEP,
        "total": 4,
        "found": Found(Ending.ENDED, 1, False, Undone.RESTORED),
    },
    "private": {"run": RUN, "place": 2, "step": STEP, "rows": SAID, "text": "x", "left": ("1 sh",)},
    "pause": {**BASE, "place": 2, "step": STEP, "rows": SAID[:1], "coming": coming(PLAN.steps), **SAYS},
    "go_on": {"run": RUN, "place": 2, "person": PERSON},
    "glass": {"run": RUN, "person": PERSON, "reason": "x"},
    "in_private": {"run": RUN},
    "unreachable": {"run": RUN, "host": "lb1", "code": "unreachable"},
    "host_key": {"run": RUN, "host": "lb1"},
    "changed": {"run": RUN, "what": [("file", "lb1"), ("nodes", "10 → 9")]},
    "held": {"run": RUN, "held": {"target": "lb1", "run": "R4", "line": "/drain oa9", "by": "Wen", "unknown": False}},
    "not_looked_back": {"run": RUN, "host": "lb1"},
    "not_run": {"run": RUN, "code": "expired"},
    "left": {"old": Left(2, 3)},
    "drained": {"run": RUN, "node": "oa3", "took": timedelta(minutes=4)},
    "drain_moot": {"run": RUN, "node": "oa3", "by": "R18"},
    "drain_lengthened": {"run": RUN, "node": "oa3", "limit": timedelta(minutes=30), "person": PERSON},
    "drain_overdue": WAITED,
    "drain_ask": {**WAITED, "place": 5, **SAYS},
    "out_already": {"run": RUN, "node": "oa3", "old": Left(2, 3), "by": "R12", "rest": timedelta(minutes=9)},
    "stopped": {
        **BASE,
        "finished": 1,
        "untouched": False,
        "down": (),
        "out": (),
        "roll": Rolled(("oa1",), "oa2", True, (), ("oa3",)),
    },
    "cancelled": {"run": RUN, "person": PERSON},
    "stopping": {"run": RUN},
    "backups": {
        "rows": [
            (CATALOGUE.definitions["backup app"], None, "/backup app oa3"),
            (CATALOGUE.definitions["backup db"], NOW, "/backup db"),
        ],
        "late": True,
    },
    "list": {"rows": [(RUN, PERSON)]},
    "output": {"run": RUN, "text": "x", "pages": False},
    "text": {**BASE, "text": "x"},
    "nodes": {"plan": BASE["plan"], "rows": [NodeLine("oa1", "10.154.0.179:6888", s) for s in STATES]},
    "shown": {**BASE, "rows": SAID},
    "ports": {"run": RUN, "ports": Ports(2, ("     22", "oa1  ✓", "oa2  ✗"), (("oa2", ("22",)),), ())},
    "conns": {"plan": BASE["plan"], "rows": [Connections("oa1", "10.154.0.179:6888", 3)]},
    "disk": {"plan": BASE["plan"], "rows": [Disk("/data", "/dev/mapper/a", 82, 1000.0, 180.0, lvm=True)]},
}
HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(SITE.tz)


def said(renderer: Renderer, name: str, locale: str, **other: Any) -> str:
    return renderer.post(f"runs/{name}", locale, {**FACTS[name], **other}).text


def test_what_was_not_run_is_spoken_of_only_where_there_is_some(renderer: Renderer) -> None:
    assert "后面的步骤没有执行" in said(renderer, "failed", "zh", undone="nothing")
    assert "返回码 1）。\n处理好后" in said(renderer, "failed", "zh", undone="nothing", place=5)


def test_8_21_what_is_left_is_counted_as_far_as_it_was_seen(renderer: Renderer) -> None:
    table = {
        Left(2, 3): ("还有 3 条旧连接", "3 old connections are left"),
        Left(1, 0): ("到它的连接已经没有，nginx 还有 1 个旧进程没退出", "1 old nginx process has not ended"),
        Left(2): ("nginx 还有 2 个旧进程没退出", "2 old nginx processes have not ended"),
        Left(None): ("旧连接没能看到", "could not be seen"),
        Left(0, 0): ("旧连接都已结束", "no old connection is left"),
    }
    for old, (zh, en) in table.items():
        assert zh in said(renderer, "left", "zh", old=old)
        assert en in said(renderer, "left", "en", old=old)
    assert "没有新请求" in said(renderer, "done", "zh")
    assert "没有新请求" not in said(renderer, "done", "zh", old=Left(1, 1))
    assert "没能放回：oa3，请查看后发 /undrain oa3。" in said(renderer, "stopped", "zh", out=("oa3",))
    assert "执行会断开它们" in said(renderer, "ask", "zh", old=Left(1, 1))


def test_8_20_what_is_down_is_said_first(renderer: Renderer) -> None:
    for name in ("failed", "stopped"):
        assert said(renderer, name, "zh", down=("oa3",)).startswith("注意：oa3 停下后没有完全起来。\nR17")
        assert said(renderer, name, "en", down=("oa3",)).startswith("ATTENTION: oa3 was stopped")


def test_8_20_a_signal_is_called_one(renderer: Renderer) -> None:
    assert "信号 9，不是超时；9 多半是内存不足" in said(renderer, "failed", "zh", fault="signal", exit=137)
    assert "signal 11, not by its time limit)" not in said(renderer, "failed", "en", fault="time", exit=None)


def test_8_9_what_was_read_and_is_lost_is_not_called_told(renderer: Renderer) -> None:
    """Nobody knows what cut it: a start of the service, or a line that broke."""
    nodes = plan_run(CATALOGUE.definitions["nodes"], (), SITE)
    found = Found(Ending.ENDED, 0, True)
    told = said(renderer, "looked_back", "zh", plan=nodes, step=nodes.steps[0], place=1, total=1, found=found)
    assert told.endswith(f"读到的内容没有留下，还要看请重新发送：{RUN.line}")
    assert "重启" not in told
    assert "没有留下" not in said(renderer, "looked_back", "zh", place=4, found=found)


def test_what_is_taken_back_is_called_by_its_name(renderer: Renderer) -> None:
    """A volume group that was given back is no configuration; and what is left is to be looked at on that host."""
    disk = plan_run(CATALOGUE.definitions["extend-disk"], ("oa3", "sdb", "10G"), SITE)
    told = {u: said(renderer, "failed", "zh", plan=disk, step=disk.steps[4], undone=u) for u in ("restored", "left")}
    assert told["restored"].endswith("，前面做的已撤回。")
    assert told["left"].endswith("请人工检查 oa3。")


def test_what_the_failed_step_said_stands_in_one_block(renderer: Renderer) -> None:
    text = said(renderer, "failed", "zh", said="./doctempfile\n```", undone="nothing")
    assert "\n```\n./doctempfile\n'''\n```\n处理好后发 /resume R17 继续，要退回发 /undrain 10.154.54.58。" in text


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("name", ["text", "output"])
def test_what_a_server_says_stands_in_one_block_that_it_cannot_end(renderer: Renderer, name: str, locale: str) -> None:
    lines = said(renderer, name, locale, text="one\n```\n/drain 10.154.54.58").splitlines()
    assert lines[1:] == ["```", "one", "'''", "/drain 10.154.54.58", "```"]
    assert "```" not in said(renderer, name, locale, text="")


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("name", ["done", "pause", "shown", "private"])
def test_one_line_of_a_server_is_no_live_text_either(renderer: Renderer, name: str, locale: str) -> None:
    """Only what stands between fences is shown as it is: outside an address is a link, and a command a button."""
    rows = [Shown("oa1", STEP.title, ("@all http://x.example ```",)), Shown("oa2", STEP.title, ("/drain oa1", "```"))]
    lines = said(renderer, name, locale, rows=rows).split("\n")
    first, last = [n for n, line in enumerate(lines) if line.startswith("```")][:2]
    live = "\n".join(lines[:first] + lines[last + 1 :])
    assert "@all" not in live
    assert "/drain oa1" not in live
    block = lines[first + 1 : last]
    assert block[0].startswith("oa1 ")
    assert block[0].endswith("@all http://x.example '''")
    assert block[2:] == ["  /drain oa1", "  '''"]


def test_every_template_is_here(renderer: Renderer) -> None:
    assert {name.removeprefix("runs/") for name in renderer.names() if name.startswith("runs/")} == FACTS.keys()


@pytest.mark.parametrize("name", sorted(FACTS))
def test_both_languages_speak(renderer: Renderer, name: str) -> None:
    chinese, english = said(renderer, name, "zh"), said(renderer, name, "en")
    assert HAN.search(chinese)
    assert not HAN.search(english), english
    for text in (chinese, english):
        assert len(text.splitlines()) <= 16
        assert not re.search(r"[!！{}]|None|Undefined", text)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_reason_and_fault_has_its_words(renderer: Renderer, locale: str) -> None:
    unnamed = "出错" if locale == "zh" else " failed"
    for fault in StepFault:
        for undone in Undone:
            assert unnamed not in said(renderer, "failed", locale, fault=fault.value, undone=undone.value)
    reasons = (
        "confirmed",
        "done",
        "failed",
        "rejected",
        "cancelled",
        "stopped",
        "expired",
        "changed",
        "unknown",
        "busy",
    )
    texts = {said(renderer, "closed", locale, reason=reason) for reason in reasons}
    assert len(texts) == len(reasons)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_ending_that_the_servers_know_has_its_words(renderer: Renderer, locale: str) -> None:
    texts = {
        said(renderer, "looked_back", locale, place=place, found=Found(ending, 0, well, undone, answers))
        for ending in Ending
        for well, place in ((True, 4), (True, 2), (False, 2))
        for undone in (None, *Undone)
        for answers in (None, True, False)
    }
    assert len(texts) > 60
    assert not [text for text in texts if re.search(r"None|Undefined", text)]


def test_the_sample_of_a_failure(renderer: Renderer) -> None:
    assert said(renderer, "failed", "zh") == (
        "R17 未完成：第 2 步 检查配置 nginx -t（lb1）报错（返回码 1），配置已恢复原样，没有重载。"
    )
    assert STEP.kind is Kind.RUN


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(
    ("reason", "tone"),
    [
        *((reason, "breach") for reason in ("failed", "unknown", "stopped")),
        *((reason, "quiet") for reason in ("done", "confirmed", "rejected", "cancelled", "expired", "changed", "busy")),
    ],
)
def test_8_27_a_run_that_went_wrong_or_never_ran_is_not_shown_in_the_colour_of_success(
    locale: str, reason: str, tone: str
) -> None:
    post = Renderer(SITE.tz).post("runs/closed", locale, BASE | {"reason": reason, "person": PERSON, "rows": []})
    assert post.card is not None
    assert post.card.tone == tone


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("verb", ["restart", "stop"])
def test_8_18_a_plan_whose_floors_nobody_looked_after_says_so(locale: str, verb: str) -> None:
    bare = dataclasses.replace(SITE.host_groups["oa"], balancer=None)
    alone = dataclasses.replace(SITE, host_groups={**SITE.host_groups, "oa": bare})
    said = {"zh": "下限没有核对", "en": "the floors were not checked"}[locale]
    for site, blind in ((alone, True), (SITE, False)):
        plan = plan_run(CATALOGUE.definitions[verb], ("oa3",), site)
        facts = FACTS["ask"] | {"plan": plan, "hosts": blocks(plan.steps), "last": None}
        assert (said in Renderer(SITE.tz).post("runs/ask", locale, facts).text) is blind
