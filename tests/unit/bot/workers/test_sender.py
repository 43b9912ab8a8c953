"""What was said arrives: in order, at the platform's pace, again when it must, and never silently not."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from bot.core.content import Op, Priority
from bot.core.errors import Rejected, Temporary
from bot.core.ports import Capabilities, Outgoing, Rate
from bot.storage import outbox_rows
from bot.storage.store import StoreUnavailable
from bot.work.work import Work
from bot.workers.ready import BATCH
from bot.workers.retries import GIVE_UP
from tests.support.kit import OPERATOR, Kit
from tests.support.until import eventually, until

PLAIN = Capabilities(client_keys=False)


async def test_order_is_kept_per_target_and_escalations_overtake(kit: Kit) -> None:
    await kit.say("shifuban", "notice", priority=Priority.BROADCAST)
    await kit.say("shifuban", "1", "2", "3")
    await kit.say("shifuban", "wake up", priority=Priority.ESCALATION)
    await kit.sender().step()
    assert kit.platform.texts("shifuban") == ["pong wake up", "pong 1", "pong 2", "pong 3", "pong notice"]


async def test_a_slow_chat_delays_only_itself(kit: Kit) -> None:
    gate = asyncio.Event()
    kit.platform.will("shifuban", gate)
    await kit.say("shifuban", "slow")
    await kit.say("minzheng", "quick")
    sending = asyncio.create_task(kit.sender().step())
    await until(lambda: bool(kit.platform.texts("minzheng")))
    assert kit.platform.texts("shifuban") == []
    gate.set()
    await sending
    assert kit.platform.texts("shifuban") == ["pong slow"]


async def test_a_limited_chat_gets_its_count_in_each_window_and_no_more(kit: Kit) -> None:
    kit.platform.can = Capabilities(rates=(Rate(count=2, seconds=60),))
    sender = kit.sender()
    await kit.say("shifuban", *"12345")
    counts = []
    for seconds in (0, 59, 1, 59, 1):
        kit.later(seconds)
        await sender.step()
        counts.append(len(kit.platform.got))
    assert counts == [2, 2, 4, 4, 5]
    assert kit.platform.texts("shifuban") == [f"pong {n}" for n in "12345"]


async def test_a_chat_with_a_long_limited_queue_does_not_hide_the_others(kit: Kit) -> None:
    kit.platform.can = Capabilities(rates=(Rate(count=1, seconds=60),))
    await kit.say("shifuban", *(str(n) for n in range(BATCH + 20)))
    sender = kit.sender()
    await sender.step()
    await kit.say("minzheng", "hello")
    await sender.step()
    assert kit.platform.texts("minzheng") == ["pong hello"]


async def test_what_does_not_go_is_tried_again_later_and_later_and_keeps_its_place(kit: Kit) -> None:
    kit.platform.will("shifuban", Temporary("busy"), Temporary("busy"))
    await kit.say("shifuban", "1", "2")
    sender = kit.sender()
    waits = []
    for _ in range(10):
        _, wait = await sender.start_ready()
        await sender.step()
        if kit.platform.got:
            break
        if wait is not None:
            waits.append(wait)
            kit.later(wait)
    assert kit.platform.texts("shifuban") == ["pong 1", "pong 2"]
    assert len(waits) >= 2
    assert waits == sorted(waits)
    assert 0.5 < waits[0] < waits[-1] <= 5.0


async def test_the_platforms_own_pause_is_kept_exactly(kit: Kit) -> None:
    kit.platform.will("shifuban", Temporary("slow down", retry_after=30))
    await kit.say("shifuban", "1")
    sender = kit.sender()
    await sender.step()
    kit.later(29.9)
    await sender.step()
    assert kit.platform.got == []
    kit.later(0.2)
    await sender.step()
    assert kit.platform.texts("shifuban") == ["pong 1"]


@pytest.mark.parametrize(
    ("error", "marked"), [(Temporary("timeout", uncertain=True), True), (Temporary("down"), False)]
)
async def test_only_a_message_that_may_have_arrived_is_marked_as_repeated(
    kit: Kit, error: Temporary, marked: bool
) -> None:
    kit.platform.can = PLAIN
    kit.platform.will("shifuban", error)
    (key,) = await kit.say("shifuban", "1")
    sender = kit.sender()
    await sender.step()
    kit.later(5)
    await sender.step()
    assert [(out.client_key.rpartition(".")[0], out.repeated) for out in kit.platform.got] == [(key, marked)]


async def test_a_client_key_is_kept_for_its_row_and_never_used_for_another_of_a_later_life(kit: Kit) -> None:
    """Platforms remember keys: a restored backup numbers its rows from an earlier place again."""
    kit.platform.can = PLAIN
    kit.platform.will("shifuban", Temporary("timeout", uncertain=True))
    tried: list[str] = []
    send = kit.platform.send

    async def noted(out: Outgoing) -> str:
        tried.append(out.client_key)
        return await send(out)

    kit.platform.send = noted  # type: ignore[method-assign]  # to see what failed, too
    (key,) = await kit.say("shifuban", "1")
    sender = kit.sender()
    await sender.step()
    kit.later(5)
    await sender.step()
    await kit.sql("DELETE FROM outbox")
    assert await kit.say("shifuban", "1") == [key]
    await sender.step()
    first, again, other = tried
    assert first == again != other


async def test_a_crash_in_the_middle_repeats_one_message_and_marks_no_other(kit: Kit) -> None:
    """Without client keys a target has one message under way; those behind it were never tried."""
    kit.platform.can = PLAIN
    await kit.say("shifuban", "1", "2", "3")
    kit.platform.will("shifuban", asyncio.Event())  # never answers: the process dies here
    dying = kit.sender()
    await dying.start_ready()
    await until(lambda: kit.platform.under_way == 1)

    after = kit.sender()
    await after.recover()
    await after.step()
    assert [(out.post.text, out.repeated) for out in kit.platform.got] == [
        ("pong 1", True),
        ("pong 2", False),
        ("pong 3", False),
    ]
    for task in dying._busy.values():
        task.cancel()


async def test_a_stop_that_one_chat_holds_up_still_notes_what_the_others_got(kit: Kit) -> None:
    kit.platform.can = Capabilities(client_keys=False)
    await kit.say("shifuban", "slow")
    await kit.say("minzheng", "quick")
    kit.platform.will("shifuban", asyncio.Event())  # never answers
    stopping = kit.sender()
    await stopping.start_ready()
    await until(lambda: kit.platform.texts("minzheng") == ["pong quick"])
    await stopping.stop(0.05)
    assert await kit.column("SELECT state FROM outbox ORDER BY id") == ["sending", "sent"]
    after = kit.sender()
    await after.recover()
    await after.step()
    assert [(out.post.text, out.repeated) for out in kit.platform.got] == [("pong quick", False), ("pong slow", True)]


async def test_results_that_met_a_fault_of_ours_are_noted_at_the_next_turn(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender is started again after such a fault: the chat must go on, and nothing be sent twice."""
    await kit.say("shifuban", "1")
    sender = kit.sender()
    await sender.start_ready()
    await until(lambda: bool(sender._finished))
    with monkeypatch.context() as broken:
        broken.setattr(outbox_rows, "sent", None)
        with pytest.raises(TypeError):
            await sender.start_ready()
    await kit.say("shifuban", "2")
    await sender.start_ready()
    await until(lambda: kit.platform.texts("shifuban") == ["pong 1", "pong 2"])
    await sender.step()
    assert await kit.column("SELECT state FROM outbox ORDER BY id") == ["sent", "sent"]


