"""Who may say yes, where, when and how often: every confirm row of the bad inputs, and faults F75 to F80."""

import asyncio
import dataclasses
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.core.people import Role
from runbooks.runs import asking, store
from runbooks.runs.lifecycle import begin_again
from runbooks.runs.run import Run, State
from tests.support.desk import Desk, Said, open_desk
from tests.support.once import example_site
from tests.support.runner import runner

ROOM = "duty-room"


async def asked(desk: Desk, line: str = "/start oa3", user: str = "zhou", chat: str = ROOM) -> Said:
    """A question in the chat; ``/start`` needs no look at a server before it."""
    *_, question = await desk.says(user, line, chat=chat)
    assert "confirm:R1" in question.actions
    return question


async def run(desk: Desk, number: int = 1) -> Run:
    found = await desk.app.store.read(lambda s: store.find(s, number))
    assert found is not None
    return found


async def code(desk: Desk) -> tuple[str, str | None]:
    """Outcome and code of the last audit line."""
    entry = (await desk.audit())[-1].entry
    return entry.outcome, entry.code


async def test_the_question_says_what_where_and_how_long(runs: Desk) -> None:
    question = await asked(runs, "／启动　OA０３")
    assert question.text.splitlines() == [
        "R1 启动应用 oa3",
        "申请：周予安 /start oa3",
        "需另一人确认（工程师、负责人、总监），5 分内有效",
        "oa3：启动 → 确认可访问",
        "　/data/WEAVER/ApusicAS/bin/asadmin start-domain",
        "　curl -q -g -s -o /dev/null --noproxy '*' --max-time 5 -w '%{http_code}' http://10.154.0.164:6888/",
    ]
    assert question.actions == ["confirm:R1", "reject:R1", "commands:R1"]


async def test_every_command_is_shown_on_demand(runs: Desk) -> None:
    question = await asked(runs)
    (shown,) = await runs.taps("wen", question, "commands")
    assert "1. oa3 · 启动\n　/data/WEAVER/ApusicAS/bin/asadmin start-domain" in shown.text


async def test_k01_own_confirm_is_refused(runs: Desk) -> None:
    question = await asked(runs)
    (answer,) = await runs.says("zhou", "/confirm R1", chat=ROOM)
    assert answer.text == "您是 R1 的申请人，要由另一人确认（工程师、负责人、总监）。"
    assert await code(runs) == ("refused", "self_confirm")
    await runs.taps("zhou", question, "confirm")
    assert await code(runs) == ("refused", "self_confirm")
    assert (await run(runs)).state is State.ASKED


async def test_k02_a_plain_member_is_refused(runs: Desk) -> None:
    await asked(runs)
    await runs.says("lixiao", "/confirm R1", chat=ROOM)
    assert await code(runs) == ("refused", "not_authorised")
    assert (await run(runs)).state is State.ASKED


async def test_k05_it_works_once(runs: Desk) -> None:
    await asked(runs)
    await runs.says("wen", "/confirm R1", chat=ROOM)
    (answer,) = await runs.says("qiao", "/confirm R1", chat=ROOM)
    assert answer.text == "R1 已由 温若川 确认，不用再确认。"
    assert await code(runs) == ("refused", "already_used")


async def test_k07_full_width_signs(runs: Desk) -> None:
    await asked(runs)
    await runs.says("wen", "／confirm　Ｒ１", chat=ROOM)
    assert (await run(runs)).confirmer == "wen"


async def test_k08_never_guess_which(runs: Desk) -> None:
    await asked(runs)
    await runs.says("zhou", "/start oa4", chat=ROOM)
    (answer,) = await runs.says("wen", "/confirm", chat=ROOM)
    assert "例如 /confirm R17。现在有：R1 /start oa3；R2 /start oa4" in answer.text
    assert await code(runs) == ("refused", "ambiguous")
    (answer,) = await runs.says("wen", "/cancel", chat=ROOM)
    assert "例如 /cancel R17。" in answer.text


