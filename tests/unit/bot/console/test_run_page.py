"""A run's page: everything that is on record, for who may see it, and nothing at all for anybody else."""

import dataclasses
import gzip
import html
import json
import re
import shutil
import tomllib
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.console.html import environment
from bot.settings import ServerSettings
from bot.work.links import LIFE, Links, Offer, Pass
from bot.work.pages import KeptFile
from handlers.runs.pages import RUN
from runbooks.planning.outcome import StepFault
from runbooks.remote.settings import SshSettings
from runbooks.runs import store
from runbooks.runs.run import State
from tests.support.desk import Desk, make_settings, open_desk
from tests.support.estate import Estate
from tests.support.paths import EXAMPLE, ROOT
from tests.support.runner import runner
from tests.unit.bot.console.conftest import BASE, Answer, Pages, path_in, serving

ROOM = "duty-room"


class _Words(HTMLParser):
    """The text of a page as a reader has it, and the tags that are in it."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def read(answer: Answer) -> _Words:
    assert answer.status == 200, answer.text
    found = _Words()
    found.feed(answer.text)
    return found


def words(answer: Answer) -> str:
    return re.sub(r"\s+", " ", "".join(read(answer).parts))


async def asked(pages: Pages, line: str = "/start oa3") -> None:
    """R1, asked by zhou in his direct chat; nobody looks at servers for it."""
    await pages.desk.says("zhou", line, chat="dm-zhou")
    assert await pages.sql("SELECT state FROM run") == [("asked",)]


async def test_a_question_is_shown_with_who_where_and_every_command(pages: Pages) -> None:
    await asked(pages)
    answer = await pages.get(await pages.link())
    said = words(answer)
    for part in (
        "R1 启动应用 oa3",
        "等待确认，还没有执行",
        "要由另一人（工程师、负责人、总监）在询问的群里确认；取消发 /cancel R1",
        "/start oa3",
        "周予安 · 私聊 · 2026-10-14 10:00:00",
        "另一人确认 · 工程师、负责人、总监",
        "私聊 · 值班室",
        "/data/WEAVER/ApusicAS/bin/asadmin start-domain",
        "http://10.154.0.164:6888/",
        "未开始",
    ):
        assert part in said, said
    assert ("meta", {"http-equiv": "refresh", "content": "5"}) in read(answer).tags


async def test_8_16_what_to_do_next_is_told_by_what_the_reader_may(pages: Pages) -> None:
    """zhou asked and may not say yes himself; wen may; a yes to a waiting step is of the same kind."""
    await asked(pages)
    assert "在询问的群里发 /confirm R1 确认" in words(await pages.get(await pages.link("wen")))
    link, hers, his = await pages.link(), await pages.link("wen"), await pages.link("shen")
    await pages.put("UPDATE run SET state = 'running', waits = 1")
    assert "要由另一人（工程师、负责人、总监）在询问的群里确认继续；停下发 /cancel R1" in words(await pages.get(link))
    assert "在询问的群里发 /resume R1 继续，或 /cancel R1 停下" in words(await pages.get(hers))
    await pages.put("UPDATE run SET reason = '联系不上', confirmer = 'zhou', confirmed_at = requested_at")
    assert "要由 周予安 （紧急执行的人）在询问的群里确认继续" in words(await pages.get(hers))
    assert "在询问的群里发 /resume R1 继续" in words(await pages.get(link))
    await pages.put("UPDATE run SET state = 'failed', code = 'exit', waits = NULL")
    assert "处理好后请工程师、负责人发 /resume R1 继续" in words(await pages.get(his))
    assert "处理好后发 /resume R1 继续" in words(await pages.get(link))


async def test_the_audit_lines_are_those_of_the_log(pages: Pages) -> None:
    await asked(pages)
    await pages.desk.says("wen", "/output R1", chat=ROOM)
    await pages.desk.says("zhou", "/confirm R1", chat="dm-zhou")
    said = words(await pages.get(await pages.link()))
    rows = await pages.sql("SELECT action, code, detail FROM audit WHERE target = 'R1' ORDER BY seq")
    assert [row[0] for row in rows][:2] == ["run.request", "run.ask"]
    record = said[said.index("审计记录") : said.index("截至")]
    assert record.count("10-14 10:00:00") == len(rows)
    assert json.loads(rows[1][2])["hash"] in record


async def test_a_page_stands_in_one_language(pages: Pages) -> None:
    await asked(pages)
    site = pages.desk.site
    people = {**site.people, "zhou": dataclasses.replace(site.people["zhou"], locale="en", name="Zhou")}
    english = dataclasses.replace(site, people=people)
    pages.desk.app.runtime.site = lambda: english
    link = await pages.link()
    said = words(await pages.get(link)).replace("值班室", "")
    assert "Waits for a yes; nothing ran yet" in said
    assert not re.search(r"[\u4e00-\u9fff]", said), said


@pytest.mark.parametrize(
    ("state", "code", "step", "zh", "next_"),
    [
        ("running", None, "running", "执行中：第 1/2 步", "要停下发 /cancel R1"),
        ("done", None, "done", "完成，共 2 步", "/undo R1"),
        ("failed", "not_up", "not_up", "第 1 步（启动，oa3）：没有响应", "处理好后发 /resume R1 继续（需重新确认）。"),
        ("unknown", "cut", "cut", "主机上只有开始、没有结束的记录", "/resume R1 步骤号"),
        ("unknown", "ended", "done", "第 1 步（启动，oa3）之后中断，主机记录显示这一步已结束", "/cancel R1（结束）"),
        ("cancelled", "stopped", "done", "执行中取消，做完 1/2 步", "/resume R1"),
        ("expired", "expired", None, "已过期，没有执行", "重新发送：/start oa3"),
        ("refused", "unreachable", None, "没有执行：连不上主机", "重新发送：/start oa3"),
    ],
)
async def test_every_end_says_where_it_stands_and_what_to_do(
    pages: Pages, state: str, code: str | None, step: str | None, zh: str, next_: str
) -> None:
    await asked(pages)
    link = await pages.link()
    await pages.put(
        "UPDATE run SET state = :state, code = :code, plan = json_set(plan, '$.undo', '/stop oa3')",
        state=state,
        code=code,
    )
    if step:
        await put_step(pages, state=step, exit=3, output="said so")
    answer = await pages.get(link)
    said = words(answer)
    assert zh in said, said
    assert next_ in said, said
    refreshed = any(tag == "meta" and attributes.get("http-equiv") for tag, attributes in read(answer).tags)
    assert refreshed == (state == "running")
    if step:
        assert "返回码 3" in said
        assert "said so" in said


async def test_8_27_sizes_and_codes_are_as_people_say_them(pages: Pages) -> None:
    await asked(pages)
    link = await pages.link()
    await put_step(pages, state="exit", exit=127, output="said so")
    await pages.put("UPDATE run SET state = 'failed', code = 'exit'")
    told = json.dumps({"line": "/start oa3", "step": 1, "undone": "restored"})
    await pages.put(
        "UPDATE audit SET action = 'run.end', outcome = 'failed', code = 'not_up', detail = :told"
        " WHERE seq = (SELECT max(seq) FROM audit WHERE target = 'R1')",
        told=told,
    )
    runs = pages.desk.app.settings.state_dir / "runs"
    runs.mkdir()
    for name, size in {"R1-a.log": 812, "R1-b.log": 1024 * 1024 - 1, "R1-c.log": 3 * 1024**2 // 2}.items():
        (runs / name).write_bytes(b"x" * size)
    said = words(await pages.get(link))
    assert "返回码 127（没有这个命令）" in said
    assert "结束 · 系统 · 未完成 · 没有响应 第 1 步 · 已还原" in said
    assert [part in said for part in ("812 字节", "1.0 MB", "1.5 MB")] == [True] * 3, said
    assert "not_up" not in said


REFUSED_TAPS = (
    "confirm",
    "reject",
    "continue",
    "cancel",
    "wait",
    "resume",
    "undo",
    "commands",
    "output",
    "no-such-button",
)
Row = tuple[str, str, str | None, dict[str, Any]]
ON_RECORD: dict[str, tuple[str, dict[str, Any]]] = {
    "run.wait": ("ok", {"step": 5, "until": "drained"}),
    "run.cancel": ("ok", {"state": "approved"}),
    "run.drained": ("late", {"left": {"workers": 2, "connections": 7}, "unseen": "no_curl"}),
    "run.look_back": ("not_begun", {"step": 1}),
    "run.wait_longer": ("ok", {"step": 5}),
    "run.end": ("done", {"said": {"oa3 Version": ["KB 2.3", "fine"]}}),
}
RAW = re.compile(r"(?!hosts.yaml)\b[a-z]+[._][a-z]|[{}\[\]]|\b(?:ok|late|done|drained|approved|refused|wait|undo)\b")


def refusal_codes() -> set[str]:
    """Every refusal that there is, as the messages have them."""
    return set(tomllib.loads((ROOT / "messages" / "zh" / "refusals.toml").read_text("utf-8")))


async def record_of(pages: Pages, rows: list[Row]) -> list[str]:
    """How the page writes audit lines of R1 that say this: action, outcome, code, detail."""
    await asked(pages)
    link = await pages.link()
    first = (await pages.sql("SELECT max(seq) FROM audit"))[0][0] + 1
    for seq, (action, outcome, code, detail) in enumerate(rows, first):
        await pages.put(
            "INSERT INTO audit (seq, at, actor, action, target, outcome, code, detail, prev, hash) VALUES"
            " (:seq, '2026-10-14 02:00:00.000000', 'zhou', :action, 'R1', :outcome, :code, :detail, '', :seq)",
            seq=seq,
            action=action,
            outcome=outcome,
            code=code,
            detail=json.dumps(detail),
        )
    said = words(await pages.get(link))
    lines = said[said.index("审计记录") : said.index("截至")].split("10-14 10:00:00 ")
    return [line.strip() for line in lines[-len(rows) :]]


async def test_8_27_the_record_says_in_words_why_somebody_was_refused(pages: Pages) -> None:
    rows: list[Row] = [("confirm", "refused", code, {}) for code in sorted(refusal_codes())]
    told = dict(zip(sorted(refusal_codes()), await record_of(pages, rows), strict=True))
    assert told["self_confirm"] == "确认 · 周予安 · 拒绝 · 需要另一人确认，不能自己确认"
    assert [line for line in told.values() if RAW.search(line)] == []
    policy = set(
        re.findall(r"(?:Refused|Again|UserError)\(\s*\"(\w+)\"", (ROOT / "runbooks/runs/policy.py").read_text("utf-8"))
    )
    assert {code for code in policy if told[code] == "确认 · 周予安 · 拒绝"} == set()


async def test_8_27_the_record_shows_no_code_of_ours_for_what_was_done(pages: Pages) -> None:
    rows: list[Row] = [(tap, "refused", "run_over", {}) for tap in REFUSED_TAPS]
    rows += [(action, outcome, None, detail) for action, (outcome, detail) in ON_RECORD.items()]
    rows += [("run.end", "cancelled", "stopped", {"step": 2})]
    told = await record_of(pages, rows)
    assert [line for line in told if RAW.search(line)] == []
    assert told[len(REFUSED_TAPS) :] == [
        "等旧连接结束 · 周予安 第 5 步",
        "取消 · 周予安 当时已确认",
        "旧连接结束 · 周予安 · 超过最长等待 还有 2 个旧进程 · 还有 7 个旧连接 · 没能查看：负载均衡上没有 curl，不能检查节点",
        "查主机记录 · 周予安 · 这一步没有改动 第 1 步",
        "再等旧连接 · 周予安 第 5 步",
        "结束 · 周予安 · 完成 输出 oa3 Version: KB 2.3; fine",
        "结束 · 周予安 · 取消 · 中途取消 做完 2 步",
    ]


@pytest.mark.parametrize(
    ("fault", "output", "zh"),
    [
        ("floor", "floor oa5 (timeout) oa7 (down)", "在线节点已到下限：oa5 （超时） oa7 （没有响应）"),
        ("exit", "cannot_read cat /data/nginx.conf", "主机上读不到需要的内容：cat /data/nginx.conf"),
    ],
)
async def test_8_27_a_look_within_a_step_says_in_words_what_it_found(
    pages: Pages, fault: str, output: str, zh: str
) -> None:
    await asked(pages)
    link = await pages.link()
    await put_step(pages, state=fault, exit=None, output=output)
    said = words(await pages.get(link))
    assert zh in said, said
    await pages.put("UPDATE run_step SET exit = 1")  # then it is what the host said, word by word
    assert output in words(await pages.get(link))


async def test_8_27_a_step_that_asks_somebody_is_shown_as_one_and_a_cancel_of_it_as_a_cancel(pages: Pages) -> None:
    """It checks nothing, and of a run that was cancelled nobody failed to confirm it; the steps done are counted alike."""
    await asked(pages)
    link = await pages.link()
    await pages.put("UPDATE run SET plan = json_set(plan, '$.steps[0].kind', 'ask', '$.steps[0].commands', json('[]'))")
    await pages.put("UPDATE run_step SET commands = '[]'")
    assert "等人确认，不执行命令" in words(await pages.get(link))
    await put_step(pages, commands="[]", state="not_confirmed", exit=None)
    await pages.put("UPDATE run SET state = 'failed', code = 'not_confirmed'")
    assert "没有人确认" in words(await pages.get(link))
    await pages.put("UPDATE run SET state = 'cancelled', code = 'stopped'")
    said = words(await pages.get(link))
    assert "没有人确认" not in said
    assert "执行中取消，做完 0/2 步" in said
    assert "取消了，没有执行" in said


WRITES = """UPDATE run SET plan = json_set(plan, '$.steps[0].stdin', 'bakecology-20261129.tar.gz' || char(10),
 '$.steps[1].edit', json('{"change": "set", "path": "/etc/app.conf", "what": ["pool", "50"],
 "diff": ["- pool=20", "+ pool=50"]}'))"""


async def test_8_27_the_complete_commands_show_what_a_step_writes(pages: Pages) -> None:
    """Into a file by an edit, and to a command that reads it: both are part of what somebody says yes to."""
    await asked(pages)
    await pages.put(WRITES)
    (shown,) = await pages.desk.says("zhou", "/commands R1", chat="dm-zhou")
    lines = shown.text.split("\n")
    assert "　输入：bakecology-20261129.tar.gz" in lines
    assert lines[-2:] == ["　- pool=20", "　+ pool=50"]
    said = words(await pages.get(await pages.link()))
    assert "输入： bakecology-20261129.tar.gz" in said
    assert "- pool=20+ pool=50" in said


async def put_step(pages: Pages, **values: Any) -> None:
    given = {
        "ended_at": "2026-10-14 02:00:01.500000",
        "exit": 0,
        "output": "",
        "state": "done",
        "place": 1,
        "host": "oa3",
    }
    given |= {"commands": '[["asadmin", "start-domain"]]', **values}
    await pages.put(
        "INSERT INTO run_step (run, place, host, commands, state, exit, started_at, ended_at, output)"
        " VALUES (1, :place, :host, :commands, :state, :exit, '2026-10-14 02:00:00.000000', :ended_at,"
        " :output)",
        **given,
    )


async def test_8_27_of_many_steps_a_host_that_is_done_is_one_line_that_opens(pages: Pages) -> None:
    await pages.desk.says("zhou", "/rolling-restart oa", chat="dm-zhou")
    link = await pages.link()
    run = await pages.desk.app.store.read(lambda session: store.find(session, 1))
    assert run is not None
    first, second = run.plan.items[:2]
    own = [(place, step) for place, step in enumerate(run.plan.steps, 1) if step.item == first]
    for place, step in own:
        await put_step(pages, place=place, host=step.target.id)
    await put_step(pages, place=own[-1][0] + 1, host=run.plan.steps[own[-1][0]].target.id, state="running", exit=None)
    await pages.put("UPDATE run SET state = 'running'")
    answer = await pages.get(link)
    folded = re.findall(r'<details class="ended".*?</summary>', answer.text, re.DOTALL)
    assert [re.sub(r"<[^>]+>|\s+", "", part) for part in folded] == [f"✓{first}{len(own)}步全部完成"]
    assert not re.search(r'<details class="ended"[^>]* open', answer.text)
    after = words(answer)
    assert after.index(f"{len(own)} 步全部完成") < after.index(f"{own[-1][0] + 1}. ")
    assert second in after


async def test_8_27_a_run_that_only_read_has_no_empty_print_of_a_plan(pages: Pages) -> None:
    rows: list[Row] = [("run.start", "ok", None, {"requester": "zhou", "confirmer": None, "hash": ""})]
    assert await record_of(pages, rows) == ["开始 · 周予安"]


@pytest.mark.parametrize(
    ("state", "code", "steps", "zh"),
    [
        ("failed", "exit", ("exit", "done"), "未完成：第 1 步（启动，oa3）：报错"),
        ("failed", "exit", ("done", "exit"), "未完成：第 2 步（确认可访问，oa3）：报错"),
        ("unknown", None, ("running", "done"), "状态不明：第 1 步（启动，oa3）时中断"),
        ("unknown", None, ("done", "done"), "状态不明：第 2 步（确认可访问，oa3）之后中断"),
        ("running", None, ("running", "done"), "执行中：第 1/2 步"),
    ],
)
async def test_of_steps_at_once_the_one_that_did_not_end_well_is_named(
    pages: Pages, state: str, code: str | None, steps: tuple[str, str], zh: str
) -> None:
    await asked(pages)
    link = await pages.link()
    for place, each in enumerate(steps, 1):
        await put_step(pages, place=place, state=each)
    await pages.put("UPDATE run SET state = :state, code = :code", state=state, code=code)
    said = words(await pages.get(link))
    assert zh in said, said


@pytest.mark.parametrize(("state", "code"), [("failed", "exit"), ("cancelled", "stopped"), ("unknown", "ended")])
async def test_a_yes_is_announced_only_where_one_is_asked_for(pages: Pages, state: str, code: str) -> None:
    await asked(pages)
    link = await pages.link()
    await put_step(pages)
    await pages.put("UPDATE run SET state = :state, code = :code", state=state, code=code)
    assert "需重新确认" in words(await pages.get(link))
    await pages.put("UPDATE run SET plan = json_set(plan, '$.confirm', 'none')")
    said = words(await pages.get(link))
    assert "/resume R1" in said
    assert "需重新确认" not in said


@pytest.mark.parametrize(
    ("code", "zh"),
    [
        ("precondition", "没有执行：执行前的检查没有通过"),
        ("lost", "没有执行：查看主机时连接中断"),
        ("floor", "没有执行：在线节点已到下限"),
        ("no_such_group", "没有执行 仍需要的话"),
    ],
)
async def test_why_it_was_refused_stands_in_words_or_not_at_all(pages: Pages, code: str, zh: str) -> None:
    await asked(pages)
    link = await pages.link()
    await pages.put("UPDATE run SET state = 'refused', code = :code", code=code)
    said = words(await pages.get(link))
    assert zh in said, said
    assert code not in said


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_whatever_a_look_refuses_has_its_words(pages: Pages, locale: str) -> None:
    """Every code that stands in the modules that look; a new one fails here until it has words in both languages."""
    modules = [path for room in ("engine", "remote") for path in sorted((ROOT / "runbooks" / room).glob("*.py"))]
    raised = r"(?:UserError|NotStarted)\(\s*\"(\w+)\"|self\.code = \"(\w+)\""
    texts = [module.read_text("utf-8") for module in modules]
    codes = {one or other for text in texts for one, other in re.findall(raised, text)}
    assert {"precondition", "floor", "lost", "no_curl", "known_hosts"} <= codes
    told: Any = environment(RUN.template.parent, locale, pages.desk.site.tz).get_template(f"{locale}/words.html").module
    assert codes - set(told.whys) - set(told.faults) == set()


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_state_and_fault_has_its_words(pages: Pages, locale: str) -> None:
    source = (RUN.template.parent / locale / "words.html").read_text("utf-8")
    for word in [*State, *StepFault]:
        assert f'"{word.value}"' in source or word in {State.REFUSED}, word


def test_both_languages_have_the_same_words(pages: Pages) -> None:
    tz = pages.desk.site.tz
    zh, en = (
        environment(RUN.template.parent, locale, tz).get_template(f"{locale}/words.html").module
        for locale in ("zh", "en")
    )
    assert set(vars(zh)) == set(vars(en))


CANARY = "<script>document.body.dataset.pwned=1</script><img src=x onerror=alert(1)>'\"{{7*7}}&amp;"


async def test_what_servers_and_people_say_is_text(pages: Pages) -> None:
    await asked(pages)
    link = await pages.link()
    await put_step(pages, output=CANARY)
    await pages.put("UPDATE run SET state = 'failed', reason = :canary, code = 'exit'", canary=CANARY)
    await pages.put(
        "UPDATE audit SET code = :canary, detail = :detail WHERE target = 'R1'",
        canary=CANARY,
        detail=json.dumps({"reason": CANARY}),
    )
    runs = pages.desk.app.settings.state_dir / "runs"
    runs.mkdir()
    (runs / 'R1-<img src=x>".log').write_text("x")
    page = read(await pages.get(link))
    assert {tag for tag, _ in page.tags} & {"script", "img", "svg", "iframe"} == set()
    assert not [attributes for _, attributes in page.tags if any(name.startswith("on") for name in attributes)]
    assert "".join(page.parts).count(CANARY) >= 4


async def test_headers_keep_it_out_of_caches_frames_and_referrers(pages: Pages) -> None:
    await asked(pages)
    for path in (await pages.link(), "/console/runs/R1"):
        answer = await pages.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Frame-Options"] == "DENY"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy


async def test_what_differs_from_last_time(pages: Pages) -> None:
    await asked(pages)
    await pages.put("UPDATE run SET state = 'done', plan = replace(plan, 'start-domain', 'start-domain-old')")
    await pages.desk.says("zhou", "/start oa3", chat="dm-zhou")
    said = words(await pages.get(await pages.link(run="R2")))
    assert "R1 · 2026-10-14 10:00:00 · 命令不同：" in said
    assert "- oa3: /data/WEAVER/ApusicAS/bin/asadmin start-domain-old" in said
    assert "+ oa3: /data/WEAVER/ApusicAS/bin/asadmin start-domain" in said


async def test_8_17_names_that_every_run_gives_anew_are_no_difference(pages: Pages) -> None:
    """The copy beside an edited file is called by what is in that file, a backup by the minute."""
    sent = (
        "UPDATE run SET plan = replace(plan, 'start-domain', :name), requested_at = :at, state = :state WHERE id = :id"
    )
    await asked(pages)
    then = {
        "name": "/c/.nginx.conf.zhiban-82d3423034f8 /b/ecology_20260910-0905.dmp",
        "at": "2026-09-10 01:05:00.000000",
    }
    await pages.put(sent, **then, state="done", id=1)
    await pages.desk.says("zhou", "/start oa3", chat="dm-zhou")
    now = {
        "name": "/c/.nginx.conf.zhiban-0123456789ab /b/ecology_20261014-1000.dmp",
        "at": "2026-10-14 02:00:00.000000",
    }
    await pages.put(sent, **now, state="asked", id=2)
    said = words(await pages.get(await pages.link(run="R2")))
    assert "命令相同" in said, said
    await pages.put("UPDATE run SET plan = replace(plan, 'ecology_', 'other_') WHERE id = 2")
    said = words(await pages.get(await pages.link(run="R2")))
    assert "+ oa3: /data/WEAVER/ApusicAS/bin/asadmin" in said, said
    assert "/b/other_20261014-1000.dmp" in said


async def test_each_file_is_itself(pages: Pages) -> None:
    """A log beside its packed predecessor; R10's files are not R1's."""
    await asked(pages)
    runs = pages.desk.app.settings.state_dir / "runs"
    runs.mkdir()
    data = {"R1-a.log": b"now", "R1-a.log.gz": gzip.compress(b"before"), "R1-日志 {1}%2F#.txt": b"x" * 3_000_000}
    for name, content in data.items():
        (runs / name).write_bytes(content)
    (runs / "R10-a.log").write_bytes(b"another's")
    page = read(await pages.get(await pages.link()))
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert len(links) == 3
    got = []
    for link in links:
        assert link is not None
        async with pages.http.get(link, headers={"Accept-Encoding": "gzip"}) as answer:
            got.append(await answer.read())
    assert sorted(got) == sorted(data.values())


async def test_a_file_that_went_away_since_it_was_listed_is_refused(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await asked(pages)
    path, token = (await pages.link()).split("?link=")
    for name in ("gone", "x" * 300, "a\0b"):
        gone = KeptFile("R1.txt", tmp_path / name, 1)
        monkeypatch.setattr("handlers.runs.pages.kept", lambda *_, gone=gone: [gone])
        assert (await pages.get(f"{path}/files/R1.txt?link={token}")).status == 403
    monkeypatch.undo()
    for name in ("R1-a%00b", "x" * 300):
        assert (await pages.get(f"{path}/files/{name}?link={token}")).status == 403


# Who may see it


async def refusals(pages: Pages) -> list[str]:
    return [row[0] for row in await pages.sql("SELECT target FROM audit WHERE code = 'bad_link' ORDER BY seq")]


async def test_everything_that_does_not_open_gets_the_same_answer(pages: Pages) -> None:
    """A foreign key, a changed link, another run, one that does not exist, a link that presses, none: one line, no hint."""
    await asked(pages)
    good = await pages.link()
    path, token = good.split("?link=")
    body, signature = token.split(".")
    runtime, now = pages.desk.app.runtime, pages.desk.clock.real()
    assert runtime.links is not None
    foreign = Links(BASE, pages.desk.app.settings.state_dir / "other")
    (pages.desk.app.settings.state_dir / "other").mkdir()
    tap = runtime.links.url(Offer("zhou", "confirm:R1", "确认", "k/0", now + LIFE)).rsplit("/", 1)[1]
    stranger = runtime.links.page_url(Pass("nobody", "runs/R1", now + LIFE)).removeprefix(BASE)
    reporter = runtime.links.page_url(Pass("lixiao", "runs/R1", now + LIFE)).removeprefix(BASE)
    missing = runtime.links.page_url(Pass("zhou", "runs/R999", now + LIFE)).removeprefix(BASE)
    tries = [
        path,
        f"{path}?link=",
        f"{path}?link={body}",
        f"{path}?link={body}.",
        f"{path}?link={body}.{signature[:-1]}",
        f"{path}?link={body}.{signature}x",
        f"{path}?link={body[:-1]}{'A' if body[-1] != 'A' else 'B'}.{signature}",
        f"{path}?link={signature}.{body}",
        f"{path}?link=%ff%fe.%00",
        f"{path}?link={html.escape(CANARY)}",
        f"{good}&link={token}",
        f"{path}?link={tap}",
        f"/console/runs/R2?link={token}",
        f"/console/runs/r1?link={token}",
        f"/console/runs/R01?link={token}",
        f"/console/runs/R1%00?link={token}",
        foreign.page_url(Pass("zhou", "runs/R1", now + LIFE)).removeprefix(BASE),
        stranger,
        reporter,
        missing,
        f"{path}/files/R1.txt?link={body}.{signature[::-1]}",
        f"{path}/files/R1.txt?link={token}",  # there is no such file yet
    ]
    answers = {(found.status, found.text) for found in [await pages.get(each) for each in tries]}
    assert len(answers) == 1, answers
    ((status, said),) = answers
    assert status == 403
    assert "打不开：链接不完整、已过期，或您现在没有权限" in said
    assert not re.search(r"R1|oa3|zhou|周予安", said)
    assert len(await refusals(pages)) == len(tries)
    assert (await pages.get(good)).status == 200


async def test_a_link_for_reading_presses_nothing(pages: Pages) -> None:
    await asked(pages)
    token = (await pages.link()).split("?link=")[1]
    async with pages.http.post(f"/tap/{token}") as answer:
        assert answer.status == 401
    async with pages.http.post(f"/console/runs/R1?link={token}") as answer:
        assert answer.status == 405


async def test_it_expires_after_a_day_and_not_before(pages: Pages) -> None:
    await asked(pages)
    link = await pages.link()
    pages.desk.clock.move_to(pages.desk.clock.now() + timedelta(days=1) - timedelta(seconds=1))
    assert (await pages.get(link)).status == 200
    pages.desk.clock.move_to(pages.desk.clock.now() + timedelta(seconds=1))
    assert (await pages.get(link)).status == 403


async def test_the_role_is_read_again_when_it_is_opened(pages: Pages) -> None:
    await asked(pages)
    link, site = await pages.link(), pages.desk.site
    for changed in (dataclasses.replace(site.people["zhou"], roles=frozenset()), None):
        people = {key: person for key, person in site.people.items() if key != "zhou"} | (
            {"zhou": changed} if changed else {}
        )
        lost = dataclasses.replace(site, people=people)
        pages.desk.app.runtime.site = lambda lost=lost: lost  # type: ignore[misc]  # bound at once
        assert (await pages.get(link)).status == 403
    pages.desk.app.runtime.site = lambda: site
    assert (await pages.get(link)).status == 200


# Where links are handed out


async def test_a_group_never_gets_one_and_says_where_to_ask(pages: Pages) -> None:
    await asked(pages)
    (said,) = await pages.desk.says("wen", "/output R1", chat=ROOM)
    assert said.chat == ROOM
    assert said.text.endswith("完整记录：私聊发 /output R1")
    await pages.desk.says("wen", "/confirm R1", chat=ROOM)
    assert await pages.sql("SELECT count(*) FROM outbox WHERE target NOT LIKE 'dm-%' AND body LIKE '%/console/%'") == [
        (0,)
    ]


async def test_who_has_no_account_is_called_in_the_room_without_it(pages: Pages) -> None:
    """What is meant for one person and goes to the duty room instead must not carry his link there."""
    await asked(pages)
    runtime, site = pages.desk.app.runtime, pages.desk.site
    runtime.settings = runtime.settings.model_copy(update={"adapters": ("slack",)})
    nowhere = dataclasses.replace(
        site, people={**site.people, "zhou": dataclasses.replace(site.people["zhou"], accounts=())}
    )
    runtime.site = lambda: nowhere
    found = await pages.desk.app.transactions.do(
        "test", lambda work: work.say("runs/stopping", "dm-zhou", page="runs/R1", run=_Named())
    )
    rows = await pages.sql("SELECT target, body FROM outbox WHERE key = :key", key=found)
    assert [row[0] for row in rows] == [ROOM]
    assert "/console/" not in rows[0][1]


class _Named:
    name, waits = "R1", None


async def test_without_an_address_there_are_no_pages(desk: Desk) -> None:
    desk.work.append(runner(desk.app).step)
    await desk.says("zhou", "/start oa3", chat="dm-zhou")
    (said,) = await desk.says("zhou", "/output R1", chat="dm-zhou")
    assert said.text == "R1 的输出：还没有执行"
    async with serving(desk) as pages:
        assert (await pages.get("/console/runs/R1")).status == 404


async def test_the_style_is_the_local_pages(pages: Pages) -> None:
    local, own = await pages.get("/local/static/theme.css"), await pages.get("/console/static/theme.css")
    assert own.body == local.body
    assert (await pages.get("/console/static/run.css")).status == 200
    assert (await pages.get("/console/static/..%2Fhtml.py")).status == 404


# On real servers

RUNBOOK = """
verb: do-it
alias: 做它
title: {zh: 做, en: do}
source: a test of the page
roles: [engineer]
confirm: second
where: balancer
group: oa
steps:
  - title: {zh: 看, en: look}
    run: [printf, 'first\\npassword=hunter2\\nlast\\n']
  - title: {zh: 取, en: fetch}
    download: /etc/hostname
    name: hostname
  - title: {zh: 坏, en: break}
    run: [ls, /nowhere-at-all]
  - title: {zh: 再, en: again}
    run: ["true"]
"""


@pytest.mark.servers
async def test_a_run_on_real_servers_with_its_files(estate: Estate, tmp_path: Path, empty_db: Path) -> None:
    data, state = tmp_path / "data", tmp_path / "state"
    shutil.copytree(EXAMPLE, data)
    (data / "runbooks").mkdir(exist_ok=True)
    (data / "runbooks" / "do-it.yaml").write_text(RUNBOOK)
    ssh = SshSettings(key_file=estate.key_file, known_hosts=estate.known_hosts)
    settings = make_settings(state, capabilities={"ssh": ssh}, data_dir=data, server=ServerSettings(public_url=BASE))
    async with open_desk(state, empty_db, site=estate.site, settings=settings) as desk:
        desk.work.append(runner(desk.app).step)
        await desk.says("zhou", "/do-it", chat="dm-zhou")
        said = await desk.says("wen", "/confirm R1", chat=ROOM)
        (end,) = [m for m in said if m.text.startswith("R1 未完成")]
        linked = [m.text.split()[0] for m in await desk.bot("dm-zhou") if "/console/runs/R1" in m.text]
        assert len(linked) == 2, "the card that follows the run, and its end"
        async with serving(desk) as pages:
            page = await pages.get(path_in(end))
            text = words(page)
            found = [attributes["data-step"] for _, attributes in read(page).tags if "data-step" in attributes]
            assert found == ["done", "done", "failed", "ahead"]
            rows = await pages.sql("SELECT exit, output FROM run_step ORDER BY place")
            assert [row[0] for row in rows] == [0, 0, 2]
            assert f"返回码 {rows[2][0]}" in text
            assert re.sub(r"\s+", " ", rows[2][1]).strip() in text
            assert "first password=*** last" in text
            assert "第 3 步（坏，lb1）：报错" in text
            assert "没有执行" in text
            assert "温若川 · 2026-10-14" in text
            links = [a["href"] for tag, a in read(page).tags if tag == "a"]
            for path, name in zip(links, ["R1.txt", "R1-hostname"], strict=True):
                assert path is not None
                file = await pages.get(path)
                assert file.body == (state / "runs" / name).read_bytes() != b""
                assert file.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
                assert file.headers["Cache-Control"] == "no-store"
                for other in ("..%2F..%2Flink.key", "%2e%2e%2f..%2flink.key", "R10-x", "R1-", "%00"):
                    assert (await pages.get(path.replace(name, other))).status == 403
