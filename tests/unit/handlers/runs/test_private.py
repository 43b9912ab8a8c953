"""What servers say, typed for in a group of reporters: only who asked sees it, and a secret nobody (fault F84)."""

import logging
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from runbooks.remote.journal import Ending
from runbooks.runs import endings
from runbooks.runs.recovery import Found
from runbooks.runs.run import State
from tests.support.desk import Desk
from tests.support.estate import ADDRESSES, Estate
from tests.support.paths import EXAMPLE
from tests.unit.handlers.runs.rooms import ROOM, code, run, say, served

pytestmark = pytest.mark.servers
GROUP = "shifuban"
CANARIES = {
    "password": "hunter2-CANARY",
    "spring.datasource.password": "CANARY-dm-pass",
    "access_token": "eyJCANARYtoken",
    "密码": "CANARY口令",
}
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nCANARYkeyCANARYkey\n-----END OPENSSH PRIVATE KEY-----"
SECRET = "CANARY-of-the-secrets-folder"  # it looks like nothing that could be known by its form
SENDS = """
verb: send-it
alias: 送它
title: {{zh: 送, en: send}}
source: a test of secrets
roles: [engineer]
where: balancer
group: oa
steps:
  - title: {{zh: 送, en: send}}
    run: [sh, -c, "cat > {got}; echo $0 got; cat {got}; cat {log}", "{{secret.dm}}"]
    stdin: "{{secret.dm}}"
  - download: "{log}"
    name: "app.log"
  - title: {{zh: 坏, en: fail}}
    run: [sh, -c, "cat {got} {log} >&2; exit 1"]
"""
LOG = f"""start of the log
{chr(10).join(f"{name}={value}" for name, value in CANARIES.items())}
{KEY}
Authorization: Bearer CANARYbearer123
jdbc:dm://sysdba:CANARYurl@10.0.0.1:5236
end of the log
"""
RUNBOOK = """
verb: {verb}
alias: {alias}
title: {{zh: 看, en: look}}
source: a test of secrets
roles: [engineer]
confirm: {confirm}
where: balancer
group: oa
{report}
steps:
  - title: {{zh: 看, en: look}}
    run: [sh, -c, "cat {log}; exit {status}"]
"""


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    data, log = tmp_path / "data", tmp_path / "app.log"
    shutil.copytree(EXAMPLE, data)
    (data / "runbooks").mkdir(exist_ok=True)
    log.write_text(LOG)
    for verb, alias, confirm, report, status in (
        ("say-it", "说它", "none", "report: file", 0),
        ("do-it", "做它", "second", "", 0),
        ("fail-it", "坏它", "second", "", 1),
    ):
        text = RUNBOOK.format(verb=verb, alias=alias, confirm=confirm, report=report, log=log, status=status)
        (data / "runbooks" / f"{verb}.yaml").write_text(text)
    (data / "runbooks" / "send-it.yaml").write_text(SENDS.format(log=log, got=tmp_path / "got"))
    (tmp_path / "state" / "secrets").mkdir(parents=True)
    (tmp_path / "state" / "secrets" / "dm").touch(0o600)
    (tmp_path / "state" / "secrets" / "dm").write_text(SECRET)
    async with served(estate, tmp_path / "state", empty_db, data_dir=data) as opened:
        yield opened


@pytest.mark.parametrize("line", ["/conns", "/nodes", "/disk oa1", "/说它"])
async def test_an_answer_goes_to_who_asked(desk: Desk, line: str) -> None:
    said = await desk.says("zhou", line, chat=GROUP)
    assert [m.text for m in said if m.chat == GROUP] == [f"{(await run(desk)).line} 的结果已私下发给您。"]
    (answer,) = [m for m in said if m.chat != GROUP]
    assert answer.chat == "dm-zhou"
    assert not [m for m in await desk.bot(GROUP) if "127.0.0." in m.text]


async def test_in_the_duty_room_it_stays(desk: Desk) -> None:
    said = await desk.says("zhou", "/conns", chat=ROOM)
    assert [m.chat for m in said] == [ROOM]


@pytest.mark.parametrize("how", ["tap", "word"])
async def test_output_and_commands_too(desk: Desk, how: str) -> None:
    (question,) = [m for m in await desk.says("zhou", "/restart oa3", chat=GROUP) if m.chat == ROOM]
    shown = (
        await desk.taps("wen", question, "commands")
        if how == "tap"
        else await desk.says("wen", "/commands R1", chat=GROUP)
    )
    assert {m.chat for m in shown} == {ROOM if how == "tap" else "dm-wen"}
    said = await desk.taps("wen", question, "confirm")
    (done,) = [m for m in said if m.text.startswith("R1 完成")]
    shown = (
        await desk.taps("qiao", done, "output") if how == "tap" else await desk.says("qiao", "/output R1", chat=GROUP)
    )
    assert {m.chat for m in shown} == {"dm-qiao"}