async def test_k09_free_text_is_no_consent(runs: Desk) -> None:
    await asked(runs)
    await runs.says("wen", "好的，确认", chat=ROOM)
    assert (await run(runs)).state is State.ASKED


@pytest.mark.parametrize(
    "line",
    [
        "/confirm R1 先别执行",
        "@值班 确认 R1 不行",
        "@值班 @温若川 确认 R1",
        "@温若川 @值班 confirm R1",
        "@温若川 确认 R1 @值班",
        "确认 R1",
        "@值班 请确认 R1",
        "R1 确认 @值班",
        "/确认R1",
    ],
)
async def test_8_11_nothing_but_the_exact_words_is_a_yes(runs: Desk, line: str) -> None:
    """Said to the bot, to a colleague, or with more words in the line: none of it lets a run begin."""
    await asked(runs)
    await runs.says("qiao", line, chat=ROOM)
    assert (await run(runs)).state is State.ASKED
    assert (await run(runs)).confirmer is None


@pytest.mark.parametrize(
    "line", ["@值班 确认 R1", "@值班确认 R1", "确认 R1 @值班", "@值班：confirm r1", "/确认 R1 @值班"]
)
async def test_8_11_a_yes_counts_however_the_bot_is_called(runs: Desk, line: str) -> None:
    await asked(runs)
    await runs.says("wen", line, chat=ROOM)
    assert (await run(runs)).confirmer == "wen"


async def test_k12_five_wrong_ids_lock_the_person_for_a_while(runs: Desk) -> None:
    await asked(runs)
    for guess in ("AAAA", "R99", "R0", "R2", "7F3K"):
        await runs.says("wen", f"/confirm {guess}", chat=ROOM)
        assert await code(runs) == ("refused", "unknown_run")
    await runs.says("wen", "/confirm AAAA", chat=ROOM)
    assert await code(runs) == ("refused", "rate_limited")
    await runs.says("wen", "/confirm R1", chat=ROOM)
    assert await code(runs) == ("refused", "rate_limited")
    await runs.says("qiao", "/confirm R99", chat=ROOM)
    assert await code(runs) == ("refused", "unknown_run")
    await runs.later(seconds=61)
    await runs.says("wen", "/confirm R1", chat=ROOM)
    assert (await run(runs)).confirmer == "wen"


async def test_the_lock_does_not_hang_on_the_audit_log(runs: Desk) -> None:
    """Its lines say what was refused; who is locked stands in rows of its own, which go when they count no more."""
    for _ in range(5):
        await runs.says("wen", "/confirm R99", chat=ROOM)
    with closing(sqlite3.connect(runs.app.settings.database)) as database:
        guessed = "SELECT person, count(*) FROM run_guess GROUP BY person"
        assert database.execute(guessed).fetchall() == [("wen", 5)]
        logged = "SELECT count(*) FROM audit WHERE code = 'unknown_run'"
        assert database.execute(logged).fetchall() == [(5,)]
        with database:
            database.execute("DELETE FROM run_guess")
    await runs.says("wen", "/confirm R98", chat=ROOM)
    assert await code(runs) == ("refused", "unknown_run")
    await runs.later(minutes=2)
    await runs.says("qiao", "/confirm R99", chat=ROOM)
    with closing(sqlite3.connect(runs.app.settings.database)) as database:
        assert database.execute(guessed).fetchall() == [("qiao", 1)]


