"""One person alone: only where the runbook allows it, with a reason, in the open (decisions: Runs; the yes of a step too)."""

import pytest

from runbooks.runs import store
from runbooks.runs.run import Run, State
from tests.support.desk import Desk

ROOM = "duty-room"
REASON = "系统无法访问，联系不上第二人"


async def run(desk: Desk, number: int = 1) -> Run:
    found = await desk.app.store.read(lambda s: store.find(s, number))
    assert found is not None
    return found


async def code(desk: Desk) -> tuple[str, str | None]:
    entry = (await desk.audit())[-1].entry
    return entry.outcome, entry.code


async def test_one_person_with_a_reason_and_everybody_hears_of_it(policies: Desk) -> None:
    await policies.says("zhou", "/do-glass 1", chat=ROOM)
    runner = policies.work.pop()
    said = await policies.says("zhou", f"/break-glass R1 {REASON}", chat=ROOM)
    told = [m for m in said if m.text.startswith("紧急执行：")]
    assert {m.chat for m in told} == {ROOM, "dm-hemu", "dm-fang", "dm-shen"}
    assert told[0].text == f"紧急执行：周予安 一人确认了 R1（/do-glass 1），没有第二人。原因：{REASON}"
    found = await run(policies)
    assert (found.state, found.confirmer, found.reason) == (State.APPROVED, "zhou", REASON)
    (line,) = [line.entry for line in await policies.audit() if line.entry.action == "run.break_glass"]
    assert (line.actor, REASON in line.detail) == ("zhou", True)
    policies.work.append(runner)
    await policies.settle()
    assert (await run(policies)).state in {
        State.REFUSED,
        State.FAILED,
    }  # it went as far as the host, which has no pinned key


@pytest.mark.parametrize(
    ("reason", "refused"),
    [
        ("", "reason_missing"),
        ("急", "reason_missing"),
        ("长" * 201, "reason_missing"),
        ("....", "reason_missing"),
        ("。。。。。。", "reason_missing"),
        ("aaaa", "reason_missing"),
        ("哈哈哈哈哈", "reason_missing"),
        ("1 1 1 1", "reason_missing"),
        ("　　　　", "reason_missing"),
        ("🔥🔥🔥🔥", "reason_missing"),
        ("1234567", "reason_missing"),
        ("①②③④", "reason_missing"),
        ("aAaAａ", "reason_missing"),
        ("R1 R1 R1", "reason_missing"),
        ("-- == ++", "reason_missing"),
        ("\u3164\uffa0\u3164\uffa0", "invisible_character"),
        ("挂了挂了", "reason_missing"),
    ],
)
async def test_no_reason_no_run(policies: Desk, reason: str, refused: str) -> None:
    await policies.says("zhou", "/do-glass 1", chat=ROOM)
    await policies.says("zhou", f"/break-glass R1 {reason}", chat=ROOM)
    assert await code(policies) == ("refused", refused)
    assert (await run(policies)).state is State.ASKED


async def test_only_where_the_runbook_allows_it(policies: Desk) -> None:
    await policies.says("zhou", "/do-two 1", chat=ROOM)
    await policies.says("zhou", f"/break-glass R1 {REASON}", chat=ROOM)
    assert await code(policies) == ("refused", "no_break_glass")


@pytest.mark.parametrize(
    ("user", "chat", "refused"), [("lixiao", ROOM, "not_authorised"), ("wen", "shifuban", "wrong_chat")]
)
async def test_only_by_those_who_may_run_it_where_it_was_asked(
    policies: Desk, user: str, chat: str, refused: str
) -> None:
    await policies.says("zhou", "/do-glass 1", chat=ROOM)
    await policies.says(user, f"/break-glass R1 {REASON}", chat=chat)
    assert await code(policies) == ("refused", refused)


async def test_8_16_who_breaks_the_glass_elsewhere_is_told_what_to_type_and_where(policies: Desk) -> None:
    """No button breaks it, and "confirm" is another word."""
    await policies.says("zhou", "/do-glass 1", chat=ROOM)
    (answer,) = await policies.says("zhou", f"/break-glass R1 {REASON}", chat="dm-zhou")
    assert answer.text == "R1 的方案不在这里，请在值班室里发 /break-glass R1 加原因。"
    await policies.says("zhou", "/do-two 1", chat=ROOM)
    await policies.says("zhou", f"/break-glass R2 {REASON}", chat="dm-zhou")
    assert await code(policies) == ("refused", "no_break_glass")  # not sent elsewhere to hear it there


async def test_8_16_the_glass_is_broken_in_the_direct_chat_where_the_plan_was_shown(policies: Desk) -> None:
    await policies.says("zhou", "/do-glass 1", chat="dm-zhou")
    await policies.says("zhou", f"/break-glass R1 {REASON}", chat="dm-zhou")
    assert (await run(policies)).confirmer == "zhou"


async def test_8_16_who_may_not_confirm_is_not_sent_to_another_chat_to_hear_it(policies: Desk) -> None:
    await policies.says("zhou", "/do-two 1", chat=ROOM)
    for line in ("/confirm R1", "R1 确认"):
        await policies.says("zhou", line, chat="dm-zhou")
        assert await code(policies) == ("refused", "self_confirm")


async def test_it_expires_too(policies: Desk) -> None:
    await policies.says("zhou", "/do-glass 1", chat=ROOM)
    await policies.later(minutes=5)
    await policies.says("zhou", f"/break-glass R1 {REASON}", chat=ROOM)
    assert await code(policies) == ("refused", "confirm_expired")


async def test_own_confirmation_where_the_runbook_says_self(policies: Desk) -> None:
    question = (await policies.says("zhou", "/do-alone 1", chat=ROOM))[-1]
    assert "由申请人自己确认" in question.text
    await policies.taps("wen", question, "confirm")
    assert await code(policies) == ("refused", "not_requester")
    await policies.taps("zhou", question, "confirm")
    assert (await run(policies)).confirmer == "zhou"


async def test_a_second_person_of_a_role(policies: Desk) -> None:
    question = (await policies.says("zhou", "/do-lead 1", chat=ROOM))[-1]
    assert "需另一人确认（负责人）" in question.text
    await policies.taps("wen", question, "confirm")
    assert await code(policies) == ("refused", "not_confirmer")
    await policies.taps("hemu", question, "confirm")
    assert (await run(policies)).confirmer == "hemu"


async def test_a_single_value_may_ask_for_more(policies: Desk) -> None:
    await policies.says("zhou", "/do-value hard", chat=ROOM)
    assert await code(policies) == ("refused", "not_runner")
    question = (await policies.says("zhou", "/do-value easy", chat=ROOM))[-1]
    assert "由申请人自己确认" in question.text
    await policies.says("zhou", "/cancel R1", chat=ROOM)
    question = (await policies.says("hemu", "/do-value hard", chat=ROOM))[-1]
    assert "需另一人确认（总监）" in question.text
    await policies.taps("fang", question, "confirm")
    assert await code(policies) == ("refused", "not_confirmer")
    await policies.taps("shen", question, "confirm")
    assert (await run(policies, 2)).confirmer == "shen"