async def test_8_17_a_group_of_reporters_reads_one_line_of_a_plan(desk: Desk) -> None:
    """Neither its commands, paths and addresses nor its buttons; those are in the duty room and with who asked."""
    said = await desk.says("zhou", "/restart oa3", chat=GROUP)
    told = [m for m in said if m.chat == GROUP]
    assert [m.text for m in told] == ["R1 重启应用 oa3：方案已私下发给您和值班室，在那里确认，5 分内有效。"]
    assert not [m for m in await desk.bot(GROUP) if m.actions or "asadmin" in m.text or "127.0.0." in m.text]
    plans = {m.chat: m for m in said if m.chat != GROUP}
    assert set(plans) == {"dm-zhou", ROOM}
    assert all("asadmin" in m.text and any("confirm" in action for action in m.actions) for m in plans.values())
    refused = await desk.says("wen", "/confirm R1", chat=GROUP)  # who has not seen the plan says yes to nothing
    assert await code(desk) == ("refused", "wrong_chat")
    assert "请在值班室里确认" in refused[-1].text
    done = await desk.says("wen", "/confirm R1", chat=ROOM)
    assert any(m.chat == GROUP and m.text.startswith("R1 完成") for m in done)


async def test_8_17_a_dry_run_of_a_group_is_shown_to_who_asked(desk: Desk) -> None:
    said = await desk.says("zhou", "/restart oa3 --dry-run", chat=GROUP)
    assert [m.text for m in said if m.chat == GROUP] == ["/restart oa3 的结果已私下发给您。"]
    (plan,) = [m for m in said if m.chat != GROUP]
    assert plan.chat == "dm-zhou"
    assert "asadmin" in plan.text


async def test_they_are_not_for_everybody_who_sees_the_buttons(desk: Desk) -> None:
    """Who is in a room but may no part of it: a tap is refused as the typed word is."""
    (question,) = [m for m in await desk.says("zhou", "/restart oa3", chat=GROUP) if m.chat == ROOM]
    confirmed = await desk.taps("wen", question, "confirm")
    (done,) = [m for m in confirmed if m.text.startswith("R1 完成")]
    for message, what in ((question, "commands"), (done, "output")):
        for said in (await desk.taps("lixiao", message, what), await desk.says("lixiao", f"/{what} R1", chat=GROUP)):
            assert await code(desk) == ("refused", "not_authorised")
            assert not [m for m in said if m.chat == "dm-lixiao" or "asadmin" in m.text]


@pytest.mark.parametrize(("verb", "state"), [("say-it", State.DONE), ("do-it", State.DONE), ("fail-it", State.FAILED)])
async def test_a_secret_stands_nowhere(
    desk: Desk, estate: Estate, tmp_path: Path, caplog: pytest.LogCaptureFixture, verb: str, state: State
) -> None:
    """Chat, database with its log, files, audit log and our own log: the oracle greps them all."""
    caplog.set_level(logging.DEBUG)
    said = await desk.says("zhou", f"/{verb}", chat=ROOM)
    if verb != "say-it":
        said = await desk.says("wen", "/confirm R1", chat=ROOM)
        said += await desk.taps("wen", next(m for m in said if any("output" in a for a in m.actions)), "output")
    assert (await run(desk)).state is state
    assert any("end of the log" in m.text for m in said), "the output itself must have come through"
    assert (tmp_path / "state/runs/R1.txt").read_text().count("***") >= len(CANARIES) + 3
    assert_nowhere(tmp_path / "state", [m.text for m in await desk.bot(ROOM)], caplog.text)