async def test_a_refused_message_is_told_to_the_operators_and_the_next_one_goes(kit: Kit) -> None:
    kit.platform.will("shifuban", Rejected("robot removed"))
    await kit.say("shifuban", "lost", "next")
    await kit.sender().step()
    assert kit.platform.texts("shifuban") == ["pong next"]
    (told,) = kit.platform.texts(OPERATOR)
    assert "市府办交流群" in told
    assert "robot removed" in told


async def test_a_message_to_the_operators_that_fails_is_not_told_to_the_operators(kit: Kit) -> None:
    kit.platform.will("shifuban", Rejected("gone"))
    kit.platform.will(OPERATOR, Rejected("gone, too"))
    await kit.say("shifuban", "lost")
    await kit.sender().step()
    assert [out.chat for out in kit.platform.got] == ["dm-hemu"]  # the group's lead
    assert await kit.column("SELECT state FROM outbox ORDER BY id") == ["failed", "failed", "sent"]


async def test_it_is_given_up_in_the_end_and_told(kit: Kit) -> None:
    kit.platform.will("shifuban", *(Temporary("down") for _ in range(GIVE_UP + 1)))
    await kit.say("shifuban", "1")
    await kit.sql("UPDATE outbox SET attempts = ?", GIVE_UP)
    await kit.sender().step()
    assert await kit.column("SELECT state FROM outbox WHERE target = 'shifuban'") == ["failed"]
    assert len(kit.platform.texts(OPERATOR)) == 1