async def test_the_lock_holds_for_a_true_minute_however_fast_duty_time_runs(
    runs: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``--speed`` a minute of duty passes within seconds; guessing is judged by true time (decisions: Time)."""
    await asked(runs)
    for _ in range(5):
        await runs.says("wen", "/confirm R99", chat=ROOM)
    ahead = runs.clock.now() + timedelta(hours=1)
    monkeypatch.setattr(runs.clock, "now", lambda: ahead)
    await runs.says("wen", "/confirm R1", chat=ROOM)
    assert await code(runs) == ("refused", "rate_limited")


async def test_the_director_may_be_the_second_person(runs: Desk) -> None:
    """Lead and director confirm dangerous runbooks (product: Who uses Zhiban)."""
    question = await asked(runs)
    await runs.taps("shen", question, "confirm")
    assert (await run(runs)).confirmer == "shen"


async def test_what_waits_is_shown_to_those_it_concerns_alone(runs: Desk) -> None:
    await asked(runs)
    for user in ("lixiao", "pan"):
        for line in ("/runs", "/confirm", "/cancel"):
            (answer,) = await runs.says(user, line, chat="shifuban")
            assert "R1" not in answer.text
            assert await code(runs) == ("refused", "not_authorised")


async def test_another_chat_may_not_confirm_by_word(runs: Desk) -> None:
    await asked(runs)
    (answer,) = await runs.says("wen", "/confirm R1", chat="shifuban")
    assert await code(runs) == ("refused", "wrong_chat")
    assert "请在值班室里确认" in answer.text


async def test_8_9_who_asks_for_the_same_again_is_told_where_it_waits_and_for_whom(runs: Desk) -> None:
    """Only who may say yes to it in that very chat is told to."""
    await asked(runs)
    here = await runs.says("wen", "/start oa3", chat=ROOM)
    assert "请直接确认 R1" in here[-1].text
    for user, chat in (("zhou", ROOM), ("wen", "dm-wen"), ("zhou", "dm-zhou")):
        again = await runs.says(user, "/start oa3", chat=chat)
        assert "正在值班室等人确认" in again[-1].text
        assert "请直接确认" not in again[-1].text


async def test_a_request_in_a_direct_chat_is_shown_in_the_duty_room(runs: Desk) -> None:
    *_, question = await runs.says("zhou", "/start oa3", chat="dm-zhou")
    (copy,) = await runs.bot(ROOM)
    assert copy.text == question.text
    await runs.taps("wen", copy, "confirm")
    assert (await run(runs)).confirmer == "wen"


async def test_it_expires_and_says_so(runs: Desk) -> None:
    question = await asked(runs)
    said = await runs.later(minutes=5)
    assert (await run(runs)).state is State.EXPIRED
    assert any("没有执行" in message.text for message in said)
    assert [m.actions for m in await runs.bot(ROOM) if m.id == question.id] == [[]]
    await runs.says("wen", "/confirm R1", chat=ROOM)
    assert await code(runs) == ("refused", "confirm_expired")


async def test_the_time_to_say_yes_begins_with_the_question(runs: Desk) -> None:
    """Asked for, and Zhiban was down for longer than a question is good for: the question comes with its whole time (fault F13)."""
    runner = runs.work.pop()
    await runs.says("zhou", "/start oa3", chat=ROOM)
    await runs.later(minutes=10)
    runs.work.append(runner)
    await runs.settle()
    await runs.later(minutes=4, seconds=59)
    await runs.says("wen", "/confirm R1", chat=ROOM)
    assert (await run(runs)).confirmer == "wen"


async def test_expiry_is_exact_even_before_its_timer_fired(runs: Desk) -> None:
    await asked(runs)
    runs.clock.move_to(runs.clock.now() + timedelta(minutes=5))
    await runs.says("wen", "/confirm R1", chat=ROOM, settle=False)
    await runs.app.dispatcher.step()
    assert (await run(runs)).state is State.ASKED
    assert await code(runs) == ("refused", "confirm_expired")


async def test_a_second_before_it_still_counts(runs: Desk) -> None:
    await asked(runs)
    await runs.later(minutes=4, seconds=59)
    await runs.says("wen", "/confirm R1", chat=ROOM)
    assert (await run(runs)).confirmer == "wen"


@pytest.mark.parametrize("left", [False, True])
async def test_a_lost_role_stops_the_run(tmp_path: Path, empty_db: Path, left: bool) -> None:
    """Roles are read again at the confirm, and who has left has none (fault F79)."""
    site = example_site()
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        desk.work.append(runner(desk.app).step)
        await asked(desk)
        people = {**site.people, "zhou": dataclasses.replace(site.people["zhou"], roles=frozenset({Role.OPERATOR}))}
        if left:
            del people["zhou"]
        desk.app.runtime.site = lambda: dataclasses.replace(site, people=people)
        await desk.says("wen", "/confirm R1", chat=ROOM)
        assert await code(desk) == ("refused", "requester_role")
        assert (await run(desk)).state is State.ASKED


@pytest.mark.parametrize("left", [False, True])
async def test_8_2_a_role_lost_before_the_question_asks_nobody(tmp_path: Path, empty_db: Path, left: bool) -> None:
    """Asked for, and before the servers were looked at he was taken out, or lost the role."""
    site = example_site()
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        await desk.says("zhou", "/start oa3", chat=ROOM)
        people = {**site.people, "zhou": dataclasses.replace(site.people["zhou"], roles=frozenset())}
        if left:
            del people["zhou"]
        desk.app.runtime.site = lambda: dataclasses.replace(site, people=people)
        desk.work.append(runner(desk.app).step)
        await desk.settle()
        assert (await run(desk)).state is State.REFUSED
        assert await code(desk) == ("refused", "requester_role")
        (*_, refusal) = await desk.bot_since(0)
        assert "已没有这个权限" in refusal.text
        assert not refusal.actions


async def test_a_role_lost_after_the_yes_stops_it_too(tmp_path: Path, empty_db: Path) -> None:
    site = example_site()
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        desk.work.append(runner(desk.app).step)
        await asked(desk)
        step = desk.work.pop()
        await desk.says("wen", "/confirm R1", chat=ROOM)
        people = {**site.people, "wen": dataclasses.replace(site.people["wen"], roles=frozenset())}
        desk.app.runtime.site = lambda: dataclasses.replace(site, people=people)
        desk.work.append(step)
        await desk.settle()
        assert (await run(desk)).state is State.REFUSED
        assert await code(desk) == ("refused", "role_lost")


async def test_an_old_yes_is_not_acted_on(runs: Desk) -> None:
    """Confirmed, then Zhiban was down for longer than the question was good for."""
    await asked(runs)
    runner = runs.work.pop()
    await runs.says("wen", "/confirm R1", chat=ROOM)
    await runs.later(minutes=6)
    runs.work.append(runner)
    await runs.settle()
    assert (await run(runs)).state is State.EXPIRED
    assert "没有在时限内确认或开始" in (await runs.bot(ROOM))[-1].text


async def test_reject_and_cancel(runs: Desk) -> None:
    question = await asked(runs)
    (card,) = await runs.taps("wen", question, "reject")
    assert (card.id, card.actions, "已被 温若川 拒绝" in card.text) == (question.id, [], True)
    assert (await run(runs)).state is State.CANCELLED
    *_, _second = await runs.says("zhou", "/start oa4", chat=ROOM)
    await runs.says("zhou", "/cancel r2", chat=ROOM)
    assert (await run(runs, 2)).state is State.CANCELLED


async def test_who_may_neither_run_nor_confirm_it_does_not_end_it(runs: Desk) -> None:
    """A card can be forwarded, and whoever sees a button can press it."""
    question = await asked(runs)
    await runs.taps("lixiao", question, "reject")
    assert (await run(runs)).state is State.ASKED
    assert [e.entry.code for e in await runs.audit() if e.entry.actor == "lixiao"] == ["not_authorised"]


async def test_runs_lists_what_waits(runs: Desk) -> None:
    await asked(runs)
    (answer,) = await runs.says("wen", "/runs", chat=ROOM)
    assert answer.text == "R1 /start oa3 · 周予安 · 等待确认"


async def test_fifty_confirms_at_once_are_one(runs: Desk) -> None:
    await asked(runs)
    people = ["wen", "qiao", "su", "tang", "meng"]
    await asyncio.gather(
        *(runs.says(people[n % 5], "/confirm R1", chat=ROOM, id=f"c{n}", settle=False) for n in range(50))
    )
    await runs.settle()
    lines = [line.entry for line in await runs.audit()]
    assert len([entry for entry in lines if (entry.action, entry.outcome) == ("run.confirm", "ok")]) == 1
    assert len([entry for entry in lines if entry.code == "already_used"]) == 49


@pytest.mark.parametrize(("user", "line"), [("lixiao", "/start oa3"), ("qin", "/start oa3"), ("pan", "/disk oa1")])
async def test_others_may_not_even_ask(runs: Desk, user: str, line: str) -> None:
    await runs.says(user, line, chat=ROOM)
    assert await code(runs) == ("refused", "not_authorised")


async def test_two_confirmed_on_one_target_are_one(runs: Desk) -> None:
    """Both were free when they were confirmed; the target goes to the first that starts (fault F80)."""
    await asked(runs)
    first = await run(runs)
    await runs.app.transactions.do(
        "twin", lambda work: begin_again(work, first)
    )  # asked for, the same is pointed to R1
    await runs.settle()
    runner = runs.work.pop()
    await runs.says("wen", "/confirm R1", chat=ROOM)
    await runs.says("wen", "/confirm R2", chat=ROOM)
    for number in (1, 2):
        found = await run(runs, number)
        assert found.state is State.APPROVED
        granted = await runs.app.transactions.do(f"claim{number}", partial(asking.claim, run=found))
        assert granted is (number == 1)
    assert (await run(runs, 2)).state is State.VOID
    assert (await run(runs, 2)).code == "busy"
    runs.work.append(runner)


async def test_8_9_whoever_comes_second_is_told_who_holds_the_target(runs: Desk) -> None:
    """Product section 6; the first run's state is what the database has."""
    await asked(runs)
    first = await run(runs)
    await runs.app.transactions.do("twin", lambda work: begin_again(work, first))
    await runs.settle()
    runner = runs.work.pop()
    await runs.says("wen", "/confirm R1", chat=ROOM)
    await runs.says("wen", "/confirm R2", chat=ROOM)
    for number in (1, 2):
        found = await run(runs, number)
        await runs.app.transactions.do(f"claim{number}", partial(asking.claim, run=found))
    await runs.settle()
    (told,) = [said.text for said in await runs.bot(ROOM) if said.text.startswith("R2 没有执行")]
    assert told == "R2 没有执行：oa3 正被 R1（/start oa3，周予安 申请）占用。请等它结束，仍需要的话再发送：/start oa3"
    runs.work.append(runner)


async def test_a_dry_run_shows_and_stops(runs: Desk) -> None:
    (answer,) = await runs.says("zhou", "/start oa3 --dry-run", chat=ROOM)
    assert "不执行" in answer.text
    assert "asadmin start-domain" in answer.text
    assert answer.actions == []
    assert (await run(runs)).state is State.CANCELLED


async def test_without_pinned_keys_no_server_is_asked(runs: Desk) -> None:
    """Fault F64: there is no ``known_hosts`` here, and so nothing is reached at all."""
    (answer,) = await runs.says("zhou", "/drain 10.154.54.58", chat=ROOM)
    assert "没有执行：还没有 lb1 的主机密钥，请管理员运行 zhiban hosts scan" in answer.text
    assert (await run(runs)).state is State.REFUSED


@pytest.mark.parametrize(("line", "host"), [("/disk oa1", "oa1"), ("/drain oa1", "lb1")])
async def test_8_24_without_a_pinned_key_people_read_what_to_do_and_no_path_of_ours(
    runs: Desk, line: str, host: str
) -> None:
    await runs.says("zhou", line, chat=ROOM)
    await runs.says("zhou", "/output R1", chat=ROOM)
    read = "\n".join(said.text for said in await runs.bot(ROOM))
    assert f"还没有 {host} 的主机密钥，请管理员运行 zhiban hosts scan" in read
    assert "known_hosts" not in read
    assert str(runs.app.settings.state_dir) not in read