async def test_a_secret_that_is_sent_stands_nowhere_either(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As a word of a command and as its input: the host has it; question, plan, record, output and download have not."""
    caplog.set_level(logging.DEBUG)
    question = await say(desk, "zhou", "/send-it")
    await desk.taps("wen", question, "commands")
    said = await desk.says("wen", "/confirm R1", chat=ROOM)
    await desk.taps("wen", next(m for m in said if any("output" in a for a in m.actions)), "output")
    assert (tmp_path / "got").read_text() == SECRET
    assert (await run(desk)).state is State.FAILED
    kept = {path.name: path.read_text() for path in (tmp_path / "state/runs").iterdir()}
    assert "*** got\n***" in kept["R1.txt"]
    assert kept["R1-app.log"].endswith("end of the log\n")
    assert_nowhere(tmp_path / "state", [m.text for m in await desk.bot(ROOM)], caplog.text)


async def test_a_failure_in_a_group_of_reporters_shows_its_output_to_who_asked_alone(desk: Desk) -> None:
    """Neither as text nor as a file nor as the end of one; what was downloaded neither."""
    await desk.says("zhou", "/send-it", chat=GROUP)
    await desk.says("wen", "/confirm R1", chat=ROOM)
    assert (await run(desk)).state is State.FAILED
    group = await desk.bot(GROUP)
    assert any(m.text.startswith("R1 未完成") for m in group)
    assert not [m for m in group if m.shown["files"] or "end of the log" in m.text]
    (told,) = [m for m in await desk.bot("dm-zhou") if m.text.startswith("R1 第 3 步 坏：服务器的输出")]
    assert "end of the log" in told.text
    assert [file["name"] for file in told.shown["files"]] == ["R1.txt", "R1-app.log"]


@pytest.mark.parametrize("chat", [ROOM, GROUP])
async def test_what_is_left_of_a_run_that_was_cut_is_server_output_too(desk: Desk, chat: str) -> None:
    await say(desk, "zhou", "/restart oa3", chat=chat)
    found = await run(desk)
    cut = replace(found, state=State.UNKNOWN, step=1)
    left = Found(Ending.ENDED, 1, left=("777 daemon-of-it",))
    await desk.app.transactions.do("test", lambda work: endings.looked_back(work, cut, left))
    await desk.settle()
    told = {m.chat for place in (chat, "dm-zhou") for m in await desk.bot(place) if "daemon-of-it" in m.text}
    assert told == {chat if chat == ROOM else "dm-zhou"}
    assert "核对结果" in (await desk.bot(chat))[-1].text


@pytest.mark.parametrize("mode", [None, 0o644])
async def test_a_secret_that_is_not_there_is_told_before_anybody_is_asked(
    desk: Desk, tmp_path: Path, mode: int | None
) -> None:
    """Or that others may read: not in the middle of the run."""
    secret = tmp_path / "state" / "secrets" / "dm"
    secret.unlink() if mode is None else secret.chmod(mode)
    told = await say(desk, "zhou", "/send-it")
    assert (await code(desk)) == ("refused", "secret_missing")
    assert "缺少凭据 dm" in told.text
    assert not (tmp_path / "got").exists()
    assert (await run(desk)).state is State.REFUSED


def assert_nowhere(state: Path, chat: list[str], own_log: str) -> None:
    """Chat record, our own log, and every byte of the state folder: database with its log and audit rows, files of runs."""
    assert not [text for text in chat if "CANARY" in text]
    assert "CANARY" not in own_log
    files = [path for path in state.rglob("*") if path.is_file() and path.parent.name != "secrets"]
    assert {"zhiban.db", "R1.txt"} <= {path.name for path in files}
    assert [path for path in files if b"CANARY" in path.read_bytes()] == []


async def test_the_live_view_is_one_message(desk: Desk, estate: Estate) -> None:
    question = await say(desk, "zhou", "/restart oa3")
    await desk.says("wen", "/confirm R1", chat=ROOM)
    (card,) = [m for m in await desk.bot(ROOM) if m.id == question.id]
    assert [line.split()[:3] for line in card.text.splitlines()[2:]] == [
        ["✓", "oa3", "停止"],
        ["✓", "oa3", "确认已停"],
        ["✓", "oa3", "启动"],
        ["✓", "oa3", "确认可访问"],
    ]
    assert estate.apps.pid(ADDRESSES["oa3"]) is not None


async def test_many_commands_are_a_file(desk: Desk, estate: Estate, tmp_path: Path) -> None:
    question = await say(desk, "zhou", "/rolling-restart oa")
    assert "4 台依次：oa1、oa2、oa3、oa4。每台（例 oa1）：" in question.text
    (shown,) = await desk.taps("wen", question, "commands")
    assert shown.text == "R1 将要执行的命令（较长，见文件）"
    lines = (tmp_path / "state/runs/R1-commands.txt").read_text().splitlines()
    assert len([line for line in lines if line.endswith("asadmin start-domain")]) == 4


async def test_8_17_a_group_of_reporters_reads_the_names_of_servers_and_no_address(desk: Desk) -> None:
    """In the line that says where the plan is, the list of runs, the end with its way back, and a refusal after the look."""
    for user, line, chat in (
        ("zhou", "/drain oa3", GROUP),
        ("zhou", "/runs", GROUP),
        ("wen", "/confirm R1", ROOM),
        ("zhou", "/drain oa3", GROUP),
        ("zhou", "/backup app oa3", GROUP),
    ):
        await desk.says(user, line, chat=chat)
    told = "\n".join(m.text for m in await desk.bot(GROUP))
    assert "R1 摘除节点 oa3：" in told
    assert "R1 /drain oa3 · 周予安" in told
    assert "127." not in told
    assert "/data/" not in told
    private = "\n".join(m.text for m in await desk.bot("dm-zhou"))
    assert "已经是摘除状态" in private
    assert "没有 /data/WEAVER/ecology" in private