async def test_what_keeps_messages_waiting_stands_in_the_log_once_for_all_of_them(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    for chat in ("shifuban", "minzheng"):
        kit.platform.will(chat, *(Temporary("ClientConnectorCertificateError") for _ in range(20)))
        await kit.say(chat, "1")
    sender = kit.sender()
    await sender.step()
    assert caplog.messages == []  # a hiccup is nobody's business
    for _ in range(20):
        kit.later(5)
        await sender.step()
    (line,) = caplog.messages
    assert "local" in line
    assert "ClientConnectorCertificateError" in line


async def test_a_platform_that_says_in_a_second_for_half_an_hour_loses_nothing(kit: Kit) -> None:
    kit.platform.will("shifuban", *(Temporary("busy", retry_after=1) for _ in range(30 * 60)))
    await kit.say("shifuban", "1")
    sender = kit.sender()
    for _ in range(15 * 60):
        await sender.step()
        kit.later(2)
    assert await kit.column("SELECT state FROM outbox") == ["queued"]
    assert kit.platform.texts(OPERATOR) == []


async def test_a_change_waits_for_the_message_it_changes(kit: Kit) -> None:
    """The page of an escalation is retried; the change of its card must neither overtake it nor be lost."""
    kit.platform.will("shifuban", Temporary("busy"))
    (key,) = await kit.say("shifuban", "card", priority=Priority.ESCALATION)
    await kit.transactions.do("change", lambda work: work.update(key, "shifuban", "help/pong", text="changed"))
    sender = kit.sender()
    for _ in range(6):
        await sender.step()
        kit.later(3)
    assert [(out.op, out.post.text, out.message) for out in kit.platform.got] == [
        (Op.POST, "pong card", None),
        (Op.UPDATE, "pong changed", "p1"),
    ]
    assert kit.platform.texts(OPERATOR) == []


async def test_a_change_goes_out_right_behind_its_message(kit: Kit) -> None:
    """Said and changed in one breath: both go in the same turn, the clock standing still."""
    (key,) = await kit.say("shifuban", "card")
    await kit.transactions.do("change", lambda work: work.update(key, "shifuban", "help/pong", text="changed"))
    await kit.sender().step()
    assert [(out.op, out.post.text, out.message) for out in kit.platform.got] == [
        (Op.POST, "pong card", None),
        (Op.UPDATE, "pong changed", "p1"),
    ]


async def test_only_the_newest_of_several_changes_is_sent(kit: Kit) -> None:
    (key,) = await kit.say("shifuban", "card")
    await kit.sender().step()
    for text in ("first", "second", "third"):
        await kit.transactions.do(text, lambda work, text=text: work.update(key, "shifuban", "help/pong", text=text))  # type: ignore[misc]  # a default binds the loop's value
    await kit.sender().step()
    assert [out.post.text for out in kit.platform.got] == ["pong card", "pong third"]


async def test_a_change_of_a_message_that_was_dropped_is_dropped(kit: Kit) -> None:
    def say(work: Work) -> str:
        return work.say("help/pong", "shifuban", text="moot", priority=Priority.ESCALATION, about="GD-1")

    key = await kit.transactions.do("one", say)
    await kit.transactions.do("two", lambda work: work.drop("GD-1"))
    await kit.transactions.do("three", lambda work: work.update(key, "shifuban", "help/pong", text="changed"))
    await kit.sender().step()
    assert kit.platform.got == []
    assert await kit.column("SELECT DISTINCT state FROM outbox") == ["dropped"]


async def test_results_are_noted_after_all_when_the_store_could_not_take_them(kit: Kit, database: Path) -> None:
    """Sent, and then the database is locked for a while: the message must not hang in 'sending' nor go a second time."""
    gate = asyncio.Event()
    kit.platform.will("shifuban", gate)
    await kit.say("shifuban", "1")
    running = asyncio.create_task(kit.sender().run())
    await until(lambda: kit.platform.under_way == 1)
    await kit.sql("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    gate.set()
    await until(lambda: len(kit.platform.got) == 1)
    with pytest.raises(StoreUnavailable):
        await kit.sql("UPDATE meta SET value = value")  # behind the note: that one failed, too
    other.close()

    async def sent() -> bool:
        return await kit.column("SELECT state FROM outbox") == ["sent"]

    await eventually(sent)
    assert kit.platform.texts("shifuban") == ["pong 1"]
    running.cancel()
